"""What a JSON value holds that its reader did not take: counted without the reader's code, so that nothing is passed
over in silence."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .record import FileRecord, as_number

STARTS = (
    "start",
    "start_offset",
    "startOffset",
    "start_char",
    "begin",
    "beginOffset",
    "BeginOffset",
    "startPos",
    "start_pos",
    "start_idx",
    "startIndex",
    "start_index",
    "start_position",
    "startPosition",
    "begin_offset",
    "begin_pos",
    "char_start",
    "charStart",
    "start_character",
    "entity_start",
    "span_start",
    "from",
)
ENDS = (
    *("end", "end_offset", "endOffset", "end_char", "EndOffset", "endPos", "end_pos", "end_idx", "endIndex"),
    *("end_index", "end_position", "endPosition", "end_pos", "char_end", "charEnd", "end_character", "entity_end"),
    *("span_end", "to"),
)
LABELS = (
    *("label", "labels", "tag", "tag_name", "entity_type", "type"),  # beside a type, an entity is the text itself
    *("entity", "category", "class", "ent_type", "label_type", "displayName", "display_name", "role"),
    *("entity_group", "label_name", "ner_label", "entity_label"),
)
RANKS = {name: rank for rank, name in enumerate(LABELS)}
PAIRS = ("span", "offsets", "offset", "indices", "position", "positions", "pos", "range", "char_span", "interval")
BORDERS = frozenset((*STARTS, *PAIRS))  # those of a pair hold both in a list
LABEL_ENDS = ("label", "labels", "Label", "Labels")
TEXTS = (
    *("text", "content", "data", "sentence", "document", "raw", "utterance", "body", "source", "raw_text", "query"),
    *("context", "textContent", "originalText", "source_text", "unmasked_text", "full_text", "original_text"),
    *("document_text", "sentence_text", "input_text", "plain_text", "sent"),
)
TOKENS = ("tokens", "token_spans", "%FEATURE_STRUCTURES")  # have offsets, and labels only by accident
CATEGORIES = ("label", "labels", "tag", "category", "class")  # of a whole text, where it is one word


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
            borders = borders_of(value)
            if borders:
                yield from (Labelled(where, *borders, label) for label in labels_of(value) or inherited)
            deeper = [key for key in value if isinstance(value[key], (dict, list))]
            # A label counts for the offsets right below it: {"label": [...], "points": [{"start", "end"}]}
            below = labels_of(value) if deeper and where and not borders else []
            for key in reversed(deeper):
                if key not in leave_out and (key not in TOKENS or _are_labelled(value[key])):
                    waiting.append((value[key], f"{where}.{key}" if where else key, below))


def _are_labelled(tokens: Any) -> bool:
    """Whether there are spans among tokens, as some tools have it: a tag of a token's is none."""
    items = tokens if isinstance(tokens, list) else []
    return any(isinstance(one, dict) and any(key.endswith(LABEL_ENDS) for key in one) for one in items)


def borders_of(value: dict[str, Any]) -> tuple[int, int] | None:
    """RETURNS (Optional[tuple[int, int]]): The offsets that an object holds, by whatever names."""
    if value.keys().isdisjoint(BORDERS):
        return None
    start = _first_number(value, STARTS)
    end = _first_number(value, ENDS)
    if start is None:
        start = as_number(value.get("offset"))
    length = as_number(value.get("length")) if end is None and start is not None else None
    if start is not None and length is not None:
        end = start + length
    if start is None and end is None:
        return next(filter(None, (_as_pair(value.get(name)) for name in PAIRS)), None)
    return None if start is None or end is None else (start, end)


