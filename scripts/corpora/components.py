"""Which records hang together, by way of others, too."""

from collections.abc import Iterable

import numpy as np


class Components:
    """Sets of rows that are joined, pair by pair; the first row of a set stands for it.

    (Union-find: Tarjan 1975, Efficiency of a good but not linear set union algorithm.)

    count (int): How many rows there are; each is alone.
    """

    def __init__(self, count: int):
        self.nearer_first = np.arange(count)

    def join(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Join rows.

        pairs (Iterable[tuple[int, int]]): The rows.
        """
        for pair in pairs:
            first, second = sorted(map(self._find, pair))
            self.nearer_first[second] = first

    def firsts(self) -> np.ndarray:
        """RETURNS (np.ndarray): For each row the first of its set."""
        while True:
            first = self.nearer_first[self.nearer_first]
            if np.array_equal(first, self.nearer_first):
                return first
            self.nearer_first = first

    def _find(self, row: int) -> int:
        while (nearer := int(self.nearer_first[row])) != row:
            self.nearer_first[row] = self.nearer_first[nearer]
            row = nearer
        return row
