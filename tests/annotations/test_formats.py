"""Each format as its tool writes it, with the traps that real exports hold: every span comes out exact."""

import json
import re
import time
from pathlib import Path

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from projects import ROOT
from samples import EXPECTED, TEXT, TEXTS, found, jsonl, label_studio, offsets, size, spans, tagged, write
from spacy.tokens import Doc, DocBin

from spacy_domain.annotations import Unit, read_annotations
from spacy_domain.annotations.formats import find_named, formats
from spacy_domain.annotations.offsets import READINGS, Reading
from spacy_domain.annotations.tagged.tags import decode
from spacy_domain.project.errors import ProjectError

NLP = spacy.blank("en")


def test_prodigy(tmp_path):
    rows = [
        {
            "text": text,
            "_input_hash": number,
            "_task_hash": -number,
            "tokens": [],
            "spans": [
                {"start": s, "end": e, "label": label, "token_start": 0, "token_end": 1, "source": "manual"}
                for s, e, label, _ in entities
            ],
            "_is_binary": False,
            "_view_id": "ner_manual",
            "answer": "accept",
            "_timestamp": 1700000000,
            "_annotator_id": "db-zoe",
        }
        for number, (text, entities) in enumerate(spans())
    ]
    path = write(tmp_path / "a.jsonl", jsonl(rows, "\r\n"))
    assert found(path) == EXPECTED
    assert {record.annotator for record in read_annotations(path)} == {"db-zoe"}


def test_prodigy_binary_answer_leaves_the_rest_unknown(tmp_path):
    row = {
        "text": "Zoë met Ana",
        "spans": [{"start": 0, "end": 3, "label": "PERSON"}],
        "_is_binary": True,
        "answer": "accept",
    }
    (record,) = read_annotations(write(tmp_path / "a.jsonl", jsonl([row])))
    assert record.unknown == [(0, 11)]


@pytest.mark.parametrize("unit", ["characters", "utf-16"])
@pytest.mark.parametrize("shape", ["label", "labels", "entities", "annotations"])
def test_doccano(tmp_path, shape, unit):
    rows = []
    for number, (text, entities) in enumerate(spans(unit)):
        listed = [[s, e, label] for s, e, label, _ in entities]
        objects = [{"id": 7, "label": label, "start_offset": s, "end_offset": e} for s, e, label in listed]
        rows.append({"id": number, "text": text, shape: objects if shape in ("entities", "annotations") else listed})
    path = write(tmp_path / "a.jsonl", jsonl(rows))
    with pytest.raises(ProjectError, match="What do offsets count"):  # nothing in the file tells, and here it matters
        found(path)
    assert found(path, unit=Unit(unit)) == EXPECTED


def test_doccano_without_characters_beyond_the_basic_plane_needs_no_unit(tmp_path):
    rows = [{"text": "call Zoë", "label": [[5, 8, "PERSON"]]}, {"text": "never mind", "label": []}]
    assert found(write(tmp_path / "a.jsonl", jsonl(rows))) == [("call Zoë", [("Zoë", "PERSON")]), ("never mind", [])]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("unit", ["characters", "utf-16", "utf-8"])
def test_label_studio(tmp_path, unit, indent):
    path = write(tmp_path / "a.json", json.dumps(label_studio(unit, text_key="utterance"), indent=indent))
    assert found(path) == EXPECTED


def test_label_studio_cancelled_and_not_annotated(tmp_path):
    tasks = label_studio("characters")[:2]
    tasks[0]["annotations"].append({**tasks[0]["annotations"][0], "was_cancelled": True})
    tasks[1]["annotations"] = []
    records = list(read_annotations(write(tmp_path / "a.json", json.dumps(tasks))))
    assert [bool(record.rejected) for record in records] == [False, True, True]