def _as_pair(value: Any) -> tuple[int, int] | None:
    """Start and end, if a list holds these, or is a list of one that does."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, list) and len(value) == 2 and type(value[0]) is type(value[1]) is int:
        return value[0], value[1]
    return None


def _first_number(value: dict[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        if name in value:
            number = as_number(value[name])
            if number is not None:
                return number
    return None


def labels_of(value: dict[str, Any]) -> list[str]:
    """RETURNS (list[str]): The labels that an object holds, by whatever name."""
    names = [name for name in value if name in RANKS or name.endswith(LABEL_ENDS)]
    for name in sorted(names, key=lambda name: RANKS.get(name, len(RANKS))) if len(names) > 1 else names:
        found = value[name]
        if isinstance(found, str):
            if found:
                return [found]
        elif type(found) is int:
            return [str(found)]
        elif isinstance(found, list) and found:
            # Flair's labels are objects
            plain = [one.get("value") if isinstance(one, dict) else one for one in found]
            if all(type(one) in (str, int) and one != "" for one in plain):
                return list(map(str, plain))
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
    if isinstance(data, dict) and any("." in key for key in data):
        # In a flat record the last part of a key says what it is: "spans.suggestion"
        not_gold = (*not_gold, *(key for key in data if key.rpartition(".")[2] in not_gold))
    if len(records) == 1 and _holds_one_list(data, records[0], not_gold):
        return
    proposed = Counter(
        {key: sum(1 for _ in find_labelled(data[key])) for key in not_gold if isinstance(data, dict) and data.get(key)}
    )
    records[0].unread.update({f"span(s) under {key}: proposed, not annotated": n for key, n in proposed.items() if n})
    found = list(find_labelled(data, not_gold))
    surplus = len(found) - sum(len(record.spans) + len(record.dropped) for record in records)
    if surplus > 0:
        # Elsewhere the same may be there once more, as the ends of a relation, say
        seen = {(span.start, span.end, str(span.label)) for record in records for span in record.spans}
        left: dict[tuple[int, int, str], Labelled] = {}
        for one in found:
            key = (one.start, one.end, one.label)
            if key not in seen:
                left.setdefault(key, one)
        for one in list(left.values())[:surplus]:
            records[0].dropped.append(f"{one.label} from {one.start} to {one.end}, under {one.where}, was not read")
            records[0].unread[f"span(s) under {one.where}"] += 1
    for where, count in _find_marks(data, records, not_gold).items():
        records[0].unread[where] += count


def _holds_one_list(data: Any, record: FileRecord, not_gold: tuple[str, ...]) -> bool:
    """Whether an object has one list at most, with as many items as spans were read: the usual case, quickly told."""
    if not isinstance(data, dict):
        return False
    lists = 0
    for key, value in data.items():
        if isinstance(value, dict):
            if not value.keys().isdisjoint(BORDERS) or any(isinstance(one, (dict, list)) for one in value.values()):
                return False
        elif isinstance(value, list) and value:
            lists += 1
            if key in not_gold or len(value) != len(record.spans) + len(record.dropped):
                return False
        elif key in CATEGORIES and value:
            return False
    return lists < 2


def _find_marks(data: Any, records: list[FileRecord], leave_out: tuple[str, ...]) -> Counter[str]:
    """Count what has labels but no offsets, or offsets but no labels: relations, categories, mentions, spans of unknown
    shape."""
    found: Counter[str] = Counter()
    read = {(span.start, span.end) for record in records for span in record.spans}
    whole = "\n".join(record.text for record in records if isinstance(record.text, str))
    for key, value in _named_values(data) if isinstance(data, dict) else ():
        if whole and key in CATEGORIES and isinstance(value, str) and value:
            found[f"text(s) with a {key}"] += 1
        if key.partition(".")[0] in leave_out or key.rpartition(".")[2] in TOKENS or not isinstance(value, list):
            continue
        if ("start" in key or "end" in key) and value and all(type(item) is int for item in value):
            found[f"offsets under {key}"] += len(value)
        texts = value and all(isinstance(item, str) for item in value)
        if key in LABELS and texts and not _fits_tokens(data, value):
            found[f"categories under {key}"] += len(value)
        elif texts and key not in TEXTS and not _fits_tokens(data, value):
            found[f"text(s) under {key}, without offsets"] += sum(one in whole for one in value if one.strip())
        for item in value:
            borders, labels = (borders_of(item), labels_of(item)) if isinstance(item, dict) else (None, [])
            if labels and not borders and not any(find_labelled({key: [item]})):
                found[f"object(s) with labels and no offsets under {key}"] += 1
            elif borders and not labels and borders not in read:
                found[f"object(s) with offsets and no labels under {key}"] += 1
    return +found


def _named_values(data: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What an object holds, and the lists in the objects in it, by the keys that lead to them."""
    for key, value in data.items():
        yield key, value
        for inner, inside in value.items() if isinstance(value, dict) else ():
            if isinstance(inside, list):
                yield f"{key}.{inner}", inside


def _fits_tokens(data: dict[str, Any], values: list[Any]) -> bool:
    """Whether there are as many tokens as values: then each is a token's, and none is about the whole."""
    tokens = [data.get(key) for key in ("tokens", "words")]
    return any(isinstance(one, list) and len(one) == len(values) for one in tokens)
