"""Folders and archives: what is read in them, what is left, and the splits that names and records tell."""

import json
import os
import zipfile

import pytest
import spacy
from samples import CHARACTERS, DOCCANO, EXPECTED, RECORDS, jsonl, total, write

from spacy_domain.annotations import list_files, read_annotations
from spacy_domain.corpora.raw import read_raw_texts
from spacy_domain.project.errors import ProjectError


def test_folders_in_folders_archives_and_what_lies_beside(tmp_path):
    write(tmp_path / "a.jsonl", jsonl(RECORDS[:1]))
    (tmp_path / "more").mkdir()
    write(tmp_path / "more" / "b.json", json.dumps(RECORDS[1:3]))
    with zipfile.ZipFile(tmp_path / "more" / "c.zip", "w") as archive:
        archive.writestr("admin.jsonl", jsonl(DOCCANO[3:]))
        archive.writestr("__MACOSX/._admin.jsonl", "x")
    for name in ("annotation.conf", "README.md", "LICENSE"):
        write(tmp_path / name, "x")
    records = list(read_annotations(tmp_path, unit=CHARACTERS))
    assert sorted(record.text for record in records) == sorted(text for text, _ in EXPECTED) and total(records) == 9
    assert str(tmp_path / "more" / "c.zip" / "admin.jsonl") in {record.file for record in records}
    assert [name.rpartition("/")[2].rpartition("\\")[2] for name in list_files(tmp_path).left] == [
        "LICENSE",
        "README.md",
        "annotation.conf",
    ]


def test_an_error_in_an_archive_names_the_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("admin.jsonl", jsonl(DOCCANO[2:4]) + '{"text": \n')
    with pytest.raises(ProjectError) as caught:
        list(read_annotations(tmp_path / "x.zip", unit=CHARACTERS))
    assert caught.value.places[0].file == str(tmp_path / "x.zip" / "admin.jsonl")


def test_a_broken_archive(tmp_path):
    write(tmp_path / "x.zip", b"PK\x03\x04nothing")
    with pytest.raises(ProjectError, match="Broken archive"):
        list(read_annotations(tmp_path / "x.zip"))


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (["mine_train.jsonl", "mine_dev.jsonl", "mine_test.jsonl"], ["dev", "test", "train"]),
        (["train/a.jsonl", "validation/a.jsonl", "test/a.jsonl"], ["test", "train", "dev"]),
        (["en-train-01.jsonl", "en-train-02.jsonl", "en-test.jsonl"], ["test", "train+dev", "train+dev"]),
        (["eng.train.jsonl", "eng.testa.jsonl", "eng.testb.jsonl"], ["dev", "test", "train"]),
        (["restraint.jsonl", "contest.jsonl"], ["", ""]),
        (["latest.jsonl", "test-drive.jsonl"], ["", ""]),
        (["CDR_TrainingSet.jsonl", "CDR_DevelopmentSet.jsonl", "CDR_TestSet.jsonl"], ["dev", "test", "train"]),
        (["trainData.jsonl", "devData.jsonl", "testData.jsonl"], ["dev", "test", "train"]),
        (["traindata.jsonl", "testdata.jsonl"], ["test", "train+dev"]),
        (["NCBItrainset.jsonl", "NCBIdevelopset.jsonl", "NCBItestset.jsonl"], ["dev", "test", "train"]),
        (["nertrain.jsonl", "nervalid.jsonl", "nertest.jsonl"], ["test", "train", "dev"]),
        (["train/a.jsonl", "eval/a.jsonl"], ["dev", "train+test"]),
        (["train.jsonl", "tune.jsonl", "holdout.jsonl"], ["test", "train", "dev"]),
        (["entrenamiento.jsonl", "prueba.jsonl"], ["train+dev", "test"]),
        (["训练集.jsonl", "验证集.jsonl", "测试集.jsonl"], ["test", "train", "dev"]),
    ],
)
def test_splits_in_names(tmp_path, names, splits):
    for number, name in enumerate(names):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write(tmp_path / name, jsonl([{**RECORDS[2], "text": RECORDS[2]["text"] + str(number)}]))
    assert [file.split for file in list_files(tmp_path).read] == splits


def test_a_file_beside_splits_is_an_error_and_a_lone_word_is_told(tmp_path):
    for name in ("mine_train.jsonl", "mine_test.jsonl", "more.jsonl"):
        write(tmp_path / name, jsonl(RECORDS))
    with pytest.raises(ProjectError, match="Files beside the splits"):
        list_files(tmp_path)
    (tmp_path / "mine_train.jsonl").unlink()
    assert "mine_test.jsonl" in list_files(tmp_path).note


