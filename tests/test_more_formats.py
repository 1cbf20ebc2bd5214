"""More formats as their tools write them: each with the traps that real files hold, a broken record in the middle, and
spans counted by a few lines that share no code with the readers."""

import csv
import io
import json
import re
import sys
import zipfile

import pytest
from test_formats import EXPECTED, TEXTS, found, jsonl, spans, tagged, write

from spacy_domain.annotations import Unit, list_files, list_parts, read_part
from spacy_domain.annotations.formats import JsonFormat, known_formats
from spacy_domain.project.errors import ProjectError

COUNT = sum(map(len, TEXTS.values()))
NAMES = ["O", "B-PERSON", "I-PERSON", "B-PLACE", "I-PLACE", "B-DATE", "I-DATE"]


def read_all(path, **options):
    """All records, those set aside included."""
    return [record for part in list_parts(path, **options) for record in read_part(part)]


def read_good(path, **options):
    return [
        (record.text, [(record.text[span.start : span.end], span.label) for span in record.spans])
        for record in read_all(path, **options)
        if not record.rejected
    ]


def unread(records):
    return {what: count for record in records for what, count in record.unread.items()}


def counts(path, **options):
    """Spans that were read, and those that were not but are in the account."""
    records = read_all(path, **options)
    return sum(len(record.spans) for record in records), sum(len(record.dropped) for record in records)


# Rasa


def in_brackets(text, entities, form="[{0}]({1})"):
    position, marked = 0, ""
    for surface, label in entities:
        start = text.index(surface, position)
        marked += text[position:start] + form.format(surface, label)
        position = start + len(surface)
    return marked + text[position:]


FORMS = [
    "[{0}]({1})",
    "[{0}]({1}:some value)",
    '[{0}]{{"entity": "{1}", "value": "some value", "role": "from", "group": "1"}}',
    '[{0}][{{"entity": "{1}"}}]',
]


def as_rasa_yaml(form=FORMS[0], start="- ", end="\n"):
    examples = [in_brackets(*one, form) for one in TEXTS.items()]
    head = ['version: "3.1"', "nlu:", "- lookup: place", "  examples: |", "    - Café", "    - [ab]+", "- intent: meet"]
    block = ["  examples: |", *(f"    {start}{example}" for example in examples[:3]), ""]
    listed = ["- intent: faq/ask_name", "  examples:"]
    for example in examples[3:]:
        listed += ["  - text: |", f"      {example}", "    metadata: {sure: true}"]
    tail = ["- synonym: Ana", "  examples: |", "    - Annie", "- regex: zip", "  examples: |", "    - [0-9]{5}"]
    stories = ["stories:", "- story: a", "  steps: []", "responses:", "  utter_hi:", "  - text: hi [you](PERSON)"]
    return end.join(head + block + listed + tail + stories) + end


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rasa_yaml(tmp_path, form, end):
    path = write(tmp_path / "nlu.yml", as_rasa_yaml(form, end=end))
    assert found(path) == EXPECTED
    records = read_all(path)
    lines = path.read_text(encoding="utf-8").split("\n")
    assert all(text.split()[0] in lines[record.line - 1] for text, record in zip(TEXTS, records, strict=True))
    seen = unread(records)
    assert seen["text(s) with an intent"] == 1 and seen["line(s) of lookup"] == 2 and seen["line(s) of regex"] == 1
    assert seen["item(s) under stories"] == 1 and seen["item(s) under responses"] == 1


def test_rasa_yaml_of_its_first_versions_has_no_dashes(tmp_path):
    assert found(write(tmp_path / "nlu.yml", as_rasa_yaml(start=""))) == EXPECTED


