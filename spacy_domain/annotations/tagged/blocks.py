"""The lines of a file with a token a line -> those of each text: blank lines and -DOCSTART- are between texts."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from .layout import Block, Layout

DOCSTART = "-DOCSTART-"
MARKS = ("#begin document", "#end document", "-DOCSTART")  # Liner2 has -DOCSTART FILE and a name
TAG = re.compile(
    r"\s*</?(?:doc|document|text|article|file|p|par|paragraph|s|sent|sentence)(?:\s+[\w:.-]+=(?:\"[^\"]*\"|'[^']*'))*\s*/?>\s*"
)
NUMBERED = re.compile(r"#\s*doc(ument)?[ _-]?(id)?\s*[:=]?\s*\S*\d\S*")  # "#doc 12", be there a blank line or not
STOPS = frozenset([".", "!", "?", "...", "…", "。", "！", "？", "।", "۔", "؟"])
LONGEST = 500  # lines of a text, where a file is nothing but one
CUT = "No blank line is between texts: they were cut behind what ends a sentence (. ! ?)"
NO_TOKEN = frozenset([",", ";", ",O", ";O", ",,", ";;"])  # a blank line, as a row of a table


def cut_at_stops(
    blocks: Iterable[Block], layout: Layout, is_outside: Callable[[Sequence[str]], bool]
) -> Iterator[tuple[Block, bool]]:
    """Cut the lines of a file that has no blank lines, and many, behind what ends a sentence.

    blocks (Iterable[list[tuple[int, str]]]): The lines of each text.
    layout (Layout): Where they have what.
    is_outside (Callable[[Sequence[str]], bool]): Whether a row is of no entity: the stop of "St." may be in one.
    YIELDS (tuple[list[tuple[int, str]], bool]): The lines of each, and whether they were cut so.
    """
    waiting = (block for block in blocks if not _is_header(block, layout))
    first, second = next(waiting, None), next(waiting, None)
    alone = first is not None and second is None
    pieces = _cut_at_empty(first, layout, is_outside) if first and alone else []
    if len(pieces) > 1:
        yield from ((piece, False) for piece in pieces)
        return
    if first is None or not alone or len(first) <= LONGEST or _has_comments(first, layout):
        yield from ((block, False) for block in chain(filter(None, (first, second)), waiting))
        return
    start = 0
    for i, (_, line) in enumerate(first, 1):
        row = layout.split(line)
        stops = layout.has_all(row) and layout.token_of(row) in STOPS and is_outside(row)
        if i == len(first) or stops:
            yield first[start:i], i < len(first)
            start = i


def _cut_at_empty(block: Block, layout: Layout, is_outside: Callable[[Sequence[str]], bool]) -> list[Block]:
    """Cut lines at those that have no token, and a tag of none, as data frames make them of blank lines."""
    pieces: list[list[tuple[int, str]]] = [[]]
    for number, line in block:
        row = layout.split(line)
        if layout.has_all(row) and not layout.token_of(row) and not row[layout.token] and is_outside(row):
            pieces.append([])
        else:
            pieces[-1].append((number, line))
    return list(filter(None, pieces))


def _is_header(block: Block, layout: Layout) -> bool:
    """Whether lines are the names of the columns alone, with a blank line behind."""
    return len(block) == 1 and bool(layout.header) and tuple(map(str.strip, layout.split(block[0][1]))) == layout.header


def _has_comments(block: Block, layout: Layout) -> bool:
    return any(line.startswith("#") and not layout.has_all(layout.split(line)) for _, line in block)


def _is_token(line: str) -> bool:
    """Whether a line has a token, and is not between texts: a blank one, a mark, a tag of XML."""
    if not line or line.isspace() or line.startswith(MARKS) or DOCSTART in line or line in NO_TOKEN:
        return False
    return line.lstrip()[0] != "<" or not TAG.fullmatch(line)


def find_blocks(lines: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Find the lines of each text, comments among them.

    lines (Iterable[tuple[int, str]]): The lines and their numbers.
    YIELDS (list[tuple[int, str]]): The lines of a text, with their numbers.
    """
    block: list[tuple[int, str]] = []
    for number, line in lines:
        if _is_token(line):
            if line[0] == "#" and block and NUMBERED.fullmatch(line):
                yield block
                block = []
            block.append((number, line))
        elif block:
            yield block
            block = []
    if block:
        yield block
