"""Texts with entities as each tool writes them, and what is read of them."""

import json
from collections import Counter

from hypothesis import strategies as st
from projects import ROOT

from spacy_domain.annotations import (
    Unit,
    list_parts,
    read_annotations,
    read_part,
)

# Each text with its entities in order of appearance: accents, emoji of one and of several code points, Arabic, Korean.
TEXTS = {
    "Meet Zoë at Café Luna 🎉 on Friday": [("Zoë", "PERSON"), ("Café Luna", "PLACE"), ("Friday", "DATE")],
    "👩‍🚀 call Ana tomorrow": [("Ana", "PERSON"), ("tomorrow", "DATE")],
    "موعد مع ليلى غدا": [("ليلى", "PERSON"), ("غدا", "DATE")],
    "내일 서울역 이레나": [("내일", "DATE"), ("이레나", "PERSON")],
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


TEXT = st.text(st.sampled_from("aé€🎉 \u0301\u200b\r\nש中") | st.characters(exclude_categories=["Cs"]), min_size=1)


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


LABEL = "(PERSON|PLACE|DATE)"


RECORDS = [
    {"text": text, "entities": [{"start": s, "end": e, "label": label} for s, e, label, _ in ones]}
    for text, ones in spans()
]
TRAIN_DATA = [[text, {"entities": [[s, e, label] for s, e, label, _ in ones]}] for text, ones in spans()]
DOCCANO = [{"text": text, "label": [[s, e, label] for s, e, label, _ in ones]} for text, ones in spans()]
CHARACTERS = Unit.characters


def total(records):
    return sum(len(record.spans) + len(record.dropped) for record in records)


def unread(records):
    return sum((Counter(record.unread) for record in records), Counter())


def read_all(path, **options):
    """All records, those set aside included."""
    return [record for part in list_parts(path, **options) for record in read_part(part)]


def read_good(path, **options):
    return [
        (record.text, [(record.text[span.start : span.end], span.label) for span in record.spans])
        for record in read_all(path, **options)
        if not record.rejected
    ]


def counts(path, **options):
    """Spans that were read, and those that were not but are in the account."""
    records = read_all(path, **options)
    return sum(len(record.spans) for record in records), sum(len(record.dropped) for record in records)
