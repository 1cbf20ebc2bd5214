"""The lines of a file with a token a line -> those of each text: blank lines and -DOCSTART- are between texts."""

import re
from collections.abc import Iterable, Iterator

DOCSTART = "-DOCSTART-"
MARKS = ("#begin document", "#end document")
NUMBERED = re.compile(r"#\s*doc(ument)?[ _-]?(id)?\s*[:=]?\s*\S*\d\S*")  # "#doc 12", be there a blank line or not
NO_TOKEN = frozenset([",", ";", ",O", ";O", ",,", ";;"])  # a blank line, as a row of a table


def find_blocks(lines: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Find the lines of each text, comments among them.

    lines (Iterable[tuple[int, str]]): The lines and their numbers.
    YIELDS (list[tuple[int, str]]): The lines of a text, with their numbers.
    """
    block: list[tuple[int, str]] = []
    for number, line in lines:
        if line and not line.isspace() and not line.startswith(MARKS) and DOCSTART not in line and line not in NO_TOKEN:
            if line[0] == "#" and block and NUMBERED.fullmatch(line):
                yield block
                block = []
            block.append((number, line))
        elif block:
            yield block
            block = []
    if block:
        yield block
