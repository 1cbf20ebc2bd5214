"""A span a row, as CSV or TSV: id, text, start, end, label.

A row without start, end and label is a text without spans. Optional columns: surface (or span), group, annotator. The
columns may have the names that JSON records have for the same ("Sentence", "start_char", "entity type"). Where they
hold the texts of entities and no offsets, these are found as mentions.py finds them.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ...project.errors import Place, ProjectError
from ..csv_rows import DELIMITERS, column_names, read_rows
from ..formats import Format, Writer, formats, writers
from ..record import AnnotatedText, FileRecord, FileSpan
from ..tagged.header import normal_name
from ..text import Beginning, read_beginning
from ..unread import ENDS, STARTS, TEXTS
from .mentions import locate

COLUMNS = ("text", "start", "end", "label")
READ = (*COLUMNS, "id", "surface", "span", "group", "annotator", "split")
DELIMITED = (*DELIMITERS, "|")
NAMES = {
    "text": TEXTS,
    "start": STARTS,
    "end": ENDS,
    "label": (
        "label",
        "labels",
        "entity_type",
        "entity_label",
        "ner_label",
        "type",
        "tag",
        "category",
        "class",
        "entity",
    ),
    "surface": ("surface", "span", "entity_text", "entity_value", "mention", "phrase", "entity"),
}
NOTHING = ("", "nan", "none", "null")  # as scripts write an empty cell
NUMBER = re.compile(r"\s*[+-]?\d+(\.0+)?\s*")  # a spreadsheet may write 5.0


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether its first line names the columns.
    """
    return _find_columns(beginning.first) is not None


