"""Tokens as token|TAG, or token|...|TAG with other columns between, as spaCy's converter reads: a text a line.

Where each line has one token alone, texts are between blank lines.
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


def fits(beginning: Beginning) -> bool:
    """Tell whether a file has token|TAG.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it has.
    """
    lines = [line for line in beginning.lines if not _is_no_text(line)]
    tagged = [parts for line in lines if (parts := _parts(line)) and all(len(part) > 1 and part[-1] for part in parts)]
    if not tagged or len(tagged) < 0.8 * len(lines) or beginning.one_line or is_header(lines[0].split("|")):
        return False
    return find_scheme(Counter(part[-1] for parts in tagged for part in parts)) is not None


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file.

    path (Path): The file.
    YIELDS (FileRecord): The records; one in which a token has no tag with its error.
    RAISES (ProjectError): If its lines end in CR alone.
    """
    refuse_one_line(read_beginning(path))
    counts: Counter[str] = Counter()
    longest = 0
    for _, line in read_lines(path):
        if not _is_no_text(line):
            parts = _parts(line)
            longest = max(longest, len(parts))
            counts.update(part[-1] for part in parts if len(part) > 1)
    scheme = find_scheme(counts) or USUAL
    tagging = Tagging(1, scheme, known_tags(counts, scheme))
    notes = list(describe_tagging(Layout(True, 2, 0, (1,)), tagging))
    for no_text, block in groupby(read_lines(path), key=lambda numbered: _is_no_text(numbered[1])):
        for lines in () if no_text else [block] if longest == 1 else ([numbered] for numbered in block):
            record = _read_lines(path, tagging, list(lines)).to_record()
            record.notes, notes = notes + record.notes, []
            yield record


def _read_lines(path: Path, tagging: Tagging, lines: Sequence[tuple[int, str]]) -> TaggedText:
    text = TaggedText(path, lines[0][0], raw=[line for _, line in lines])
    for number, line in lines:
        for part in _parts(line):
            if len(part) < 2:
                text.fail("Token without tag", number, f"{part[0]!r} has none: write token|TAG", line)
            meant = tagging.parse(part[-1]) if len(part) > 1 else NO_ENTITY
            if meant is None:
                text.fail("Unknown tag", number, tagging.refuse(part[-1]), line)
            text.add(part[0] or "|", meant)
    return text


def _is_no_text(line: str) -> bool:
    """Whether a line is blank, says that a document begins, or is a comment."""
    return not line.strip() or line.startswith(DOCSTART) or (line[0] == "#" and "|" not in line)


def _parts(line: str) -> list[list[str]]:
    """The tokens of a line, each with what is between its pipes; a pipe may be the token."""
    return [part.split("|") for part in split_at_spaces(line.strip())]


formats.register("iob_pipes", func=Format("token|TAG, a text a line", fits, read, certain=True, remark=REMARK))
