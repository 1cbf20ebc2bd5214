"""What LUIS, Azure and Amazon export."""

import csv
import io
import json
import zipfile

import pytest
from exports import azure, azure_conversations, azure_documents, luis_app, manifest, put_texts, utterances
from samples import EXPECTED, TEXTS, counts, found, jsonl, read_all, read_good, spans, write

from spacy_domain.annotations import Unit, list_files
from spacy_domain.project.errors import ProjectError


def test_luis(tmp_path):
    app = write(tmp_path / "a.json", json.dumps(luis_app(), indent=2))
    alone = write(tmp_path / "b.json", json.dumps(list(utterances())))
    labels = [
        {
            "text": one["text"],
            "intentName": "Meet",
            "entityLabels": [
                {"entityName": e["entity"], "startCharIndex": e["startPos"], "endCharIndex": e["endPos"]}
                for e in one["entities"]
            ],
        }
        for one in utterances()
    ]
    for path in (app, alone, write(tmp_path / "c.json", json.dumps(labels))):
        with pytest.raises(ProjectError, match="What do offsets count"):  # nothing in the file tells
            found(path)
        assert found(path, unit=Unit.utf16) == EXPECTED
    assert read_all(app, unit=Unit.utf16)[0].unread == {"text(s) with an intent": 1}


def test_luis_children_lie_in_what_is_read(tmp_path):
    inner = {"entity": "Size", "startPos": 6, "endPos": 10, "children": []}
    order = {"entity": "Order", "startPos": 4, "endPos": 16, "role": "to", "children": [inner]}
    app = {"luis_schema_version": "7.0.0", "utterances": [{"text": "the large pizza x", "entities": [order]}]}
    (record,) = read_all(write(tmp_path / "a.json", json.dumps(app)))
    assert [record.text[s.start : s.end] for s in record.spans] == ["large pizza x"]
    assert len(record.dropped) == 1 and "Size" in record.dropped[0]
    assert record.unread == {"role(s) of entities": 1}


def test_azure_conversations(tmp_path):
    path = write(tmp_path / "a.json", json.dumps(azure_conversations(), indent=2))
    assert found(path) == EXPECTED  # the file says what its offsets count


@pytest.mark.parametrize("folder", [".", "texts"])
def test_azure_entities(tmp_path, folder):
    (tmp_path / "a").mkdir()
    put_texts(tmp_path / "a" / folder)
    path = write(tmp_path / "a" / "project.json", json.dumps(azure_documents(), indent=2))
    assert found(path) == EXPECTED
    assert {record.split for record in read_all(path)} == {"train"}
    # The folder, or its ZIP, is read alike: texts that annotations name are none by themselves
    assert read_good(tmp_path / "a") == EXPECTED
    assert list_files(tmp_path / "a").left == {}
    write(tmp_path / "a" / folder / "more.txt", "nobody looked at this")
    assert [why for why in list_files(tmp_path / "a").left.values()] == [
        "a text that the annotations beside it do not name"
    ]
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for file in (tmp_path / "a").rglob("*.*"):
            archive.write(file, file.relative_to(tmp_path))
    assert read_good(tmp_path / "a.zip") == EXPECTED


def test_azure_entities_with_traps(tmp_path):
    write(tmp_path / "0.txt", "Zoë 🎉 met\r\nAna and Ben")
    region = {"regionOffset": 0, "regionLength": 15, "labels": [{"category": "PERSON", "offset": 12, "length": 3}]}
    outside = {**region, "labels": [{"category": "PERSON", "offset": 20, "length": 3}]}
    items = [
        {"location": "container/0.txt", "entities": [region]},
        {"location": "gone.txt", "entities": [region]},
        {"location": "0.txt", "entities": [outside]},
    ]
    path = write(tmp_path / "a.json", json.dumps(azure("documents", items, "CustomEntityRecognition")))
    good, gone, wrong = read_all(path)
    assert [good.text[s.start : s.end] for s in good.spans] == ["Ana"]
    assert [good.text[slice(*one)] for one in good.unknown] == [" and Ben"]  # nobody looked at that
    assert "there is no gone.txt" in gone.rejected and "outside of its region" in wrong.rejected
    assert counts(path) == (1, 2)


def test_texts_that_other_files_name_are_read(tmp_path):
    """That a list of files names a text says nothing about what it holds."""
    write(tmp_path / "files.json", json.dumps({"text": "see", "spans": [], "train": "names.txt"}))
    write(tmp_path / "names.txt", "Ana\tB-PER\nleft\tO\n")
    assert ("Ana left", [("Ana", "PER")]) in read_good(tmp_path)


