"""Each format as its tool writes it, with the traps that real exports hold: every span comes out exact."""

import json
import re

import pytest
import spacy
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin

from spacy_domain.annotations import AnnotatedText, CharSpan, Unit, read_annotations
from spacy_domain.annotations.formats import find_named, formats, writers
from spacy_domain.annotations.offsets import READINGS, Reading
from spacy_domain.annotations.tagged.tags import decode
from spacy_domain.corpora.align import OnMisaligned
from spacy_domain.corpora.audit import Audit
from spacy_domain.corpora.docbins import align_chunk
from spacy_domain.corpora.repeats import merge_repeats
from spacy_domain.corpora.serialization import to_row
from spacy_domain.corpora.store import Store
from spacy_domain.project.errors import ProjectError

NLP = spacy.blank("en")

# Each text with its entities in order of appearance: accents, an emoji of one and of several code points, Arabic, CJK.
TEXTS = {
    "Meet Zoë at Café Luna 🎉 on Friday": [("Zoë", "PERSON"), ("Café Luna", "PLACE"), ("Friday", "DATE")],
    "👩‍🚀 call Ana tomorrow": [("Ana", "PERSON"), ("tomorrow", "DATE")],
    "موعد مع ليلى غدا": [("ليلى", "PERSON"), ("غدا", "DATE")],
    "明天 见 李雷": [("明天", "DATE"), ("李雷", "PERSON")],
    "nothing to see here": [],
}


def size(text, unit):
    return len({"characters": text, "utf-16": text.encode("utf-16-le")[::2], "utf-8": text.encode()}[unit])


def offsets(text, surface, unit="characters", inclusive=False):
    start = size(text[: text.index(surface)], unit)
    return start, start + size(surface, unit) - inclusive


def spans(unit="characters", inclusive=False):
    for text, entities in TEXTS.items():
        yield text, [(*offsets(text, surface, unit, inclusive), label, surface) for surface, label in entities]


def found(path, **options):
    return [
        (record.text, [(record.text[span.start : span.end], span.label) for span in record.spans])
        for record in read_annotations(path, **options)
    ]


EXPECTED = list(TEXTS.items())


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def jsonl(rows, end="\n"):
    return "".join(json.dumps(row, ensure_ascii=False) + end for row in rows)


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


def label_studio(unit, inclusive=False, text_key="text"):
    tasks = []
    for number, (text, entities) in enumerate(spans(unit, inclusive)):
        result = [
            {
                "id": f"r{number}",
                "from_name": "label",
                "to_name": text_key,
                "type": "labels",
                "value": {"start": s, "end": e, "text": surface, "labels": [label]},
            }
            for s, e, label, surface in entities
        ]
        annotation = {"id": number, "completed_by": 3, "was_cancelled": False, "result": result, "lead_time": 4.2}
        tasks.append(
            {
                "id": number,
                "data": {text_key: text},
                "annotations": [annotation],
                "predictions": [{"result": [{"value": {"start": 0, "end": 1, "text": "x", "labels": ["NOT_GOLD"]}}]}],
            }
        )
    return tasks


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


WORDS = [text.split() for text in TEXTS]


def tagged(scheme):
    """The texts as tokens with tags in a scheme; entities of these texts start and end at spaces."""
    for text, entities in TEXTS.items():
        tags = ["O"] * len(text.split())
        for surface, label in entities:
            first = len(text[: text.index(surface)].split())
            length = len(surface.split())
            marks = {
                "BIO": "B" + "I" * (length - 1),
                "IOB1": "I" * length,
                "BILUO": "U" if length == 1 else "B" + "I" * (length - 2) + "L",
                "BIOES": "S" if length == 1 else "B" + "I" * (length - 2) + "E",
            }[scheme]
            tags[first : first + length] = [f"{mark}-{label}" for mark in marks]
        yield list(zip(text.split(), tags, strict=True))


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


@pytest.mark.parametrize("unit", ["characters", "utf-16"])
def test_rasa(tmp_path, unit):
    examples = [
        {
            "text": text,
            "intent": "x",
            "entities": [
                {"start": s, "end": e, "value": surface, "entity": label} for s, e, label, surface in entities
            ],
        }
        for text, entities in spans(unit)
    ]
    data = {"rasa_nlu_data": {"regex_features": [], "common_examples": examples, "entity_synonyms": []}}
    assert found(write(tmp_path / "a.json", json.dumps(data, indent=2))) == EXPECTED


