"""What was found in public files: each input is of our own making, and of the kind that did not hold."""

import csv
import io
import json

import pytest
from samples import CHARACTERS, EXPECTED, found, jsonl, read_all, spans, total, unread, write

from spacy_domain.annotations import list_files
from spacy_domain.project.errors import ProjectError


def own_tokens(words, double_space_behind):
    """Tokens of a text that had two spaces in one place before somebody cleaned it."""
    tokens, position = [], 0
    for number, word in enumerate(words):
        tokens.append({"text": word, "id": number, "start": position, "end": position + len(word)})
        position += len(word) + 1 + (number == double_space_behind)
    return tokens


def test_the_tokens_that_a_record_brings_show_where_its_spans_are(tmp_path):
    words = ["Yesterday", "Ana", "met", "Eva", "and", "Ana", "Lima"]
    tokens = own_tokens(words, 0)
    spans = [{"start": tokens[i]["start"], "end": tokens[j]["end"], "label": "X"} for i, j in ((1, 1), (3, 3), (5, 6))]
    row = {"text": " ".join(words), "tokens": tokens, "spans": spans}
    pieces = {"text": "Anabel left", "tokens": [{"text": "##bel", "start": 3, "end": 6}], "spans": []}
    pieces["spans"] = [{"start": 0, "end": 6, "label": "X"}]
    good = {**row, "tokens": own_tokens(words, None), "spans": [{"start": 10, "end": 13, "label": "X"}]}
    moved, left, same = read_all(write(tmp_path / "a.jsonl", jsonl([row, pieces, good])))
    assert [moved.text[s.start : s.end] for s in moved.spans] == ["Ana", "Eva", "Ana Lima"]
    assert moved.notes[0] == "'Ana' is at 10-13, not at 11-14, as the tokens show"
    assert [left.text[s.start : s.end] for s in left.spans] == ["Anabel"] and not left.notes
    assert [same.text[s.start : s.end] for s in same.spans] == ["Ana"] and not same.notes


def test_mentions_without_offsets_and_categories_of_a_text_are_counted(tmp_path):
    rows = [
        {"text": "Ana left Lima", "people": ["Ana"], "places": ["Lima", "Peru"], "keywords": []},
        {"text": "Eva came", "category": "arrival"},
        {"text": "Eva came", "spans": [{"start": 0, "end": 3, "label": "PERSON"}], "label": "arrival"},
    ]
    records = read_all(write(tmp_path / "a.jsonl", jsonl(rows)))
    assert total(records) == 1
    assert unread(records) == {
        "text(s) under people, without offsets": 1,
        "text(s) under places, without offsets": 1,
        "text(s) with a category": 1,
        "text(s) with a label": 1,
    }


