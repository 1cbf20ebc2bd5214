"""CSV or TSV with a record a row, whose cells hold JSON: as Label Studio exports it ("label" is a list of spans), or a
data frame with a column of lists.
"""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from ...project.errors import ProjectError
from ..csv_rows import DELIMITERS, column_names, read_rows
from ..formats import Format, formats
from ..json_records import FALLBACK, find_format, read_value, unpack
from ..json_values import Value, parse_cell
from ..record import FileRecord
from ..text import Beginning, read_beginning
from ..unread import find_labelled

LOOKED_AT = 50  # rows
MORE = re.compile(r"[{(]|\[\[|\[\d+,")  # spans or numbers: lists of words and tags are a matter of sentences.py


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether a row of it is a record of some JSON format, with spans.
    """
    if not any("[" in line and MORE.search(line) for line in beginning.lines):
        return False
    try:
        return any(_delimiter(beginning.path))
    except ProjectError:
        return False


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file.

    path (Path): The file.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If it is no table.
    """
    for row in read_rows(path, _delimiter(path) or DELIMITERS[0]):
        if row.error:
            yield FileRecord(None, [], row.line, error=row.error, raw=row.raw)
        elif row.cells:
            record = {name: parse_cell(cell) for name, cell in row.cells.items()}
            yield from (found for _, found in read_value(Value(record, path, row.line, "")))


def _delimiter(path: Path) -> str:
    """The delimiter under which rows are records; empty if there is none."""
    first = read_beginning(path).first
    for delimiter in DELIMITERS:
        if any(isinstance(parse_cell(name), (list, dict)) for name in column_names(first, delimiter)):
            continue  # a record already: without names of columns nothing tells which cell is what
        for row in islice(read_rows(path, delimiter), LOOKED_AT):
            record = {name: parse_cell(cell) for name, cell in row.cells.items()}
            if any(isinstance(cell, (list, dict)) and cell for cell in record.values()) and _has_spans(record):
                return delimiter
    return ""


def _has_spans(record: dict[str, Any]) -> bool:
    """Whether a row is a record of a format with marks of its own, or one with spans: any text may have brackets."""
    format_ = find_format(unpack(record))
    return format_ is not None and (format_ is not formats.get(FALLBACK) or any(find_labelled(record)))


formats.register("rows", func=Format("CSV or TSV with a record a row and JSON in its cells", fits, read))
