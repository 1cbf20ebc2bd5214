"""What people bring: files wrapped, mixed, cut and folded. Every span is read, or named with its place, or the file is
refused."""

import csv
import io
import json

import pytest
import spacy
from samples import (
    CHARACTERS,
    DOCCANO,
    EXPECTED,
    RECORDS,
    TRAIN_DATA,
    found,
    jsonl,
    label_studio,
    read_all,
    spans,
    total,
    write,
)
from spacy.tokens import Doc, DocBin, Span

from spacy_domain.annotations import Unit, find_unit, read_annotations
from spacy_domain.annotations.offsets import _borders
from spacy_domain.annotations.text import read_chunks
from spacy_domain.project.errors import ProjectError


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"data": RECORDS}, indent=1),
        json.dumps({"name": "my corpus", "project": {"documents": RECORDS}}),
        json.dumps({str(number): record for number, record in enumerate(RECORDS)}),
        json.dumps({"examples": RECORDS}),
        json.dumps(RECORDS[:2]) + "\n" + json.dumps(RECORDS[2:]),
        json.dumps(RECORDS[:-1], indent=1) + json.dumps(RECORDS[-1]),
        "\n".join(json.dumps(record, indent=2) for record in RECORDS),
        json.dumps(RECORDS[:2]) + "\n" + json.dumps(RECORDS[2:4]) + "\n" + json.dumps(RECORDS[4:]) + "\n",
        jsonl(TRAIN_DATA),
        json.dumps([[text, annotations["entities"]] for text, annotations in TRAIN_DATA]),
        jsonl([*DOCCANO[:2], *RECORDS[2:4], TRAIN_DATA[4]]),
        jsonl([{**row, "annotations": {"entities": row["entities"]}, "entities": None} for row in RECORDS]),
        jsonl(
            [{"text": r["text"], "ner": [{**e, "start": float(e["start"])} for e in r["entities"]]} for r in RECORDS]
        ),
        jsonl([{"text": r["text"], "ner": [{**e, "end": str(e["end"])} for e in r["entities"]]} for r in RECORDS]),
    ],
)
def test_wrapped_mixed_and_one_behind_the_other(tmp_path, content):
    assert found(write(tmp_path / "a.json", content), unit=CHARACTERS) == EXPECTED


@pytest.mark.parametrize(
    "content",
    [
        f'"""A script."""\nimport random\n\nLABEL = "X"\nDATA = {TRAIN_DATA!r}\n\n\ndef main():\n    pass\n',
        f"import spacy\nDATA = {RECORDS!r}\n",
        f"DATA = []\nDATA += {[(text, [tuple(e) for e in a['entities']]) for text, a in TRAIN_DATA]!r}\n",
    ],
)
def test_scripts(tmp_path, content):
    assert found(write(tmp_path / "a.py", content)) == EXPECTED


def test_a_list_with_rubbish_behind_it_is_refused(tmp_path):
    path = write(tmp_path / "a.json", json.dumps(RECORDS) + "\n}}")
    with pytest.raises(ProjectError, match="Broken JSON") as caught:
        found(path, unit=CHARACTERS)
    assert caught.value.places[0].line == 2


def test_a_first_text_longer_than_any_block(tmp_path):
    long = {"text": "word " * 20_000 + "Ana", "label": [[100_000, 100_003, "PERSON"]]}
    assert total(read_all(write(tmp_path / "a.jsonl", jsonl([long, *DOCCANO])), unit=CHARACTERS)) == 10


@pytest.mark.parametrize("delimiter", ",;\t")
def test_rows(tmp_path, delimiter):
    """Label Studio's CSV: a record a row, its spans as JSON in a cell."""
    file = io.StringIO()
    table = csv.writer(file, delimiter=delimiter)
    table.writerow(["annotation_id", "id", "label", "lead_time", "text"])
    for number, (text, ones) in enumerate(spans("utf-16")):
        values = [{"start": s, "end": e, "text": surface, "labels": [label]} for s, e, label, surface in ones]
        table.writerow([number, number, json.dumps(values) if values else "", 1.5, text])
    assert found(write(tmp_path / "a.csv", file.getvalue())) == EXPECTED


