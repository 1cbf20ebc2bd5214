"""Tokens as token|TAG, or token|...|TAG with other columns between, as spaCy's converter reads: a text a line.

Also token/TAG, as Stanford's tagger prints it, and token_TAG: the tag is behind the last of these signs, and some tag
is O, or they would be parts of speech. Where each line has one token alone, texts are between blank lines.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from ..formats import Format, formats
from ..record import FileRecord
from ..tagged.blocks import DOCSTART
from ..tagged.header import is_header
from ..tagged.layout import Layout, split_at_spaces
from ..tagged.tagged_text import REMARK, TaggedText
from ..tagged.tagging import Tagging, describe_tagging
from ..tagged.tags import NO_ENTITY, USUAL, find_scheme, known_tags
from ..text import Beginning, read_beginning, read_lines, refuse_one_line

SIGNS = ("|", "/", "_")


def fits(beginning: Beginning) -> bool:
    """Tell whether a file has token|TAG.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it has.
    """
    return bool(_find_sign(beginning))


def _find_sign(beginning: Beginning) -> str:
    """What is between token and tag; empty if nothing is."""
    lines = [line for line in beginning.lines if not _is_no_text(line)]
    if not lines or beginning.one_line or is_header(lines[0].split("|")):
        return ""
    for sign in SIGNS:
        parted = [parts for line in lines if (parts := _parts(line, sign))]
        tagged = [parts for parts in parted if all(len(part) > 1 and part[-1] for part in parts)]
        if len(tagged) >= 0.8 * len(lines):
            counts = Counter(part[-1] for parts in tagged for part in parts)
            if find_scheme(counts) is not None and (sign == SIGNS[0] or {"O"} < counts.keys()):
                return sign
    return ""


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file.

    path (Path): The file.
    YIELDS (FileRecord): The records; one in which a token has no tag with its error.
    RAISES (ProjectError): If its lines end in CR alone.
    """
    beginning = read_beginning(path)
    refuse_one_line(beginning)
    sign = _find_sign(beginning) or SIGNS[0]
    counts: Counter[str] = Counter()
    longest = 0
    for _, line in read_lines(path):
        if not _is_no_text(line):
            parts = _parts(line, sign)
            longest = max(longest, len(parts))
            counts.update(part[-1] for part in parts if len(part) > 1)
    scheme = find_scheme(counts) or USUAL
    tagging = Tagging(1, scheme, known_tags(counts, scheme))
    notes = list(describe_tagging(Layout(True, 2, 0, (1,)), tagging))
    for no_text, block in groupby(read_lines(path), key=lambda numbered: _is_no_text(numbered[1])):
        for lines in () if no_text else [block] if longest == 1 else ([numbered] for numbered in block):
            record = _read_lines(path, tagging, list(lines), sign).to_record()
            record.notes, notes = notes + record.notes, []
            yield record


def _read_lines(path: Path, tagging: Tagging, lines: Sequence[tuple[int, str]], sign: str) -> TaggedText:
    text = TaggedText(path, lines[0][0], raw=[line for _, line in lines])
    for number, line in lines:
        for part in _parts(line, sign):
            if len(part) < 2:
                text.fail("Token without tag", number, f"{part[0]!r} has none: write token{sign}TAG", line)
            meant = tagging.parse(part[-1]) if len(part) > 1 else NO_ENTITY
            if meant is None:
                text.fail("Unknown tag", number, tagging.refuse(part[-1]), line)
            text.add(part[0] or sign, meant)
    return text


def _is_no_text(line: str) -> bool:
    """Whether a line is blank, says that a document begins, or is a comment."""
    return not line.strip() or line.startswith(DOCSTART) or (line[0] == "#" and "|" not in line)


def _parts(line: str, sign: str) -> list[list[str]]:
    """The tokens of a line, each with what is between its pipes; a pipe may be the token. Other signs may be in it."""
    parts = split_at_spaces(line.strip())
    return [part.split(sign) if sign == SIGNS[0] else part.rsplit(sign, 1) for part in parts]


formats.register(
    "iob_pipes", func=Format("token|TAG or token/TAG, a text a line", fits, read, certain=True, remark=REMARK)
)
