"""JSON values -> records: each value goes to the format whose marks it has, so that a file may hold several kinds."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from ..project.errors import ProjectError
from .files import NAMES
from .formats import JsonFormat, known_formats, refuse_format
from .json_shapes import as_row, as_word, join_records, same_text, usual_shape
from .json_values import Value, parse_cell, read_jsonl, read_values
from .own_tokens import follow_tokens
from .record import FileRecord
from .tagged.blocks import STOPS
from .text import Stretch
from .unread import TEXTS, account_for, find_labelled

FALLBACK = "records"  # takes what no other format does
DEEPEST = 3  # objects around a list of records
LOOKED_AT = 100  # values, to see whether any of them is known
SHOWN_KEYS = 12
NO_CELLS = (*TEXTS, "output", "response", "completion", "answer")  # texts, whatever they look like


def read_records(
    path: Path, only: JsonFormat | None, stretch: Stretch | None
) -> Iterator[tuple[JsonFormat, FileRecord]]:
    """Read all records of a JSON file.

    path (Path): The file.
    only (Optional[JsonFormat]): The format, if the user says so.
    stretch (Optional[Stretch]): Which lines, where each is a value; None to read whatever values there are.
    YIELDS (tuple[JsonFormat, FileRecord]): Records with their formats; one of which nobody can make sense has an error.
    RAISES (ProjectError): If the JSON is broken.
    """
    for value in _join_rows(read_values(path) if stretch is None else read_jsonl(path, stretch)):
        if isinstance(value, ProjectError):
            line = value.places[0].line or 1
            yield _any_format(only), FileRecord(None, [], line, error=value, raw=value.places[0].text)
        else:
            yield from read_value(value, only)


def _join_rows(values: Iterable[Value | ProjectError]) -> Iterator[Value | ProjectError]:
    """Make one record of those that are of one text, one behind the other."""
    for about, group in groupby(values, key=_Texts().find):
        if about is None:
            yield from group
            continue
        same = [value for value in group if isinstance(value, Value)]
        single = len(same) == 1 and not as_row(same[0].data) and not as_word(same[0].data)
        yield same[0] if single else replace(same[0], data=join_records([one.data for one in same]), source="")


class _Texts:
    """Tells which values are of one text: words are where nothing else is said, up to what ends a sentence."""

    def __init__(self) -> None:
        self.sentence: Any = None
        self.number = 0

    def find(self, value: Value | ProjectError) -> Any:
        """RETURNS (Any): What is the same for values of one text; None for a record of its own."""
        data = value.data if isinstance(value, Value) else None
        word = as_word(data)
        if word is None:
            return same_text(data)
        if word.sentence not in (None, ""):  # else it is that of the word before
            self.sentence = word.sentence
        found = (self.sentence, self.number)
        self.number += self.sentence is None and word.word in STOPS and word.tag == "O"
        return found


def refuse_unknown(path: Path, stretch: Stretch | None) -> None:
    """Refuse a JSON file of whose first values none is known.

    path (Path): The file.
    stretch (Optional[Stretch]): As in `read_records`.
    RAISES (ProjectError): With the keys that are there.
    """
    values = read_values(path) if stretch is None else read_jsonl(path, stretch)
    first: Value | ProjectError | None = None
    for value in islice(values, LOOKED_AT):
        if isinstance(value, ProjectError):
            return
        data = unpack(value.data)
        if find_format(data) or _find_lists(data):
            return
        first = first or value
    if isinstance(first, Value):
        raise refuse_format(path, _describe(first.data), str(first.data), first.line)


def find_format(data: Any) -> JsonFormat | None:
    """RETURNS (Optional[JsonFormat]): The format whose marks a value has; None if it has none's."""
    known = known_formats(JsonFormat)
    # Their marks exclude one another: the first that fits is the only one
    fitting = (format_ for name, format_ in known.items() if name != FALLBACK and format_.fits(data))
    return next(fitting, None) or (known[FALLBACK] if known[FALLBACK].fits(data) else None)


def _find_lists(data: Any, depth: int = DEEPEST) -> list[tuple[str, ...]]:
    """Find the lists of records that a value wraps, by the keys that lead to them; no key where it is one itself."""
    if isinstance(data, list):
        return [()] if any(find_format(unpack(one)) for one in data[:LOOKED_AT]) else []
    if not isinstance(data, dict) or not depth:
        return []
    if any(isinstance(data.get(key), str) for key in TEXTS) and not any(find_labelled(data)):
        return []  # what is in a record with a text is about that text, though it may have texts, too
    if len(data) > 1 and all(isinstance(one, dict) and find_format(unpack(one)) for one in data.values()):
        return [(key,) for key in data]  # records by their ids
    return [(key, *more) for key, inside in data.items() for more in _find_lists(inside, depth - 1)]