def test_azure_with_another_unit_is_refused(tmp_path):
    project = azure("documents", [{"location": "0.txt", "entities": []}], "a", "TextElements_v8")
    with pytest.raises(ProjectError, match="Cannot tell the format"):
        read_all(write(tmp_path / "a.json", json.dumps(project)))


@pytest.mark.parametrize("unit", ["characters", "utf-16"])
def test_ground_truth(tmp_path, unit):
    path = write(tmp_path / "output.manifest", jsonl(manifest(unit=unit)))
    with pytest.raises(ProjectError, match="What do offsets count"):
        found(path)
    assert found(path, unit=Unit(unit)) == EXPECTED


def test_ground_truth_with_traps(tmp_path):
    def job(start, end, label, **about):
        marked = [{"startOffset": start, "endOffset": end, "label": label}]
        return {"annotations": {"entities": marked}}, {"type": "groundtruth/text-span", **about}

    write(tmp_path / "1.txt", "Ana left")
    first, about = job(0, 3, "PERSON")
    second, by_model = job(8, 11, "FRIEND", **{"human-annotated": "no"})
    rows = [
        {"source": "Ana met Ben", "a": first, "a-metadata": about, "b": second, "b-metadata": by_model},
        {"source-ref": "s3://bucket/texts/1.txt", "a": first, "a-metadata": about},
        {"source-ref": "s3://bucket/texts/2.txt", "a": first, "a-metadata": about},
        {"source": "Ben left", "a-metadata": {**about, "failure-reason": "timeout"}},
    ]
    path = write(tmp_path / "a.manifest", jsonl(rows))
    records = read_all(path)
    assert [record.annotator for record in records[:2]] == ["a", "b"]
    assert [[r.text[s.start : s.end] for s in r.spans] for r in records[:3]] == [["Ana"], ["Ben"], ["Ana"]]
    assert any("by a model" in note for note in records[1].notes)
    assert "there is no 2.txt" in records[3].rejected and records[4].rejected == "nobody annotated it"
    assert counts(path) == (3, 1)


def as_table(rows):
    table = io.StringIO()
    csv.writer(table).writerows(rows)
    return table.getvalue()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_comprehend_with_a_text_a_line(tmp_path, end):
    rows = [["File", "Line", "Begin Offset", "End Offset", "Type"]]
    for number, (_, entities) in enumerate(spans()):
        rows += [["documents.txt", number, s, e, label] for s, e, label, _ in entities]
    write(tmp_path / "documents.txt", end.join(TEXTS) + end)
    path = write(tmp_path / "annotations.csv", as_table(rows))
    assert found(path, unit=Unit.characters) == EXPECTED
    assert read_good(tmp_path, unit=Unit.characters) == EXPECTED
    # As the documentation shows it
    path = write(tmp_path / "annotations.csv", "\n".join(", ".join(map(str, row)) for row in rows))
    assert found(path, unit=Unit.characters) == EXPECTED


@pytest.mark.parametrize("with_line", [True, False])
def test_comprehend_with_a_text_a_file(tmp_path, with_line):
    rows = [["File", *["Line"] * with_line, "Begin Offset", "End Offset", "Type"]]
    for number, (_, entities) in enumerate(spans()):
        rows += [[f"{number}.txt", *[""] * with_line, s, e, label] for s, e, label, _ in entities]
    put_texts(tmp_path / "texts")
    path = write(tmp_path / "annotations.csv", as_table(rows))
    assert found(path, unit=Unit.characters) == EXPECTED[:4]  # the file names no text without entities


def test_comprehend_with_broken_rows(tmp_path):
    write(tmp_path / "a.txt", "Ana left\nBen stayed\n")
    rows = "a.txt,0,0,3,PERSON\na.txt,1,zero,3,PERSON\na.txt,7,0,3,PERSON\nb.txt,0,0,3,PERSON\na.txt,1,0,3,PERSON\n"
    path = write(tmp_path / "a.csv", "File,Line,Begin Offset,End Offset,Type\n" + rows)
    assert read_good(path) == [("Ana left", [("Ana", "PERSON")]), ("Ben stayed", [("Ben", "PERSON")])]
    assert sorted(record.line for record in read_all(path) if record.rejected) == [3, 4, 5]
    assert counts(path) == (2, 3)
