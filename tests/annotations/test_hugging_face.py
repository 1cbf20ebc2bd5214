"""Data sets of the Hugging Face Hub: rows, what its viewer gives, and Parquet."""

import json
import sys

import pytest
from exports import FEATURE, NAMES, as_columns, as_viewer, rows_of
from samples import EXPECTED, found, jsonl, read_all, read_good, spans, unread, write

from spacy_domain.annotations import Unit
from spacy_domain.project.errors import ProjectError

CARD = f"""---
license: mit
dataset_info:
- config_name: en
  features:
  - name: tokens
    sequence: string
  - name: ner_tags
    sequence:
      class_label:
        names:
{"".join(f"          '{number}': {name}" + chr(10) for number, name in enumerate(NAMES))}---
# A data set
"""


@pytest.mark.parametrize("make", [jsonl, json.dumps, lambda rows: json.dumps(rows, indent=1)])
@pytest.mark.parametrize("scheme", ["BIO", "BILUO", "BIOES"])
@pytest.mark.parametrize("keys", [("tokens", "ner_tags"), ("words", "ner"), ("tokens", "labels"), ("words", "tags")])
def test_hugging_face(tmp_path, make, scheme, keys):
    path = write(tmp_path / "a.json", make(rows_of(*keys, scheme=scheme)))
    assert found(path) == EXPECTED
    # The other column is named, and that of the tags is not
    assert set(unread(read_all(path))) == {"value(s) for tokens under pos_tags"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("labels.txt", "\n".join(NAMES) + "\n"),
        ("dataset_info.json", json.dumps({"features": {"ner_tags": FEATURE, "pos_tags": {"feature": {}}}})),
        ("dataset_infos.json", json.dumps({"en": {"features": {"ner_tags": FEATURE}}})),
        ("README.md", CARD),
        ("README.md", CARD.replace("    sequence:\n      class", "    list:\n      class").replace("\n", "\r\n")),
        ("label2id.json", json.dumps({name: number for number, name in enumerate(NAMES)})),
    ],
)
@pytest.mark.parametrize("above", [False, True])
def test_numbers_of_tags_are_named_beside_the_file(tmp_path, name, content, above):
    (tmp_path / "data").mkdir()
    write((tmp_path if above else tmp_path / "data") / name, content)
    path = write(tmp_path / "data" / "a.jsonl", jsonl(rows_of(numbers=True)))
    assert found(path) == EXPECTED


def test_columns_of_tokens_and_tags(tmp_path):
    write(tmp_path / "labels.txt", "\n".join(NAMES))
    rows = rows_of(numbers=True)
    assert found(write(tmp_path / "a.json", json.dumps(as_columns(rows)))) == EXPECTED
    rows[2]["ner_tags"] = rows[2]["ner_tags"][1:]
    path = write(tmp_path / "b.json", json.dumps(as_columns(rows)))
    assert read_good(path) == [*EXPECTED[:2], *EXPECTED[3:]]


def test_rows_of_the_viewer(tmp_path):
    answer = as_viewer(rows_of(numbers=True))
    path = write(tmp_path / "a.json", json.dumps(answer, indent=1))
    assert found(path) == EXPECTED
    assert "5 of 7 rows" in " ".join(note for record in read_all(path) for note in record.notes)
    answer["rows"][1]["truncated_cells"] = ["tokens"]
    assert read_good(write(tmp_path / "b.json", json.dumps(answer))) == [EXPECTED[0], *EXPECTED[2:]]


def test_numbers_that_nobody_names_are_a_question(tmp_path):
    path = write(tmp_path / "a.jsonl", jsonl(rows_of(numbers=True)))
    with pytest.raises(ProjectError, match="What are the tags called") as error:
        read_all(path)  # a question about the file: no record is set aside for it
    assert "labels.txt" in error.value.remedy and "ner_tags" in str(error.value.places[0])


def test_numbers_that_two_configurations_name_otherwise_are_a_question(tmp_path):
    other = {"feature": {"names": NAMES[::-1], "_type": "ClassLabel"}}
    infos = {"en": {"features": {"ner_tags": FEATURE}}, "de": {"features": {"ner_tags": other}}}
    write(tmp_path / "dataset_infos.json", json.dumps(infos))
    with pytest.raises(ProjectError, match="What are the tags called"):
        read_all(write(tmp_path / "a.jsonl", jsonl(rows_of(numbers=True))))


def test_tokens_and_tags_that_make_no_sense_are_set_aside(tmp_path):
    write(tmp_path / "labels.txt", "\n".join(NAMES))
    rows = rows_of(numbers=True)
    rows[2:2] = [
        {"tokens": ["Ana", "left"], "ner_tags": [1]},
        {"tokens": ["Ana", "left"], "ner_tags": [1, 77]},
        {"tokens": ["Ana", 3], "ner_tags": [1, 0]},
    ]
    path = write(tmp_path / "a.jsonl", jsonl(rows))
    assert read_good(path) == EXPECTED
    broken = [record for record in read_all(path) if record.rejected]
    assert [record.line for record in broken] == [3, 4, 5]
    assert "2 tokens, 1 ner_tags" in broken[0].rejected and "77" in broken[1].rejected
    assert [len(record.dropped) for record in broken[:2]] == [1, 2]


def test_missing_tags_and_blank_tokens(tmp_path):
    rows = [
        {"tokens": ["Zoë", "met", "Ana", "here"], "ner_tags": ["B-PERSON", "O", None, -100]},
        {"tokens": ["", "Ana", " ", "left"], "ner_tags": ["O", "B-PERSON", "I-PERSON", "O"]},
        {"tokens": ["Ana", "\u200b", " "], "ner_tags": ["O", "O", "B-PERSON"]},
    ]
    first, second, third = read_all(write(tmp_path / "a.jsonl", jsonl(rows)))
    assert [first.text[slice(*one)] for one in first.unknown] == ["Ana", "here"]
    assert [second.text[s.start : s.end].strip() for s in second.spans] == ["Ana"]
    assert third.spans == [] and "white space alone" in third.dropped[0]


