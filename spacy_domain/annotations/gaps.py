"""Spaces that were put between tokens of scripts that are written without spaces, and taken out again.

A text that is rebuilt from tokens has a space between any two. In Chinese, Japanese, Thai and their like nobody writes
one, and a model that learns from texts with spaces finds nothing in real ones. A tokenizer that does not cut these
scripts needs them, though: then they stay.
"""

import re
from collections.abc import Sequence

from .record import FileRecord

# Thai, Lao, Tibetan, Burmese, Khmer; punctuation and letters of Chinese and Japanese; their full-width forms
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u312f\u3190-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
    "\U00020000-\U0003ffff]"
)
JOINED = "Scripts that are written without spaces are joined without them"
SPACED = "Scripts that are written without spaces keep those between tokens: the base's tokenizer cannot cut them"


def find_gaps(
    tokens: Sequence[str], borders: Sequence[tuple[int, int]], spaces: Sequence[str | None] = ()
) -> list[int]:
    """Find the spaces that nobody wrote.

    tokens (Sequence[str]): The tokens of a text that was rebuilt.
    borders (Sequence[tuple[int, int]]): Where each is in it.
    spaces (Sequence[Optional[str]]): The white space after each token, None where it is not known; none if none is.
    RETURNS (list[int]): Where the spaces are: those at characters of such scripts and, where most tokens are one
        character and of these scripts, all.
    """
    if all(map(str.isascii, tokens)):
        return []
    single = sum(len(token) == 1 and bool(UNSPACED.match(token)) for token in tokens)
    every = 2 * single > len(tokens)
    return [
        borders[i][1]
        for i in range(len(tokens) - 1)
        if (not spaces or spaces[i] is None)
        and borders[i][1] < borders[i + 1][0]
        and (every or UNSPACED.match(tokens[i][-1:]) or UNSPACED.match(tokens[i + 1][:1]))
    ]


def close_gaps(record: FileRecord) -> None:
    """Take them out.

    record (FileRecord): The record, which has its gaps; changed in place.
    """
    text: str = record.text
    pieces, position, moved, lost = [], 0, [], 0
    for gap in [*record.gaps, len(text)]:
        pieces.append(text[position:gap])
        moved += [offset - lost for offset in range(position, gap + 1)]
        position, lost = gap + 1, lost + 1
    record.text = "".join(pieces)
    for span in record.spans:
        span.start, span.end = moved[span.start], moved[span.end]
        span.surface = span.surface and record.text[span.start : span.end]
    record.unknown = [(moved[start], moved[end]) for start, end in record.unknown]
    record.gaps = []
