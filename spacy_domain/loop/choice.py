"""Which texts to annotate next: those that leave open what many leave open, and each something else than the others.

A word counts by how unsure the model is of it in this text, and by the square root of how unsure it is of it in all
texts that wait: an answer that settles many is worth more. It counts once in a text, where the model is least sure of
it, a quarter once a text with it is chosen, a ninth once two are, and so on. (Sums of concave functions of what the
chosen texts have, maximized greedily: Kirchhoff and Bilmes 2014, Submodularity for Data Selection in Machine
Translation.) A long text has more of everything, but takes longer to read and to correct. So what a text is worth is
divided by the square root of its length. (Cost-scaled greedy choice: Lin and Bilmes 2010, Multi-document Summarization
via Budgeted Maximization of Submodular Functions.)
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
    words = np.concatenate([doc.to_array(["LOWER"]).reshape(-1) for doc in docs])
    open_ = np.concatenate(entropies)
    if not open_.any():
        open_ = np.ones(len(words))
    different, words = np.unique(words, return_inverse=True)
    weights = open_ * np.sqrt(np.bincount(words, open_, len(different)))[words]
    weights /= np.repeat(np.sqrt(lengths), lengths)
    ends = np.cumsum(lengths)[:-1]
    once = [_count_once(*one) for one in zip(np.split(words, ends), np.split(weights, ends), strict=True)]
    return _cover([one for one, _ in once], [weight for _, weight in once], number)


def _count_once(words: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """RETURNS (tuple[np.ndarray, np.ndarray]): The words of a text, each once, with the highest of its weights."""
    order = np.argsort(-weights, kind="stable")
    different, first = np.unique(words[order], return_index=True)
    return different, weights[order][first]


def _cover(words: Sequence[np.ndarray], weights: Sequence[np.ndarray], number: int) -> list[int]:
    """Greedily; what a text is worth only ever shrinks, so that most need not be worked out anew (Minoux 1978).

    words (Sequence[np.ndarray]): The words of each text, by number, each once.
    weights (Sequence[np.ndarray]): What each of them counts.
    number (int): How many texts to choose.
    RETURNS (list[int]): Their places.
    """
    times = np.zeros(max((int(some.max()) + 1 for some in words if len(some)), default=0))
    waiting = [(-float(some.sum()), place) for place, some in enumerate(weights)]
    heapq.heapify(waiting)
    chosen: list[int] = []
    while waiting and len(chosen) < number:
        _, place = heapq.heappop(waiting)
        worth = float((weights[place] / (1 + times[words[place]]) ** 2).sum())
        if waiting and worth < -waiting[0][0]:
            heapq.heappush(waiting, (-worth, place))
        else:
            chosen.append(place)
            times[words[place]] += 1
    return chosen