def read_value(value: Value, only: JsonFormat | None = None) -> Iterator[tuple[JsonFormat, FileRecord]]:
    """Read what a JSON value holds: a record, or any number of them, wrapped in lists and objects.

    value (Value): The value.
    only (Optional[JsonFormat]): The format, if the user says so.
    YIELDS (tuple[JsonFormat, FileRecord]): As `read_records`.
    """
    data = unpack(value.data)
    value = value if data is value.data else replace(value, data=data)
    format_ = only if only and only.fits(value.data) else find_format(value.data)
    format_ = only if only and format_ else format_
    lists = [] if format_ else _find_lists(value.data)
    if format_:
        for record in _read_wrapped(value, format_) if format_.wraps else _read_one(value, format_):
            yield format_, record
    elif lists:
        yield from _read_lists(value, lists, only)
    else:
        remedy = "Mend the record, or say which format the file has with --vars.format."
        error = ProjectError("Not a record of any known format", remedy, [value.place(_describe(value.data))])
        yield _any_format(only), _broken(value, error)


def unpack(data: Any) -> Any:
    """Take spans that were written as a text ("[{'start': 0, ...}]"), as data frames have it, for what they are, and
    what is in another shape for what it means.

    data (Any): A JSON value.
    RETURNS (Any): It, or what means the same.
    """
    if isinstance(data, dict):
        cells = {key: one for key, one in data.items() if isinstance(one, str) and one[:1] + one[-1:] in ("[]", "{}")}
        found = {
            key: parse_cell(one) for key, one in cells.items() if key not in NO_CELLS and ("," in one or one == "[]")
        }
        spans = {key: one for key, one in found.items() if one == [] or (one != cells[key] and any(find_labelled(one)))}
        data = data | spans if spans else data
    return usual_shape(data)


def _read_lists(
    value: Value, lists: list[tuple[str, ...]], only: JsonFormat | None
) -> Iterator[tuple[JsonFormat, FileRecord]]:
    rest = FileRecord("", [], value.line)
    remainder = value.data if any(lists) else {}
    for keys in lists:
        remainder = _without(remainder, keys) if keys else remainder
    account_for(remainder, [rest], ())
    for keys in lists:
        inside = value.items(*keys) if keys else (replace(value, data=one, source="") for one in value.data)
        for one in _join_rows(inside):
            for format_, record in read_value(one, only) if isinstance(one, Value) else ():
                record.split = record.split or next((key for key in keys if key in NAMES), "")
                record.unread.update(rest.unread)
                record.dropped += rest.dropped
                rest = FileRecord("", [], value.line)
                yield format_, record


def _read_wrapped(value: Value, format_: JsonFormat) -> Iterator[FileRecord]:
    try:
        items = list(value.items(*format_.wraps))
    except ProjectError as error:
        yield _broken(value, error)
        return
    first = FileRecord("", [], value.line)
    account_for(_without(value.data, format_.wraps), [first], format_.not_gold)
    for item in items:
        for record in _read_one(item, format_):
            record.unread.update(first.unread)
            record.dropped += first.dropped
            first = FileRecord("", [], value.line)
            yield record


def _read_one(value: Value, format_: JsonFormat) -> Iterator[FileRecord]:
    try:
        records = list(format_.read(value))
    except ProjectError as error:
        yield _broken(value, error)
        return
    if records:
        account_for(value.data, records, format_.not_gold)
    split = value.data.get("split") if isinstance(value.data, dict) else None
    for record in records:
        record.split = record.split or (split.casefold() if isinstance(split, str) else "")
        follow_tokens(record, value.data)
        record.raw = record.raw or value.data
        yield record


def _without(data: Any, keys: tuple[str, ...]) -> dict[str, Any]:
    """An object without a list inside of it."""
    key, *more = keys
    inside = {key: _without(data[key], tuple(more))} if more else {}
    return {name: found for name, found in data.items() if name != key} | inside


def _broken(value: Value, error: ProjectError) -> FileRecord:
    dropped = [f"{one.label} from {one.start} to {one.end}" for one in find_labelled(value.data)]
    return FileRecord(None, [], value.line, dropped=dropped, error=error, raw=value.data)


def _any_format(only: JsonFormat | None) -> JsonFormat:
    return only or known_formats(JsonFormat)[FALLBACK]


def _describe(data: Any) -> str:
    if isinstance(data, dict):
        inside = ""
        for key, value in data.items():
            if isinstance(value, list) and value and isinstance(value[0], dict) and not inside:
                inside = f"; {key} has objects with {_list_keys(value[0])}"
        return f"no known format has these keys: {_list_keys(data)}{inside}" if data else "an object without keys"
    return f"found a {type(data).__name__}, where a record should be"


def _list_keys(data: dict[str, Any]) -> str:
    return ", ".join(list(data)[:SHOWN_KEYS]) + (", ..." if len(data) > SHOWN_KEYS else "")
