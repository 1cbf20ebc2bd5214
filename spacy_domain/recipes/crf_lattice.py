"""The ways to tag texts: the best one, and how likely it is that an entity is just there. Travels inside the wheel."""

from typing import NamedTuple

import numpy as np

SURE = 1e-12  # no probability is nearer to 0 or 1


class Lattice:
    """The ways to tag texts, each with its score, where an entity is whole: no inside without a begin.

    scores (np.ndarray): Of each tag for each token; shape (tokens, tags).
    lengths (np.ndarray): How many tokens each text has.
    transitions (np.ndarray): Scores of a tag and the next one.
    """

    def __init__(self, scores: np.ndarray, lengths: np.ndarray, transitions: np.ndarray):
        self.order = np.argsort(-lengths, kind="stable")  # longest first: at each step, those that go on are in front
        self.lengths = lengths
        self.starts = np.cumsum(lengths) - lengths
        self.scores = scores
        self.transitions = np.where(follows(len(transitions)), transitions, -np.inf)

    def __len__(self) -> int:
        return int(self.lengths.max(initial=0))

    def _at(self, step: int) -> np.ndarray:
        going_on = int((self.lengths > step).sum())
        return self.starts[self.order[:going_on]] + step

    def find_best(self) -> np.ndarray:
        """RETURNS (np.ndarray): The tags of the best way through each text (Viterbi)."""
        best, came_from = np.zeros(len(self.scores), dtype="int64"), np.zeros(self.scores.shape, dtype="int16")
        so_far = np.zeros((0, 0))
        for step in range(len(self)):
            at = self._at(step)
            here = self.scores[at]
            if step:
                ways = so_far[: len(at), :, None] + self.transitions
                last = ways.argmax(axis=1)
                came_from[at] = last
                here = here + np.take_along_axis(ways, last[:, None, :], axis=1)[:, 0]
            else:
                here = np.where(starts_text(here.shape[1]), here, -np.inf)
            ended = so_far[len(at) :] if step else so_far
            best[self._at(step - 1)[len(at) :]] = ended.argmax(axis=1) if len(ended) else 0
            so_far = here
        if len(self):
            best[self._at(len(self) - 1)] = so_far.argmax(axis=1)
        for step in range(len(self) - 1, 0, -1):
            at = self._at(step)
            best[at - 1] = came_from[at, best[at]]
        return best

    def sum_up(self) -> "Sums":
        """RETURNS (Sums): The probabilities of all ways, summed up by where they pass (forward-backward)."""
        count = self.scores.shape[1]
        factors = np.exp(self.scores - self.scores.max(axis=1, keepdims=True))
        steps = np.exp(self.transitions)
        forward, backward = np.zeros_like(factors), np.ones_like(factors)
        scales = np.ones(len(factors))
        for step in range(len(self)):
            at = self._at(step)
            here = factors[at] * (forward[at - 1] @ steps if step else starts_text(count))
            scales[at] = here.sum(axis=1)
            forward[at] = here / scales[at, None]
        for step in range(len(self) - 1, 0, -1):
            at = self._at(step)
            backward[at - 1] = (factors[at] * backward[at]) @ steps.T / scales[at, None]
        return Sums(factors / scales[:, None], steps, forward, backward)


class Sums(NamedTuple):
    """Probabilities in a lattice.

    factors (np.ndarray): Of each tag for each token, by which the probability of a way changes there.
    steps (np.ndarray): Factors of a tag and the next one.
    forward (np.ndarray): Of the ways that lead to a tag.
    backward (np.ndarray): Of those that lead on from it.
    """

    factors: np.ndarray
    steps: np.ndarray
    forward: np.ndarray
    backward: np.ndarray

    def find_probability(self, start: int, end: int, begin: int, last: int) -> float:
        """Find how likely it is that an entity is just there: the probabilities of all ways that have it, of whatever
        is around it.

        start (int): Its first token.
        end (int): The token behind its last.
        begin (int): The tag with which it begins; the next one is that inside of it.
        last (int): The last token of the text.
        RETURNS (float): The probability.
        """
        inside = begin + 1
        found = self.forward[start, begin]
        for place in range(start + 1, end):
            found *= self.steps[begin if place == start + 1 else inside, inside] * self.factors[place, inside]
        tag = begin if end == start + 1 else inside
        onwards = self.backward[end - 1, tag]
        if end <= last:  # without the ways on which it is longer
            onwards -= self.steps[tag, inside] * self.factors[end, inside] * self.backward[end, inside]
        return float(min(max(found * onwards, SURE), 1 - SURE))


def follows(count: int) -> np.ndarray:
    """RETURNS (np.ndarray): Which tag may follow which: inside follows begin and inside of the same label alone."""
    may = np.ones((count, count), dtype=bool)
    may[:, 2::2] = False
    for inside in range(2, count, 2):
        may[[inside - 1, inside], inside] = True
    return may


def starts_text(count: int) -> np.ndarray:
    """RETURNS (np.ndarray): Which tags a text may start with."""
    may = np.ones(count, dtype=bool)
    may[2::2] = False
    return may
