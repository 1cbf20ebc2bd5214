"""Texts that are nearly the same have nearly the same signature: they are found without comparing all with all.

MinHash (Broder 1997, On the resemblance and containment of documents) takes of a text's trigrams the one that is
smallest under a hash; the chance that two texts agree in it is the share of trigrams that they have in common. A
signature holds a byte of each of 64 (Li and König 2010, b-Bit Minwise Hashing). Sorted by some of these bytes, such
texts come to lie beside one another (Bawa, Condie and Ganesan 2005, LSH Forest); this is done 48 times.

(Not by the library datasketch: its buckets hold all texts that are somewhat alike, so that of texts made from a few
templates nearly all pairs are candidates. 8,000 took 20 seconds, four times as long as 4,000, where this takes one.)
"""

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np

BYTES = 64
SAME = 5  # bytes in which candidates agree in one of the orders
SORTED = 16  # bytes to sort by: where many texts are alike, the most alike lie beside one another
REACH = 16  # how far off a candidate may lie, so that time is linear in the number of texts
AGREEING = 26  # bytes of 64 in which candidates agree: texts that are 95 % the same in 35 and more, random ones in 5
COMPARED = 2_000  # characters of a text
BLOCK = 20_000  # texts whose candidates are in memory together

_RANDOM = np.random.RandomState(0)  # with all versions of NumPy its numbers are the same
_FACTORS = _RANDOM.randint(0, 2**32, BYTES, dtype=np.uint32) | np.uint32(1)
_ORDERS = [
    np.roll(columns, -start)[:SORTED]
    for columns in (_RANDOM.permutation(BYTES) for _ in range(4))
    for start in range(0, BYTES - SAME, SAME)
]
_MIX = [np.uint32(factor) for factor in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)]
_SHIFT = np.uint32(15)


def sign(texts: list[str], keys: list[str]) -> np.ndarray:
    """Make the signatures of texts.

    texts (list[str]): The texts; none is empty.
    keys (list[str]): What has to be the same, too, in texts that are nearly the same: with other keys, signatures have
        nothing in common.
    RETURNS (np.ndarray): The signatures, shape (texts, 64), bytes.
    """
    texts = [text[:COMPARED] for text in texts]
    codes = np.frombuffer("".join(f"{text}\0\0" for text in texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    grams = codes[:-2] * _MIX[0] + codes[1:-1]
    grams = (grams * _MIX[1] + codes[2:]) * _MIX[2]
    grams ^= grams >> _SHIFT
    lengths = np.array([len(text) for text in texts])
    ends = np.cumsum(lengths + 2)
    inside = np.ones(len(codes), dtype=bool)
    inside[ends - 1] = inside[ends - 2] = False  # these reach into the next text
    grams = grams[inside[:-2]]
    starts = np.cumsum(lengths) - lengths
    signatures = np.empty((len(texts), BYTES), np.uint8)
    for column, factor in enumerate(_FACTORS):
        signatures[:, column] = np.minimum.reduceat(grams * factor, starts)  # its lowest byte
    digests = b"".join(blake2b(key.encode(), digest_size=BYTES).digest() for key in keys)
    return signatures ^ np.frombuffer(digests, np.uint8).reshape(-1, BYTES)


def find_candidates(
    signatures: np.ndarray, rows: np.ndarray, others: np.ndarray | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Find texts that may be nearly the same.

    signatures (np.ndarray): Signatures.
    rows (np.ndarray): Rows of those to compare, no two of which should be the same.
    others (Optional[np.ndarray]): Rows of those to compare them with; None to compare them with one another.
    YIELDS (tuple[np.ndarray, np.ndarray]): Rows, and the others' rows, of some pairs. A pair may come again.
    """
    all_rows = rows if others is None else np.concatenate([rows, others])
    for columns in _ORDERS:
        keys = _as_numbers(signatures[:, columns[:SAME]])[all_rows]
        order = np.argsort(keys, kind="stable")
        in_order = keys[order]
        same = in_order[1:] == in_order[:-1]
        shared = order[np.append(same, False) | np.insert(same, 0, False)] if len(same) else order[:0]
        # What lies near in this order lies near in memory, too
        near = signatures[all_rows[shared]]
        more = [_as_numbers(near[:, columns[start : start + 8]]) for start in range(SAME, SORTED, 8)]
        by_more = np.lexsort([*more[::-1], keys[shared]])
        shared, near = shared[by_more], near[by_more]
        for one, other in _lie_near(keys[shared], None if others is None else shared >= len(rows)):
            agreeing = (near[one] == near[other]).sum(axis=1) >= AGREEING
            if agreeing.any():
                yield all_rows[shared[one[agreeing]]], all_rows[shared[other[agreeing]]]


def _as_numbers(columns: np.ndarray) -> np.ndarray:
    """Up to eight bytes each as a number."""
    padded = np.zeros((len(columns), 8), np.uint8)
    padded[:, : columns.shape[1]] = columns
    return padded.view(np.uint64)[:, 0]


def _lie_near(keys: np.ndarray, other: np.ndarray | None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Places in an order that are near one another and have the same key: all pairs or, where some are marked as other,
    pairs of both kinds."""
    places = targets = np.arange(len(keys))
    if other is not None:
        places, targets = np.flatnonzero(~other), np.flatnonzero(other)
    behind = np.searchsorted(targets, places, side="right")
    first, last = (np.searchsorted(keys[targets], keys[places], side=side) for side in ("left", "right"))
    low = behind if other is None else np.maximum(first, behind - REACH // 2)
    high = np.minimum(last, behind + (REACH if other is None else REACH // 2))
    for start in range(0, len(places), BLOCK):
        block = slice(start, start + BLOCK)
        counts = high[block] - low[block]
        total = int(counts.sum())
        if total:
            steps = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
            yield np.repeat(places[block], counts), targets[np.repeat(low[block], counts) + steps]
