"""Text in UTF-16 or UTF-32, as Excel ("Unicode text") and PowerShell write it, and XML in any encoding -> UTF-8.

Only a file whose first bytes say so is one: they leave no choice. In Latin-1 and its kin, any byte is a character, so
that a wrong guess would change texts without a word: such files are refused.
"""

import codecs
import re
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from ..project.errors import Place, ProjectError

DECLARED = re.compile(rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]+)["']""")
# UTF-32 first: it begins as UTF-16 does
BOMS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
rewritten = ExitStack()  # what was rewritten stays while the process lives


def find_encoding(path: Path) -> str:
    """RETURNS (str): What a file's first bytes say it is written in: a byte order mark, or XML; empty for UTF-8."""
    with path.open("rb") as file_:
        start = file_.read(200)
    by_mark = next((name for bom, name in BOMS.items() if start.startswith(bom)), "")
    declared = DECLARED.match(start)
    name = declared[1].decode().casefold() if declared and not by_mark else ""
    # What could be read so far is none of UTF-16, whatever it says
    return by_mark or ("" if name.startswith(("utf", "us-ascii", "ascii")) else name)


def open_utf8(path: Path) -> BinaryIO:
    """Open a text file to read it as UTF-8, whatever its first bytes say it is written in.

    path (Path): The file.
    RETURNS (BinaryIO): The open file.
    RAISES (ProjectError): If it is not what its first bytes say.
    """
    encoding = find_encoding(path)
    if not encoding:
        return path.open("rb")
    state = path.stat()
    return _rewrite(path, encoding, state.st_mtime_ns, state.st_size).open("rb")


def read_utf8(path: Path) -> bytes:
    """RETURNS (bytes): What is in a text file, as UTF-8, as `open_utf8` has it."""
    with open_utf8(path) as file_:
        return file_.read()


@cache
def _rewrite(path: Path, encoding: str, changed: int, size: int) -> Path:
    """Write a file once more, as UTF-8, for this process; again if it has changed."""
    target = Path(rewritten.enter_context(TemporaryDirectory(ignore_cleanup_errors=True))) / path.name
    line = 1
    try:
        with (
            path.open(encoding=encoding, newline="") as source,
            target.open("w", encoding="utf-8", newline="") as file_,
        ):
            for text in source:
                file_.write(text)
                line += text.endswith("\n")
    except (UnicodeError, LookupError) as error:
        name, reason = encoding.upper(), getattr(error, "reason", str(error))
        place = Place(str(path), line, f"{name} by its first bytes, and not {name} from here on: {reason}")
        raise ProjectError("Broken text file", "Export it again, or save it as UTF-8.", [place]) from None
    return target
