"""Reading annotation files: what comes in comes in exactly, and what cannot is told with its place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from projects import ROOT

from spacy_domain.annotations import CharSpan, read_annotations
from spacy_domain.project.errors import ProjectError

GOOD = {"text": "call Zoë on friday", "spans": [{"start": 5, "end": 8, "label": "PERSON"}]}


def write_lines(path, *lines, end="\n"):
    rows = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_bytes((end.join(rows) + end).encode("utf-8"))
    return path


def test_own_format(tmp_path):
    path = write_lines(tmp_path / "a.jsonl", {**GOOD, "group": "calls-1"}, "", {"text": "never mind", "spans": []})
    first, second = read_annotations(path)
    assert (first.text, first.spans, first.group, first.line) == (
        GOOD["text"],
        [CharSpan(5, 8, "PERSON")],
        "calls-1",
        1,
    )
    assert (second.text, second.spans, second.line) == ("never mind", [], 3)


def test_tutorial_format_has_inclusive_ends():
    records = list(read_annotations(ROOT / "tests" / "data" / "tutorial.json"))
    found = [[(record.text[span.start : span.end], span.label) for span in record.spans] for record in records]
    assert found[0] == [
        ("Schedule", "action"),
        ("calendar event", "domain"),
        ("Elm Court", "hoa"),
        ("chess", "event"),
        ("tomorrow", "date"),
    ]
    assert found[1] == [("Cancel", "action"), ("café visit", "event"), ("Friday", "date")]
    assert found[2] == []
    assert [record.line for record in records] == [3, 14, 23]


def test_tutorial_format_on_one_line(tmp_path):
    data = json.loads((ROOT / "tests" / "data" / "tutorial.json").read_text(encoding="utf-8"))
    path = tmp_path / "one_line.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert [record.text for record in read_annotations(path)] == [example["content"] for example in data["examples"]]


@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip),
    end=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
    data=st.data(),
)
def test_any_text_any_line_end(tmp_path_factory, text, end, bom, data):
    start = data.draw(st.integers(0, len(text) - 1))
    stop = data.draw(st.integers(start + 1, len(text)))
    path = tmp_path_factory.mktemp("any") / "a.jsonl"
    span = {"start": start, "end": stop, "label": "X"}
    row = json.dumps({"text": text, "spans": [span]}, ensure_ascii=False)
    path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + (row + end).encode("utf-8") * 2)
    for number, record in enumerate(read_annotations(path), 1):
        assert (record.text, record.spans, record.line) == (text, [CharSpan(start, stop, "X")], number)


def test_rejected_records_are_marked(tmp_path):
    path = write_lines(tmp_path / "a.jsonl", *({**GOOD, "answer": answer} for answer in ("accept", "reject", "ignore")))
    assert [bool(record.rejected) for record in read_annotations(path)] == [False, True, True]


def test_folder_with_splits(tmp_path):
    for split in ("train", "dev", "test"):
        write_lines(tmp_path / f"{split}.jsonl", {**GOOD, "text": GOOD["text"] + split})
    assert {record.split: record.text for record in read_annotations(tmp_path)} == {
        split: GOOD["text"] + split for split in ("train", "dev", "test")
    }


def test_folder_without_splits(tmp_path):
    write_lines(tmp_path / "one.jsonl", GOOD)
    write_lines(tmp_path / "two.jsonl", GOOD)
    assert [record.split for record in read_annotations(tmp_path)] == ["", ""]


@pytest.mark.parametrize(
    ("names", "title"),
    [
        ([], "Incomplete folder"),
        (["dev.jsonl", "test.jsonl"], "Incomplete folder"),
        (["train.jsonl", "dev.jsonl", "test.jsonl", "more.jsonl"], "Files beside the splits"),
    ],
)
def test_folder_that_leaves_doubt(tmp_path, names, title):
    for name in names:
        write_lines(tmp_path / name, GOOD)
    with pytest.raises(ProjectError) as caught:
        list(read_annotations(tmp_path))
    assert caught.value.title.startswith(title)


SPAN = {"start": 0, "end": 4, "label": "X"}
# Title, line of the fault, a word of the remedy
FAULTS = {
    "empty file": ([""], "Empty file", None, "Export"),
    "broken JSON on line 17": ([GOOD] * 16 + ['{"text": "oops', GOOD], "Broken JSON", 17, "Mend"),
    "cut off in the middle": ([GOOD, json.dumps(GOOD)[:40]], "Broken JSON", 2, "Mend"),
    "nested too deeply": (["[" * 100_000], "Cannot tell", 1, "formats"),
    "deep inside a record": (['{"text": ' + "[" * 100_000], "Broken JSON", 1, "Mend"),
    "no object": ([GOOD, [1, 2]], "Not a record", 2, "Mend the record"),
    "without text": ([GOOD, {"spans": []}], "Record without text", 2, "delete"),
    "blank text": ([GOOD, {"text": "  ", "spans": []}], "Record without text", 2, "delete"),
    "text is a number": ([GOOD, {"text": 5, "spans": []}], "Record without text", 2, "delete"),
    "half a character": (['{"text": "bad \\ud83d here"}'], "Half of a surrogate pair", 1, "cut"),
    "spans are no list": ([{"text": "call", "spans": {"a": 1}}], '"spans" is no list', 1, "[]"),
    "a span is no object": ([{"text": "call", "spans": ["call"]}], "Not a record", 1, "object"),
    "offset is a word": ([{"text": "call", "spans": [{**SPAN, "start": "zero"}]}], "Offsets must be", 1, "Mend"),
    "offset is true": ([{"text": "call", "spans": [{**SPAN, "start": True}]}], "Offsets must be", 1, "Mend"),
    "offset past the end": (
        [GOOD, {"text": "call", "spans": [{**SPAN, "end": 5}]}],
        "Offset outside",
        2,
        "Offsets are read as characters",
    ),
    "offset below zero": (
        [GOOD, {"text": "call", "spans": [{**SPAN, "start": -1}]}],
        "Offset outside",
        2,
        "Offsets are read as characters",
    ),
    "end before start": (
        [GOOD, {"text": "call", "spans": [{**SPAN, "start": 3, "end": 1}]}],
        "Span ends",
        2,
        "exclusive",
    ),
    "end at start": ([GOOD, {"text": "call", "spans": [{**SPAN, "end": 0}]}], "Span ends", 2, "exclusive"),
    "empty label": ([GOOD, {"text": "call", "spans": [{**SPAN, "label": " "}]}], "Empty label", 2, "label"),
    "no label": ([GOOD, {"text": "call", "spans": [{"start": 0, "end": 4}]}], "Empty label", 2, "label"),
    "unknown format": (["id;text;start"], "Cannot tell the format", 1, "formats"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_in_a_file(tmp_path, fault):
    lines, title, line, remedy = FAULTS[fault]
    path = write_lines(tmp_path / "bad.jsonl", *lines)
    with pytest.raises(ProjectError) as caught:
        list(read_annotations(path))
    assert caught.value.title.startswith(title)
    assert remedy in caught.value.remedy
    assert (caught.value.places[0].file, caught.value.places[0].line) == (str(path), line)


@pytest.mark.parametrize(
    "old, new", [('"tag_name": "hoa"', '"tag_name": ""'), ("68,", "69,"), ("]\n    },", "]\n    ")]
)
def test_fault_in_tutorial_format(tmp_path, old, new):
    text = (ROOT / "tests" / "data" / "tutorial.json").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "bad.json"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProjectError) as caught:
        list(read_annotations(path))
    assert caught.value.places[0].line in (3, 14)


@given(st.data())
def test_mutated_files_never_give_a_traceback(tmp_path_factory, data):
    good = (json.dumps(GOOD) + "\n").encode() * 3
    at = data.draw(st.integers(0, len(good)))
    junk = data.draw(st.binary(max_size=4))
    cut = data.draw(st.integers(0, 5))
    path = tmp_path_factory.mktemp("mutated") / "a.jsonl"
    path.write_bytes(good[:at] + junk + good[at + cut :])
    try:
        for record in read_annotations(path):
            assert all(0 <= span.start < span.end <= len(record.text) and span.label for span in record.spans)
    except ProjectError as error:
        assert error.title and error.remedy and error.places
