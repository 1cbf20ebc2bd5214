"""Columns whose values run over rows that follow one another: numbers of sentences and of tokens, and ids of texts."""

import re
from itertools import groupby, pairwise

NUMBER = re.compile(r"\d+(?:[-.]\d+)?")
MOST = 0.95
Rows = list[list[str]]


def find_sentences(blocks: list[Rows], width: int) -> int | None:
    """Find the column that numbers sentences, each value in rows that follow one another, where there is one block.

    blocks (list[list[list[str]]]): The rows of each block.
    width (int): How many columns they have.
    RETURNS (Optional[int]): The column; None if there is none.
    """
    for column in range(width if len(blocks) == 1 else 0):
        values = [value for row in blocks[0] if (value := row[column].strip())]
        runs = [value for value, _ in groupby(values)]
        found = [re.fullmatch(r"([^\d]*)(\d+)", value) for value in runs]
        if not 2 <= len(runs) <= len(blocks[0]) / 2 or None in found or not blocks[0][0][column].strip():
            continue
        numbers = [int(one[2]) for one in found if one]
        if len({one[1] for one in found if one}) == 1 and all(a < b for a, b in pairwise(numbers)):
            return column
    return None


def split_rows(rows: Rows, column: int) -> list[Rows]:
    """RETURNS (list[list[list[str]]]): Rows, cut where a column has another value, an empty one aside."""
    blocks: list[Rows] = []
    last = ""
    for row in rows:
        value = row[column].strip() or last
        if value != last:
            blocks.append([])
        blocks[-1].append(row)
        last = value
    return blocks


def counts_tokens(blocks: list[Rows], column: int) -> bool:
    """RETURNS (bool): Whether a column counts the tokens of each block."""
    steps = right = numbers = total = 0
    for block in blocks:
        last: int | None = None
        for row in block:
            value = row[column].strip()
            total += 1
            if not NUMBER.fullmatch(value):
                continue
            numbers += 1
            if value.isdecimal():
                if last is not None:
                    steps += 1
                    right += int(value) == last + 1
                elif int(value) in (0, 1):
                    right += 1
                    steps += 1
                last = int(value)
    return numbers >= MOST * total and steps > 0 and right >= 0.9 * steps


def stays(blocks: list[Rows], column: int) -> bool:
    """RETURNS (bool): Whether a column has one value in the whole of each text, as the id of a document has."""
    pairs = same = 0
    for block in blocks:
        for one, other in pairwise(block):
            pairs += 1
            same += one[column] == other[column]
    return pairs > 3 and same >= MOST * pairs