def test_text_beside_tokens_says_what_white_space_there_was(tmp_path):
    row = {"text": "(Zoë)  met\nAna.", "tokens": ["(", "Zoë", ")", "met", "Ana", "."]}
    row["ner_tags"] = ["O", "B-PERSON", "O", "O", "B-PERSON", "O"]
    path = write(tmp_path / "a.jsonl", jsonl([row, {**row, "text": "something else"}]))
    entities = [("Zoë", "PERSON"), ("Ana", "PERSON")]
    assert found(path) == [(row["text"], entities), ("( Zoë ) met Ana .", entities)]


def test_wikiann_has_texts_of_spans_too(tmp_path):
    row = {"tokens": ["Zoë", "left"], "ner_tags": ["B-PER", "O"], "langs": ["en", "en"], "spans": ["PER: Zoë"]}
    assert found(write(tmp_path / "a.jsonl", jsonl([row]))) == [("Zoë left", [("Zoë", "PER")])]


def test_a_text_whose_tags_are_not_as_many_as_its_tokens_is_set_aside(tmp_path):
    """Rather than be a text without entities."""
    rows = [{"text": "Ana left", "tokens": ["Ana", "left"], "ner_tags": ["B-PER", "O", "O"]}]
    (record,) = read_all(write(tmp_path / "a.jsonl", jsonl(rows)))
    assert "Each token needs one tag" in record.rejected and len(record.dropped) == 1


def as_table(rows, features=None):
    import pyarrow as pa

    table = pa.Table.from_pylist(rows)
    if features:
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    return table


def as_parquet(path, rows, features=None):
    from pyarrow import parquet

    parquet.write_table(as_table(rows, features), path, row_group_size=2)
    return path


@pytest.mark.parametrize("feature", [FEATURE, [FEATURE["feature"]], {**FEATURE, "_type": "List"}])
def test_parquet_with_numbers_named_in_it(tmp_path, feature):
    rows = rows_of(numbers=True)
    path = as_parquet(tmp_path / "a.parquet", rows, {"ner_tags": feature, "id": {"dtype": "string", "_type": "Value"}})
    assert found(path) == EXPECTED
    assert [record.line for record in read_all(path)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("feather", [False, True])
def test_arrow_as_datasets_saves_it(tmp_path, feather):
    """What save_to_disk writes: a folder a split, with what is known of it beside the rows."""
    from pyarrow import ipc

    table = as_table(rows_of(numbers=True), {"ner_tags": FEATURE})
    for split in ("train", "validation", "test"):
        (tmp_path / split).mkdir()
        name = tmp_path / split / ("a.feather" if feather else "data-00000-of-00001.arrow")
        with (ipc.new_file if feather else ipc.new_stream)(str(name), table.schema) as writer:
            writer.write_table(table, max_chunksize=2)
        for beside in ("state.json", "dataset_info.json", "cache-1b2c.arrow"):
            write(tmp_path / split / beside, "{}")
        assert found(name) == EXPECTED
    write(tmp_path / "dataset_dict.json", "{}")
    assert {record.split for record in read_all(tmp_path)} == {"train", "dev", "test"}
    write(tmp_path / "broken.arrow", b"\xff\xff\xff\xff\x10\0")
    with pytest.raises(ProjectError, match="Broken Arrow"):
        read_all(tmp_path / "broken.arrow")


def test_parquet_with_numbers_named_beside_it(tmp_path):
    write(tmp_path / "README.md", CARD)
    assert found(as_parquet(tmp_path / "a.parquet", rows_of(numbers=True))) == EXPECTED


def test_parquet_with_texts_and_spans(tmp_path):
    rows = [
        {"text": text, "ents": [{"start": s, "end": e, "label": x} for s, e, x, _ in ones]} for text, ones in spans()
    ]
    path = as_parquet(tmp_path / "a.parquet", rows)
    assert found(path, unit=Unit.characters) == EXPECTED
    # An object of lists, which the library "datasets" makes of a list of objects; labels as numbers
    names = ["PERSON", "PLACE", "DATE"]
    columns = [
        {
            "text": text,
            "ents": {
                "start": [s for s, *_ in ones],
                "end": [e for _, e, *_ in ones],
                "label": [names.index(label) for _, _, label, _ in ones],
            },
        }
        for text, ones in spans()
    ]
    feature = {
        "feature": {"label": {"names": names, "_type": "ClassLabel"}, "start": {}, "end": {}},
        "_type": "Sequence",
    }
    path = as_parquet(tmp_path / "b.parquet", columns, {"ents": feature})
    assert found(path, unit=Unit.characters) == EXPECTED


def test_parquet_with_a_broken_row_in_the_middle(tmp_path):
    rows = rows_of()
    rows[2]["ner_tags"] = rows[2]["ner_tags"][1:]
    path = as_parquet(tmp_path / "a.parquet", rows)
    assert read_good(path) == [*EXPECTED[:2], *EXPECTED[3:]]
    assert [record.line for record in read_all(path) if record.rejected] == [3]


def test_parquet_that_is_cut_off(tmp_path):
    path = as_parquet(tmp_path / "a.parquet", rows_of())
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ProjectError, match="Broken Parquet"):
        read_all(path)


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    path = as_parquet(tmp_path / "a.parquet", rows_of())
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as Python has it where a package cannot be imported
    with pytest.raises(ProjectError, match="pyarrow is not installed") as error:
        read_all(path)
    assert ".[parquet]" in error.value.remedy
