"""What is exported is read again as the same records, and what a format cannot say is told."""

import pytest
from commands import run_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from projects import ROOT
from samples import TEXT, jsonl

from spacy_domain.annotations import AnnotatedText, CharSpan, read_annotations
from spacy_domain.annotations.formats import writers


def neutral(record):
    known = [i for i, char in enumerate(record.text) if not char.isspace()]
    unknown = {i for start, end in record.unknown for i in range(start, end)} - {
        i for span in record.spans for i in range(span.start, span.end)
    }
    spans = sorted((span.start, span.end, span.label) for span in record.spans)
    return record.text, spans, record.group, record.annotator, bool(record.rejected), sorted(unknown & set(known))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.parametrize("name", writers.get_all())
@given(data=st.data())
def test_what_was_exported_is_read_as_the_same_records(tmp_path_factory, name, data):
    writer, path = writers.get(name), tmp_path_factory.mktemp("export") / "records"
    records = []
    for _ in range(data.draw(st.integers(1, 4))):
        text = data.draw(TEXT.filter(str.strip).filter(lambda text: name != "table" or "\0" not in text))
        spans, position = [], 0
        while position < len(text) and data.draw(st.booleans()):
            start = data.draw(st.integers(position, len(text) - 1))
            end = data.draw(st.integers(start + 1, len(text)))
            if text[start:end].strip() == text[start:end]:
                spans.append(CharSpan(start, end, data.draw(st.sampled_from(["A", "B-C", "Ünï", "O", "-"]))))
            position = end
        about = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=3)
        record = AnnotatedText(text, spans, "", 1, group=data.draw(about), annotator=data.draw(about))
        if writer.rejects and data.draw(st.booleans()):
            record.rejected = "because"
        if name in ("prodigy", "iob") and data.draw(st.booleans()):
            start = data.draw(st.integers(0, len(text) - 1))
            record.unknown = [(start, data.draw(st.integers(start + 1, len(text))))]
        records.append(record)
    path.write_text("".join(writer.write(records)), encoding="utf-8", newline="")
    assert [neutral(record) for record in read_annotations(path)] == [neutral(record) for record in records]


def test_export_command(project):
    expected = [neutral(record) for record in read_annotations(ROOT / "assets/events.jsonl")]
    for name, suffix in (("doccano", "jsonl"), ("label_studio", "json"), ("iob", "conll"), ("table", "csv")):
        run_command(project, "export", "assets/events.jsonl", "corpus/export", f"--to={name}")
        exported = project.path / f"corpus/export/events.{suffix}"
        assert [neutral(record) for record in read_annotations(exported)] == expected
    done = run_command(project, "export", "assets/events.jsonl", "corpus/export", "--to=xml", check=False)
    assert done.returncode == 1 and "Formats that can be written: doccano, iob" in done.stdout


def test_export_says_what_it_leaves_out(project):
    rows = [{"text": "no", "spans": [], "answer": "reject"}, {"text": "yes", "spans": []}]
    project.write("assets/mine.jsonl", jsonl(rows))
    done = run_command(project, "export", "assets/mine.jsonl", "corpus/export", "--to=table")
    assert "1 thing(s) that table cannot say" in done.stdout and "assets/mine.jsonl:1: the record, for" in done.stdout
    assert [record.text for record in read_annotations(project.path / "corpus/export/mine.csv")] == ["yes"]


def test_tags_cannot_say_overlaps(project):
    spans = [{"start": 0, "end": 3, "label": "A"}, {"start": 2, "end": 5, "label": "B"}]
    project.write("assets/mine.jsonl", jsonl([{"text": "a bcd", "spans": spans}]))
    done = run_command(project, "export", "assets/mine.jsonl", "corpus/export", "--to=iob", check=False)
    assert done.returncode == 1 and "assets/mine.jsonl:1: spans overlap" in done.stdout
    assert not list((project.path / "corpus/export").iterdir())


def test_table_refuses_what_no_table_holds(project):
    project.write("assets/mine.jsonl", jsonl([{"text": "a\0b", "spans": []}]))
    done = run_command(project, "export", "assets/mine.jsonl", "corpus/export", "--to=table", check=False)
    assert done.returncode == 1 and "assets/mine.jsonl:1: NUL in the text" in done.stdout