def test_hypertext_and_dialogues_of_label_studio(tmp_path):
    tasks = label_studio("utf-16")
    for task in tasks:
        for result in task["annotations"][0]["result"]:
            value = result["value"]
            value["globalOffsets"] = {"start": value["start"], "end": value["end"]}
            value |= {"start": "/text()[1]", "end": "/text()[1]", "hypertextlabels": value.pop("labels")}
    assert found(write(tmp_path / "a.json", json.dumps(tasks))) == EXPECTED
    values = [
        {"start": str(n), "end": str(n), "startOffset": s, "endOffset": e, "text": surface, "paragraphlabels": [label]}
        for n, (_, ones) in enumerate(spans("utf-16"))
        for s, e, label, surface in ones
    ]
    between = {"start": "0", "end": "1", "startOffset": 0, "endOffset": 1, "text": "x", "paragraphlabels": ["PERSON"]}
    results = [{"type": "paragraphlabels", "value": value} for value in [*values, between]]
    task = {
        "data": {"dialogue": [{"author": "a", "text": t} for t, _ in EXPECTED]},
        "annotations": [{"result": results}],
    }
    path = write(tmp_path / "b.json", json.dumps([task]))
    assert found(path) == EXPECTED
    records = read_all(path)
    assert len(records[0].dropped) == 1 and {record.group for record in records} == {"b.json:1"}


def test_what_a_reader_passes_over_is_counted(tmp_path):
    """Spans under a key of no format, relations, categories, and what a machine proposed."""
    span = {"start": 0, "end": 3, "label": "PERSON"}
    row = {
        "text": "Ana left Lima",
        "spans": [span],
        "places": [{"start": 9, "end": 13, "label": "PLACE"}],
        "relations": [{"label": "LEFT", "head_span": span, "child_span": {"start": 9, "end": 13, "label": "PLACE"}}],
        "prediction": [[0, 3, "ORG"]],
        "labels": ["travel"],
    }
    (record,) = read_all(write(tmp_path / "a.jsonl", jsonl([row])))
    assert total([record]) == 2 and record.dropped == ["PLACE from 9 to 13, under places, was not read"]
    assert record.unread == {
        "span(s) under places": 1,
        "span(s) under prediction: proposed, not annotated": 1,
        "categories under labels": 1,
    }


def test_where_nothing_is_understood_the_keys_are_named(tmp_path):
    rows = [{"text": "Ana left", "verdicts": {"who": [[0, 3]]}, "entities": [{"who": "Ana", "sure": 3}]}]
    with pytest.raises(ProjectError) as caught:
        found(write(tmp_path / "a.jsonl", jsonl(rows)))
    assert "text, verdicts, entities" in caught.value.places[0].message


def test_span_groups_and_categories_of_a_docbin(tmp_path):
    doc = Doc(spacy.blank("en").vocab, ["Ana", "left", "Lima"])
    doc.ents = [Span(doc, 0, 1, "PERSON")]
    doc.spans["sc"] = [Span(doc, 0, 1, "PERSON"), Span(doc, 2, 3, "PLACE")]
    doc.cats["travel"] = 1.0
    DocBin(docs=[doc], store_user_data=True).to_disk(tmp_path / "a.spacy")
    (record,) = read_all(tmp_path / "a.spacy")
    assert total([record]) == 2 and len(record.spans) == 1 and "'Lima' (PLACE)" in record.dropped[0]
    assert record.unread == {"span(s) in doc.spans['sc']": 1, "categories in doc.cats": 1}


def brat(folder, text, *lines):
    write(folder / "a.txt", text)
    write(folder / "a.ann", "".join(f"{line}\n" for line in lines))
    return read_all(folder)


def test_brat_counts_line_ends_in_one_way_or_the_other(tmp_path):
    text = "one\r\ntwo\r\nthen Ana came\r\nto Lima"
    for shift in (0, 2):  # as they are, or CR LF as one
        folder = tmp_path / str(shift)
        folder.mkdir()
        (record,) = brat(
            folder,
            text,
            f"T1\tPERSON {15 - shift} {18 - shift}\tAna",
            f"T2\tPLACE {28 - shift - shift // 2} {32 - shift - shift // 2}\tLima",
        )
        assert [record.text[s.start : s.end] for s in record.spans] == ["Ana", "Lima"]


