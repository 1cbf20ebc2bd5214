"""Text files as people save them: with or without BOM, in UTF-8 or what encoding.py makes of it, with any line end."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..project.errors import Place, ProjectError
from .encoding import open_utf8

BOM = codecs.BOM_UTF8
NO_TEXT = re.compile("%PDF-|[\0-\x08]")
LFS = "version https://git-lfs.github.com/spec/"
SEPARATOR = re.compile(r'"?sep=.?"?')  # above a table that Excel is to open
SAVE_AS_UTF8 = (
    'Save the file as UTF-8: in an editor or spreadsheet by its "Save as", or with iconv -f CP1252 -t UTF-8 OLD > NEW, '
    "where CP1252 stands for what it is written in."
)


@dataclass(frozen=True)
class Stretch:
    """Some lines of a file.

    start (int): Where the first begins, in bytes.
    end (Optional[int]): Where the last ends, in bytes; None for the end of the file.
    line (int): Number of the first, from 1.
    """

    start: int = 0
    end: int | None = None
    line: int = 1


def cut_at_lines(path: Path, size: int = 2**22) -> Iterator[Stretch]:
    """Cut a file between lines.

    path (Path): The file.
    size (int): How large a piece should be at least, in bytes.
    YIELDS (Stretch): The pieces.
    """
    start, line = 0, 1
    with open_utf8(path) as file_:
        while block := file_.read(size):
            block += file_.readline()
            yield Stretch(start, start + len(block), line)
            start += len(block)
            line += block.count(b"\n")


def read_lines(path: Path, stretch: Stretch = Stretch()) -> Iterator[tuple[int, str]]:
    """Read the lines of a text file.

    path (Path): The file.
    stretch (Stretch): Which of them.
    YIELDS (tuple[int, str]): Line number from 1, and the line without its end.
    RAISES (ProjectError): If a line is not UTF-8.
    """
    with open_utf8(path) as file_:
        file_.seek(stretch.start)
        position = stretch.start
        for number, line in enumerate(file_, stretch.line):
            if position == stretch.end:
                return
            position += len(line)
            line = line.removeprefix(BOM)  # one further down stands where files were joined
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError as error:
                around = line[max(0, error.start - 20) : error.end + 20].decode("utf-8", "backslashreplace")
                raise _not_utf8(path, number, f"byte {line[error.start]:#x}", around.strip()) from None
            yield number, text.rstrip("\r\n")


def read_chunks(path: Path, size: int = 2**16) -> Iterator[str]:
    """Read a text file in pieces.

    path (Path): The file.
    size (int): Size of a piece, in bytes.
    YIELDS (str): The pieces; none is empty.
    RAISES (ProjectError): If the file is not UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    lines = 1
    with open_utf8(path) as file_:
        data: bytes | None = None
        while data != b"":
            data = file_.read(size)
            try:
                text = decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                place = lines + data.count(b"\n", 0, error.start)
                raise _not_utf8(path, place, f"byte {error.object[error.start]:#x}") from None
            lines += text.count("\n")
            if text:
                yield text


@dataclass(frozen=True)
class Beginning:
    """The beginning of a file, whatever its encoding, by which its format is told.

    path (Path): The file.
    lines (list[str]): Its first lines, each of them whole, without BOM and ends.
    start (bytes): Its first bytes.
    """

    path: Path
    lines: list[str]
    start: bytes

    @property
    def text(self) -> str:
        """RETURNS (str): The lines as one text."""
        return "\n".join(self.lines)

    @property
    def blank(self) -> bool:
        """RETURNS (bool): Whether there is nothing but white space."""
        return not any(map(str.strip, self.lines))

    @property
    def first(self) -> str:
        """RETURNS (str): The first line that is not blank, nor says to Excel what is between columns; empty if there is
        none."""
        return next((line for line in self.lines if line.strip() and not SEPARATOR.fullmatch(line)), "")

    @property
    def one_line(self) -> bool:
        """RETURNS (bool): Whether lines end in CR alone, as on old Macs, so that all of it is one line."""
        return self.text.count("\r") > len(self.lines)


def read_beginning(path: Path, lines: int = 500, size: int = 2**20) -> Beginning:
    """Read the first lines of a file, and at least one that is not blank, nor begins as comments do, however long.

    path (Path): The file.
    lines (int): How many lines at most; what may be comments does not count.
    size (int): After how many bytes to stop, if there is such a line.
    RETURNS (Beginning): The beginning.
    """
    found: list[str] = []
    read, counted, told = 0, 0, False
    with open_utf8(path) as file_:
        start = file_.read(16)
        file_.seek(0)
        for line in file_:
            found.append(line.removeprefix(BOM if not found else b"").decode("utf-8", "replace").rstrip("\r\n"))
            comment = found[-1].startswith("#")
            read, counted = read + len(line), counted + (not comment)
            told = told or (not comment and bool(found[-1].strip()))
            if told and (counted >= lines or read >= size):
                break
    return Beginning(path, found, start)


def refuse_binary(beginning: Beginning) -> None:
    """Refuse a file that is no text: a picture, a pickle, a sheet of Excel, or what Git has in place of a large file.

    beginning (Beginning): Its beginning.
    RAISES (ProjectError): If its first bytes are no text's, or say that the file is elsewhere.
    """
    if beginning.first.startswith(LFS):
        place = Place(str(beginning.path), 1, "its content is kept by Git LFS", beginning.first)
        raise ProjectError("The file itself is not there", "Fetch it: git lfs pull.", [place])
    if any(byte < 9 for byte in beginning.start) or NO_TEXT.search(beginning.text[:4096]):
        place = Place(str(beginning.path), None, f"begins with {beginning.start[:8]!r}")
        raise ProjectError("Not a text file", "Export its content as text (a sheet as CSV), or move it away.", [place])


def refuse_other_encoding(beginning: Beginning) -> None:
    """Refuse a file that is not UTF-8.

    beginning (Beginning): Its beginning.
    RAISES (ProjectError): If one of its first lines is not.
    """
    if "\ufffd" in beginning.text:
        for _ in islice(read_lines(beginning.path), len(beginning.lines)):
            pass


def refuse_one_line(beginning: Beginning) -> None:
    """Refuse a file whose lines end in CR alone, where lines matter.

    beginning (Beginning): Its beginning.
    RAISES (ProjectError): If they do.
    """
    if beginning.one_line:
        place = Place(str(beginning.path), 1, "lines end in CR alone", beginning.text[:80].replace("\r", " "))
        raise ProjectError("Line ends of old Macs", "Save the file with LF or CR LF between lines.", [place])


def _not_utf8(path: Path, line: int, message: str, around: str = "") -> ProjectError:
    return ProjectError("Not UTF-8", SAVE_AS_UTF8, [Place(str(path), line, message, around)])