def test_what_editors_and_python_leave_behind_is_not_read(tmp_path):
    write(tmp_path / "a.jsonl", jsonl(RECORDS))
    for name in ("a.jsonl~", "a.jsonl.bak", ".a.jsonl.swp", "a.jsonl.swp", "load.pyc"):
        write(tmp_path / name, b"\0" * 9)
    assert [file.path.name for file in list_files(tmp_path).read] == ["a.jsonl"] and len(list_files(tmp_path).left) == 4


def test_splits_in_records(tmp_path):
    path = write(
        tmp_path / "a.json", json.dumps({"train": RECORDS[:2], "validation": RECORDS[2:3], "test": RECORDS[3:]})
    )
    assert [r.split for r in read_annotations(path, unit=CHARACTERS)] == ["train", "train", "dev", "test", "test"]
    path = write(tmp_path / "b.jsonl", jsonl([{**RECORDS[2], "split": "test"}, RECORDS[3]]))
    assert [r.split for r in read_annotations(path)] == ["test", ""]
    tokens = {"tokens": ["Lima", "is", "far"], "ner_tags": ["B-LOC", "O", "O"], "split": "validation"}
    doccano = {"text": "Lima is far", "label": [[0, 4, "LOC"]], "split": "Test"}
    path = write(tmp_path / "c.jsonl", jsonl([tokens, doccano]))
    assert [r.split for r in read_annotations(path)] == ["dev", "test"]
    table = "text,start,end,label,split\nLima is far,0,4,LOC,train\nNo place,,,,test\n"
    assert [r.split for r in read_annotations(write(tmp_path / "d.csv", table))] == ["train", "test"]


def test_lists_of_labels_beside_annotations_hold_none(tmp_path):
    """What tools keep of a project's labels has a "text" each, and is no text."""
    write(tmp_path / "all.jsonl", jsonl(DOCCANO))
    label = {"id": 1, "text": "LOC", "suffixKey": "l", "backgroundColor": "#209cee", "textColor": "#ffffff"}
    write(tmp_path / "label_config_entities.json", json.dumps([label]))
    write(tmp_path / "label_types.json", json.dumps([{"text": "LOC", "background_color": "#209cee"}]))
    write(tmp_path / "patterns.jsonl", jsonl([{"label": "LOC", "pattern": [{"lower": "lima"}]}]))
    write(tmp_path / "config.xml", '<View><Labels name="label" toName="text"><Label value="LOC"/></Labels></View>')
    assert [file.path.name for file in list_files(tmp_path).read] == ["all.jsonl"]
    assert len(list_files(tmp_path).left) == 4


def test_standoff_of_bionlps_shared_tasks(tmp_path):
    """Given entities, those to be found, and a file of relations beside them are one document."""
    write(tmp_path / "a.txt", "E-selectin binds Ana")
    write(tmp_path / "a.a1", "T1\tProtein 0 10\tE-selectin\n")
    write(tmp_path / "a.a2", "T2\tBinding 11 16\tbinds\nE1\tBinding:T2 Theme:T1\n")
    write(tmp_path / "a.rel", "R1\tPart Arg1:T1 Arg2:T2\n")
    write(tmp_path / "empty.jsonl", "")
    (record,) = read_annotations(tmp_path)
    assert [record.text[s.start : s.end] for s in record.spans] == ["E-selectin", "binds"]
    assert sorted(list_files(tmp_path).left.values()) == ["is empty", "lies beside annotations of the same name"]


def test_raw_texts_may_be_called_as_they_like(tmp_path):
    """Names of splits mean nothing among raw texts, and a record that makes no sense still has a text."""
    write(tmp_path / "train.txt", "Call Ana.\n")
    write(tmp_path / "more.jsonl", jsonl([{"text": "Call Eva.", "spans": [{"start": 0, "end": 99, "label": "X"}]}]))
    assert sorted(read_raw_texts(tmp_path, [], spacy.blank("en"))) == ["Call Ana.", "Call Eva."]


def test_links_to_a_folder_they_are_in_and_pipes_are_passed_over(tmp_path):
    (tmp_path / "a").mkdir()
    write(tmp_path / "a" / "x.jsonl", jsonl(RECORDS[:1]))
    try:
        (tmp_path / "a" / "b").symlink_to(tmp_path, target_is_directory=True)
    except OSError:  # Windows asks for rights
        return
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.jsonl")
    assert [file.path.name for file in list_files(tmp_path).read] == ["x.jsonl"]
