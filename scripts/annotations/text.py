"""Text files as people save them: with or without BOM, with any line end."""

from collections.abc import Iterator
from pathlib import Path

from ..errors import Place, ProjectError

BOM = b"\xef\xbb\xbf"
UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Read the lines of a UTF-8 file that are not blank.

    path (Path): The file.
    YIELDS (Tuple[int, str]): Line number from 1, and the line without its end.
    RAISES (ProjectError): If a line is not UTF-8.
    """
    with path.open("rb") as file_:
        for number, line in enumerate(file_, 1):
            if number == 1:
                if line.startswith(UTF16_BOMS):
                    raise _not_utf8(path, number, "the file is UTF-16")
                line = line[len(BOM) :] if line.startswith(BOM) else line
            try:
                text = line.decode("utf-8").rstrip("\r\n")
            except UnicodeDecodeError as error:
                around = line[max(0, error.start - 20) : error.end + 20].decode("utf-8", "backslashreplace")
                raise _not_utf8(path, number, f"byte {line[error.start]:#x}", around.strip()) from None
            if text.strip():
                yield number, text


def read_head(path: Path, size: int = 4096) -> str:
    """Read the beginning of a file, whatever its encoding, to see what it is.

    path (Path): The file.
    size (int): How much to read, in bytes.
    RETURNS (str): The text, without BOM and leading white space.
    """
    with path.open("rb") as file_:
        return file_.read(size).decode("utf-8-sig", "replace").lstrip()


def _not_utf8(path: Path, line: int, message: str, around: str = "") -> ProjectError:
    return ProjectError("Not UTF-8", "Save the file as UTF-8.", [Place(str(path), line, message, around)])
