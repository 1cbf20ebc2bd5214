"""Text files as people save them: with or without BOM, with any line end."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import Place, ProjectError

BOM = codecs.BOM_UTF8
UTF16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


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
    with path.open("rb") as file_:
        while block := file_.read(size):
            block += file_.readline()
            yield Stretch(start, start + len(block), line)
            start += len(block)
            line += block.count(b"\n")


def read_lines(path: Path, stretch: Stretch = Stretch()) -> Iterator[tuple[int, str]]:
    """Read the lines of a UTF-8 file.

    path (Path): The file.
    stretch (Stretch): Which of them.
    YIELDS (tuple[int, str]): Line number from 1, and the line without its end.
    RAISES (ProjectError): If a line is not UTF-8.
    """
    with path.open("rb") as file_:
        file_.seek(stretch.start)
        position = stretch.start
        for number, line in enumerate(file_, stretch.line):
            if position == stretch.end:
                return
            position += len(line)
            if number == 1:
                if line.startswith(UTF16_BOMS):
                    raise _not_utf8(path, number, "the file is UTF-16")
                line = line.removeprefix(BOM)
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError as error:
                around = line[max(0, error.start - 20) : error.end + 20].decode("utf-8", "backslashreplace")
                raise _not_utf8(path, number, f"byte {line[error.start]:#x}", around.strip()) from None
            yield number, text.rstrip("\r\n")


def read_chunks(path: Path, size: int = 2**16) -> Iterator[str]:
    """Read a UTF-8 file in pieces.

    path (Path): The file.
    size (int): Size of a piece, in bytes.
    YIELDS (str): The pieces; none is empty.
    RAISES (ProjectError): If the file is not UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    lines = 1
    with path.open("rb") as file_:
        while data := file_.read(size):
            try:
                text = decoder.decode(data, final=len(data) < size)
            except UnicodeDecodeError as error:
                place = lines + data.count(b"\n", 0, error.start)
                raise _not_utf8(path, place, f"byte {error.object[error.start]:#x}") from None
            lines += text.count("\n")
            if text:
                yield text


def read_head(path: Path, size: int = 8192) -> str:
    """Read the beginning of a file, whatever its encoding, to see what it is.

    path (Path): The file.
    size (int): How much to read, in bytes.
    RETURNS (str): The text, without BOM.
    """
    with path.open("rb") as file_:
        return file_.read(size).decode("utf-8-sig", "replace")


def _not_utf8(path: Path, line: int, message: str, around: str = "") -> ProjectError:
    return ProjectError("Not UTF-8", "Save the file as UTF-8.", [Place(str(path), line, message, around)])
