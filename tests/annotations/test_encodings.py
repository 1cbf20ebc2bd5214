"""What files are written in: UTF-16 and UTF-32 are read where their first bytes say so, and all else is refused."""

import codecs
import json

import pytest
from samples import CHARACTERS, DOCCANO, jsonl, read_all, write
from tagged_texts import EXPECTED, MANY, conll, found, plain

from spacy_domain.annotations import list_files, read_annotations
from spacy_domain.project.errors import ProjectError

ENCODINGS = {
    "UTF-16 of Windows": (codecs.BOM_UTF16_LE, "utf-16-le"),
    "UTF-16 of old Macs": (codecs.BOM_UTF16_BE, "utf-16-be"),
    "UTF-32": (codecs.BOM_UTF32_LE, "utf-32-le"),
}
TABLE = "text\tstart\tend\tlabel\nSmörgås for Zoë 👍\t12\t15\tPERSON\n"
RASA = "version: '3.1'\nnlu:\n- intent: greet\n  examples: |\n    - hello [Zoë](person)\n"
FILES = {
    "JSONL": {"a.jsonl": jsonl(DOCCANO)},
    "JSON": {"a.json": json.dumps(DOCCANO, ensure_ascii=False, indent=1)},
    "a table of Excel's": {"a.txt": TABLE.replace("\n", "\r\n")},
    "brat": {"a.ann": "T1\tPERSON 12 15\tZoë\n", "a.txt": "Smörgås for Zoë 👍\n"},
    "words and tags apart": {"seq.in": "Zoë left Lima\n" * 9, "seq.out": "B-PER O B-LOC\n" * 9},
    "names of numbers": {
        "a.jsonl": jsonl([{"tokens": ["Zoë", "left"], "ner_tags": [1, 0]}] * 9),
        "labels.txt": "O\r\nB-PER\r\nI-PER\r\n",
    },
    "Rasa": {"nlu.yml": RASA, "stories.yml": "version: '3.1'\nstories:\n- story: a\n"},
}


def read(folder):
    return [(record.text, record.spans, record.rejected) for record in read_annotations(folder, unit=CHARACTERS)]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("kind", FILES)
def test_files_whose_first_bytes_say_what_they_are_written_in(tmp_path, kind, encoding):
    bom, name = ENCODINGS[encoding]
    for folder in ("plain", "other"):
        (tmp_path / folder).mkdir()
    for file, content in FILES[kind].items():
        write(tmp_path / "plain" / file, content)
        write(tmp_path / "other" / file, bom + content.encode(name))
    assert read(tmp_path / "plain") == read(tmp_path / "other")
    assert any(spans for _, spans, _ in read(tmp_path / "other"))
    assert list(list_files(tmp_path / "plain").left.values()) == list(list_files(tmp_path / "other").left.values())


def test_that_a_file_is_utf_16_is_said(tmp_path):
    path = write(tmp_path / "a.conll", conll(plain).encode("utf-16"))
    assert found(path) == EXPECTED * MANY
    records = list(read_annotations(path))
    assert next(note for record in records for note in record.notes) == "a.conll is UTF-16, by its first bytes"


@pytest.mark.parametrize("wrong", [b"\n", b"\x00\xd8\n\x00"], ids=["cut in a character", "half of a pair"])
def test_a_file_that_is_not_what_its_first_bytes_say(tmp_path, wrong):
    with pytest.raises(ProjectError, match="Broken text file") as caught:
        read(write(tmp_path / "a.jsonl", jsonl(DOCCANO).encode("utf-16") + wrong))
    assert "not UTF-16 from here on" in caught.value.places[0].message


@pytest.mark.parametrize(
    "encoding, word", [("latin-1", "Käse"), ("cp1252", "Käse"), ("cp1251", "Добро"), ("gb18030", "好")]
)
def test_other_encodings_are_refused_with_the_place_and_what_to_do(tmp_path, encoding, word):
    content = jsonl([{"text": "Ana", "spans": []}, {"text": word, "spans": []}]).encode(encoding)
    with pytest.raises(ProjectError, match="Not UTF-8") as caught:
        read(write(tmp_path / "a.jsonl", content))
    (place,) = caught.value.places
    byte = word.encode(encoding)[len(word) - len(word.lstrip("K"))]
    assert (place.file, place.line, place.message) == (str(tmp_path / "a.jsonl"), 2, f"byte {byte:#x}")
    assert "iconv" in caught.value.remedy


def test_utf_16_without_a_mark_at_its_beginning_is_no_text(tmp_path):
    with pytest.raises(ProjectError, match="Not a text file"):
        read(write(tmp_path / "a.jsonl", jsonl(DOCCANO).encode("utf-16-le")))


CONLL = "".join(f"Call\tO\nAna{n}\tB-P\n\n" for n in range(20))
ROWS = [{"text": f"Call Ana{n}", "spans": [{"start": 5, "end": 8 + len(str(n)), "label": "P"}]} for n in range(20)]
JOINED = {
    "JSONL": ("a.jsonl", jsonl(ROWS[:10]) + "\ufeff" + jsonl(ROWS[10:])),
    "JSON": ("a.json", json.dumps(ROWS[:10]) + "\n\ufeff" + json.dumps(ROWS[10:])),
    "CoNLL": ("a.conll", CONLL[: CONLL.index("Call\tO\nAna10")] + "\ufeff" + CONLL[CONLL.index("Call\tO\nAna10") :]),
    "CSV": (
        "a.csv",
        "text,start,end,label\n" + "".join(f"\ufeffCall Ana{n},5,{8 + len(str(n))},P\n" for n in range(20)),
    ),
}


@pytest.mark.parametrize("kind", JOINED)
def test_files_that_were_joined_with_their_byte_order_marks(tmp_path, kind):
    name, content = JOINED[kind]
    texts = [(text, rejected) for text, _, rejected in read(write(tmp_path / name, content))]
    assert texts == [(row["text"], "") for row in ROWS]


def test_line_ends_of_all_kinds_in_one_file(tmp_path):
    lines = jsonl(ROWS).splitlines()
    content = "\r\n".join(lines[:7]) + "\n" + "\n".join(lines[7:14]) + "\n" + "\r".join(lines[14:])
    assert [text for text, _, _ in read(write(tmp_path / "a.jsonl", content))] == [row["text"] for row in ROWS]
    records = read_all(write(tmp_path / "b.jsonl", content + '\r{"text": '))
    assert [record.rejected.split(":")[0] for record in records] == [""] * 20 + ["Broken JSON"]
