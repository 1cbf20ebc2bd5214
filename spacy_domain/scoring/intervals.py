"""How sure a score is: bootstrap intervals over documents, and paired comparisons of two pipelines.

(Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13; paired: Berg-Kirkpatrick et al. 2012, An
Empirical Investigation of Statistical Significance in NLP.)
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from spacy.training import Example

from .few import FEWEST
from .mistakes import compare

SAMPLES = 2000
LEVEL = 0.95
FEW = 20  # documents
Z = 1.96  # standard deviations to either side that 95 % are in
CHUNK = 100  # samples drawn at once, so that many documents need little memory
KEPT = 2000  # documents at most whose samples are kept, which takes 8 MB
Interval = tuple[float, float] | None


def count_by_doc(examples: Sequence[Example]) -> dict[str, np.ndarray]:
    """Count entities by document.

    examples (Sequence[Example]): Predicted and gold Docs.
    RETURNS (dict[str, np.ndarray]): By label, and for all under "": correct, missed and spurious entities, shape
        (documents, 3).
    """
    counts = {"": np.zeros((len(examples), 3))}
    for row, example in enumerate(examples):
        for column, ents in enumerate(compare(example)):
            for ent in ents:
                counts.setdefault(ent.label_, np.zeros((len(examples), 3)))[row, column] += 1
                counts[""][row, column] += 1
    return counts


def find_groups(examples: Sequence[Example]) -> np.ndarray:
    """Number the groups that documents belong to: paraphrases of one another are no independent evidence.

    examples (Sequence[Example]): Gold Docs, whose `user_data` may name a group.
    RETURNS (np.ndarray): The number of each document's group; one without a group is its own.
    """
    names = [example.reference.user_data.get("group") or number for number, example in enumerate(examples)]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([numbers[name] for name in names])


def score_intervals(counts: dict[str, np.ndarray], groups: np.ndarray) -> dict[str, dict[str, Interval]]:
    """Find the interval of each score.

    A bootstrap knows no more than its documents: a single one gives the same score again and again, and so do many in
    which nothing is wrong. With few documents, or where all samples have one score, an interval is at least as wide as
    Wilson's, which takes entities one by one.

    counts (dict[str, np.ndarray]): As `count_by_doc` gives them.
    groups (np.ndarray): As `find_groups` gives them.
    RETURNS (dict[str, dict[str, Interval]]): By label, the 95 % intervals of "p", "r" and "f"; None where no sample has
        such a score.
    """
    stacked = np.concatenate(list(counts.values()), axis=1)
    resampled, totals = resample(stacked, groups), stacked.sum(axis=0)
    few = int(groups.max()) + 1 < FEW
    found = {}
    for number, label in enumerate(counts):
        drawn, there = (_parts_and_wholes(some[..., 3 * number : 3 * number + 3]) for some in (resampled, totals))
        found[label] = {name: _widen(percentiles(_ratio(*drawn[name])), *there[name], few) for name in ("p", "r", "f")}
    return found


def _parts_and_wholes(counts: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By score: the entities that are right, and those that they are a part of (for F, the mean of gold and found)."""
    correct, missed, spurious = np.moveaxis(counts, -1, 0)
    wholes = {"p": correct + spurious, "r": correct + missed, "f": correct + (missed + spurious) / 2}
    return {name: (correct, whole) for name, whole in wholes.items()}


def _widen(interval: Interval, part: np.ndarray, whole: np.ndarray, few: bool) -> Interval:
    """(Wilson 1927, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22.)"""
    if interval is None or not whole or not (few or interval[0] == interval[1]):
        return interval
    share, spread = part / whole, Z**2 / whole
    middle = (share + spread / 2) / (1 + spread)
    half = Z * np.sqrt(share * (1 - share) / whole + spread / (4 * whole)) / (1 + spread)
    low, high = max(0.0, float(middle - half)), min(1.0, float(middle + half))
    return min(interval[0], low), max(interval[1], high)


