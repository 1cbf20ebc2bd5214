"""JSON values -> records: each value goes to the format whose marks it has, so that a file may hold several kinds."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from ..errors import Place, ProjectError
from .formats import JsonFormat, known_formats, refuse_format
from .json_values import Value, read_jsonl, read_values
from .record import FileRecord
from .text import Stretch
from .unread import account_for, find_labelled

FALLBACK = "records"  # takes what no other format does
LOOKED_AT = 100  # values, to see whether any of them is known
SHOWN_KEYS = 12


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
    for value in read_values(path) if stretch is None else read_jsonl(path, stretch):
        if isinstance(value, ProjectError):
            line = value.places[0].line or 1
            yield _any_format(only), FileRecord(None, [], line, error=value, raw=value.places[0].text)
        else:
            yield from _read_value(value, only)


def refuse_unknown(path: Path, stretch: Stretch | None) -> None:
    """Refuse a JSON file of whose first values none is known.

    path (Path): The file.
    stretch (Optional[Stretch]): As in `read_records`.
    RAISES (ProjectError): With the keys that are there.
    """
    values = read_values(path) if stretch is None else read_jsonl(path, stretch)
    first: Value | ProjectError | None = None
    for value in islice(values, LOOKED_AT):
        if isinstance(value, ProjectError) or any(find_format(one.data) for one in _flatten(value)):
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


def _flatten(value: Value) -> list[Value]:
    """A list that is no record by itself is a list of records."""
    if isinstance(value.data, list) and not find_format(value.data):
        return [Value(item, value.path, value.line, "") for item in value.data]
    return [value]


def _read_value(value: Value, only: JsonFormat | None) -> Iterator[tuple[JsonFormat, FileRecord]]:
    for one in [value] if only and only.fits(value.data) else _flatten(value):
        format_ = only or find_format(one.data)
        if format_ is None:
            remedy = "Mend the record, or say which format the file has with --vars.format."
            error = ProjectError("Not a record of any known format", remedy, [one.place(_describe(one.data))])
            yield _any_format(only), _broken(one, error)
        else:
            for record in _read_wrapped(one, format_) if format_.wraps else _read_one(one, format_):
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
    for record in records:
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
        keys = ", ".join(list(data)[:SHOWN_KEYS]) + (", ..." if len(data) > SHOWN_KEYS else "")
        return f"no known format has these keys: {keys}" if data else "an object without keys"
    return f"found a {type(data).__name__}, where a record should be"
