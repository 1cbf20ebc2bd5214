"""Text files as people save them: with or without BOM, with any line end."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from ..errors import Place, ProjectError

BOM = codecs.BOM_UTF8
UTF16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Read the lines of a UTF-8 file.

    path (Path): The file.
    YIELDS (tuple[int, str]): Line number from 1, and the line without its end.
    RAISES (ProjectError): If a line is not UTF-8.
    """
    with path.open("rb") as file_:
        for number, line in enumerate(file_, 1):
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
