"""JSON values of one meaning and many shapes -> the shape that readers know.

Tokens and tags come as two lists under any names, as texts with spaces, as a list of objects or of pairs; texts as the
keys of their spans, in columns, or in pieces; and spans in the shapes of `span_shapes.py`. What is in one of these
shapes is what its reader would take in another, so it is rewritten here, and nothing else is.
"""

import re
from collections import Counter
from typing import Any, NamedTuple

from .span_shapes import usual_spans
from .tagged.header import SENTENCE_NAMES, TAG_NAMES, TOKEN_NAMES, normal_name
from .tagged.tags import MARKED, find_scheme
from .unread import BORDERS, ENDS, LABELS, STARTS, TEXTS, as_triple, borders_of, labels_of

# fmt: off
SPANS = frozenset([
    "entities", "ents", "spans", "annotations", "annotation", "ner", "labels", "label", "tags", "named_entities",
    "mentions", "entity", "span_labels", "privacy_mask", "ner_tags",
])
USUAL = ("tokens", "words")  # of tokens, in a list
WORDS = TOKEN_NAMES | {
    "sentence", "sent", "chars", "characters", "tokenized_text", "tokenised_text", "sentence_tokens",
}
# fmt: on
# What is about a text may be in one of these
WRAPPERS = ("_source", "document", "doc", "text_snippet", "example", "record", "sentence", "item")
CHATS = ("conversations",)  # a question each about one label, in a record of its own, as UniversalNER has it
CONVERTED = ("tokens", "ner_tags")  # as hugging_face.py knows them
IDS = SENTENCE_NAMES
OF_PIECES = frozenset(["text", "entity", "slot_name", "meta", "alias", "userDefined"])
_PIECE = re.compile(r"[^\s.,;:!?।،؟。，！？()\"“”]+|\S")
IGNORED = "sys.ignore"  # what Dialogflow has where a user took an entity away


def usual_shape(data: Any) -> Any:
    """Rewrite a value as readers know it.

    data (Any): The value.
    RETURNS (Any): It, or what means the same.
    """
    if isinstance(data, list):
        return _pairs(data) or data
    if not isinstance(data, dict):
        return data
    data = _unwrap(data)
    found = _pieces(data) or _tokens_and_tags(data) or _parallel(data) or _by_text(data) or _columns(data)
    if found:
        return found
    row = as_row(data)
    if row:
        return {**row[0], "spans": [row[1]]}
    text = next((data[key] for key in TEXTS if isinstance(data.get(key), str)), "")
    changed = {key: usual_spans(data[key], text) for key in data.keys() & SPANS if data[key]} if text else {}
    changed = {key: spans for key, spans in changed.items() if spans}
    return data | changed if changed else data


def _unwrap(data: dict[str, Any]) -> dict[str, Any]:
    """{"document": {"text", "entities"}}, {"document": {"text"}, "entities"}: the text's object is none of its own."""
    inside = next((data[key] for key in WRAPPERS if isinstance(data.get(key), dict)), None)
    if inside is None or not any(isinstance(inside.get(key), str) for key in TEXTS):
        return data
    if any(isinstance(data.get(key), str) for key in TEXTS) or data.keys() & inside.keys():
        return data
    return {key: value for key, value in data.items() if value is not inside} | inside