@pytest.mark.parametrize(
    ("example", "spans_in_it"),
    [
        ("go to [San [Francisco](city)](city)", 2),
        ("go to [San Francisco(city)", 1),
        ("go to San Francisco](city)", 1),
        ("go to [San Francisco] (city)", 1),
        ('go to [SF]{"entity": "city", }', 1),
        ('go to [SF]{"entity": "city"', 1),
        ("[Ana](name) goes to [San Francisco(city)", 2),
        ("go to [SF]()", 1),
    ],
)
def test_rasa_example_with_broken_brackets_is_set_aside_alone(tmp_path, example, spans_in_it):
    yaml = f"nlu:\n- intent: go\n  examples: |\n    - to [Rome](city)\n    - {example}\n    - to [Oslo](city)\n"
    path = write(tmp_path / "nlu.yml", yaml)
    assert read_good(path) == [("to Rome", [("Rome", "city")]), ("to Oslo", [("Oslo", "city")])]
    (broken,) = [record for record in read_all(path) if record.rejected]
    assert broken.line == 5 and len(broken.dropped) == spans_in_it
    with pytest.raises(ProjectError) as error:
        found(path)
    assert f"{path}:5" in str(error.value.places[0])


def test_rasa_brackets_that_are_text(tmp_path):
    lines = [r"press \[x\](y) and [Ana](name)", "type [group] and [0-9] :]", r"a \[b\] [c\]d](name)"]
    path = write(tmp_path / "nlu.yml", "nlu:\n- intent: a\n  examples: |\n" + "".join(f"    - {x}\n" for x in lines))
    assert found(path) == [
        ("press [x](y) and Ana", [("Ana", "name")]),
        ("type [group] and [0-9] :]", []),
        ("a [b] c]d", [("c]d", "name")]),
    ]


def test_rasa_line_without_dash_is_no_example(tmp_path):
    path = write(tmp_path / "nlu.yml", "nlu:\n- intent: a\n  examples: |\n    - hi [Ana](name)\n    ho [Ben](name)\n")
    assert read_good(path) == [("hi Ana", [("Ana", "name")])]
    assert counts(path) == (1, 1)


def test_rasa_stories_alone_are_named(tmp_path):
    path = write(tmp_path / "stories.yml", 'version: "3.1"\nstories:\n- story: a\n  steps: []\n')
    (record,) = read_all(path)
    assert "No examples" in record.rejected and record.unread == {"item(s) under stories": 1}


def test_broken_yaml_says_where(tmp_path):
    path = write(tmp_path / "nlu.yml", 'version: "3.1"\nnlu:\n- intent: a\n  examples: |\n    - hi\n examples: [\n')
    with pytest.raises(ProjectError, match="Broken YAML") as error:
        found(path)
    assert error.value.places[0].line in (6, 7)


MARKS = ["-", "*", "+"]


@pytest.mark.parametrize("form", FORMS)
def test_rasa_markdown(tmp_path, form):
    lines = ["<!-- a table of contents", "- [intent:meet](#meet)", "-->", "", "## intent:meet <!-- hello -->"]
    first = len(lines)
    lines += [f"{MARKS[i % 3]} {in_brackets(*one, form)}" for i, one in enumerate(TEXTS.items())]
    lines += ["", "## synonym:Ana", "- Annie", "## regex:zip", "- [0-9]{5}", "## lookup:place", "  places.txt"]
    path = write(tmp_path / "nlu.md", "\n".join(lines))
    assert found(path) == EXPECTED
    records = read_all(path)
    assert [record.line for record in records] == [first + number for number in range(1, len(TEXTS) + 1)]
    seen = unread(records)
    assert (seen["line(s) of synonym"], seen["line(s) of regex"], seen["line(s) of lookup"]) == (1, 1, 1)


# The Hugging Face Hub


def as_tokens(scheme="BIO", numbers=False):
    for pairs in tagged(scheme):
        tokens, tags = [token for token, _ in pairs], [tag for _, tag in pairs]
        yield tokens, [NAMES.index(tag) for tag in tags] if numbers else tags


FEATURE = {"feature": {"names": NAMES, "_type": "ClassLabel"}, "_type": "Sequence"}
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


def rows_of(tokens="tokens", tags="ner_tags", **options):
    return [
        {"id": str(number), tokens: one, tags: two, "pos_tags": ["X"] * len(one)}
        for number, (one, two) in enumerate(as_tokens(**options))
    ]


