"""What Dataturks, GLiNER and Argilla export, and what holds for each tool that has records."""

import json
import re

import pytest
from exports import (
    COUNT,
    argilla,
    argilla_feedback,
    argilla_flat,
    argilla_nested,
    dataturks,
    exports,
    gliner,
    put_texts,
)
from samples import EXPECTED, TEXTS, counts, found, jsonl, read_all, read_good, unread, write

from spacy_domain.annotations import Unit
from spacy_domain.annotations.formats import JsonFormat, known_formats


@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize("make", [jsonl, json.dumps])
def test_dataturks(tmp_path, make, inclusive):
    assert found(write(tmp_path / "a.json", make(list(dataturks(inclusive))))) == EXPECTED


def test_dataturks_labels(tmp_path):
    points = [{"start": 0, "end": 2, "text": "Ana"}]
    several = [
        {"label": [], "points": points},
        {"label": None, "points": points},
        {"label": ["PERSON", "FRIEND"], "points": [*points, {"start": 8, "end": 10, "text": "Ben"}]},
        {"label": ["positive"], "points": None},
    ]
    (record,) = read_all(write(tmp_path / "a.json", jsonl([{"content": "Ana met Ben", "annotation": several}])))
    assert (
        len(record.spans) == 4
        and len(record.dropped) == 2
        and record.unread == {"object(s) with labels and no offsets under annotation": 1}
    )


def test_offsets_that_drift_as_in_the_resumes_of_dataturks(tmp_path):
    """A character that got lost here and there shifts all that follows: the shifts around tell which place is meant."""
    names = ["Ana", "Ben", "Infosys", "Eva", "Infosys", "Ida", "Infosys", "Oto"]
    was = "".join(f"{name} met x\r\n" for name in names)
    marked, position = [], 0
    for number, name in enumerate(names):
        start = was.index(name, position)
        position = start + len(name)
        points = [{"start": start, "end": position - 1, "text": name}]
        marked.append({"label": [f"N{number}"], "points": points})
    row = {"content": was.replace("\r", ""), "annotation": marked, "extras": None}
    lost = {
        **row,
        "annotation": [*marked[:2], {"label": ["A"], "points": [{"start": 500, "end": 506, "text": "Infosys"}]}],
    }
    first, second = read_all(write(tmp_path / "a.json", jsonl([row, lost])))
    assert [first.text[span.start : span.end] for span in first.spans] == names
    assert [span.start for span in first.spans] == sorted(span.start for span in first.spans)
    assert "nothing tells which is meant" in second.rejected and len(second.dropped) == 3


@pytest.mark.parametrize("make", [jsonl, json.dumps])
def test_gliner(tmp_path, make):
    path = write(tmp_path / "a.json", make(list(gliner())))
    assert found(path) == EXPECTED
    assert counts(path) == (COUNT, 0)


@pytest.mark.parametrize("entity", [[1, 9, "X"], [2, 1, "X"], [-1, -1, "X"], [0, "X"], ["0", "1", "X"], [0, 1, ""]])
def test_gliner_with_a_broken_entity_in_the_middle(tmp_path, entity):
    rows = list(gliner())
    rows.insert(2, {"tokenized_text": ["a", "b", "c"], "ner": [entity]})
    path = write(tmp_path / "a.jsonl", jsonl(rows))
    assert read_good(path) == EXPECTED
    assert [record.line for record in read_all(path) if record.rejected] == [3]


@pytest.mark.parametrize(
    "shape",
    [
        lambda s, e, label, surface: {"label": label, "start": s, "end": e},
        lambda s, e, label, surface: [label, s, e],
    ],
)
def test_argilla(tmp_path, shape):
    path = write(tmp_path / "a.jsonl", jsonl(argilla(shape)))
    assert found(path, unit=Unit.characters) == EXPECTED
    record = read_all(path, unit=Unit.characters)[0]
    assert record.annotator == "ana"
    assert record.unread == {"span(s) under prediction: proposed, not annotated": 1}