@pytest.mark.parametrize("unit", ["characters", "utf-16"])
def test_label_studio_min(tmp_path, unit):
    rows = [
        {
            "id": number,
            "utterance": text,
            "tags": [{"start": s, "end": e, "text": surface, "labels": [label]} for s, e, label, surface in entities],
            "annotator": 1,
            "annotation_id": number,
            "created_at": "2024-01-01",
            "lead_time": 3.1,
        }
        for number, (text, entities) in enumerate(spans(unit))
    ]
    for row in rows:
        if not row["tags"]:
            del row["tags"]
        del row["created_at"]
    assert found(write(tmp_path / "a.json", json.dumps(rows))) == EXPECTED


@pytest.mark.parametrize("unit", ["characters", "utf-16"])
def test_lighttag(tmp_path, unit):
    examples = [
        {
            "example_id": str(number),
            "content": text,
            "annotations": [
                {"start": s, "end": e, "tag": label, "value": surface, "correct": None, "annotated_by": []}
                for s, e, label, surface in entities
            ],
        }
        for number, (text, entities) in enumerate(spans(unit))
    ]
    path = write(tmp_path / "a.json", json.dumps({"project": "p", "examples": examples, "relations": []}))
    assert found(path) == EXPECTED


def test_lighttag_reviewed_as_wrong_is_no_entity_and_is_reported(tmp_path):
    wrong = {"start": 0, "end": 4, "tag": "PERSON", "value": "call", "correct": False}
    path = write(tmp_path / "a.json", json.dumps({"examples": [{"content": "call Ana", "annotations": [wrong]}]}))
    (record,) = read_annotations(path)
    assert record.spans == [] and len(record.dropped) == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda data: json.dumps(data),
        lambda data: json.dumps(data, indent=1, ensure_ascii=False),
        lambda data: (
            "TRAIN_DATA = " + repr([(text, {"entities": [tuple(e) for e in d["entities"]]}) for text, d in data])
        ),
        lambda data: (
            "# my data\nimport spacy\n\nTRAIN_DATA: list = [\n"
            + "".join(f"    ({t!r}, {d!r}),\n" for t, d in data)
            + "]\n"
        ),
        lambda data: repr([[text, d] for text, d in data]),
    ],
)
def test_train_data(tmp_path, make):
    data = [[text, {"entities": [[s, e, label] for s, e, label, _ in entities]}] for text, entities in spans()]
    assert found(write(tmp_path / "a.txt", make(data))) == EXPECTED


def test_train_data_runs_no_code(tmp_path):
    path = write(tmp_path / "a.py", "TRAIN_DATA = [('call', {'entities': [(0, __import__('os').getpid(), 'X')]})]")
    with pytest.raises(ProjectError, match="Not a record"):
        found(path)


def test_ner_annotator(tmp_path):
    data = {
        "classes": ["PERSON", "PLACE", "DATE"],
        "annotations": [
            [text + "\r", {"entities": [[s, e, lab] for s, e, lab, _ in entities]}] for text, entities in spans()
        ],
    }
    data["annotations"].insert(2, None)
    path = write(tmp_path / "a.json", json.dumps(data))
    assert found(path, unit=Unit.characters) == EXPECTED


@pytest.mark.parametrize("scheme", ["BIO", "BILUO", "BIOES"])
@pytest.mark.parametrize("columns", ["{0}\t{1}", "{0} NN {1}", "{0}\tNN\tB-NP\t{1}"])
@pytest.mark.parametrize("docstart", ["", "-DOCSTART- -X- O O\n\n", "-DOCSTART-\tO\tO\n\n"])
@pytest.mark.parametrize("between", ["\n", "\t\n", " \r\n"])
def test_conll(tmp_path, scheme, columns, docstart, between):
    texts = ["".join(columns.format(*pair) + "\n" for pair in pairs) for pairs in tagged(scheme)]
    assert found(write(tmp_path / "a.txt", docstart + between.join(texts))) == EXPECTED


@pytest.mark.parametrize("scheme", ["BIO", "BILUO", "BIOES"])
def test_pipes(tmp_path, scheme):
    lines = [" ".join("|".join(pair) for pair in pairs) for pairs in tagged(scheme)]
    assert found(write(tmp_path / "a.iob", "\n".join(lines) + "\n")) == EXPECTED


