"""CSV or TSV with a record a row, whose cells hold JSON: as Label Studio exports it ("label" is a list of spans), or a
data frame with a column of lists.
"""

import ast
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import Place, ProjectError
from .formats import Format, formats
from .json_records import find_format, read_value
from .json_values import Value
from .record import FileRecord
from .text import Beginning, read_chunks

DELIMITERS = ",;\t"
LOOKED_AT = 50  # rows
csv.field_size_limit(2**31 - 1)  # a text may be longer than the 131,072 characters that a cell may have by default


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether a row of it is a record of some JSON format, with spans.
    """
    if not any("[" in line and ("{" in line or "(" in line or "[[" in line) for line in beginning.lines):
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
    for line, row in _rows(path, _delimiter(path)):
        for _, record in read_value(Value(row, path, line, "")):
            yield record


def _delimiter(path: Path) -> str:
    """The delimiter under which rows are records; empty if there is none."""
    for delimiter in DELIMITERS:
        for number, (_, row) in enumerate(_rows(path, delimiter)):
            if any(isinstance(cell, list) and cell for cell in row.values()) and find_format(row):
                return delimiter
            if number == LOOKED_AT:
                break
    return ""


def _rows(path: Path, delimiter: str) -> Iterator[tuple[int, dict[str, Any]]]:
    table = csv.reader(_lines(path), delimiter=delimiter or ",", strict=True)
    line = 1
    try:
        names = next(table, [])
        line = table.line_num + 1
        for cells in table:
            if len(cells) == len(names):
                yield line, {name.strip(): _value(cell) for name, cell in zip(names, cells, strict=True)}
            elif any(cells):
                yield line, {"cells": cells}
            line = table.line_num + 1
    except csv.Error as error:
        remedy = "Mend the row: a quote in a quoted text is written twice."
        raise ProjectError("Broken table", remedy, [Place(str(path), line, str(error))]) from None


def _lines(path: Path) -> Iterator[str]:
    rest = ""
    for chunk in read_chunks(path):
        *lines, rest = (rest + chunk).split("\n")
        yield from (line + "\n" for line in lines)
    if rest:
        yield rest


def _value(cell: str) -> Any:
    """What a cell holds: a list or an object, as JSON or as Python writes it, or a text."""
    if cell.startswith(("[", "{")) and cell.rstrip().endswith(("]", "}")):
        for parse in (json.loads, ast.literal_eval):
            try:
                return json.loads(json.dumps(parse(cell)))
            except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                continue
    return cell


formats.register("rows", func=Format("CSV or TSV with a record a row and JSON in its cells", fits, read))
