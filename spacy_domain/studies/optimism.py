"""What it costs to have chosen the best of many by their scores on the same texts.

(Tsamardinos, Greasidou and Borboudakis 2018, Bootstrapping the out-of-sample predictions for efficient and accurate
cross-validation, Machine Learning 107: the choice is made anew in each sample of the documents, and is scored on those
that are not in it.)
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..scoring.intervals import can_tell, cannot_tell, percentiles, score_f

SAMPLES = 1_000


def find_optimism(counts: Sequence[np.ndarray], groups: np.ndarray) -> dict[str, Any]:
    """Tell what a choice of the best is worth on other texts, and whether it is better than the first one.

    counts (Sequence[np.ndarray]): For each to choose from, correct, missed and spurious entities, shape (documents, 3).
    groups (np.ndarray): The number of each document's group, as `find_groups` gives them.
    RETURNS (dict[str, Any]): "chosen" (its number), "f" on all documents, "expected" F on others, "optimism" (what is
        between them), "gain" over the first one on others, with its 95 % "interval", and "verdict" in words.
    """
    stacked = np.stack(counts)  # of shape (trials, documents, 3)
    scores = np.nan_to_num(_score(stacked.sum(axis=1)))
    chosen = int(scores.argmax())
    chance, size = np.random.default_rng(0), int(groups.max()) + 1
    others, gains = [], []
    for _ in range(SAMPLES):
        drawn = np.bincount(chance.integers(size, size=size), minlength=size)[groups]
        best = int(np.nan_to_num(_score(np.einsum("tdc,d->tc", stacked, drawn))).argmax())
        unseen = _score(stacked[:, drawn == 0].sum(axis=1))
        others.append(unseen[best])
        gains.append(unseen[best] - unseen[0])
    expected, interval = _mean(others), percentiles(np.array(gains)) if can_tell(groups) else None
    verdict = f"that may be luck: {cannot_tell(len(groups))}"
    if chosen == 0:
        verdict = "nothing did better than what the recipe has"
    elif interval and interval[0] > 0:
        verdict = "that is more than luck"
    return {
        "chosen": chosen,
        "f": float(scores[chosen]),
        "expected": expected,
        "optimism": float(scores[chosen]) - expected,
        "gain": _mean(gains),
        "interval": interval,
        "verdict": verdict,
    }


def _mean(scores: Sequence[float]) -> float:
    """Where no sample leaves out a text with entities, there is no score."""
    known = [score for score in scores if not np.isnan(score)]
    return float(np.mean(known)) if known else 0.0


def _score(totals: np.ndarray) -> np.ndarray:
    return score_f(totals[..., 0], totals[..., 1], totals[..., 2])
