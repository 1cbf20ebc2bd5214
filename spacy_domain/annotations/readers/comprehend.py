"""Annotations for Amazon Comprehend: CSV with File, Line, Begin Offset, End Offset and Type, the texts beside it.

Traps: with a line's number each line of a file is a text, and lines count from 0; lines that no row names are texts
without entities; without a number, or without that column, the whole file is a text. Offsets count characters, from the
start of the line (https://docs.aws.amazon.com/comprehend/latest/dg/cer-annotation-csv.html).
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...project.errors import Place, ProjectError
from ..formats import Format, formats
from ..record import FileRecord, FileSpan
from ..text import Beginning, read_lines
from .beside import read_beside

COLUMNS = ("file", "begin offset", "end offset", "type")


@dataclass
class _Row:
    line: int
    at: str  # the line's number in the text
    span: FileSpan
    source: str


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether its first line names the columns.
    """
    return set(COLUMNS) <= set(_cells(next(filter(str.strip, beginning.lines), "").casefold()))


def _cells(line: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], skipinitialspace=True), [])]
    except csv.Error:
        return []


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file: one record for each text that it names, and each line of such a text.

    path (Path): The file.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If it is not UTF-8.
    """
    lines = ((number, line) for number, line in read_lines(path) if line.strip())
    names = _cells(next(lines)[1].casefold())
    documents: defaultdict[str, list[_Row]] = defaultdict(list)
    for number, line in lines:
        row = dict(zip(names, _cells(line), strict=False))
        begin, end, label = row.get("begin offset", ""), row.get("end offset", ""), row.get("type", "")
        at = row.get("line", "")
        if not (begin.isdecimal() and end.isdecimal() and label and (at.isdecimal() or not at)):
            place = Place(str(path), number, "a file, a line, two offsets and a type are needed", line[:80])
            broken = ProjectError("Broken row", "Mend the row, or delete it.", [place])
            yield FileRecord(None, [], number, dropped=[line[:80]], error=broken, raw=line)
            continue
        documents[row["file"]].append(_Row(number, at, FileSpan(int(begin), int(end), label), line))
    for name, rows in documents.items():
        yield from _read_document(path, name, rows)


def _read_document(path: Path, name: str, rows: list[_Row]) -> Iterator[FileRecord]:
    try:
        text = read_beside(path, name, rows[0].line)
    except ProjectError as error:
        yield FileRecord(None, [row.span for row in rows], rows[0].line, error=error, raw=rows[0].source)
        return
    if not any(row.at for row in rows):
        yield FileRecord(text, [row.span for row in rows], rows[0].line)
        return
    texts = text.split("\n")
    spans: defaultdict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        spans[int(row.at or 0)].append(row)
    for number, line in enumerate(texts):
        found = spans.pop(number, [])
        if found or line.strip():
            yield FileRecord(line.rstrip("\r"), [row.span for row in found], found[0].line if found else rows[0].line)
    for number, left in spans.items():
        place = Place(str(path), left[0].line, f"{name} has no line {number}, counted from 0", left[0].source[:80])
        missing = ProjectError("Annotations without text", "Mend the row, or delete it.", [place])
        yield FileRecord(None, [row.span for row in left], left[0].line, error=missing, raw=left[0].source)


formats.register("comprehend", func=Format("CSV for Amazon Comprehend, texts beside it", fits, read))