def loss_intervals(before: Sequence[Example], after: Sequence[Example]) -> dict[str, Interval]:
    """Find the interval of what F has lost, from one pipeline's predictions to another's on the same texts.

    Where there are few documents, single entities are drawn instead of them: a handful of documents, drawn anew, are
    nearly the same ones. As entities of a document resemble one another, such an interval is rather too narrow.

    before (Sequence[Example]): One pipeline's predictions, and gold Docs.
    after (Sequence[Example]): The other one's, and the same gold Docs.
    RETURNS (dict[str, Interval]): By label, and for all under "": the 95 % interval of the difference.
    """
    units: dict[object, int] = {}
    rows = []
    for first, examples in ((0, before), (3, after)):
        for number, example in enumerate(examples):
            for column, ents in enumerate(compare(example), first):
                for ent in ents:
                    key = (number, ent.start_char, ent.end_char, ent.label_) if len(examples) < FEW else number
                    rows.append((units.setdefault(key, len(units)), column, ent.label_))
    labels = ["", *sorted({label for _, _, label in rows})]
    counts = np.zeros((max(1, len(units)), 6 * len(labels)))
    for unit, column, label in rows:
        counts[unit, column] += 1
        counts[unit, 6 * labels.index(label) + column] += 1
    resampled = resample(counts, np.arange(len(counts))).T.reshape(len(labels), 6, -1)
    return {
        label: percentiles(score_f(*columns[:3]) - score_f(*columns[3:]))
        for label, columns in zip(labels, resampled, strict=True)
    }


def compare_f(model: np.ndarray, other: np.ndarray, groups: np.ndarray) -> dict[str, Any]:
    """Tell whether a pipeline is better than another one on the same documents.

    model (np.ndarray): Its correct, missed and spurious entities, shape (documents, 3).
    other (np.ndarray): Those of the other one.
    groups (np.ndarray): As `find_groups` gives them.
    RETURNS (dict[str, Any]): "f" of the other one, "difference" (the pipeline's F is greater by so much), its 95 %
        "interval" (None where so few documents have none), and "verdict" in words. Documents of which both make the
        same tell nothing, as in a test of signs: where there are few others, there is no verdict.
    """
    differ = np.unique(groups[(model != other).any(axis=1)])
    resampled = resample(np.concatenate([model, other], axis=1), groups)
    interval = percentiles(score_f(*resampled[:, :3].T) - score_f(*resampled[:, 3:].T)) if can_tell(groups) else None
    apart = interval if len(differ) >= FEWEST else None
    f, other_f = (float(np.nan_to_num(score_f(*counts.sum(axis=0)))) for counts in (model, other))
    verdict = cannot_tell(len(model))
    if apart and apart[0] > 0:
        verdict = "better"
    elif apart and apart[1] < 0:
        verdict = "worse"
    return {"f": other_f, "difference": f - other_f, "interval": interval, "verdict": verdict}


def can_tell(groups: np.ndarray) -> bool:
    """RETURNS (bool): Whether there are enough documents, by number of their groups, to tell two pipelines apart."""
    return int(groups.max(initial=-1)) + 1 >= FEWEST


def cannot_tell(documents: int) -> str:
    """RETURNS (str): The verdict on so many documents where there is none."""
    return f"cannot tell with {documents} document{'s' if documents != 1 else ''}"


def resample(counts: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Sum over documents, in samples of as many groups as there are, drawn with replacement.

    counts (np.ndarray): Shape (documents, columns).
    groups (np.ndarray): As `find_groups` gives them.
    RETURNS (np.ndarray): Shape (samples, columns). The samples are the same each time.
    """
    size = int(groups.max()) + 1
    totals = np.zeros((size, counts.shape[1]))
    np.add.at(totals, groups, counts)
    drawn = _kept(size) if size <= KEPT else _draw(size)
    return np.concatenate([chunk @ totals for chunk in drawn])


def _draw(size: int) -> Iterator[np.ndarray]:
    """How often each group is in each sample; the same each time."""
    chance = np.random.default_rng(0)
    chances = np.full(size, 1 / size)
    for _ in range(SAMPLES // CHUNK):
        yield chance.multinomial(size, chances, size=CHUNK)


@lru_cache(maxsize=4)  # an evaluation has many scores of the same documents
def _kept(size: int) -> list[np.ndarray]:
    return [chunk.astype("uint16") for chunk in _draw(size)]


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0)


def score_f(correct: np.ndarray, missed: np.ndarray, spurious: np.ndarray) -> np.ndarray:
    """RETURNS (np.ndarray): F from counts of any shape; NaN where they are 0."""
    return _ratio(2 * correct, 2 * correct + missed + spurious)


def percentiles(values: np.ndarray) -> Interval:
    """RETURNS (Optional[tuple[float, float]]): What 95 % of the values lie between, NaN left out."""
    values = values[~np.isnan(values)]
    if not len(values):
        return None
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