def _find_columns(header: str) -> tuple[str, dict[str, str]] | None:
    """What is between columns, and what their names mean; None if one that is needed is missing."""
    for delimiter in DELIMITED:
        names = column_names(header, delimiter)
        if set(COLUMNS) <= set(names):
            return delimiter, {}
        plain = {normal_name(name): name for name in reversed(names)}
        meant: dict[str, str] = {}
        for column, others in NAMES.items():
            wanted = (normal_name(one) for one in (column, *others))
            found = next((plain[one] for one in wanted if one in plain and plain[one] not in meant), None)
            if found is not None:
                meant[found] = column
        columns = set(meant.values())
        if columns >= {"text", "label"} and (
            columns >= {"start", "end"} or columns & {"start", "end", "surface"} == {"surface"}
        ):
            return delimiter, meant
    return None


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file; the rows of one text, or of one id where there is one, of one annotator are one record.

    path (Path): The file.
    YIELDS (FileRecord): The records; a row that is broken, and one whose id has another text, with its error.
    RAISES (ProjectError): If a column is missing.
    """
    header = read_beginning(path).first
    columns = _find_columns(header)
    if columns is None:
        place = Place(str(path), 1, f"no columns {', '.join(COLUMNS)}", header[:80])
        raise ProjectError("Broken table", "Name the columns in the first line.", [place])
    delimiter, meant = columns
    scattered = _find_scattered(path, delimiter, meant)
    waiting: dict[Key, FileRecord] = {}
    last: tuple[Key, FileRecord] | None = None
    for row in read_rows(path, delimiter):
        if row.error:
            # It may belong to the text before it: that one goes on behind it
            dropped = [f"line {row.line} was not understood: {row.raw[:80]}"]
            yield FileRecord(None, [], row.line, error=row.error, raw=row.raw, dropped=dropped)
            continue
        if not row.cells:
            continue
        cells = _rename(row.cells, meant)
        key = _find_key(cells)
        if last and last[0] != key and key.id and last[0].id == key.id and last[0].text != key.text:
            yield _other_text(path, row.line, key.id, cells, last[1])
            continue
        if last and last[0] != key and last[0] not in scattered:
            yield _finish(last[1], meant)
        record = last[1] if last and last[0] == key else waiting.get(key)
        if record is None:
            record = _begin(cells, row.line)
            if key in scattered:
                waiting[key] = record
        last = key, record
        _add(record, cells)
    if last and last[0] not in scattered:
        yield _finish(last[1], meant)
    yield from (_finish(record, meant) for record in waiting.values())


class Key(NamedTuple):
    """What rows of one record have in common."""

    id: str
    text: str
    annotator: str


def _find_key(cells: dict[str, str]) -> Key:
    return Key(cells.get("id", ""), cells["text"], cells.get("annotator", ""))


def _rename(cells: dict[str, str], meant: dict[str, str]) -> dict[str, str]:
    return {meant.get(name, name): value for name, value in cells.items()}


def _find_scattered(path: Path, delimiter: str, meant: dict[str, str]) -> set[Key]:
    """Find the records whose rows do not follow one another, as in a table that was sorted by its labels."""
    last, seen, scattered = 0, set[int](), set[Key]()
    for row in read_rows(path, delimiter):
        if row.cells and not row.error:
            key = _find_key(_rename(row.cells, meant))
            number = hash(key)  # all keys would be all texts
            if number != last and number in seen:
                scattered.add(key)
            seen.add(number)
            last = number
    return scattered


def _begin(cells: dict[str, str], line: int) -> FileRecord:
    split = cells.get("split", "").strip().casefold()
    return FileRecord(cells["text"], [], line, cells.get("group"), cells.get("annotator"), split)


def _add(record: FileRecord, cells: dict[str, str]) -> None:
    record.spans += _spans(cells)
    for name, value in cells.items():
        if name and name not in READ and value.strip():
            record.unread[f"value(s) in the column {name}"] += 1


def _finish(record: FileRecord, meant: dict[str, str]) -> FileRecord:
    """The record; with places for its spans, where these are texts without offsets."""
    return _located(record) if meant and "start" not in meant.values() else record


def _located(record: FileRecord) -> FileRecord:
    mentions = [(str(span.surface or ""), str(span.label)) for span in record.spans]
    found = locate(str(record.text), mentions, record.line, record.group, record.annotator)
    found.unread, found.split = record.unread, record.split
    return found


def _other_text(path: Path, line: int, key: str, cells: dict[str, str], first: FileRecord) -> FileRecord:
    place = Place(str(path), line, f"id {key!r} has another text in line {first.line}", cells["text"][:80])
    error = ProjectError("One id, two texts", "Give each text an id of its own.", [place])
    return FileRecord(cells["text"], _spans(cells), line, error=error, raw=cells["text"])


def _spans(cells: dict[str, str]) -> list[FileSpan]:
    if not any(cells.get(name, "").strip().casefold() not in NOTHING for name in (*COLUMNS[1:], "surface")):
        return []
    start, end = (_number(cells.get(name, "")) for name in ("start", "end"))
    return [FileSpan(start, end, cells["label"], cells.get("surface") or cells.get("span"))]


def write(records: Iterable[AnnotatedText]) -> Iterator[str]:
    """Write a row for each span, and one for each text without any.

    records (Iterable[AnnotatedText]): The records.
    YIELDS (str): The rows.
    RAISES (ProjectError): If a text holds the character NUL, which Python 3.10 cannot put into a table.
    """
    yield _row("id", "text", "start", "end", "label", "surface", "group", "annotator")
    for number, record in enumerate(records, 1):
        about = (record.group, record.annotator)
        if "\0" in record.text:
            place = Place(record.file, record.line, "NUL in the text", record.text[:80].replace("\0", "\\0"))
            raise ProjectError("A table cannot hold this", "Mend the record, or export to another format.", [place])
        for span in record.spans:
            surface = record.text[span.start : span.end]
            yield _row(number, record.text, span.start, span.end, span.label, surface, *about)
        if not record.spans:
            yield _row(number, record.text, "", "", "", "", *about)


def _row(*values: object) -> str:
    row = io.StringIO()
    csv.writer(row, quoting=csv.QUOTE_NONNUMERIC).writerow(values)
    return row.getvalue()


def _number(value: str) -> Any:
    return int(value.partition(".")[0]) if NUMBER.fullmatch(value) else value


formats.register("table", func=Format("CSV or TSV with text, start, end, label", fits, read))
writers.register("table", func=Writer(write, ".csv"))
