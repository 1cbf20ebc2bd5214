"""The ways to tag texts: the best one, and how likely it is that an entity is just there. Travels inside the wheel."""

from typing import NamedTuple

import numpy as np

SURE = 1e-12  # no probability is nearer to 0 or 1
AT_ONCE = 50_000  # numbers, so that they stay in a processor's cache


class Lattice:
    """The ways to tag texts, each with its score, where an entity is whole: no inside without a begin.

    scores (np.ndarray): Of each tag for each token; shape (tokens, tags).
    lengths (np.ndarray): How many tokens each text has.
    transitions (np.ndarray): Scores of a tag and the next one.
    """

    def __init__(self, scores: np.ndarray, lengths: np.ndarray, transitions: np.ndarray):
        self.scores = scores
        self.transitions = np.where(follows(len(transitions)), transitions, -np.inf)
        self.starts = np.cumsum(lengths) - lengths
        order = np.argsort(-lengths, kind="stable")  # longest first: at each step, those that go on are in front
        self._starts = self.starts[order]
        steps = np.arange(lengths.max(initial=0))
        self._going_on = (len(lengths) - np.searchsorted(np.sort(lengths), steps, side="right")).tolist()

    def _at(self, step: int) -> np.ndarray:
        return self._starts[: self._going_on[step]] + step

    def find_best(self) -> np.ndarray:
        """RETURNS (np.ndarray): The tags of the best way through each text (Viterbi)."""
        steps, count = len(self._going_on), self.scores.shape[1]
        # By tag, the score of the best way to it
        so_far, best = np.empty_like(self.scores), np.zeros(len(self.scores), dtype="int64")
        to_others = np.concatenate([self.transitions[:, :1], self.transitions[:, 1::2]], axis=1)
        rows = max(1, AT_ONCE // to_others.size)
        inside = np.arange(2, count, 2)
        from_begin, from_inside = self.transitions[inside - 1, inside], self.transitions[inside, inside]
        for step in range(steps):
            at = self._at(step)
            if not step:
                so_far[at] = np.where(starts_text(count), self.scores[at], -np.inf)
                continue
            last, ways = so_far[at - 1], np.empty((len(at), count))
            for part in range(0, len(at), rows):
                others = (last[part : part + rows, :, None] + to_others).max(axis=1)
                ways[part : part + rows, 0], ways[part : part + rows, 1::2] = others[:, 0], others[:, 1:]
            ways[:, 2::2] = np.maximum(last[:, 1::2] + from_begin, last[:, 2::2] + from_inside)
            so_far[at] = ways + self.scores[at]
        to = np.ascontiguousarray(self.transitions.T)
        for step in range(steps - 1, -1, -1):
            at = self._at(step)
            goes_on = self._going_on[step + 1] if step + 1 < steps else 0
            best[at[goes_on:]] = so_far[at[goes_on:]].argmax(axis=1)
            at = at[:goes_on]
            best[at] = (so_far[at] + to[best[at + 1]]).argmax(axis=1)
        return best

    def sum_up(self) -> "Sums":
        """RETURNS (Sums): The probabilities of all ways, summed up by where they pass (forward-backward)."""
        count = self.scores.shape[1]
        factors = np.exp(self.scores - self.scores.max(axis=1, keepdims=True))
        steps = np.exp(self.transitions)
        forward, backward = np.zeros_like(factors), np.ones_like(factors)
        scales = np.ones(len(factors))
        for step in range(len(self._going_on)):
            at = self._at(step)
            here = factors[at] * (forward[at - 1] @ steps if step else starts_text(count))
            scales[at] = here.sum(axis=1)
            forward[at] = here / scales[at, None]
        for step in range(len(self._going_on) - 1, 0, -1):
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
