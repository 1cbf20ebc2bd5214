"""What a conditional random field has learned. Travels inside the wheel."""

from dataclasses import dataclass, field

import numpy as np

from .crf_features import Keys


@dataclass
class Weights:
    """What training found.

    labels (tuple[str, ...]): Labels of entities. Tags are 0 outside; 1 + 2n where the n-th label begins, 2 + 2n inside.
    keys (Keys): Features, sorted.
    starts (np.ndarray): Where in the next two the weights of each feature start, and where the last ones end.
    tags (np.ndarray): Tags that a feature speaks for or against.
    values (np.ndarray): By how much.
    transitions (np.ndarray): Weights of a tag and the next one.
    bias (np.ndarray): Weights of tags, whatever there is to see.
    vectors (np.ndarray): Weights of a vector's dimensions, by offset and tag; shape (dimensions, offsets, tags).
    vector_bias (np.ndarray): What to add to that wherever there is a vector.
    states (np.ndarray): Weights of what a network makes of a token; shape (width, tags).
    """

    labels: tuple[str, ...] = ()
    keys: Keys = field(default_factory=lambda: np.zeros(0, dtype="uint64"))
    starts: np.ndarray = field(default_factory=lambda: np.zeros(1, dtype="int64"))
    tags: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype="int16"))
    values: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype="float32"))
    transitions: np.ndarray = field(default_factory=lambda: np.zeros((1, 1)))
    bias: np.ndarray = field(default_factory=lambda: np.zeros(1))
    vectors: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, 1), dtype="float32"))
    vector_bias: np.ndarray = field(default_factory=lambda: np.zeros((0, 1), dtype="float32"))
    states: np.ndarray = field(default_factory=lambda: np.zeros((0, 1), dtype="float32"))

    def add_up(self, rows: np.ndarray, keys: Keys, size: int) -> np.ndarray:
        """Add up the weights of features.

        rows (np.ndarray): For each feature, which sum it goes into.
        keys (Keys): The features.
        size (int): How many sums there are.
        RETURNS (np.ndarray): The sums, shape (size, tags).
        """
        count = len(self.bias)
        found = np.searchsorted(self.keys, keys)
        known = (self.keys[np.minimum(found, len(self.keys) - 1)] == keys) if len(self.keys) else np.zeros(0, bool)
        if not known.any():
            return np.zeros((size, count))
        rows, found = rows[known], found[known]
        sizes = self.starts[found + 1] - self.starts[found]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        at = np.repeat(self.starts[found], sizes) + within
        into = np.repeat(rows, sizes) * count + self.tags[at]
        return np.bincount(into, weights=self.values[at], minlength=size * count).reshape(size, count)
