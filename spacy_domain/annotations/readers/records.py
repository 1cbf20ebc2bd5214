"""Plain records, as scripts and many tools write them: a text and a list of spans, whatever their names.

{"text", "entities": [{"start", "end", "label"}]}, with "annotations", "annotation", "ents" (as spaCy's Doc.to_json
writes) and so on for "entities"; or spans as lists of start, end and label; or with both offsets in a list, as in
{"name", "span": [start, end], "type"}; or in an object by their labels. What a machine proposed ("prediction") is not
read. This is what is left where no other format has its marks.
"""

from collections.abc import Iterator
from typing import Any

from ...project.errors import ProjectError
from ..formats import JsonFormat, formats
from ..gaps import UNSPACED
from ..json_shapes import are_tags
from ..json_values import Value, as_object
from ..record import FileRecord, FileSpan
from ..unread import LABELS, TEXTS, as_triple, borders_of, labels_of

LISTS = ("entities", "ents", "spans", "annotations", "annotation", "ner", "labels", "label", "tags", "named_entities")
SURFACES = (
    "text",
    "value",
    "val",
    "surface",
    "word",
    "mention",
    "span",
    "quote",
    "entity_text",
    "entity_value",
    "name",
    "entity",
)
NAMES = ("value", "name")  # may be a synonym
REJECTED = {"problem", "what_to_do", "source"}  # what could not be read before: what there is of it is no text
ENOUGH = 50  # words, to see whether they are tags
TURN = {"role", "content"}  # of a chat
RANKS = {name: rank for rank, name in enumerate(LISTS)}
NOT_GOLD = ("prediction", "predictions", "suggestions", "prelabels", "predicted")


def fits(data: Any) -> bool:
    """Tell whether a JSON value may be a plain record.

    data (Any): The value.
    RETURNS (bool): Whether it has a text, and spans or nothing that could be annotations of another kind.
    """
    if not isinstance(data, dict) or _text_key(data) is None or borders_of(data) or _wraps(data):
        return False
    if "text" not in data and (data.keys() >= REJECTED or data.keys() >= TURN):
        return False
    return bool(_span_lists(data)) or (bool(_named_texts(data) or _empty_lists(data)) and not _strange(data))


def _wraps(data: dict[str, Any]) -> bool:
    """Whether it is an object around records, which has a name or a source that looks like a text."""
    lists = [value for value in data.values() if isinstance(value, list)]
    return any(isinstance(one, dict) and fits(one) and bool(_span_lists(one)) for found in lists for one in found[:9])


def _text_key(data: dict[str, Any]) -> str | None:
    named = _named_texts(data)
    texts = [key for key in named if isinstance(data[key], str)]
    others = [key for key, value in data.items() if isinstance(value, str)]
    others = [key for key in others if _is_text(data[key])] or [key for key in others if _is_covered(data, key)]
    return next(iter(texts or named or (others if len(others) == 1 else [])), None)


def _is_covered(data: dict[str, Any], key: str) -> bool:
    """Whether a span covers all of a single word: then it is a text, and not the name of a file, say."""
    spans = [span for items in _span_lists(data)[:1] for item in items for span in _spans(item, data[key])]
    return any((span.start, span.end) == (0, len(data[key])) for span in spans)


def _is_text(value: str) -> bool:
    """Whether a value may be a text, whatever it is called: it has several words, or is in a script without spaces, and
    is no sequence of tags."""
    words = value.split(maxsplit=ENOUGH)[:ENOUGH]
    return (len(words) > 1 and not are_tags(words)) or bool(UNSPACED.match(value) and UNSPACED.match(value, 1))


def _empty_lists(data: dict[str, Any]) -> bool:
    """Whether it has a list that spans would be in, and there are none."""
    return any(data.get(key) == [] for key in LISTS)


def _named_texts(data: dict[str, Any]) -> list[str]:
    """The keys of a text's names; where a list or an object is under one of these, it holds something else."""
    return [key for key in TEXTS if key in data and not isinstance(data[key], (list, dict))]


def _span_lists(data: dict[str, Any]) -> list[list[Any]]:
    """The lists in which every item is a span, right in the record or in an object in it, the likeliest name first."""
    found = []
    for key, value in data.items():
        if key not in NOT_GOLD:
            by_label = _by_label(value) if key in RANKS and isinstance(value, dict) else []
            inside = [(key, by_label)] if by_label else value.items() if isinstance(value, dict) else [(key, value)]
            found += [(RANKS.get(key, len(RANKS)), name, items) for name, items in inside if _are_spans(items)]
    return [items for _, _, items in sorted(found, key=lambda one: (one[0], RANKS.get(one[1], len(RANKS))))]