@pytest.mark.parametrize(
    ("tags", "entities"),
    [
        ("I-A I-A O I-B", [(0, 2, "A"), (3, 4, "B")]),  # IOB1
        ("I-A B-A I-A", [(0, 1, "A"), (1, 3, "A")]),  # IOB1: B where two of a kind meet
        ("B-A I-A B-A O", [(0, 2, "A"), (2, 3, "A")]),
        ("U-A U-A B-A L-A", [(0, 1, "A"), (1, 2, "A"), (2, 4, "A")]),
        ("S-A B-A I-A E-A S-B", [(0, 1, "A"), (1, 4, "A"), (4, 5, "B")]),
        ("B-A I-B", [(0, 1, "A"), (1, 2, "B")]),
        ("A A O B", [(0, 2, "A"), (3, 4, "B")]),  # labels alone
        ("B-x-y I-x-y", [(0, 2, "x-y")]),
    ],
)
def test_tags_of_any_scheme(tags, entities):
    assert decode(tags.split()) == (entities, [])


def test_missing_tags():
    assert decode(["-", "U-A", "O", ""]) == ([(1, 2, "A")], [0, 3])


@pytest.mark.parametrize("raw", [True, False])
def test_spacy_v2_json(tmp_path, raw):
    paragraphs = []
    for text, pairs in zip(TEXTS, tagged("BILUO"), strict=True):
        tokens = [{"id": i, "orth": word, "ner": tag} for i, (word, tag) in enumerate(pairs)]
        paragraphs.append(
            {"sentences": [{"tokens": tokens[:2]}, {"tokens": tokens[2:]}]} | ({"raw": text} if raw else {})
        )
    docs = [{"id": number, "paragraphs": [paragraph]} for number, paragraph in enumerate(paragraphs)]
    assert found(write(tmp_path / "a.json", json.dumps(docs, indent=2))) == EXPECTED


def test_brat(tmp_path):
    for number, (text, entities) in enumerate(spans()):
        write(tmp_path / f"{number}.txt", text)
        lines = [f"T{i}\t{label} {s} {e}\t{surface}\n" for i, (s, e, label, surface) in enumerate(entities)]
        write(tmp_path / f"{number}.ann", "".join(lines) + ("#1\tAnnotatorNotes T0\tsure?\n" if lines else ""))
    assert found(tmp_path) == EXPECTED


