"""Tokens with tags -> text with spans. Tags may be IO, IOB1, IOB2, BILUO or BIOES: one reading serves all of them."""

import re
from collections.abc import Sequence

from .record import FileRecord, FileSpan

TAG = re.compile(r"([BILUES])-(.+)")
STARTS, ENDS = "BUS", "LUES"


def decode(tags: Sequence[str]) -> tuple[list[tuple[int, int, str]], list[int]]:
    """Find the entities that tags mean.

    B, U and S begin one; I, L and E go on with one of the same label and else begin one, as in IOB1; L, U, E and S end
    it. A label without prefix goes on with its like.

    tags (Sequence[str]): A tag a token; "-" and "" are missing.
    RETURNS (tuple[list[tuple[int, int, str]], list[int]]): First token, the one behind the last, and label of each
        entity; and the tokens whose tag is missing.
    """
    entities: list[tuple[int, int, str]] = []
    missing = []
    label, start = "", 0
    for i, tag in enumerate([*tags, "O"]):
        found = TAG.fullmatch(tag)
        prefix, name = (found[1], found[2]) if found else ("I", "" if tag in ("O", "-", "") else tag)
        if i < len(tags) and tag in ("-", ""):
            missing.append(i)
        if label and (name != label or prefix in STARTS):
            entities.append((start, i, label))
            label = ""
        if name and not label:
            label, start = name, i
        if label and prefix in ENDS:
            entities.append((start, i + 1, label))
            label = ""
    return entities, missing


def tokens_to_record(tags: Sequence[str], borders: Sequence[tuple[int, int]], text: str, line: int) -> FileRecord:
    """Make a record of tokens.

    tokens (Sequence[str]): The tokens.
    tags (Sequence[str]): Their tags.
    borders (Sequence[tuple[int, int]]): Where each token starts and ends in the text, in code points.
    text (str): The text.
    line (int): The line of the first token.
    RETURNS (FileRecord): The record.
    """
    entities, missing = decode(tags)
    spans = [FileSpan(borders[start][0], borders[end - 1][1], label) for start, end, label in entities]
    return FileRecord(text, spans, line, unknown=[borders[token] for token in missing])


def join(tokens: Sequence[str], spaces: Sequence[str | None] = ()) -> tuple[str, list[tuple[int, int]]]:
    """Rebuild a text, with a space between any two tokens where nothing else is known.

    Every entity then fits the tokens of any tokenizer that splits on spaces.

    tokens (Sequence[str]): The tokens.
    spaces (Sequence[Optional[str]]): The white space before the first token and after each, None where it is not known.
    RETURNS (tuple[str, list[tuple[int, int]]]): The text, and where each token starts and ends.
    """
    known = list(spaces) or [""] + [None] * len(tokens)
    if known[-1] is None:
        known[-1] = ""
    text, borders = known[0] or "", []
    for token, after in zip(tokens, known[1:], strict=True):
        borders.append((len(text), len(text) + len(token)))
        text += token + (" " if after is None else after)
    return text, borders
