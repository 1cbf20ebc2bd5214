"""A token and its tag a line, blank lines between texts (CoNLL); or a text a line, its tokens as token|TAG."""

import re
from collections.abc import Iterator
from pathlib import Path

from ..errors import Place, ProjectError
from .formats import Format, formats
from .record import FileRecord
from .tags import join, tokens_to_record
from .text import read_lines

TAG = r"(O|-|[BILUES]-\S+)"
COLUMNS = re.compile(rf"\S+([ \t]+\S+)*[ \t]+{TAG}[ \t]*")
PIPES = re.compile(rf"\S+\|{TAG}(\s+\S+\|{TAG})*\s*")
REMARK = "Texts were rebuilt from tokens, with a space between any two: the file does not say where spaces were."


def sniff(head: str) -> bool:
    """Tell whether a file begins like a token a line.

    head (str): The beginning of the file.
    RETURNS (bool): Whether it does.
    """
    return _share(head, COLUMNS) > 0.8 and not sniff_pipes(head)


def sniff_pipes(head: str) -> bool:
    """Tell whether a file begins like token|TAG.

    head (str): The beginning of the file.
    RETURNS (bool): Whether it does.
    """
    return _share(head, PIPES) > 0.8


def _share(head: str, pattern: re.Pattern[str]) -> float:
    lines = [line for line in head.split("\n")[:50] if line.strip() and not line.startswith(("-DOCSTART-", "#"))]
    lines = lines[:-1] or lines  # the last one may be cut off
    return sum(bool(pattern.fullmatch(line.rstrip("\r"))) for line in lines) / len(lines) if lines else 0.0


def read(path: Path) -> Iterator[FileRecord]:
    """Read a token a line: the first column is the token, the last its tag.

    path (Path): The file.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If a line has a token without tag.
    """
    tokens: list[str] = []
    tags: list[str] = []
    first = 0
    for number, line in read_lines(path):
        if not line.strip() or line.startswith("-DOCSTART-"):
            if tokens:
                yield _record(tokens, tags, first)
            tokens, tags = [], []
            continue
        columns = line.split("\t") if "\t" in line else line.split()
        columns = [column for column in columns if column.strip()]
        if line.startswith("#") and not COLUMNS.fullmatch(line):
            continue  # a comment, as CoNLL-U has
        if len(columns) < 2:
            place = Place(str(path), number, "found one column", line[:80])
            raise ProjectError("Token without tag", "Give it one (O if it is no entity), or delete the line.", [place])
        if not tokens:
            first = number
        tokens.append("".join(columns[0].split()))
        tags.append(columns[-1].strip())
    if tokens:
        yield _record(tokens, tags, first)


def read_pipes(path: Path) -> Iterator[FileRecord]:
    """Read a text a line, its tokens as token|TAG or token|…|TAG.

    path (Path): The file.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If a token has no tag.
    """
    for number, line in read_lines(path):
        parts = [part.split("|") for part in line.split()]
        bare = next((part for part in parts if len(part) < 2), None)
        if bare:
            place = Place(str(path), number, f"{bare[0]!r} has none", line[:80])
            raise ProjectError("Token without tag", "Write token|TAG.", [place])
        if parts:
            yield _record([part[0] or "|" for part in parts], [part[-1] for part in parts], number)


def _record(tokens: list[str], tags: list[str], line: int) -> FileRecord:
    text, borders = join(tokens)
    return tokens_to_record(tags, borders, text, line)


formats.register(
    "iob", func=Format("CoNLL, IOB, BILUO or BIOES, a token a line", sniff, read, certain=True, remark=REMARK)
)
formats.register(
    "iob_pipes", func=Format("token|TAG, a text a line", sniff_pipes, read_pipes, certain=True, remark=REMARK)
)
