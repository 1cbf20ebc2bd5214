"""How unsure a pipeline is of each token of a text: of the entities that it finds, and of what it leaves out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from ..recipes.confidence import find_recognizers, score_actions
from ..recipes.crf import CRF
from ..recipes.crf_lattice import Lattice


def find_entropies(nlp: Language, docs: Sequence[Doc]) -> list[np.ndarray]:
    """Find the entropy of what each token may be. (Settles and Craven 2008 compare ways to use it for sequences.)

    nlp (Language): The pipeline.
    docs (Sequence[Doc]): Texts that it has worked on.
    RETURNS (list[np.ndarray]): For each, the entropy at each token, in nats; 0 if the pipeline has no recognizer.
    """
    found = [np.zeros(len(doc)) for doc in docs]
    filled = [number for number, doc in enumerate(docs) if len(doc)]
    for recognizer in find_recognizers(nlp):
        some = [docs[number] for number in filled]
        entropies = _of_crf(recognizer, some) if isinstance(recognizer, CRF) else _of_network(recognizer, some)
        for number, one in zip(filled, entropies, strict=True):
            found[number] = np.maximum(found[number], one)
    return found


def _of_crf(recognizer: CRF, docs: list[Doc]) -> list[np.ndarray]:
    """Of the tags of a token, whatever the others are: exact."""
    if not recognizer.labels or not docs:
        return [np.zeros(len(doc)) for doc in docs]
    scores, lengths = recognizer.score_tags(docs)
    sums = Lattice(scores, lengths, recognizer.weights.transitions).sum_up()
    entropies = _entropy(sums.forward * sums.backward)
    return np.split(entropies, np.cumsum(lengths)[:-1])


def _of_network(recognizer: Any, docs: list[Doc]) -> list[np.ndarray]:
    """Of the actions that were possible at a token, after those that were taken before."""
    if not hasattr(recognizer, "moves"):
        return [np.zeros(len(doc)) for doc in docs]
    found = []
    for doc, (_, rows) in zip(docs, score_actions(recognizer, docs), strict=True):
        entropies = [float(_entropy(np.exp(row - row.max())[None])[0]) for row in rows[: len(doc)]]
        found.append(np.array(entropies + [0.0] * (len(doc) - len(entropies))))
    return found


def _entropy(weights: np.ndarray) -> np.ndarray:
    """Of each row, once it sums to 1."""
    shares = np.maximum(weights / weights.sum(axis=1, keepdims=True), 1e-12)
    return -(shares * np.log(shares)).sum(axis=1)