def test_brat_spans_over_line_ends_and_what_else_it_holds(tmp_path):
    (record,) = brat(
        tmp_path,
        "New\nYork and Ana",
        "T1\tPLACE 0 3;4 8\tNew York",
        "T2\tPERSON 13 16\tAna",
        "T3\tPERSON",
        "R1\tIN Arg1:T2 Arg2:T1",
        "E1\tGO:T2",
        "garbage",
    )
    assert [record.text[s.start : s.end] for s in record.spans] == ["New\nYork", "Ana"] and total([record]) == 3
    assert record.unread == {"relation(s)": 1, "event(s)": 1, "line(s) that are no annotation of brat's": 2}


@pytest.mark.parametrize(
    ("text", "start", "end", "surface", "covered"),
    [
        ("Hiro  Romero left", 0, 12, "Hiro Romero", "Hiro  Romero"),  # white space folded
        ("Then Ana came", 0, 3, "Ana", "Ana"),  # it is there once
        ("Anabel saw Ana", 3, 6, "Ana", "Ana"),  # as a word, it is there once
        ("then\u00a0Ana came", 5, 8, "Ana", "Ana"),
    ],
)
def test_the_surface_decides(tmp_path, text, start, end, surface, covered):
    row = {"text": text, "entities": [{"start": start, "end": end, "label": "X", "text": surface}]}
    ((_, ((read, _),)),) = found(write(tmp_path / "a.jsonl", jsonl([row])))
    assert read == covered


def test_of_several_places_the_one_that_is_shifted_like_the_others(tmp_path):
    text = "Ana and Eva met Ana in Lima"
    rows = [
        {"text": text, "entities": [{"start": at - 4, "end": at, "label": "X", "text": s} for s, at in places]}
        for places in ([("Lima", 23), ("Ana", 16)], [("Ana", 16)])
    ]
    sure, unsure = read_all(write(tmp_path / "a.jsonl", jsonl(rows)))
    assert [(span.start, span.end) for span in sure.spans] == [(23, 27), (16, 19)] and len(sure.notes) == 2
    assert "there several times" in unsure.rejected and len(unsure.dropped) == 1


def test_a_long_text_is_measured_once_for_all_its_spans(tmp_path):
    words = [f"Žena{number}🎉" for number in range(2000)]
    text, results = " ".join(words), []
    for word in words[::5]:
        start = len(text[: text.index(word)].encode("utf-16-le")) // 2
        end = start + len(word.encode("utf-16-le")) // 2
        results.append({"value": {"start": start, "end": end, "text": word, "labels": ["X"]}})
    path = write(tmp_path / "a.json", json.dumps([{"data": {"text": text}, "annotations": [{"result": results}]}]))
    _borders.cache_clear()
    (record,) = read_annotations(path)
    assert [record.text[s.start : s.end] for s in record.spans] == words[::5]
    assert _borders.cache_info().misses < 10


BAD = {
    "blank text": {"text": " ", "label": [[0, 1, "PERSON"]]},
    "no text": {"label": [[0, 1, "PERSON"]], "data": None},
    "offset outside": {"text": "Ana", "label": [[0, 9, "PERSON"]]},
    "no label": {"text": "Ana", "label": [[0, 3, ""], [0, 3, "PERSON"]]},
    "other surface": {"text": "Ana", "label": [[0, 3, "PERSON"]], "surfaces": ["Eva"]},
    "no record": ["Ana"],
    "other keys": {"sentence": 5, "marks": [[0, 3, "PERSON"]]},
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_record_is_set_aside_and_the_others_are_read(tmp_path, kind):
    path = write(tmp_path / "a.jsonl", jsonl([*DOCCANO[2:4], BAD[kind], *DOCCANO[2:4]]))
    records = read_all(path)
    assert [bool(record.broken) for record in records] == [False, False, True, False, False]
    spans_there = {"no label": 2, "no record": 0}.get(kind, 1)
    assert total(records) == 8 + spans_there == 8 + len(records[2].dropped)
    assert records[2].line == 3 and records[2].rejected
    with pytest.raises(ProjectError):
        list(read_annotations(path))


def test_a_cut_character_at_the_end_of_a_block(tmp_path):
    path = write(tmp_path / "a.txt", b"a" * 65_535 + "é".encode()[:1])
    with pytest.raises(ProjectError, match="Not UTF-8"):
        list(read_chunks(path))


def test_an_unknown_unit_of_offsets_is_named():
    assert find_unit("auto") is None and find_unit("utf-16") is Unit.utf16
    with pytest.raises(ProjectError, match="Unknown unit of offsets 'words'") as caught:
        find_unit("words")
    assert "utf-8" in caught.value.remedy
