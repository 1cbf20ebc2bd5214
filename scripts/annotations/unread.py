"""What a JSON value holds that its reader did not take: counted without the reader's code, so that nothing is passed
over in silence."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .record import FileRecord

STARTS = ("start", "start_offset", "startOffset", "start_char", "begin", "beginOffset", "BeginOffset", "startPos", "from")
ENDS = ("end", "end_offset", "endOffset", "end_char", "end", "EndOffset", "endPos", "to")
LABELS = ("label", "labels", "tag", "tag_name", "entity", "entity_type", "type", "category", "class", "ent_type", "role")
TOKENS = ("tokens", "token_spans")  # have offsets, and labels only by accident
Offset = int | str | float


@dataclass(frozen=True)
class Labelled:
    """Something with offsets and a label.

    where (str): The keys that lead to it.
    start (Any): Where it starts, as the file says.
    end (Any): Where it ends, as the file says.
    label (str): Its label.
    """

    where: str
    start: Any
    end: Any
    label: str


def find_labelled(data: Any, leave_out: tuple[str, ...] = ()) -> Iterator[Labelled]:
    """Find all objects with offsets and a label, and all lists of two offsets and a label, anywhere in a JSON value.

    data (Any): The value.
    leave_out (tuple[str, ...]): Keys of what does not count.
    YIELDS (Labelled): What was found.
    """
    waiting: list[tuple[Any, str, list[str]]] = [(data, "", [])]
    while waiting:
        value, where, inherited = waiting.pop()
        if isinstance(value, list):
            triple = as_triple(value)
            if triple:
                yield Labelled(where, *triple)
            else:
                waiting += [(item, where, inherited) for item in reversed(value) if isinstance(item, (dict, list))]
        elif isinstance(value, dict):
            labels = labels_of(value) or inherited
            borders = borders_of(value)
            if borders and labels:
                yield from (Labelled(where, *borders, label) for label in labels)
            # A label counts for the offsets right below it: {"label": [...], "points": [{"start", "end"}]}
            below = labels_of(value) if where and not borders else []
            for key, inside in reversed(value.items()):
                if isinstance(inside, (dict, list)) and key not in leave_out and key not in TOKENS:
                    waiting.append((inside, f"{where}.{key}" if where else key, below))


def borders_of(value: dict[str, Any]) -> tuple[int, int] | None:
    """RETURNS (Optional[tuple[int, int]]): The offsets that an object holds, by whatever names."""
    start = _first_number(value, STARTS)
    end = _first_number(value, ENDS)
    if start is None and type(value.get("offset")) is int:
        start = value["offset"]
    if end is None and start is not None and type(value.get("length")) is int:
        end = start + value["length"]
    return None if start is None or end is None else (start, end)


def _first_number(value: dict[str, Any], names: tuple[str, ...]) -> int | None:
    return next((value[name] for name in names if type(value.get(name)) is int), None)


def labels_of(value: dict[str, Any]) -> list[str]:
    """RETURNS (list[str]): The labels that an object holds, by whatever name."""
    for name in (*LABELS, *(name for name in value if name.endswith("labels"))):
        if name in value:
            found = value[name]
            labels = found if isinstance(found, list) else [found]
            if labels and all(type(label) in (str, int) and label != "" for label in labels):
                return list(map(str, labels))
    return []


def as_triple(value: Any) -> tuple[int, int, str] | None:
    """RETURNS (Optional[tuple[int, int, str]]): Start, end and label, if a list holds these, in this order or with the
    label first, and at most more texts."""
    if not isinstance(value, (list, tuple)) or not 3 <= len(value) <= 4:
        return None
    numbers = [item for item in value if type(item) is int]
    texts = [item for item in value if isinstance(item, str) and item]
    if len(numbers) != 2 or len(texts) != len(value) - 2:
        return None
    first = next(i for i, item in enumerate(value) if type(item) is int)
    if type(value[first + 1]) is not int:
        return None
    return numbers[0], numbers[1], value[first + 2] if first == 0 else texts[-1]


def account_for(data: Any, records: list[FileRecord], not_gold: tuple[str, ...]) -> None:
    """Add to what was read of a JSON value what was not.

    data (Any): The value.
    records (list[FileRecord]): All that was read of it; the first one takes the account.
    not_gold (tuple[str, ...]): Keys of what a machine proposed.
    """
    proposed = Counter(
        {key: sum(1 for _ in find_labelled(data[key])) for key in not_gold if isinstance(data, dict) and data.get(key)}
    )
    records[0].unread.update({f"span(s) under {key}: proposed, not annotated": n for key, n in proposed.items() if n})
    found = list(find_labelled(data, not_gold))
    surplus = len(found) - sum(len(record.spans) + len(record.dropped) for record in records)
    if surplus > 0:
        # Elsewhere the same may be there once more, as the ends of a relation, say
        seen = {(span.start, span.end, str(span.label)) for record in records for span in record.spans}
        left = {(one.start, one.end, one.label): one for one in found if (one.start, one.end, one.label) not in seen}
        for one in list(left.values())[:surplus]:
            records[0].dropped.append(f"{one.label} from {one.start} to {one.end}, under {one.where}, was not read")
            records[0].unread[f"span(s) under {one.where}"] += 1
    for where, count in _find_marks(data, not_gold).items():
        records[0].unread[where] += count


def _find_marks(data: Any, leave_out: tuple[str, ...]) -> Counter[str]:
    """Count what has labels but no offsets: relations, categories, tags of tokens."""
    found: Counter[str] = Counter()
    for key, value in data.items() if isinstance(data, dict) else ():
        if key in leave_out or not isinstance(value, list) or not value:
            continue
        if all(isinstance(item, dict) for item in value):
            without = [item for item in value if labels_of(item) and not any(find_labelled([item]))]
            found[f"object(s) with labels and no offsets under {key}"] += len(without)
        elif key in LABELS and all(isinstance(item, str) for item in value):
            found[f"categories under {key}"] += len(value)
    return +found
