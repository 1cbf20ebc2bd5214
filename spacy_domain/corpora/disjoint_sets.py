"""Which records hang together, by way of others, too."""

from collections.abc import Iterable

import numpy as np


class DisjointSets:
    """Sets of rows that are joined, pair by pair; the first row of a set stands for it.

    (Union-find: Tarjan 1975, Efficiency of a good but not linear set union algorithm.)

    earlier (np.ndarray): For each row an earlier one that it hangs together with, or itself.
    """

    def __init__(self, earlier: np.ndarray):
        self.earlier = earlier
        self.direct = False  # whether earlier holds the first ones

    def join(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Join rows.

        pairs (Iterable[tuple[int, int]]): The rows.
        """
        for pair in pairs:
            first, second = sorted(map(self._find, pair))
            self.earlier[second] = first
            self.direct = False

    def firsts(self) -> np.ndarray:
        """RETURNS (np.ndarray): For each row the first of its set."""
        while not self.direct:
            before, self.earlier = self.earlier, self.earlier[self.earlier]
            self.direct = np.array_equal(before, self.earlier)
        return self.earlier

    def _find(self, row: int) -> int:
        while (earlier := int(self.earlier[row])) != row:
            self.earlier[row] = self.earlier[earlier]
            row = earlier
        return row
