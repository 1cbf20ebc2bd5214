"""What more annotated texts would bring."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..scoring.intervals import can_tell, cannot_tell, percentiles, resample, score_f

LOCAL = 0.4  # parts from this share on tell about what comes next: a learning curve is steep at first


def expect_gain(texts: Sequence[int], counts: Sequence[np.ndarray], groups: np.ndarray) -> dict[str, Any]:
    """Find how much F grows with twice as many texts: a line through F over the logarithm of how many there are.

    Learning curves flatten, so this tells about the next doubling and not about the one after it (on their shape:
    Viering and Loog 2023, The Shape of Learning Curves, IEEE TPAMI 45).

    texts (Sequence[int]): How many texts each pipeline was trained with, all of them last.
    counts (Sequence[np.ndarray]): For each, correct, missed and spurious entities, shape (documents, 3).
    groups (np.ndarray): The number of each document's group.
    RETURNS (dict[str, Any]): "gain" in F, its 95 % "interval" (over documents; what training owes to luck is not in
        it; None where so few documents have none), and "verdict" in words.
    """
    local = [number for number, size in enumerate(texts) if size >= LOCAL * texts[-1]]
    sizes = np.log2([texts[number] for number in local])
    used = np.concatenate([counts[number] for number in local], axis=1)
    gain = float(_slopes(sizes, used.sum(axis=0)[None])[0])
    interval = percentiles(_slopes(sizes, resample(used, groups))) if can_tell(groups) else None
    low, high = interval or (-1.0, 1.0)
    if low > 0:
        verdict = "more annotated texts of this kind would help"
    elif high < 0.01:
        verdict = "more annotated texts of this kind would bring little"
    else:
        verdict = cannot_tell(len(used))
    return {"gain": gain, "interval": interval, "verdict": verdict}


def _slopes(sizes: np.ndarray, totals: np.ndarray) -> np.ndarray:
    scores = np.nan_to_num(score_f(*np.moveaxis(totals.reshape(len(totals), -1, 3), 2, 0)))
    distances = sizes - sizes.mean()
    return scores @ distances / (distances @ distances)