def as_row(data: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Tell whether a value is one span of a text, which others may follow.

    data (Any): The value.
    RETURNS (Optional[tuple[dict, dict]]): What it has of the text, and what of the span; None if it is something else.
    """
    if not isinstance(data, dict) or any(isinstance(value, (list, dict)) for value in data.values()):
        return None
    key = next((key for key in TEXTS if isinstance(data.get(key), str)), "")
    borders = borders_of(data) if key else None
    if borders is None or not labels_of({name: value for name, value in data.items() if name != key}):
        return None
    about = {name: value for name, value in data.items() if name in (key, "id", "split", "group") or name in IDS}
    return about, {name: value for name, value in data.items() if name not in about}


class Word(NamedTuple):
    """A word of a text, its tag, and what says which text it is of; None if nothing does."""

    word: str
    tag: str
    sentence: Any


def as_word(data: Any) -> Word | None:
    """RETURNS (Optional[Word]): The word that a value is: {"Token": "Ana", "Tag": "B-PER"}; None if it is something
    else."""
    if not isinstance(data, dict) or any(isinstance(value, (list, dict)) for value in data.values()):
        return None
    names = {normal_name(key): value for key, value in data.items()}
    words = [names[name] for name in names if name in TOKEN_NAMES]
    tags = [names[name] for name in names if name in TAG_NAMES]
    if len(words) != 1 or not tags or not isinstance(words[0], str) or len(words[0].split()) != 1:
        return None
    tag = next((tag for tag in tags if isinstance(tag, str) and MARKED.parse(tag)), None)
    sentence = next((names[name] for name in names if name in IDS), None)
    return None if tag is None else Word(words[0], tag, sentence)


def join_records(data: list[dict[str, Any]]) -> dict[str, Any]:
    """Make one record of several that are of one text, by what `same_text` says.

    data (list[dict]): Spans of a text, each with the text, or conversations about it.
    RETURNS (dict): The record.
    """
    rows = [row for one in data if (row := as_row(one))]
    if rows:
        return {**rows[0][0], "spans": [span for _, span in rows]}
    words = [word for one in data if (word := as_word(one))]
    if words:
        return dict(zip(CONVERTED, ([word.word for word in words], [word.tag for word in words]), strict=True))
    key = _chat(data[0])
    return {**data[0], key: [turn for one in data for turn in one[key]]}


def same_text(data: Any) -> Any:
    """RETURNS (Any): What values that follow one another have in common if they are of one text; None if they are
    records of their own."""
    row = as_row(data)
    if row:
        return row[0]
    key = _chat(data)
    first = next((turn for turn in data[key] if isinstance(turn, dict)), None) if key else None
    said = [value for value in first.values() if isinstance(value, str)] if first else []
    return (key, said) if any(len(value.split()) > 1 for value in said) else None


def _chat(data: Any) -> str:
    return next((key for key in CHATS if isinstance(data.get(key), list)), "") if isinstance(data, dict) else ""


def _pieces(data: dict[str, Any]) -> dict[str, Any] | None:
    """{"data": [{"text": "to "}, {"text": "Lima", "entity": "city"}]}, as Snips writes it, and Dialogflow with "meta":
    "@city" for the entity; what is a template there is no text."""
    pieces = data.get("data")
    if not isinstance(pieces, list) or not all(map(_is_piece, pieces)):
        return None
    if data.get("isTemplate"):
        return {**data, "data": [piece["text"] for piece in pieces]}
    text, spans = "", []
    for piece in pieces:
        start, text = len(text), text + piece["text"]
        label = piece.get("entity") or str(piece.get("meta") or "").removeprefix("@")
        if label and label != IGNORED:
            spans.append({"start": start, "end": len(text), "label": label, "text": piece["text"]})
    rest = {key: value for key, value in data.items() if key != "data"}
    return {**rest, "text": text, "entities": spans} if spans else None


def _is_piece(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("text"), str) and value.keys() <= OF_PIECES


def _by_text(data: dict[str, Any]) -> list[Any] | None:
    """{"Ana left": [[0, 3, "PER"]]}: each text is the key of its spans."""
    values = [one.get("entities") if isinstance(one, dict) and len(one) == 1 else one for one in data.values()]
    if len(data) < 2 or not all(isinstance(one, list) and all(map(as_triple, one)) for one in values):
        return None
    texts = sum(" " in key for key in data)
    if 2 * texts <= len(data) or not any(values):
        return None
    return [[key, {"entities": one}] for key, one in zip(data, values, strict=True)]


def _columns(data: dict[str, Any]) -> list[Any] | None:
    """{"text": ["Ana left"], "entities": [[[0, 3, "PER"]]]}, and with objects for lists, as pandas writes it."""
    key = next((key for key in TEXTS if isinstance(data.get(key), (list, dict))), None)
    if key is None:
        return None
    if isinstance(data[key], dict):
        numbers = data[key].keys()
        columns = {name: list(one.values()) for name, one in data.items() if _is_numbered(one, numbers)}
    else:
        columns = {name: one for name, one in data.items() if isinstance(one, list) and len(one) == len(data[key])}
    texts = columns.get(key) or []
    lists = any(isinstance(one, list) for column in columns.values() for one in column)
    if len(columns) < 2 or not lists or not all(isinstance(one, (str, type(None))) for one in texts):
        return None
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _is_numbered(column: Any, numbers: Any) -> bool:
    return isinstance(column, dict) and column.keys() == numbers and all(key.isdecimal() for key in numbers)


def are_tags(values: list[Any]) -> bool:
    """RETURNS (bool): Whether texts may be the tags of a text's tokens, by what they are alone."""
    if not values or not all(isinstance(one, str) for one in values):
        return False
    scheme = find_scheme(Counter(values))
    return scheme is not None and scheme.certain


def _pairs(data: list[Any]) -> dict[str, Any] | None:
    """[["Ana", "B-PER"], ["left", "O"]], [["Ana", "left"], ["B-PER", "O"]] and ["Ana left", ["B-PER", "O"]]."""
    if len(data) == 2 and isinstance(data[0], str) and isinstance(data[1], list) and are_tags(data[1]):
        if set(data[1]) <= {"O"}:
            return {"text": data[0]}
        found = _match(data[0], data[1])
        return {"text": data[0], **dict(zip(CONVERTED, found, strict=True))} if found else None
    if len(data) < 2 or not all(isinstance(one, list) and one and isinstance(one[0], str) for one in data):
        return None
    if len(data) == 2 and len(data[0]) == len(data[1]) and are_tags(data[1]) and not are_tags(data[0]):
        return dict(zip(CONVERTED, data, strict=True))
    width = len(data[0])
    if not 2 <= width <= 4 or any(len(one) != width or not all(isinstance(x, str) for x in one) for one in data):
        return None
    tags = [one[-1] for one in data]
    return {"tokens": [one[0] for one in data], "ner_tags": tags} if are_tags(tags) else None


def _tokens_and_tags(data: dict[str, Any]) -> dict[str, Any] | None:
    """What a record has of tokens and tags, where these are not under their usual names or are no lists."""
    named = {key: normal_name(key) for key in data}
    words = [key for key, name in named.items() if name in WORDS and isinstance(data[key], (list, str)) and data[key]]
    tagged = [key for key, name in named.items() if name in TAG_NAMES or name.endswith(("_tags", "_labels", "_tag"))]
    if not words or any(_is_usual_pair(data[key], data[tag]) for key in words if key in USUAL for tag in tagged):
        return None
    for key in words:
        objects = _of_objects(data[key])
        if objects and "text" not in objects:
            rest = {name: value for name, value in data.items() if name != key}
            return {**rest, **objects}
    for key in words:
        for tag in tagged:
            found = _match(data[key], data[tag]) if tag != key else None
            if found:
                rest = {name: value for name, value in data.items() if name not in (key, tag, *CONVERTED)}
                text = {"text": data[key]} if isinstance(data[key], str) and len(set(map(len, found))) == 1 else {}
                return {**rest, **text, **dict(zip(CONVERTED, found, strict=True))}
    return None


def _is_usual_pair(words: Any, tags: Any) -> bool:
    return isinstance(words, list) and isinstance(tags, list) and all(isinstance(one, str) for one in words)


def _match(words: Any, tags: Any) -> tuple[list[str], list[Any]] | None:
    """As many tokens as tags, if that is what two values are."""
    tags = tags.split() if isinstance(tags, str) else tags
    if not isinstance(tags, list) or not tags:
        return None
    if isinstance(words, list):
        texts = len(words) == len(tags) and all(isinstance(one, str) for one in words)
        known = are_tags(tags) or all(type(one) is int for one in tags)
        return (words, tags) if texts and known and not are_tags(words) else None
    if not are_tags(tags):
        return None
    # A character a token, as Chinese has it; or commas and stops as tokens of their own
    for tokens in (words.split(), list(words), _PIECE.findall(words)):
        if len(tokens) == len(tags):
            return tokens, tags
    # Its reader says what does not fit
    return (words.split(), tags) if any(map(MARKED.parse, set(tags) - {"O"})) else None


def _of_objects(value: Any) -> dict[str, Any] | None:
    """[{"word": "Ana", "tag": "B-PER"}]: tokens without offsets."""
    if not isinstance(value, list) or not all(isinstance(one, dict) and len(one) > 1 for one in value):
        return None
    names = {normal_name(key): key for key in value[0]}
    word = next((names[name] for name in names if name in WORDS), None)
    tag = next((key for name, key in names.items() if name in TAG_NAMES and key != word), None)
    if word is None or tag is None or not BORDERS.isdisjoint(value[0]):
        return None
    words, tags = [one.get(word) for one in value], [one.get(tag) for one in value]
    if not all(isinstance(one, str) for one in words) or not are_tags([tag for tag in tags if tag is not None]):
        return None
    return dict(zip(CONVERTED, (words, tags), strict=True))


def _parallel(data: dict[str, Any]) -> dict[str, Any] | None:
    """{"text", "starts": [0], "ends": [3], "labels": ["PER"]}."""
    if "text" not in data:
        return None
    starts, ends, labels = (
        [key for key, value in data.items() if key.removesuffix("s") in names and isinstance(value, list)]
        for names in (STARTS, ENDS, LABELS)
    )
    if len(starts) != 1 or len(ends) != 1 or len(labels) != 1:
        return None
    columns = [data[key] for key in (*starts, *ends, *labels)]
    if len(set(map(len, columns))) != 1 or not all(type(one) is int for one in (*columns[0], *columns[1])):
        return None
    rest = {key: value for key, value in data.items() if key not in (*starts, *ends, *labels)}
    return {**rest, "entities": [list(span) for span in zip(*columns, strict=True)]}
