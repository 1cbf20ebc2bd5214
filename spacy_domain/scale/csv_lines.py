"""The rows of a table in CSV, of which a part can be read alone."""

import csv
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

DELIMITERS = (",", ";", "\t")
LONGEST = 2**22  # bytes of a row; one with more has most likely a quote that nothing closes
csv.field_size_limit(2**31 - 1)


def find_header(file_: BinaryIO) -> tuple[tuple[str, ...], str, int]:
    """Read the names of the columns.

    file_ (BinaryIO): The file, at its beginning.
    RETURNS (tuple[tuple[str, ...], str, int]): The names, what is between them, and where the rows begin, in bytes.
    """
    line = file_.readline()
    header = line.removeprefix(BOM_UTF8).decode("utf-8", "replace").strip("\r\n")
    delimiter = max(DELIMITERS, key=header.count)
    return tuple(next(csv.reader([header], delimiter=delimiter), ())), delimiter, len(line)


def measure_rows(file_: BinaryIO, delimiter: str, start: int, size: int) -> Iterator[int]:
    """Find ends of rows that are about so many bytes apart.

    file_ (BinaryIO): The file.
    delimiter (str): What is between columns.
    start (int): Where the rows begin.
    size (int): How many bytes.
    YIELDS (int): The ends; the last is that of the last row.
    """
    file_.seek(start)
    before = place = start
    for _, _, raw, _ in read_rows(file_, delimiter):
        if place - before and place + len(raw) - before > size:
            yield place
            before = place
        place += len(raw)
    if place > before:
        yield place


def read_rows(
    file_: BinaryIO, delimiter: str, end: int | None = None
) -> Iterator[tuple[int, list[str] | None, bytes, str]]:
    """Read rows from where a file stands.

    file_ (BinaryIO): The file, at the beginning of a row.
    delimiter (str): What is between columns.
    end (Optional[int]): Where the last row ends, in bytes; None for the end of the file.
    YIELDS (tuple[int, Optional[list[str]], bytes, str]): The line that it begins on, from 0; the cells, None if they
        cannot be read; what the file has there; and what is wrong. A blank row has no cells.
    """
    lines = _Lines(file_, end)
    while True:
        line = lines.number
        lines.begin()
        wrong = ""
        try:
            cells = next(csv.reader(lines, delimiter=delimiter, strict=True), None)
        except csv.Error as error:  # what opened a quote may have taken in the rows behind it: they are read once more
            cells, wrong = None, str(error)
            lines.give_back()
        raw = b"".join(lines.current)
        if cells is None and not raw:
            return
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError as error:
            cells, wrong = None, f"not UTF-8: byte {raw[error.start]:#x}"
        yield line, cells, raw, wrong


class _Lines:
    """The lines of a file, of which all since `begin` but the first can be given back."""

    def __init__(self, file_: BinaryIO, end: int | None):
        self.file, self.end = file_, end
        self.place = file_.tell()
        self.waiting: deque[bytes] = deque()
        self.current: list[bytes] = []
        self.number = self.size = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.waiting.popleft() if self.waiting else b"" if self.place == self.end else self.file.readline()
        if not line:
            raise StopIteration
        self.current.append(line)
        self.number += 1
        self.place += len(line)
        self.size += len(line)
        if self.size > LONGEST:
            raise csv.Error(f"a row of more than {LONGEST} bytes, or a quote that nothing closes")
        return line.decode("utf-8", "replace")

    def begin(self) -> None:
        self.current, self.size = [], 0

    def give_back(self) -> None:
        others = self.current[1:]
        self.waiting.extendleft(reversed(others))
        self.number -= len(others)
        self.place -= sum(map(len, others))
        self.current = self.current[:1]
