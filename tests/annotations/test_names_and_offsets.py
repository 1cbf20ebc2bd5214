"""Records whose texts, spans, offsets or labels are called or counted otherwise than any tool does."""

import json

import pytest
from samples import CHARACTERS, EXPECTED, RECORDS, counts, found, jsonl, read_all, read_good, spans, write

from spacy_domain.annotations import list_parts, read_annotations
from spacy_domain.project.errors import ProjectError

TOKENS = [
    (["Ana", "met", "Eva", "Li"], [("PERSON", 0, 0), ("PERSON", 2, 3)]),
    (["Eva", "Li", "left", "Lima", "."], [("PERSON", 0, 1), ("PLACE", 3, 3)]),
]


@pytest.mark.parametrize("key", ["texto", "Text", "原文"])
def test_a_text_without_entities_is_one_whatever_its_key(tmp_path, key):
    rows = [{key: text, "label": [[s, e, label] for s, e, label, _ in ones]} for text, ones in spans()]
    records = read_all(write(tmp_path / "a.jsonl", jsonl(rows)), unit=CHARACTERS)
    assert [record.text for record in records if not record.rejected] == [text for text, _ in EXPECTED]


def test_a_single_word_is_a_text_if_a_span_covers_it(tmp_path):
    row = {"texto": "Lima", "label": [[0, 4, "PLACE"]]}
    assert found(write(tmp_path / "a.jsonl", jsonl([row]))) == [("Lima", [("Lima", "PLACE")])]
    rows = [{"file": "lima.txt", "label": [[0, 4, "PLACE"]]}, {"file": "lima.txt", "label": []}]
    with pytest.raises(ProjectError, match="Cannot tell the format"):
        read_all(write(tmp_path / "b.jsonl", jsonl(rows)))


@pytest.mark.parametrize("nothing", [None, ""])
@pytest.mark.parametrize("as_list", [False, True])
def test_a_span_without_a_label_is_counted_and_told(tmp_path, nothing, as_list):
    spans = [(0, 3, "PERSON"), (9, 13, nothing)]
    items = [list(one) if as_list else dict(zip(("start", "end", "label"), one, strict=True)) for one in spans]
    path = write(tmp_path / "a.jsonl", jsonl([{"text": "Ana left Lima", "entities": items}, RECORDS[2]]))
    record, _ = read_all(path)
    assert "Empty label" in record.rejected and len(record.dropped) == 2


@pytest.mark.parametrize(
    "names",
    [
        ("Start", "End", "Label"),
        ("offset_start", "offset_end", "entity_type"),
        ("startIndex", "endIndex", "name"),
        ("start_char", "end_char", "label_"),
        ("s", "e", "l"),
        ("left", "right", "kind"),
    ],
)
def test_other_names_of_offsets_and_labels(tmp_path, names):
    rows = [
        {"text": text, "entities": [dict(zip(names, (s, e, label), strict=True)) for s, e, label, _ in ones]}
        for text, ones in spans()
    ]
    assert found(write(tmp_path / "a.jsonl", jsonl(rows)), unit=CHARACTERS) == EXPECTED


def test_a_refusal_names_the_keys_of_spans(tmp_path):
    row = {"text": "Ana left", "entities": [{"alpha": 0, "omega": 3, "what": "PERSON"}]}
    with pytest.raises(ProjectError) as caught:
        read_all(write(tmp_path / "a.jsonl", jsonl([row])))
    assert "entities has objects with alpha, omega, what" in caught.value.places[0].message


def test_hits_of_a_search_engine(tmp_path):
    path = write(tmp_path / "a.json", json.dumps({"hits": {"hits": [{"_id": "1", "_source": one} for one in RECORDS]}}))
    assert found(path, unit=CHARACTERS) == EXPECTED


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("wrapped", [False, True])
def test_whether_ends_of_spans_of_tokens_are_inclusive_is_told_from_the_file(tmp_path, last, wrapped):
    rows = [
        {"tokens": tokens, "entities": [{"type": t, "start": a, "end": b + (not last)} for t, a, b in ones]}
        for tokens, ones in TOKENS
    ]
    path = write(tmp_path / "a.json", json.dumps({"data": rows} if wrapped else rows))
    assert [entities for _, entities in found(path)] == [
        [("Ana", "PERSON"), ("Eva Li", "PERSON")],
        [("Eva Li", "PERSON"), ("Lima", "PLACE")],
    ]


def test_tokens_with_all_places_of_their_entities(tmp_path):
    """As W2NER has it; what has a gap is dropped."""
    ner = [{"index": [2, 3], "type": "PERSON"}, {"index": [0, 2], "type": "PERSON"}]
    path = write(
        tmp_path / "a.json", json.dumps([{"sentence": TOKENS[0][0], "ner": ner}, {"sentence": ["no"], "ner": []}])
    )
    assert read_good(path) == [("Ana met Eva Li", [("Eva Li", "PERSON")]), ("no", [])] and counts(path) == (1, 1)


def test_a_line_end_in_the_text_of_a_span_may_be_written_out(tmp_path):
    value = {"start": 0, "end": 6, "text": "Eva\\nLi", "labels": ["PERSON"]}
    task = {"data": {"text": "Eva\nLi left"}, "annotations": [{"result": [{"type": "labels", "value": value}]}]}
    assert found(write(tmp_path / "a.json", json.dumps([task]))) == [("Eva\nLi left", [("Eva\nLi", "PERSON")])]


@pytest.mark.parametrize("key", ["val", "quoted"])
def test_texts_of_spans_of_any_name_tell_what_offsets_count(tmp_path, key):
    rows = [
        {
            "text": text,
            "entities": [{"start": s, "end": e, "label": label, key: surface} for s, e, label, surface in ones],
        }
        for text, ones in spans("utf-16")
    ]
    assert found(write(tmp_path / "a.jsonl", jsonl(rows))) == EXPECTED


@pytest.mark.parametrize("number", [9, 10])
def test_texts_of_spans_that_were_cut_out_in_the_middle_of_words_tell_nothing(tmp_path, number):
    """A JavaScript tool counted UTF-16 units, and a script cut out the spans' texts as if these were characters."""
    text = "👩‍🚀🎉 call Anabel or Isabella tomorrow"
    start, end = (len(text[: text.index(word)].encode("utf-16-le")) // 2 for word in ("Anabel", " or"))
    span = {"start": start, "end": end, "label": "PERSON", "text": text[start:end]}
    rows = [{"text": f"{text} at {i}", "entities": [span]} for i in range(number)]
    path = write(tmp_path / "a.jsonl", jsonl(rows))
    surfaces = {record.text[s.start : s.end] for record in read_annotations(path) for s in record.spans}
    assert surfaces == ({"Anabel"} if number == 10 else {span["text"]})
    notes = [note for part in list_parts(path) for note in part.notes]
    assert any("cut out by characters" in note for note in notes) == (number == 10)


def test_when_a_task_was_made_is_not_its_text(tmp_path):
    """Label Studio's JSON-MIN has the time beside the fields of a task, of which none need be called text."""
    about = {"annotator": 1, "annotation_id": 1, "created_at": "2024-01-01T10:00:00Z", "updated_at": "2024-01-01"}
    label = [{"start": 0, "end": 3, "text": "Ana", "labels": ["PERSON"]}]
    rows = [{"comment": "Ana left", "ner": label, **about}, {"comment": "nothing", "ner": [], **about}]
    assert read_good(write(tmp_path / "a.json", json.dumps(rows))) == [
        ("Ana left", [("Ana", "PERSON")]),
        ("nothing", []),
    ]
