"""A span a row, as CSV or TSV: id, text, start, end, label.

A row without start, end and label is a text without spans. Optional columns: surface (or span), group, annotator.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..errors import Place, ProjectError
from .formats import Format, Writer, formats, writers
from .record import AnnotatedText, FileRecord, FileSpan
from .text import Beginning, read_chunks

COLUMNS = ("text", "start", "end", "label")


def _delimiter(header: str) -> str | None:
    for delimiter in (",", ";", "\t"):
        if set(COLUMNS) <= set(_names(header, delimiter)):
            return delimiter
    return None


def _names(header: str, delimiter: str) -> list[str]:
    try:
        return [name.strip().casefold() for row in csv.reader([header], delimiter=delimiter) for name in row]
    except csv.Error:  # no header of a table
        return []


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether its first line names the columns.
    """
    return _delimiter(next(filter(str.strip, beginning.lines), "")) is not None


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file; the rows of one text, or of one id where there is one, follow one another.

    path (Path): The file.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If a column is missing, a row has too few, or an id two texts.
    """
    current: tuple[str, FileRecord] | None = None
    for line, row in _rows(path):
        key = row.get("id") or row["text"]
        if current is None or current[0] != key:
            if current:
                yield current[1]
            current = key, FileRecord(row["text"], [], line, group=row.get("group"))
            current[1].annotator = row.get("annotator")
        elif current[1].text != row["text"]:
            place = Place(str(path), line, f"id {key!r} has another text in line {current[1].line}", row["text"][:80])
            raise ProjectError("One id, two texts", "Give each text an id of its own.", [place])
        if row["start"].strip() or row["end"].strip() or row["label"].strip():
            start, end = _number(row["start"]), _number(row["end"])
            current[1].spans.append(FileSpan(start, end, row["label"], row.get("surface") or row.get("span")))
    if current:
        yield current[1]


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


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    lines = _lines(path)
    header = next(lines, "").strip()
    delimiter = _delimiter(header)
    if delimiter is None:
        place = Place(str(path), 1, f"no columns {', '.join(COLUMNS)}", header[:80])
        raise ProjectError("Broken table", "Name the columns in the first line.", [place])
    names = _names(header, delimiter)
    table = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 2
    while True:
        try:
            values = next(table, None)
        except csv.Error as error:
            place = Place(str(path), line, str(error))
            raise ProjectError(
                "Broken table", "Mend the row: a quote in a quoted text is written twice.", [place]
            ) from None
        if values is None:
            return
        if any(value.strip() for value in values):
            if len(values) != len(names):
                place = Place(str(path), line, f"{len(values)} columns for {len(names)} names", ",".join(values)[:80])
                raise ProjectError("Broken table", "Mend the row.", [place])
            yield line, dict(zip(names, values, strict=True))
        line = table.line_num + 2


def _lines(path: Path) -> Iterator[str]:
    """Lines with their ends: those within quotes belong to the text."""
    rest = ""
    for chunk in read_chunks(path):
        *lines, rest = io.StringIO(rest + chunk, newline="").readlines() or [""]
        yield from lines
    yield from [rest] if rest else []


def _number(value: str) -> Any:
    return int(value) if value.strip().lstrip("-").isdecimal() else value


formats.register("table", func=Format("CSV or TSV with text, start, end, label", fits, read))
writers.register("table", func=Writer(write, ".csv"))
