"""Which texts to annotate next: those that tell most of what is not known yet, and each something else than the others.

A choice is worth what it tells of all texts that wait: of each, as much as the most similar one among the chosen
resembles it, weighted by how unsure the model is of it. (What is annotated already shows in that.) So a text is chosen
if it stands for many that the model is unsure of, and not if another one does that already. (Facility location, a
submodular function: Wei, Iyer and Bilmes 2015, Submodularity in Data Subset Selection and Active Learning.) Words count
by how unsure the model is of them: two texts are alike if they leave open the same.
"""

import heapq
from collections.abc import Sequence

import numpy as np
from spacy.tokens import Doc

DIMENSIONS = 2048
AT_ONCE = 3_000  # texts that are compared with one another: those that the model is least sure of
LEAST = 0.02  # entropy of a token, in nats: whatever is more certain tells nothing, but that the word is there


def choose(docs: Sequence[Doc], entropies: Sequence[np.ndarray], number: int) -> list[int]:
    """Choose texts.

    docs (Sequence[Doc]): Texts that wait.
    entropies (Sequence[np.ndarray]): How unsure the model is of each of their tokens; all zero if there is no model.
    number (int): How many to choose.
    RETURNS (list[int]): The places of the chosen ones, the best first.
    """
    unsure = np.array([one.sum() for one in entropies])
    if unsure.any():
        candidates = np.argsort(-unsure, kind="stable")[:AT_ONCE]
    else:
        unsure = np.ones(len(docs))
        candidates = np.arange(min(len(docs), AT_ONCE))
    rarity = _find_rarity(docs)
    some = [docs[i] for i in candidates]
    vectors = _make_vectors(some, [entropies[i] for i in candidates], rarity)
    chosen = _cover(vectors @ vectors.T, unsure[candidates].astype("float32"), number)
    return [int(candidates[i]) for i in chosen]


def _cover(similar: np.ndarray, weights: np.ndarray, number: int) -> list[int]:
    """Greedily; gains only ever shrink, so that most need not be worked out anew (Minoux 1978)."""
    covered = np.zeros(len(similar), dtype="float32")
    gains = np.maximum(similar, 0) @ weights
    waiting = [(-float(gain), i) for i, gain in enumerate(gains)]
    heapq.heapify(waiting)
    chosen: list[int] = []
    while waiting and len(chosen) < number:
        _, i = heapq.heappop(waiting)
        gain = float((np.maximum(similar[i] - covered, 0) * weights).sum())
        if waiting and gain < -waiting[0][0]:
            heapq.heappush(waiting, (-gain, i))
        else:
            chosen.append(i)
            covered = np.maximum(covered, similar[i])
    return chosen


def _find_rarity(docs: Sequence[Doc]) -> np.ndarray:
    """By place in a vector, how few texts have a word that falls there."""
    counts = np.zeros(DIMENSIONS)
    for doc in docs:
        counts[np.unique(_places(doc))] += 1
    return np.log((1 + len(docs)) / (1 + counts)) + 1


def _places(doc: Doc) -> np.ndarray:
    return (doc.to_array(["LOWER"]).reshape(-1) % DIMENSIONS).astype("int64")


def _make_vectors(docs: Sequence[Doc], entropies: Sequence[np.ndarray], rarity: np.ndarray) -> np.ndarray:
    vectors = np.zeros((len(docs), DIMENSIONS), dtype="float32")
    for row, (doc, entropy) in enumerate(zip(docs, entropies, strict=True)):
        places = _places(doc)
        np.add.at(vectors[row], places, rarity[places] * (entropy + LEAST))
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-9)