@pytest.mark.parametrize("key", ["span", "offsets", "indices"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_both_offsets_in_a_list(tmp_path, key, wrapped):
    rows = [
        {
            "text": text,
            "entities": [{"name": s, key: [[a, b]] if wrapped else [a, b], "type": label} for a, b, label, s in ones],
        }
        for text, ones in spans()
    ]
    assert found(write(tmp_path / "a.json", json.dumps(rows))) == EXPECTED
    there = [[8, 11]] if wrapped else [8, 11]
    twice = {"text": "Ana saw Ana", "entities": [{"name": "Ana", key: there, "type": "PERSON"}]}
    (record,) = read_all(write(tmp_path / "b.json", json.dumps([twice])))
    assert [(span.start, span.end) for span in record.spans] == [(8, 11)]


def test_what_is_of_unknown_shape_is_counted_where_no_span_was_read(tmp_path):
    rows = [
        {"text": "Ana left Lima", "opinions": [{"from": [["Ana"], ["0:3"]], "to": [["Lima"], ["9:13"]]}]},
        {"text": "Ana left Lima", "gold": {"people": ["Ana"], "numbers": []}},
    ]
    records = read_all(write(tmp_path / "a.jsonl", jsonl(rows)))
    assert unread(records) == {"object(s) under opinions": 1, "text(s) under gold.people, without offsets": 1}


def test_what_lies_beside_examples_of_intents_in_a_project_of_rasa_is_left(tmp_path):
    examples = "version: '3.1'\nnlu:\n- intent: greet\n  examples: |\n    - hello [Ana](person)\n"
    write(tmp_path / "nlu.yml", "\ufeff" + examples.replace("version: '3.1'\n", ""))
    write(tmp_path / "stories.yml", "version: '3.1'\nstories:\n- story: a\n  steps:\n  - intent: greet\n")
    write(tmp_path / "cities.yml", "version: '3.1'\nnlu:\n- lookup: city\n  examples: |\n    - Lima\n")
    write(tmp_path / "nlu.md", "## intent:greet\n- hello [Eva](person)\n")
    write(tmp_path / "stories.md", "## a story\n* greet\n  - utter_hello\n")
    records = read_all(tmp_path)
    assert total(records) == 2 and not any(record.rejected for record in records)
    left = {name.rpartition("/")[2]: why for name, why in list_files(tmp_path).left.items()}
    assert left == dict.fromkeys(["cities.yml", "stories.md", "stories.yml"], "holds no examples of intents")
    write(tmp_path / "other.yml", examples.encode("utf-16"))
    assert total(read_all(tmp_path)) == 3


def test_what_is_no_text_is_said_to_be_none(tmp_path):
    with pytest.raises(ProjectError, match="A pickle that cannot be read"):
        read_all(write(tmp_path / "model", b"\x80\x03]q\x00(X/\r\r\r\r"))
    for start in (b"%PDF-1.4\n%\xe2\xe3\n", b"GIF89a and 16 bytes\xfa\x01\r", b"\x89PNG\r\n\x1a\n 16 bytes \x00"):
        with pytest.raises(ProjectError, match="Not a text file"):
            read_all(write(tmp_path / "picture.jsonl", start + b"\r\r\r\r"))
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    with pytest.raises(ProjectError, match="not there") as caught:
        read_all(write(tmp_path / "a.jsonl", pointer))
    assert "git lfs pull" in caught.value.remedy


@pytest.mark.parametrize("ids", [False, True])
def test_the_column_of_tokens_behind_one_of_parts_of_speech_or_of_ids(tmp_path, ids):
    rows = []
    for number, sentence in enumerate(["Ana saw Eva Luna", "Hugo met old friends", "Lima lies near rivers"]):
        for at, word in enumerate(sentence.split()):
            tag = "B-X" if word[0].isupper() else "O"
            part = "NNP" if word[0].isupper() else "NN"
            rows.append(f"doc{number}.{at}\t{word}\t{tag}" if ids else f"{tag}\t0\t{at}\tx\t{part}\t{word}\tx\tx\t0")
        rows.append("")
    records = read_all(write(tmp_path / "a.tsv", "\n".join(rows)))
    assert [record.text for record in records] == ["Ana saw Eva Luna", "Hugo met old friends", "Lima lies near rivers"]
    assert total(records) == 5


def test_names_of_labels_beside_splits_are_left_and_what_holds_texts_is_not(tmp_path):
    row = jsonl([{"text": "Ana left", "label": [[0, 3, "PERSON"]]}])
    for split in ("train", "dev", "test"):
        write(tmp_path / f"{split}.jsonl", row)
    names = {
        "classes.txt": "PERSON\nPLACE\n",
        "labels.json": '["PERSON", "PLACE"]',
        "label_map.json": '{"PERSON": 0}',
        "label_config.json": '[{"id": 1, "text": "PERSON", "suffix_key": "p", "background_color": "#209cee"}]',
    }
    for name, content in names.items():
        write(tmp_path / name, content)
    assert total(read_all(tmp_path)) == 3
    left = {name.rpartition("/")[2]: why for name, why in list_files(tmp_path).left.items()}
    assert left == dict.fromkeys(names, "holds names of labels")
    for content in (row, '{"a": "Ana left for Lima"}', '[["Ana", 0]]'):
        write(tmp_path / "labels.json", content)
        with pytest.raises(ProjectError, match="Files beside the splits"):
            read_all(tmp_path)


def test_a_prefix_that_all_tokens_have_is_not_of_the_text(tmp_path):
    lines = [f"de:Ana{number}\tB-PERSON\nde:ging\tO\n" for number in range(12)]
    (first, *_) = records = read_all(write(tmp_path / "a.tsv", "\n".join(lines)))
    assert first.text == "Ana0 ging" and total(records) == 12 and "'de:'" in first.notes[-1]
    (first, *_) = read_all(write(tmp_path / "b.tsv", "\n".join([*lines, "ende\tO\n"])))
    assert first.text == "de:Ana0 de:ging"


@pytest.mark.parametrize("delimiter", ",;")
@pytest.mark.parametrize("between", ["", "{}O", "-DOCSTART-{}O"])
def test_words_and_tags_as_a_table_without_names(tmp_path, delimiter, between):
    quote = delimiter.join(['""""', "O"])
    comma = delimiter.join([f'"{delimiter}"', "O"])
    lines = [
        f"Ana{delimiter}B-PERSON\nLuna{delimiter}I-PERSON\n{quote}\n{comma}\n1,5{delimiter}O"
        if delimiter == ";"
        else f"Ana{delimiter}B-PERSON\nLuna{delimiter}I-PERSON\n{quote}\n{comma}\n1;5{delimiter}O"
        for _ in range(6)
    ]
    records = read_all(write(tmp_path / "a.csv", f"\n{between.format(delimiter)}\n".join(lines)))
    number = "1,5" if delimiter == ";" else "1;5"
    assert [record.text for record in records] == [f'Ana Luna " {delimiter} {number}'] * 6
    assert total(records) == 6


def tagged_spans():
    """A record a text: each word with its tag, those of no entity included; and all records of one kind together."""
    text, tags = "Ana Luna left Santa Cruz", ["B-PER", "I-PER", "O", "B-LOC", "I-LOC"]
    words = [(text.index(word), word, tag) for word, tag in zip(text.split(), tags, strict=True)]
    yield {"text": text, "tokens": [{"text": w, "start": s, "end": s + len(w), "tag": t} for s, w, t in words]}
    points = [{"label": [t], "points": [{"start": s, "end": s + len(w) - 1, "text": w}]} for s, w, t in words]
    yield {"content": text, "annotation": [one for one in points[::-1] if one["label"] != ["O"]]}
    yield [text, {"entities": [[s, s + len(w), t] for s, w, t in words]}]


@pytest.mark.parametrize("row", list(tagged_spans()))
def test_spans_whose_labels_are_tags_of_words_are_joined(tmp_path, row):
    (record,) = read_all(write(tmp_path / "a.json", json.dumps([row])))
    covered = [(record.text[span.start : span.end], span.label) for span in record.spans]
    assert covered == [("Ana Luna", "PER"), ("Santa Cruz", "LOC")] and not record.dropped
    assert record.notes[-1].startswith("Labels are tags of words: 2 went on")


def test_a_label_that_looks_like_a_tag_is_none(tmp_path):
    row = {"text": "Ana B cell I beam", "spans": [{"start": 4, "end": 10, "label": "B-cell"}]}
    row["spans"].append({"start": 11, "end": 17, "label": "I-beam"})
    (record,) = read_all(write(tmp_path / "a.jsonl", json.dumps(row)))
    assert [span.label for span in record.spans] == ["B-cell", "I-beam"]


@pytest.mark.parametrize(
    "row",
    [
        {"text": "Ana left Ana", "entities": [{"start_idx": 0, "end_idx": 2, "type": "PERSON", "entity": "Ana"}]},
        {"originalText": "Ana left", "entities": [{"start_pos": 0, "end_pos": 3, "label_type": "PERSON"}]},
        {"textContent": "Ana left", "annotations": [{"startOffset": 0, "endOffset": 3, "displayName": "PERSON"}]},
        {"text": "Ana left", "label": [["PERSON", 0, 3]]},
        ["Ana left", {"entities": [["PERSON", 0, 3]]}],
        {"text": "Ana left", "entities": [{"entity": "PERSON", "value": "Ana", "start": 0, "end": 3}]},
    ],
)
def test_names_of_offsets_and_labels(tmp_path, row):
    ((_, read),) = found(write(tmp_path / "a.json", json.dumps([row])))
    assert read == [("Ana", "PERSON")]


def test_a_layer_in_which_all_words_are_something_is_not_of_entities(tmp_path):
    sentence = "Ana\tNE\tI-NE\tB-PER\nging\tVV\tI-VV\tO\nheim\tAD\tI-AD\tO\n"
    records = read_all(write(tmp_path / "a.conll", "\n".join([sentence] * 5)))
    assert total(records) == 5 and not any(record.dropped for record in records)
    assert unread(records) == {"tag(s) of phrases in column 3": 15}


def test_two_fields_of_a_task_are_two_texts(tmp_path):
    def result(to_name, start, surface):
        value = {"start": start, "end": start + len(surface), "text": surface, "labels": ["PERSON"]}
        return {"to_name": to_name, "type": "labels", "value": value}

    fields = {"title": "Ana left", "text": "Ana left Lima with Eva", "url": "a.b"}
    tasks = [
        {"data": fields, "annotations": [{"result": [result("title", 0, "Ana"), result("text", 19, "Eva")]}]},
        {"data": fields, "annotations": [{"result": [result("title", 0, "Ana")]}]},
        {"data": {**fields, "text": "none"}, "annotations": [{"result": [result("text", 0, "Ana left")]}]},
    ]
    read = found(write(tmp_path / "a.json", json.dumps(tasks)))
    title, text = ("Ana left", [("Ana", "PERSON")]), ("Ana left Lima with Eva", [("Eva", "PERSON")])
    assert read == [title, text, title, ("Ana left", [("Ana left", "PERSON")])]


@pytest.mark.parametrize("as_object", [False, True])
def test_a_data_frame_with_spans_in_its_cells(tmp_path, as_object):
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(["", "text", "entities"])
    for number, (text, ones) in enumerate(spans()):
        entities = [(start, end, label) for start, end, label, _ in ones]
        rows.writerow([number, text, {"entities": entities} if as_object else entities])
    assert found(write(tmp_path / "a.csv", table.getvalue()), unit=CHARACTERS) == EXPECTED


def test_a_first_row_that_is_a_record_is_not_taken_for_names_of_columns(tmp_path):
    rows = "".join(f"{number}\tAna left Lima\t[(0, 3, 'PERSON')]\n" for number in range(3))
    with pytest.raises(ProjectError, match="Cannot tell the format"):
        read_all(write(tmp_path / "a.tsv", rows))
    assert total(read_all(write(tmp_path / "b.tsv", "id\ttext\tentities\n" + rows))) == 3


def test_brats_annotations_without_a_text_are_set_aside_and_counted(tmp_path):
    write(tmp_path / "a.txt", "Ana left")
    for name in ("a", "b"):
        write(tmp_path / f"{name}.ann", "T1\tPERSON 0 3\tAna\nT2\tVERB 4 8\tleft\n")
    read, lost = read_all(tmp_path)
    assert len(read.spans) == 2 and lost.dropped == ["'Ana' (PERSON) has no text", "'left' (VERB) has no text"]
    assert "Annotations without text" in lost.rejected and not list_files(tmp_path).left


@pytest.mark.parametrize("write_as", [str, json.dumps])
@pytest.mark.parametrize("key", ["spans", "entities", "label"])
def test_spans_that_were_written_as_a_text(tmp_path, write_as, key):
    rows = []
    for text, ones in spans():
        listed = [
            [s, e, label] if key == "label" else {"start": s, "end": e, "label": label} for s, e, label, _ in ones
        ]
        rows.append({"text": text, key: write_as(listed)})
    assert found(write(tmp_path / "a.jsonl", jsonl(rows)), unit=CHARACTERS) == EXPECTED


def test_a_list_of_records_under_the_name_of_a_text(tmp_path):
    rows = [{"tokens": ["Ana", "left"], "ner_tags": ["B-PERSON", "O"]}] * 2
    records = read_all(write(tmp_path / "a.json", json.dumps({"version": "1.0", "data": rows})))
    assert total(records) == 2 and not any(record.rejected for record in records)


@pytest.mark.parametrize(
    ("key", "by_label"),
    [
        ("entities", {"PERSON": [[0, 3], [14, 17]], "PLACE": [[9, 13]], "DATE": []}),
        ("labels", {"PERSON": [{"start": 0, "end": 3, "text": "Ana"}, {"start": 14, "end": 17}], "PLACE": []}),
        ("label", {"PERSON": {"Ana": [[0, 2]], "Eva": [[14, 16]]}, "PLACE": {"Lima": [[9, 12]]}}),
    ],
)
def test_spans_by_their_labels(tmp_path, key, by_label):
    row = {"text": "Ana left Lima Eva", key: by_label}
    (record,) = read_all(write(tmp_path / "a.jsonl", jsonl([row])))
    covered = {(record.text[span.start : span.end], span.label) for span in record.spans}
    assert covered - {("Lima", "PLACE")} == {("Ana", "PERSON"), ("Eva", "PERSON")} and not record.dropped
    assert len(record.spans) == (2 if key == "labels" else 3)