def as_columns(rows):
    return {key: [row[key] for row in rows] for key in rows[0]}


def as_viewer(rows):
    features = [{"feature_idx": 0, "name": "ner_tags", "type": FEATURE}]
    listed = [{"row_idx": number, "row": row, "truncated_cells": []} for number, row in enumerate(rows)]
    return {"features": features, "rows": listed, "num_rows_total": 7, "partial": False}


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


# Parquet


def as_parquet(path, rows, features=None):
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.Table.from_pylist(rows)
    if features:
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    parquet.write_table(table, path, row_group_size=2)
    return path


@pytest.mark.parametrize("feature", [FEATURE, [FEATURE["feature"]], {**FEATURE, "_type": "List"}])
def test_parquet_with_numbers_named_in_it(tmp_path, feature):
    rows = rows_of(numbers=True)
    path = as_parquet(tmp_path / "a.parquet", rows, {"ner_tags": feature, "id": {"dtype": "string", "_type": "Value"}})
    assert found(path) == EXPECTED
    assert [record.line for record in read_all(path)] == [1, 2, 3, 4, 5]


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
    assert "requirements-parquet.txt" in error.value.remedy


# Dataturks


def dataturks(inclusive=True):
    for text, entities in spans(inclusive=inclusive):
        marked = [{"label": [x], "points": [{"start": s, "end": e, "text": t}]} for s, e, x, t in entities]
        yield {"content": text, "annotation": marked or None, "extras": None, "metadata": {"status": "done"}}


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


# LUIS and Azure


def utterances():
    for text, entities in spans("utf-16", inclusive=True):
        found_in_it = [{"entity": label, "startPos": s, "endPos": e} for s, e, label, _ in entities]
        yield {"text": text, "intent": "Meet", "entities": found_in_it}


def luis_app():
    about = {"luis_schema_version": "7.0.0", "versionId": "0.1", "name": "a", "culture": "en-us", "patterns": []}
    kinds = {"intents": [{"name": "Meet"}], "entities": [{"name": "PERSON", "children": [], "roles": ["to"]}]}
    return {**about, **kinds, "closedLists": [], "utterances": list(utterances())}


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


def azure(key, items, kind, unit="Utf16CodeUnit"):
    about = {"projectFileVersion": "2022-05-01", "stringIndexType": unit, "metadata": {"projectKind": kind}}
    kinds = [{"category": label, "compositionSetting": "combineComponents"} for label in ("PERSON", "PLACE", "DATE")]
    return {**about, "assets": {"projectKind": kind, "entities": kinds, key: items}}


def azure_labels(entities):
    return [{"category": label, "offset": s, "length": e - s} for s, e, label, _ in entities]


def azure_conversations():
    items = [{"text": t, "intent": "a", "language": "en", "entities": azure_labels(es)} for t, es in spans("utf-16")]
    return azure("utterances", items, "Conversation")


def azure_documents():
    items = []
    for number, (text, entities) in enumerate(spans("utf-16")):
        length = len(text.encode("utf-16-le")) // 2
        region = {"regionOffset": 0, "regionLength": length, "labels": azure_labels(entities)}
        items.append({"location": f"{number}.txt", "language": "en", "dataset": "Train", "entities": [region]})
    return azure("documents", items, "CustomEntityRecognition")


def put_texts(folder):
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(TEXTS):
        write(folder / f"{number}.txt", text)


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


# Amazon


def manifest(job="names-1", unit="utf-16"):
    for text, entities in spans(unit):
        marked = [{"endOffset": e, "startOffset": s, "label": label} for s, e, label, _ in entities]
        kinds = [{"label": "PERSON"}, {"label": "PLACE"}]
        about = {"entities": [{"confidence": 0.1}] * len(marked), "type": "groundtruth/text-span"}
        yield {
            "source": text,
            job: {"annotations": {"entities": marked, "labels": kinds}},
            f"{job}-metadata": {**about, "human-annotated": "yes", "job-name": f"labeling-job/{job}"},
        }


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