def test_rasa_synonym(tmp_path):
    entity = {"start": 8, "end": 11, "value": "New York City", "entity": "PLACE"}
    data = {"rasa_nlu_data": {"common_examples": [{"text": "trip to NYC", "entities": [entity]}]}}
    assert found(write(tmp_path / "a.json", json.dumps(data))) == [("trip to NYC", [("NYC", "PLACE")])]


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
    files = ("test_formats.py", "test_more_formats.py", "test_token_formats.py", "test_field.py")
    text = "".join((ROOT / "tests" / name).read_text(encoding="utf-8") for name in files)
    titles = {
        "prodigy": "test_prodigy",
        "doccano": "test_doccano",
        "label_studio": "test_label_studio",
        "lighttag": "test_lighttag",
        "lighttag_inclusive": "test_inclusive_ends",
        "train_data": "test_train_data",
        "train_data_py": "test_train_data",
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
        "hub_rows": "test_rows_of_the_viewer",
        "parquet": "test_parquet_with_texts_and_spans",
        "dataturks": "test_dataturks",
        "luis": "test_luis",
        "luis_app": "test_luis",
        "azure_conversations": "test_azure_conversations",
        "azure_entities": "test_azure_entities",
        "ground_truth": "test_ground_truth",
        "comprehend": "test_comprehend_with_a_text_a_line",
        "gliner": "test_gliner",
        "argilla": "test_argilla",
        "argilla_questions": "test_argilla_questions",
        "words": "test_a_broken_word_sets_its_sentence_aside",
        "sentences": "test_a_sentence_a_row",
        "rows": "test_rows",
        "webanno": "test_webanno",
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


TEXT = st.text(st.sampled_from("aé€🎉 \u0301\u200b\r\nש中") | st.characters(exclude_categories=["Cs"]), min_size=1)


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


def samples():
    """One small file of each text format, as the tests above write them."""
    pairs = list(spans())
    return {
        "prodigy.jsonl": jsonl(
            [{"text": t, "spans": [{"start": s, "end": e, "label": x} for s, e, x, _ in es]} for t, es in pairs]
        ),
        "doccano.jsonl": jsonl([{"text": t, "label": [[s, e, x] for s, e, x, _ in es]} for t, es in pairs]),
        "label_studio.json": json.dumps(label_studio("utf-16"), indent=1),
        "tutorial.json": (ROOT / "tests" / "data" / "tutorial.json").read_text(encoding="utf-8"),
        "train_data.json": json.dumps([[t, {"entities": [[s, e, x] for s, e, x, _ in es]}] for t, es in pairs]),
        "train_data.py": "X = " + repr([(t, {"entities": [(s, e, x) for s, e, x, _ in es]}) for t, es in pairs]),
        "tokens.conll": "\n".join("".join(f"{w}\t{tag}\n" for w, tag in p) for p in tagged("BIO")),
        "pipes.iob": "\n".join(" ".join("|".join(p) for p in ps) for ps in tagged("BILUO")),
        "table.csv": "text,start,end,label\n" + "".join(f'"{t}",{s},{e},{x}\n' for t, es in pairs for s, e, x, _ in es),
        "v2.json": json.dumps(
            [
                {"paragraphs": [{"sentences": [{"tokens": [{"orth": w, "ner": n} for w, n in p]}]}]}
                for p in tagged("BILUO")
            ]
        ),
    }


SAMPLES = sorted(samples().items())


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_mutated_files_of_any_format_give_records_or_a_clear_error(tmp_path_factory, data):
    """Whatever is done to a file: no traceback, no lost span, and counts that add up."""
    name, content = data.draw(st.sampled_from(SAMPLES))
    raw = content.encode("utf-8")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw)))
        junk = data.draw(
            st.binary(max_size=3) | st.sampled_from([b'"', b"[", b"{", b"null", b"-1", b"\n", b"\\ud800", b"1e9"])
        )
        raw = raw[:at] + junk + raw[at + data.draw(st.integers(0, 8)) :]
    if data.draw(st.booleans()):
        raw = raw[: data.draw(st.integers(0, len(raw)))]
    path = write(FOLDER(tmp_path_factory) / name, raw)
    try:
        records = list(read_annotations(path))
    except ProjectError as error:
        assert error.title and error.remedy and (error.places or "Formats" in error.remedy)
        return
    for record in records:
        assert isinstance(record.text, str) and record.text.strip()
        assert all(0 <= span.start < span.end <= len(record.text) and span.label for span in record.spans)
    audit = Audit()
    with Store() as store:
        store.add(to_row(record, "train", "") for record in records)
        merge_repeats(store, audit)
        for chunk in store.chunks():
            audit.update(align_chunk(chunk, NLP, OnMisaligned.missing).audit)
    counts = audit.to_dict()
    assert counts["records"]["read"] == len(records) == counts["records"]["used"] + counts["records"]["set_aside"]
    read = sum(len(record.spans) + len(record.dropped) for record in records)
    assert counts["spans"]["read"] == read
    assert counts["spans"]["used"] + counts["spans"]["repaired"] == counts["splits"]["train"]["spans"]


def FOLDER(factory):
    return factory.getbasetemp()


