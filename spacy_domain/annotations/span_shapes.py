"""Spans in JSON, of one meaning and many shapes -> the shapes that readers know.

Offsets come as texts or fractions, with both of them in a list, in parallel lists, under their label or in an object of
their own; entities without offsets as pairs of text and label.
"""

import re
from collections.abc import Callable
from typing import Any

from .record import as_number
from .unread import BORDERS, LABELS, PAIRS, STARTS, as_triple, borders_of, labels_of

Span = list[Any] | dict[str, Any]
NOT_LETTERS = re.compile(r"[\W\d_]+")
# In names that only look like known ones: offset_start, Label, labelName
BORDER_WORDS = (("start", "end"), ("start", "stop"), ("begin", "end"), ("begin", "stop"), ("from", "to"))
BORDER_LETTERS = (("s", "e"), ("b", "e"), ("left", "right"))
# fmt: off
LABEL_WORDS = (
    *(NOT_LETTERS.sub("", name).casefold() for name in LABELS), "labelname", "tagname", "typename", "classname",
    "categoryname", "entityname", "semantictype", "slot", "slotname", "kind", "concept", "nertag", "nertype",
    "entityclass", "entitycategory", "l", "t", "name",
)
# fmt: on


def usual_spans(value: Any, text: str) -> list[Span] | None:
    """Rewrite the spans of a text as readers know them.

    value (Any): What a record has of them.
    text (str): The text.
    RETURNS (Optional[list[Union[list, dict]]]): The spans; None if they are as readers know them, or are none.
    """
    if isinstance(value, dict):
        return _of_columns(value) or _by_key(value, text)
    if not isinstance(value, list):
        return None
    flat = [_nested(item) for item in value]
    if None not in flat:
        return [item for item in flat if item]
    if _is_usual(value[0]):
        return _with_usual_names(value)
    readers: tuple[Callable[[Any, str], list[Span] | None], ...] = (_triple, _pair, _one_key, _mention)
    for read in readers:
        found = [read(item, text) for item in value]
        if None not in found:
            return [span for spans in found for span in spans or ()]
    return None


def _nested(item: Any) -> dict[str, Any] | None:
    """{"text_extraction": {"text_segment": {"start_offset", "end_offset"}}, "display_name"}, as AutoML has it."""
    if not isinstance(item, dict) or borders_of(item) or not labels_of(item):
        return None
    inside = [one for one in item.values() if isinstance(one, dict)]
    inside += [deeper for one in inside for deeper in one.values() if isinstance(deeper, dict)]
    found = [one for one in inside if borders_of(one)]
    return {**{key: one for key, one in item.items() if not isinstance(one, dict)}, **found[0]} if found else None


def _is_usual(item: Any) -> bool:
    return as_triple(item) is not None or (isinstance(item, dict) and (len(item) > 1 or not item))


def _with_usual_names(value: list[Any]) -> list[Span] | None:
    """{"StartIndex": 0, "EndIndex": 3, "Label": "PER"}, {"s": 0, "e": 3, "l": "PER"}: none of these names is known."""
    first = value[0]
    if not isinstance(first, dict) or (borders_of(first) and labels_of(first)):
        return None
    found = [_rename(item) for item in value]
    return None if None in found else [item for item in found if item]


def _rename(item: Any) -> dict[str, Any] | None:
    if not isinstance(item, dict):
        return None
    names = {NOT_LETTERS.sub("", key).casefold(): value for key, value in item.items()}
    numbers = {name: number for name, value in names.items() if (number := as_number(value)) is not None}
    pairs = [
        (numbers[name], numbers[other])
        for name in numbers
        for start, end in BORDER_WORDS
        if (other := name.replace(start, end)) != name and other in numbers
    ]
    pairs += [(numbers[start], numbers[end]) for start, end in BORDER_LETTERS if {start, end} <= numbers.keys()]
    borders = borders_of(item) or next(iter(pairs), None)
    label = next(iter(labels_of(item)), None) or next((names[name] for name in LABEL_WORDS if name in names), None)
    if borders is None or not isinstance(label, str) or not label:
        return None
    return {**item, "start": borders[0], "end": borders[1], "label": label}


def _of_columns(value: dict[str, Any]) -> list[Span] | None:
    """{"start": [0], "end": [3], "label": ["PER"]}, as the library "datasets" makes it of a list of objects."""
    columns = {key: one for key, one in value.items() if isinstance(one, list)}
    if len(columns) < 2 or len(set(map(len, columns.values()))) != 1 or BORDERS.isdisjoint(columns):
        return None
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _triple(item: Any, text: str) -> list[Span] | None:
    """["0", "3", "PER"], [0.0, 3.0, "PER"], and a number for the label."""
    if not isinstance(item, list) or len(item) != 3 or isinstance(item[2], (list, dict, type(None))):
        return None
    start, end = as_number(item[0]), as_number(item[1])
    if start is None or end is None or isinstance(item[2], (bool, float)):
        return None
    return [[start, end, str(item[2])]]


def _pair(item: Any, text: str) -> list[Span] | None:
    """[[0, 3], "PER"], with the label before or behind."""
    if not isinstance(item, list) or len(item) != 2:
        return None
    for offsets, label in (item, reversed(item)):
        if isinstance(label, str) and isinstance(offsets, list) and [type(one) for one in offsets] == [int, int]:
            return [[*offsets, label]]
    return None


def _one_key(item: Any, text: str) -> list[Span] | None:
    """{"PER": [0, 3]}, {"PER": "Ana"}, {"PER": ["Ana"]} and {"Ana": "PER"}."""
    if not isinstance(item, dict) or len(item) != 1 or not text:
        return None
    return _by_key(item, text)


def _by_key(value: dict[str, Any], text: str) -> list[Span] | None:
    """The same, of any number of labels or of texts; those by their labels, with lists of texts, are usual."""
    found: list[Span] = []
    if not text or any(key in value for key in (*STARTS, *PAIRS)):
        return None
    for key, inside in value.items():
        if isinstance(inside, list) and [type(one) for one in inside] == [int, int]:
            found.append([*inside, key])
        elif isinstance(inside, str) and inside and (inside in text or key in text):
            surface, label = (inside, key) if inside in text else (key, inside)
            found.append({"text": surface, "label": label})
        elif isinstance(inside, list) and inside and len(value) == 1 and all(isinstance(x, str) for x in inside):
            found += [{"text": one, "label": key} for one in inside]
        else:
            return None
    return found


def _mention(item: Any, text: str) -> list[Span] | None:
    """["Ana", "PER"]: of two texts, the one that is in the text is no label."""
    if not isinstance(item, list) or len(item) != 2 or not all(isinstance(one, str) and one for one in item):
        return None
    first, second = item
    if first not in text and second in text:
        first, second = second, first
    return [{"text": first, "label": second}]
