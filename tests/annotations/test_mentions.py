"""What language models write: entities as text without offsets, each located or accounted for."""

import json

import pytest

from spacy_domain.annotations import read_annotations
from spacy_domain.annotations.readers.mentions import parse_answer

TEXT = "Pea soup for Zoë 👍 and fish soup for Soupina, who likes soup; Fish pie for me"
ENTITIES = [("fish soup", "DISH"), ("soup", "DISH"), ("Zoë", "PERSON"), ("fish pie", "DISH"), ("Soupina", "PERSON")]
FOUND = ["soup", "Zoë", "fish soup", "Soupina", "soup", "Fish pie"]


def as_objects(text="text", label="label"):
    return [{text: surface, label: name} for surface, name in ENTITIES]


def by_label():
    return {name: [surface for surface, other in ENTITIES if other == name] for name in ("DISH", "PERSON")}


def read(tmp_path, *rows):
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return list(read_annotations(path))


@pytest.mark.parametrize(
    "more",
    [
        {"entities": as_objects()},
        {"entities": as_objects("entity", "type")},
        {"entities": by_label()},
        {"response": "Sure!\n```json\n" + json.dumps({"entities": as_objects()}) + "\n```\nAnything [else]?"},
        {"response": "Here (in short): " + json.dumps(as_objects("name", "category"))},
    ],
)
def test_mentions(tmp_path, more):
    """As whole words, in all places, in another case if not in its own, and the longest where two overlap."""
    (record,) = read(tmp_path, {"text": TEXT, **more})
    assert [TEXT[span.start : span.end] for span in record.spans] == FOUND
    assert [span.label for span in record.spans] == ["DISH", "PERSON", "DISH", "PERSON", "DISH", "DISH"]
    assert record.notes == ["'soup' is there 2 times, and each is DISH"]
    assert not record.dropped and not record.unread and not record.rejected


def test_what_is_not_there_is_told_with_the_nearest(tmp_path):
    entities = [
        {"text": "fish soups", "label": "DISH"},
        {"text": "Zanzibar", "label": "CITY"},
        {"text": "Pea soup", "label": "DISH"},
        {"text": "Pea", "label": "DISH"},
        {"text": "Zoë", "label": "PERSON"},
        {"text": "Zoë", "label": "CITY"},
    ]
    (record,) = read(tmp_path, {"text": TEXT, "entities": entities})
    assert [TEXT[span.start : span.end] for span in record.spans] == ["Pea soup", "Zoë"]
    assert record.dropped == [
        "'fish soups' (DISH) is not in the text; the nearest is 'fish soup' at 23-32, 1 edits away",
        "'Zanzibar' (CITY) is not in the text",
        "'Pea' (DISH) lies in a longer entity, or is there with two labels",
        "'Zoë' (CITY) lies in a longer entity, or is there with two labels",
    ]
    assert [TEXT[start:end] for start, end in record.unknown] == ["fish soup"]


@pytest.mark.parametrize(
    "said, answer",
    [
        ('```\n{"entities": []}\n```', {"entities": []}),
        ("There are none: []", {"entities": []}),
        ('{"entities": [{"text": "a", "label"', None),
        ("I cannot help with [that].", None),
        ("", None),
        ("[" * 100_000, None),
    ],
)
def test_answers(said, answer):
    assert parse_answer(said) == answer