def test_brat_keeps_line_ends_and_reports_gaps(tmp_path):
    write(tmp_path / "a.txt", "one\r\ntwo Ana\r\nsmall and large rooms")
    write(tmp_path / "a.ann", "T1\tPERSON 9 12\tAna\nT2\tROOM 14 19;30 35\tsmall rooms\nT3\tPLACE 0 8\tone  two\n")
    (record,) = read_annotations(tmp_path)
    assert [(record.text[s.start : s.end], s.label) for s in record.spans] == [
        ("Ana", "PERSON"),
        ("one\r\ntwo", "PLACE"),
    ]
    assert len(record.dropped) == 1 and "small rooms" in record.dropped[0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_table(tmp_path, delimiter, end):
    texts = {**TEXTS, 'she said "hi", then\nleft; Ana\tstayed': [("Ana", "PERSON")]}
    rows = [["id", "text", "start", "end", "label"]]
    for number, (text, entities) in enumerate(texts.items()):
        for surface, label in entities:
            rows.append([str(number), text, *map(str, offsets(text, surface)), label])
        if not entities:
            rows.append([str(number), text, "", "", ""])
    lines = [delimiter.join('"' + value.replace('"', '""') + '"' for value in row) for row in rows]
    path = write(tmp_path / "a.csv", b"\xef\xbb\xbf" + (end.join(lines) + end).encode("utf-8"))
    assert found(path, unit=Unit.characters) == list(texts.items())


def test_docbin(tmp_path):
    nlp = spacy.blank("xx")
    docs = []
    for text, entities in spans():
        doc = nlp.make_doc(text)
        doc.set_ents(
            [doc.char_span(s, e, label) for s, e, label, _ in entities], missing=[doc[1:2]] if not entities else []
        )
        docs.append(doc)
    DocBin(docs=docs).to_disk(tmp_path / "a.spacy")
    assert found(tmp_path / "a.spacy") == EXPECTED
    assert list(read_annotations(tmp_path / "a.spacy"))[-1].unknown == [(8, 10)]


@pytest.mark.parametrize("key", ["entities", "annotations", "annotation", "ents", "ner", "named"])
@pytest.mark.parametrize(
    "shape",
    [
        lambda s, e, label, surface: {"start": s, "end": e, "label": label},
        lambda s, e, label, surface: {"begin": s, "end": e, "type": label, "text": surface},
        lambda s, e, label, surface: {"offset": s, "length": e - s, "category": label},
        lambda s, e, label, surface: [s, e, label],
        lambda s, e, label, surface: [label, s, e],
        lambda s, e, label, surface: [s, e, label, surface],
    ],
)
def test_records(tmp_path, key, shape):
    rows = [{"id": n, "text": text, key: [shape(*one) for one in ones]} for n, (text, ones) in enumerate(spans())]
    for name, content in (("a.jsonl", jsonl(rows)), ("a.json", json.dumps(rows, indent=1))):
        assert found(write(tmp_path / name, content), unit=Unit.characters) == EXPECTED


def test_records_of_doc_to_json(tmp_path):
    docs = []
    for text, entities in TEXTS.items():
        doc = NLP(text)
        doc.ents = [doc.char_span(*offsets(text, surface), label) for surface, label in entities]
        docs.append(doc.to_json())
    assert found(write(tmp_path / "a.jsonl", jsonl(docs)), unit=Unit.characters) == EXPECTED


def test_every_format_of_the_registry_is_tested_by_name():
    text = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    titles = {
        "prodigy": "test_prodigy",
        "doccano": "test_doccano",
        "label_studio": "test_label_studio",
        "lighttag": "test_lighttag",
        "lighttag_inclusive": "test_inclusive_ends",
        "train_data": "test_train_data",
        "train_data_py": "test_train_data",
        "pickled": "test_pickled",
        "ner_annotator": "test_ner_annotator",
        "spacy_json": "test_spacy_v2_json",
        "iob": "test_conll",
        "iob_pipes": "test_pipes",
        "brat": "test_brat",
        "rasa": "test_rasa",
        "records": "test_records",
        "table": "test_table",
        "docbin": "test_docbin",
        "rasa_yaml": "test_rasa_yaml",
        "rasa_markdown": "test_rasa_markdown",
        "hugging_face": "test_hugging_face",
        "token_spans": "test_token_spans",
        "markup": "test_markup",
        "two_files": "test_two_files",
        "conversations": "test_conversations",
        "hub_rows": "test_rows_of_the_viewer",
        "arrow": "test_arrow_as_datasets_saves_it",
        "tei": "test_tei",
        "ddi": "test_sentences_of_ddi",
        "uie": "test_questions_of_uie",
        "parquet": "test_parquet_with_texts_and_spans",
        "dataturks": "test_dataturks",
        "luis": "test_luis",
        "luis_app": "test_luis",
        "azure_conversations": "test_azure_conversations",
        "azure_entities": "test_azure_entities",
        "ground_truth": "test_ground_truth",
        "comprehend": "test_comprehend_with_a_text_a_line",
        "gliner": "test_gliner",
        "mentions": "test_mentions",
        "argilla": "test_argilla",
        "argilla_questions": "test_argilla_questions",
        "words": "test_a_broken_word_sets_its_sentence_aside",
        "sentences": "test_a_sentence_a_row",
        "rows": "test_rows",
        "webanno": "test_webanno",
        "pubtator": "test_pubtator",
        "bioc": "test_bioc",
        "bioc_json": "test_bioc",
        "bioc_document": "test_bioc",
        "xmi": "test_xmi",
        "cas_json": "test_cas_json",
        "pubannotation": "test_pubannotation",
        "gate": "test_gate",
        "mae": "test_mae",
    }
    assert set(formats.get_all()) == set(titles)
    assert all(f"def {name}" in text for name in titles.values())


@pytest.mark.parametrize("unit", ["characters", "utf-16", "utf-8"])
@pytest.mark.parametrize("inclusive", [False, True])
def test_inclusive_ends(tmp_path, unit, inclusive):
    """What ends mean is read off the surface texts, whatever the format usually does."""
    path = write(tmp_path / "a.json", json.dumps(label_studio(unit, inclusive)))
    assert found(path) == EXPECTED
    reported = [note for record in read_annotations(path) for note in record.notes]
    assert bool(reported) == ((unit, inclusive) != ("utf-16", False))


def test_surface_that_is_not_there(tmp_path):
    tasks = label_studio("characters")
    tasks[0]["annotations"][0]["result"][0]["value"]["text"] = "Zelda"
    with pytest.raises(ProjectError, match="The text at the offsets is not 'Zelda'"):
        found(write(tmp_path / "a.json", json.dumps(tasks)))


@given(text=TEXT.filter(str.strip), reading=st.sampled_from(READINGS), data=st.data())
def test_any_text_in_any_unit_comes_back(text, reading, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    low, high = size(text[:start], reading.unit.value), size(text[:end], reading.unit.value) - reading.inclusive
    assert reading.to_characters(text, low, high) == (start, end)


@given(text=TEXT, start=st.integers(-3, 30), end=st.integers(-3, 30))
def test_offsets_that_make_no_sense_are_nothing(text, start, end):
    for reading in READINGS:
        found_borders = reading.to_characters(text, start, end)
        assert found_borders is None or 0 <= found_borders[0] < found_borders[1] <= len(text)


def test_unknown_format_name(tmp_path):
    with pytest.raises(ProjectError, match="Unknown format 'word'"):
        found(write(tmp_path / "a.jsonl", jsonl([{"text": "a", "spans": []}])), format_name="word")
    assert isinstance(find_named("prodigy").reading, Reading)


def test_shipped_example_is_read_by_its_content(project):
    assert Doc is not None
    records = list(read_annotations(project.path / "assets" / "events.jsonl"))
    assert len(records) == len(project.read("assets/events.jsonl").splitlines())


@pytest.mark.parametrize("header", ['"text,start,end,label', "text,start,end,label\r,x", "text;start;end"])
def test_table_with_a_broken_header_is_an_error(tmp_path, header):
    path = write(tmp_path / "t.csv", f'{header}\n"Meet Ana",5,8,PERSON\n')
    with pytest.raises(ProjectError, match="Cannot tell the format"):
        list(read_annotations(path))
    with pytest.raises(ProjectError, match="Broken table"):
        list(read_annotations(path, "table"))


def test_the_docs_list_every_format():
    table = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8").split("## Offsets")[0]
    assert set(re.findall(r"`(\w+)`", "\n".join(row.split("|")[1] for row in table.splitlines() if "|" in row))) == set(
        formats.get_all()
    )


def test_a_long_text_with_many_spans_takes_no_longer_than_its_size(tmp_path):
    """Nothing goes through the whole text for each span: then eight times as much would take 64 times as long."""

    def measure(size):
        text = " ".join(f"Зоя{i} 👍" for i in range(size))
        ones = [(found.start(), found.end(), found[0]) for found in re.finditer(r"\w+", text)]
        before = [text.count("👍", 0, start) for start, _, _ in ones]
        values = [
            {"start": start + more, "end": end + more, "text": word, "labels": ["PER"]}
            for (start, end, word), more in zip(ones, before, strict=True)
        ]
        result = [{"from_name": "l", "to_name": "text", "type": "labels", "value": value} for value in values]
        path = write(
            tmp_path / f"{size}.json", json.dumps([{"data": {"text": text}, "annotations": [{"result": result}]}])
        )
        begun = time.process_time()
        assert len(found(path)[0][1]) == size
        return time.process_time() - begun

    measure(100)
    assert measure(4000) < 30 * measure(500)
