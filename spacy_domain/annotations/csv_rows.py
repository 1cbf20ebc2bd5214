"""The rows of a table, as CSV or TSV, by the names of its columns; a broken one does not hide those behind it."""

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..project.errors import Place, ProjectError
from .text import SEPARATOR, read_chunks

DELIMITERS = (",", ";", "\t")
csv.field_size_limit(2**31 - 1)  # a text may be longer than the 131,072 characters that a cell may have by default


@dataclass
class Row:
    """A row of a table.

    line (int): The line that it starts on, from 1.
    cells (dict[str, str]): What is in it, by the names of the columns.
    error (Optional[ProjectError]): What is wrong with it.
    raw (str): What the file has there, if something is wrong.
    """

    line: int
    cells: dict[str, str] = field(default_factory=dict)
    error: ProjectError | None = None
    raw: str = ""


def column_names(header: str, delimiter: str) -> list[str]:
    """Read the names of columns.

    header (str): The first line.
    delimiter (str): What is between columns.
    RETURNS (list[str]): The names, in lower case; none if the line is no row of a table.
    """
    try:
        return [name.strip().casefold() for row in csv.reader([header], delimiter=delimiter) for name in row]
    except csv.Error:
        return []


def read_rows(path: Path, delimiter: str, words: bool = False) -> Iterator[Row]:
    """Read the rows behind the first one, which names the columns. Blank ones have no cells.

    path (Path): The file.
    delimiter (str): What is between columns.
    words (bool): Whether cells hold words, so that a quote may be one, and one that opens a cell is closed on its line.
    YIELDS (Row): The rows; one that is broken with its error.
    """
    source = _Lines(path)
    header = (line.strip("\r\n") for line in source if line.strip())
    names = column_names(next((line for line in header if not SEPARATOR.fullmatch(line)), ""), delimiter)
    source.begin()
    table = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        line = source.line + 1
        try:
            values = next(table, None)
            if words and values and len(source.current) > 1 and any("\n" in value.strip() for value in values):
                raise csv.Error("a quote is not closed on its line")
        except csv.Error as error:
            # What opened a quote may have taken in the rows behind it: they are read once more
            raw = source.give_back()
            cells = raw.rstrip("\r\n").split(delimiter)
            if words and len(cells) == len(names) and all(cell.strip('"') in ("", cell) for cell in cells):
                yield Row(line, dict(zip(names, cells, strict=True)))  # with a quote for a word
            else:
                remedy = "Mend the row: a quote in a quoted text is written twice."
                place = Place(str(path), line, str(error), raw.strip()[:80])
                yield Row(line, error=ProjectError("Broken table", remedy, [place]), raw=raw.rstrip("\r\n"))
            table = csv.reader(source, delimiter=delimiter, strict=True)
            continue
        if values is None:
            return
        if not any(value.strip() for value in values):
            yield Row(line)
        elif len(values) < len(names) or any(map(str.strip, values[len(names) :])):
            message, raw = f"{len(values)} columns for {len(names)} names", source.give_back()
            place = Place(str(path), line, message, raw.strip()[:80])
            yield Row(line, error=ProjectError("Broken table", "Mend the row.", [place]), raw=raw.rstrip("\r\n"))
            table = csv.reader(source, delimiter=delimiter, strict=True)
        else:
            yield Row(line, dict(zip(names, values, strict=False)))
        source.begin()


class _Lines:
    """The lines of a file with their ends, of which those since `begin` can be given back, all but the first."""

    def __init__(self, path: Path):
        self.lines = _read_lines(path)
        self.waiting: deque[str] = deque()
        self.current: list[str] = []
        self.line = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.waiting.popleft() if self.waiting else next(self.lines)
        self.current.append(line)
        self.line += 1
        return line

    def begin(self) -> None:
        self.current = []

    def give_back(self) -> str:
        """Give back all lines but the first, and return that."""
        first, *others = self.current
        self.waiting.extendleft(reversed(others))
        self.line -= len(others)
        self.current = []
        return first


def _read_lines(path: Path) -> Iterator[str]:
    """Lines with their ends: those within quotes belong to the text."""
    rest = ""
    for chunk in read_chunks(path):
        *lines, rest = io.StringIO(rest + chunk, newline="").readlines() or [""]
        yield from (line.removeprefix("\ufeff") for line in lines)  # where files were joined
    yield from [rest.removeprefix("\ufeff")] if rest else []