def test_shipped_example_is_read_by_its_content(project):
    assert Doc is not None
    records = list(read_annotations(project.path / "assets" / "events.jsonl"))
    assert len(records) == len(project.read("assets/events.jsonl").splitlines())


def neutral(record):
    known = [i for i, char in enumerate(record.text) if not char.isspace()]
    unknown = {i for start, end in record.unknown for i in range(start, end)} - {
        i for span in record.spans for i in range(span.start, span.end)
    }
    spans = sorted((span.start, span.end, span.label) for span in record.spans)
    return record.text, spans, record.group, record.annotator, bool(record.rejected), sorted(unknown & set(known))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.parametrize("name", writers.get_all())
@given(data=st.data())
def test_what_was_exported_is_read_as_the_same_records(tmp_path_factory, name, data):
    writer, path = writers.get(name), tmp_path_factory.mktemp("export") / "records"
    records = []
    for _ in range(data.draw(st.integers(1, 4))):
        text = data.draw(TEXT.filter(str.strip).filter(lambda text: name != "table" or "\0" not in text))
        spans, position = [], 0
        while position < len(text) and data.draw(st.booleans()):
            start = data.draw(st.integers(position, len(text) - 1))
            end = data.draw(st.integers(start + 1, len(text)))
            if text[start:end].strip() == text[start:end]:
                spans.append(CharSpan(start, end, data.draw(st.sampled_from(["A", "B-C", "Ünï", "O", "-"]))))
            position = end
        about = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=3)
        record = AnnotatedText(text, spans, "", 1, group=data.draw(about), annotator=data.draw(about))
        if writer.rejects and data.draw(st.booleans()):
            record.rejected = "because"
        if name in ("prodigy", "iob") and data.draw(st.booleans()):
            start = data.draw(st.integers(0, len(text) - 1))
            record.unknown = [(start, data.draw(st.integers(start + 1, len(text))))]
        records.append(record)
    path.write_text("".join(writer.write(records)), encoding="utf-8", newline="")
    assert [neutral(record) for record in read_annotations(path)] == [neutral(record) for record in records]


def test_export_command(project):
    for name, suffix in (("doccano", "jsonl"), ("label_studio", "json"), ("iob", "conll"), ("table", "csv")):
        project.run("export", f"--vars.export_format={name}")
        exported = project.path / f"corpus/export/events.{suffix}"
        records = list(read_annotations(ROOT / "assets/events.jsonl"))
        assert [neutral(record) for record in read_annotations(exported)] == [neutral(record) for record in records]
    done = project.run("export", "--vars.export_format=xml", check=False)
    assert done.returncode == 1 and "Formats that can be written: doccano, iob" in done.stdout


def test_export_says_what_it_leaves_out(project):
    rows = [{"text": "no", "spans": [], "answer": "reject"}, {"text": "yes", "spans": []}]
    project.write("assets/mine.jsonl", jsonl(rows))
    done = project.python("-m", "scripts.export", "assets/mine.jsonl", "corpus/export", "--to=table")
    assert "1 thing(s) that table cannot say" in done.stdout and "assets/mine.jsonl:1: the record, for" in done.stdout
    assert [record.text for record in read_annotations(project.path / "corpus/export/mine.csv")] == ["yes"]


def test_tags_cannot_say_overlaps(project):
    spans = [{"start": 0, "end": 3, "label": "A"}, {"start": 2, "end": 5, "label": "B"}]
    project.write("assets/mine.jsonl", jsonl([{"text": "a bcd", "spans": spans}]))
    done = project.python("-m", "scripts.export", "assets/mine.jsonl", "corpus/export", "--to=iob", check=False)
    assert done.returncode == 1 and "assets/mine.jsonl:1: spans overlap" in done.stdout
    assert not list((project.path / "corpus/export").iterdir())


@pytest.mark.parametrize("header", ['"text,start,end,label', "text,start,end,label\r,x", "text;start;end"])
def test_table_with_a_broken_header_is_an_error(tmp_path, header):
    path = write(tmp_path / "t.csv", f'{header}\n"Meet Ana",5,8,PERSON\n')
    with pytest.raises(ProjectError, match="Cannot tell the format"):
        list(read_annotations(path))
    with pytest.raises(ProjectError, match="Broken table"):
        list(read_annotations(path, "table"))


def test_table_refuses_what_no_table_holds(project):
    project.write("assets/mine.jsonl", jsonl([{"text": "a\0b", "spans": []}]))
    done = project.python("-m", "scripts.export", "assets/mine.jsonl", "corpus/export", "--to=table", check=False)
    assert done.returncode == 1 and "assets/mine.jsonl:1: NUL in the text" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_docs_list_every_format():
    table = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8").split("## Offsets")[0]
    assert set(re.findall(r"`(\w+)`", "\n".join(row.split("|")[1] for row in table.splitlines() if "|" in row))) == set(
        formats.get_all()
    )
