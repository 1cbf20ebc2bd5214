"""How far annotators agree, held against worked examples and what audit and report show of it."""

import json
from collections import Counter
from time import process_time

import pytest

from spacy_domain.annotations import AnnotatedText, CharSpan
from spacy_domain.corpora.agreement import Agreement, Alpha
from spacy_domain.report.page import render_report

# Krippendorff 2011, Computing Krippendorff's Alpha-Reliability: A, B and C
EXAMPLES = {
    0.095: ["0100000010", "1110010000"],
    0.692: ["aabbdcccedda", "babbbccceddd"],
    0.743: ["123321412***", "1233224125*3", "*3332342251*", "12332441251*"],
}


@pytest.mark.parametrize("expected", EXAMPLES)
def test_alpha_of_worked_examples(expected):
    alpha = Alpha()
    for unit in zip(*EXAMPLES[expected], strict=True):
        alpha.add(Counter(value for value in unit if value != "*"))
    assert alpha.find() == pytest.approx(expected, abs=0.0005)


def annotated(annotator, *spans, unknown=()):
    text = "Ana ate fish soup in Oslo"
    return AnnotatedText(text, [CharSpan(*one) for one in spans], "a", 1, annotator=annotator, unknown=list(unknown))


ANA, SOUP, FISH, OSLO = (0, 3, "PERSON"), (13, 17, "DISH"), (8, 17, "DISH"), (21, 25, "CITY")


def test_many_labels_take_hardly_longer_than_few():
    def measure(labels):
        agreement, start = Agreement(), process_time()
        for number in range(200):
            spans = [(0, 3, f"L{number % labels}"), (8, 12, f"L{(number + 1) % labels}")]
            agreement.add([annotated("ana", *spans), annotated("ben", spans[0])])
        assert len(agreement.to_dict()["labels"]) == labels
        return process_time() - start

    assert measure(200) < 5 * measure(2)


def test_agreement_by_label():
    agreement = Agreement()
    agreement.add([annotated("ana", ANA, SOUP, OSLO), annotated("ben", ANA, FISH, OSLO)])
    agreement.add([annotated("ana", ANA), annotated("ben")])
    agreement.add([annotated("ana", ANA), annotated("", SOUP), annotated("eva", OSLO, unknown=[(0, 3)])])
    found = agreement.to_dict()
    assert found["texts"] == 2 and found["annotators"] == ["ana", "ben"]
    assert found["f"] == pytest.approx(2 * 2 / 7)
    assert {label: row["f"] for label, row in found["labels"].items()} == {"CITY": 1.0, "DISH": 0.0, "PERSON": 2 / 3}
    assert found["labels"]["CITY"]["alpha"] == 1.0 and 0 < found["labels"]["DISH"]["alpha"] < 1
    assert found["differ"] == [
        {"text": annotated("").text, "said": {"ana": "'soup' DISH", "ben": "'fish soup' DISH"}},
        {"text": annotated("").text, "said": {"ana": "'Ana' PERSON", "ben": "no other entity"}},
    ]
    assert Agreement().to_dict() is None


def test_audit_and_report_show_it(short_run, tmp_path):
    """Two annotators of the same texts, who differ on some."""
    project = short_run.copy(tmp_path / "project")
    rows = [json.loads(line) for line in project.read("assets/events.jsonl").splitlines()]
    ana = [{**row, "_annotator_id": "ana"} for row in rows]
    ben = [
        {**row, "_annotator_id": "ben", "spans": row["spans"][1:] if n < 5 else row["spans"]}
        for n, row in enumerate(rows)
    ]
    for name, some in (("ana", ana), ("ben", ben[:50])):
        project.write(f"assets/reviews/{name}.jsonl", "".join(json.dumps(row) + "\n" for row in some))
    project.run_here("preprocess", "--vars.annotations=assets/reviews")
    found = json.loads(project.read("corpus/audit.json"))["agreement"]
    assert found["texts"] == 50 and len(found["differ"]) == 5 and 0.9 < found["f"] < 1
    names = ("metrics/metrics.json", "metrics/retention.json", "corpus/audit.json")
    sources = {name: json.loads(short_run.read(name)) for name in names}
    sources[names[-1]]["agreement"] = found
    page = render_report("en_orders-1.0.0", "", sources, [], [], [], {})
    section = page[page.index("How far annotators agree") :].partition("</section>")[0]
    assert "ana, ben" in section and f">{100 * found['f']:.1f}</data>" in section
    assert section.count("<b>ben</b>: no other entity") == 5
