"""The text of a list of tokens: the one that the record holds beside them, else one rebuilt of them."""

from collections.abc import Iterable, Sequence
from typing import Any

from .tags import join

REMARK = "Texts were rebuilt from tokens, with a space between any two, where no text stands beside them."


def place_tokens(tokens: Sequence[str], texts: Iterable[Any] = ()) -> tuple[str, list[tuple[int, int]]]:
    """Place tokens in a text.

    tokens (Sequence[str]): The tokens.
    texts (Iterable[Any]): What may be the text that they come from.
    RETURNS (tuple[str, list[tuple[int, int]]]): The first text that holds all tokens, one behind the other, and nothing
        else but white space; if there is none, one with a space between any two. And where each token starts and ends.
    """
    for text in texts:
        borders = _find(tokens, text) if isinstance(text, str) else None
        if borders is not None:
            return text, borders
    return join(tokens)


def _find(tokens: Sequence[str], text: str) -> list[tuple[int, int]] | None:
    borders, position = [], 0
    for token in tokens:
        start = text.find(token, position) if token else position
        if start < 0 or text[position:start].strip():
            return None
        position = start + len(token)
        borders.append((start, position))
    return None if text[position:].strip() else borders
