"""Which texts to annotate next: those that leave open what many leave open, and each something else than the others.

What counts is each word, and each two in a row: by how unsure the model is of it in this text, and by the square root
of how unsure it is of it in all texts that wait: an answer that settles many is worth more. How unsure it is, is the
square root of the entropy: after few texts it is unsure of nearly all. All that counts does so once in a text, where
the model is least sure of it, a quarter once a text with it is chosen, a ninth once two are, and so on. (Sums of
concave functions of what the chosen texts have, maximized greedily: Kirchhoff and Bilmes 2014, Submodularity for Data
Selection in Machine Translation.) A long text has more of everything, but takes longer to read and to correct. So what
a text is worth is divided by the square root of its length. (Cost-scaled greedy choice: Lin and Bilmes 2010,
Multi-document Summarization via Budgeted Maximization of Submodular Functions.)
"""

import heapq
from collections.abc import Sequence

import numpy as np
from spacy.tokens import Doc


def choose(docs: Sequence[Doc], entropies: Sequence[np.ndarray], number: int) -> list[int]:
    """Choose texts.

    docs (Sequence[Doc]): Texts that wait.
    entropies (Sequence[np.ndarray]): How unsure the model is of each of their tokens; all zero if there is no model:
        each is as open as any other then.
    number (int): How many to choose.
    RETURNS (list[int]): The places of the chosen ones, the best first.
    """
    if not docs:
        return []
    lengths = np.array([len(doc) for doc in docs])
    open_ = np.sqrt(np.concatenate(entropies))
    if not open_.any():
        open_ = np.ones(len(open_))
    features, open_ = _number_features(docs, lengths), np.repeat(open_, 2)
    weights = open_ * np.sqrt(np.bincount(features, open_))[features]
    weights /= np.repeat(np.sqrt(lengths), 2 * lengths)
    ends = 2 * np.cumsum(lengths)[:-1]
    once = [_count_once(*one) for one in zip(np.split(features, ends), np.split(weights, ends), strict=True)]
    return _cover([one for one, _ in once], [weight for _, weight in once], number)


def _number_features(docs: Sequence[Doc], lengths: np.ndarray) -> np.ndarray:
    """RETURNS (np.ndarray): Two numbers for each token: of its word, and of the word before it with its own."""
    lower = np.concatenate([doc.to_array(["LOWER"]).reshape(-1) for doc in docs])
    different, words = np.unique(lower, return_inverse=True)
    before = np.roll(words + 1, 1)
    before[(np.cumsum(lengths) - lengths)[lengths > 0]] = 0  # no word is before the first
    pairs = len(different) + before * len(different) + words
    return np.unique(np.stack([words, pairs], axis=1).reshape(-1), return_inverse=True)[1]


def _count_once(features: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """RETURNS (tuple[np.ndarray, np.ndarray]): The features of a text, each once, with the highest of its weights."""
    order = np.argsort(-weights, kind="stable")
    different, first = np.unique(features[order], return_index=True)
    return different, weights[order][first]


def _cover(features: Sequence[np.ndarray], weights: Sequence[np.ndarray], number: int) -> list[int]:
    """Greedily; what a text is worth only ever shrinks, so that most need not be worked out anew (Minoux 1978).

    features (Sequence[np.ndarray]): The features of each text, by number, each once.
    weights (Sequence[np.ndarray]): What each of them counts.
    number (int): How many texts to choose.
    RETURNS (list[int]): Their places.
    """
    times = np.zeros(max((int(some.max()) + 1 for some in features if len(some)), default=0))
    waiting = [(-float(some.sum()), place) for place, some in enumerate(weights)]
    heapq.heapify(waiting)
    chosen: list[int] = []
    while waiting and len(chosen) < number:
        _, place = heapq.heappop(waiting)
        worth = float((weights[place] / (1 + times[features[place]]) ** 2).sum())
        if waiting and worth < -waiting[0][0]:
            heapq.heappush(waiting, (-worth, place))
        else:
            chosen.append(place)
            times[features[place]] += 1
    return chosen