def _by_label(value: dict[str, Any]) -> list[dict[str, Any]]:
    """The spans of an object whose keys are labels, each of them with its label; none if it is another kind of object.

    {"PER": [[0, 3]]}, {"PER": [{"start": 0, "end": 3}]}, and as CLUENER has it {"PER": {"Ana": [[0, 2]]}}.
    """
    found: list[dict[str, Any]] = []
    for label, inside in value.items():
        by_text = inside.items() if isinstance(inside, dict) else [(None, inside)]
        for surface, items in by_text:
            for item in items if isinstance(items, list) else [None]:
                borders = borders_of(item if isinstance(item, dict) else {"span": item})
                if borders is None or (isinstance(item, dict) and labels_of(item)):
                    return []
                own = item if isinstance(item, dict) else {} if surface is None else {"text": surface}
                found.append({**own, "start": borders[0], "end": borders[1], "label": label})
    return found


def _are_spans(items: Any) -> bool:
    """Whether each item is a span; what is wrong with one that has no label is told when it is checked."""
    return isinstance(items, list) and bool(items) and all(_is_span(item) or _lacks_label(item) for item in items)


def _is_span(item: Any) -> bool:
    return bool(as_triple(item)) or _is_object(item)


def _lacks_label(item: Any) -> bool:
    """Whether it is a span with nothing where its label should be."""
    if isinstance(item, list):
        return len(item) == 3 and type(item[0]) is type(item[1]) is int and item[2] in (None, "")
    return isinstance(item, dict) and borders_of(item) is not None and any(item.get(x, 0) in (None, "") for x in LABELS)


def _is_object(item: Any) -> bool:
    return isinstance(item, dict) and borders_of(item) is not None and bool(labels_of(item))


def _strange(data: dict[str, Any]) -> bool:
    """Whether a record without spans has something of a name that spans have, and of another shape."""
    found = [data.get(key) for key in LISTS]
    return any(
        (isinstance(one, dict) and any(one.values()))
        or (isinstance(one, list) and any(isinstance(item, (dict, list)) for item in one))
        for one in found
    )


def read(value: Value) -> Iterator[FileRecord]:
    """Read a record.

    value (Value): The record.
    YIELDS (FileRecord): The same.
    RAISES (ProjectError): If it has no text.
    """
    data = as_object(value.data, value)
    key = _text_key(data)
    if key is None:
        keys = ", ".join(data)
        raise ProjectError("Record without text", "Give it a text, or delete the record.", [value.place(f"has {keys}")])
    text = data[key]
    spans = [span for items in _span_lists(data)[:1] for item in items for span in _spans(item, str(text))]
    record = FileRecord(text, spans, value.line, data.get("group"), data.get("annotator"))
    for name, items in data.items() if not spans else ():
        if isinstance(items, list) and name not in NOT_GOLD:
            unknown = [one for one in items if isinstance(one, dict) and not borders_of(one) and not labels_of(one)]
            record.unread[f"object(s) under {name}"] += len(unknown)
    record.unread = +record.unread
    yield record


def _spans(item: Any, text: str) -> list[FileSpan]:
    triple = as_triple(item)
    if triple:
        # Of two texts, the one that the record's text holds there is the surface
        start, end, label = triple
        others = [other for other in item if isinstance(other, str)]
        if len(others) == 2 and label == text[start:end] != others[0]:
            label = others[0]
        elif len(others) == 2 and label == text[start:end]:
            label = others[1]
        return [FileSpan(start, end, label)]
    if isinstance(item, list):
        return [FileSpan(*item)]
    start, end = borders_of(item) or (0, 0)
    labels: list[str | None] = [*labels_of(item)] or [None]
    named = next((name for name in SURFACES if isinstance(item.get(name), str) and [item[name]] != labels), "")
    other = "" if named else _other_surface(item, text, end - start, labels)
    surface = item.get(named or other)
    return [FileSpan(start, end, label, surface, bool(other) or named in NAMES) for label in labels]


def _other_surface(item: dict[str, Any], text: str, length: int, labels: list[str | None]) -> str:
    """The key of what is as long as a span, be its end inclusive or not, and is in the text; empty if there is none."""
    for key, value in item.items():
        if isinstance(value, str) and len(value) - length in (0, 1) and value in text and value not in labels:
            return key
    return ""


formats.register("records", func=JsonFormat("records with a text and a list of spans", fits, read, not_gold=NOT_GOLD))