def test_argilla_that_nobody_validated(tmp_path):
    (row,) = list(argilla(lambda *one: [one[2], one[0], one[1]]))[:1]
    rows = [{**row, "status": "Discarded"}, {**row, "status": "Default", "annotation": None}, row]
    records = read_all(write(tmp_path / "a.jsonl", jsonl(rows)), unit=Unit.characters)
    assert [record.rejected for record in records] == ["the annotator discarded it", "nobody annotated it", ""]


@pytest.mark.parametrize("make", [argilla_nested, argilla_flat, argilla_feedback])
def test_argilla_questions(tmp_path, make):
    path = write(tmp_path / "a.jsonl", jsonl(make()))
    assert found(path, unit=Unit.characters) == EXPECTED
    records = read_all(path, unit=Unit.characters)
    assert {record.annotator for record in records} == {"ana"}
    seen = unread(records)
    assert seen.pop("answer(s) to mood") == len(TEXTS)
    assert len(seen) == 1 and "suggestion" in next(iter(seen)) and "proposed" in next(iter(seen))
    assert counts(path, unit=Unit.characters) == (COUNT, 0)


def test_argilla_answers_of_several_and_of_nobody(tmp_path):
    text = "Ana met Ben"
    ana, ben = ([{"start": s, "end": s + 3, "label": "PERSON"}] for s in (0, 8))
    answers = [("u", "submitted", ana), ("v", "discarded", ben), ("w", "draft", ben)]
    rows = [
        {
            "fields": {"text": text, "about": "x"},
            "responses": [],
            "suggestions": [{"question_name": "n", "value": ana}],
        },
        {
            "fields": {"text": text},
            "responses": [{"user_id": u, "status": s, "values": {"n": {"value": v}}} for u, s, v in answers],
        },
        {"fields": {"one": text, "two": "x y"}, "responses": [{"user_id": "u", "values": {"n": {"value": ana}}}]},
    ]
    records = read_all(write(tmp_path / "a.jsonl", jsonl(rows)))
    assert records[0].rejected == "nobody annotated it"
    assert [bool(record.rejected) for record in records[1:4]] == [False, True, True]
    assert "Cannot tell the text" in records[4].rejected and len(records[4].dropped) == 1


@pytest.mark.parametrize("name", exports())
def test_one_format_has_the_marks_of_a_record(name):
    for record in exports()[name]:
        fitting = [key for key, one in known_formats(JsonFormat).items() if key != "records" and one.fits(record)]
        assert fitting == [name]


@pytest.mark.parametrize("name", exports())
def test_spans_are_counted_as_in_the_file_with_a_broken_record_in_the_middle(tmp_path, name):
    rows = list(exports()[name])
    put_texts(tmp_path)
    text = jsonl(rows)
    # By what each span has once, whatever it is called
    pattern = {
        "hugging_face": r'"B-',
        "hub_rows": r'"B-',
        "luis": "startPos",
        "luis_app": "startPos",
        "azure": "offset",
    }
    mark = next((mark for key, mark in pattern.items() if name.startswith(key)), r'"(PERSON|PLACE|DATE)"')
    kinds = {"ground_truth": 2 * len(TEXTS), "hub_rows": 3}  # names of labels alone
    expected = len(re.findall(mark, text.replace("regionOffset", ""))) - kinds.get(name, 0)
    insides = {"hub_rows": ["rows"], "luis_app": ["utterances"], "azure_conversations": ["assets", "utterances"]}
    inside = rows
    for key in insides.get(name, ["assets", "documents"] if name == "azure_entities" else []):
        inside = (inside[0] if inside is rows else inside)[key]
    inside.insert(len(inside) // 2, "BROKEN" if inside is rows else 7)
    path = write(tmp_path / "a.jsonl", jsonl(rows).replace('"BROKEN"', '{"text": "x", "spans": [[0'))
    records = read_all(path, unit=Unit.utf16)
    read, dropped = counts(path, unit=Unit.utf16)
    assert read + dropped == expected and sum(bool(record.broken) for record in records) == 1