# GLiNER


def gliner():
    for tokens, tags in as_tokens("BIO"):
        starts = [number for number, tag in enumerate(tags) if tag.startswith("B")]
        ner = []
        for first in starts:
            last = first
            while tags[last + 1 : last + 2] == [f"I-{tags[first][2:]}"]:
                last += 1
            ner.append([first, last, tags[first][2:]])
        yield {"tokenized_text": tokens, "ner": ner, "ner_negatives": ["FOOD"]}


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


# Argilla


def argilla(shape):
    for text, entities in spans():
        record = {"text": text, "tokens": text.split(), "inputs": {"text": text}, "metadata": {}, "status": "Validated"}
        record["prediction"] = [{"label": "GUESS", "start": 0, "end": 1, "score": 0.5}]
        record["prediction_agent"], record["annotation_agent"] = "model", "ana"
        yield {**record, "annotation": [shape(*one) for one in entities]}


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


def span_objects(entities):
    return [{"start": s, "end": e, "label": label} for s, e, label, _ in entities]


GUESS = [{"start": 0, "end": 1, "label": "GUESS"}]


def argilla_nested():
    for number, (text, entities) in enumerate(spans()):
        yield {
            "id": str(number),
            "fields": {"text": text},
            "metadata": {},
            "suggestions": {"names": {"value": GUESS, "score": None, "agent": "model"}},
            "responses": {
                "names": [{"value": span_objects(entities), "user_id": "ana"}],
                "mood": [{"value": "good", "user_id": "ana"}],
            },
            "vectors": {},
            "_server_id": "1",
        }


def argilla_flat():
    for number, (text, entities) in enumerate(spans()):
        yield {
            "id": str(number),
            "status": "completed",
            "_server_id": "1",
            "text": text,
            "names.responses": [span_objects(entities)],
            "names.responses.users": ["ana"],
            "names.responses.status": ["submitted"],
            "mood.responses": ["good"],
            "mood.responses.users": ["ana"],
            "mood.responses.status": ["submitted"],
            "names.suggestion": GUESS,
            "names.suggestion.score": None,
        }


def argilla_feedback():
    for text, entities in spans():
        values = {"names": {"value": span_objects(entities)}, "mood": {"value": "good"}}
        yield {
            "fields": {"text": text},
            "responses": [{"user_id": "ana", "status": "submitted", "values": values}],
            "suggestions": [{"question_name": "names", "value": GUESS, "agent": "model"}],
        }


@pytest.mark.parametrize("make", [argilla_nested, argilla_flat, argilla_feedback])
def test_argilla_questions(tmp_path, make):
    path = write(tmp_path / "a.jsonl", jsonl(make()))
    assert found(path, unit=Unit.characters) == EXPECTED
    records = read_all(path, unit=Unit.characters)
    assert {record.annotator for record in records} == {"ana"}
    seen = unread(records)
    assert seen.pop("answer(s) to mood") == 1
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


# All of them


def samples():
    """Records, or objects that wrap them, of each kind of JSON."""
    return {
        "hugging_face": rows_of(),
        "hub_rows": [as_viewer(rows_of())],
        "dataturks": dataturks(),
        "luis": list(utterances())[:4],
        "luis_app": [luis_app()],
        "azure_conversations": [azure_conversations()],
        "azure_entities": [azure_documents()],
        "ground_truth": manifest(),
        "gliner": gliner(),
        "argilla": argilla(lambda s, e, label, surface: [label, s, e]),
        "argilla_questions": [*argilla_nested(), *argilla_flat(), *argilla_feedback()],
    }


@pytest.mark.parametrize("name", samples())
def test_one_format_has_the_marks_of_a_record(name):
    for record in samples()[name]:
        fitting = [key for key, one in known_formats(JsonFormat).items() if key != "records" and one.fits(record)]
        assert fitting == [name]


@pytest.mark.parametrize("name", samples())
def test_spans_are_counted_as_in_the_file_with_a_broken_record_in_the_middle(tmp_path, name):
    rows = list(samples()[name])
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
