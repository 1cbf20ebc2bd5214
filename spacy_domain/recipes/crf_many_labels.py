"""A conditional random field of many labels: one tag a label where two would take hours.

Each of some 60 steps of CRFsuite takes time by the square of the tags. With 150 labels, a step took about 0.55 seconds
for 200 short texts and two tags a label, and about 0.4 seconds for 500 and one. On snips, with 39 labels, one tag a
label cost 1 point of F: few labels, and many where there is time, keep both.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from spacy.tokens import Doc

from .crf_weights import Weights

FEW_TAGS = 128
WORK = 2e10  # tokens times tags squared: an hour for all steps
NEVER = -100.0


def find_merged(docs: Sequence[Doc], labels: Sequence[str]) -> list[int]:
    """Find the labels that are learned with one tag, as if an entity began at each of its tokens.

    docs (Sequence[Doc]): The annotated texts.
    labels (Sequence[str]): Their labels.
    RETURNS (list[int]): The tags of their first tokens, as `Weights` counts them. None if there is time for all. Labels
        of which one entity follows upon another, with no token between them, keep both tags.
    """
    tags = 1 + 2 * len(labels)
    if tags <= FEW_TAGS or sum(map(len, docs)) * tags**2 <= WORK:
        return []
    pairs = (pair for doc in docs for pair in pairwise(doc.ents))
    neighbours = {one.label_ for one, other in pairs if one.end == other.start and one.label == other.label}
    return [1 + 2 * number for number, label in enumerate(labels) if label not in neighbours]


def merge(tags: Sequence[int], merged: Sequence[int]) -> list[int]:
    """RETURNS (list[int]): The tags of tokens, with one for the labels that have one."""
    to = {begin + 1: begin for begin in merged}
    return [to.get(tag, tag) for tag in tags]


def part(weights: Weights, merged: Sequence[int]) -> None:
    """Give labels that were learned with one tag both: the two weigh the same, and an entity never follows upon another
    of its label.

    weights (Weights): What was learned, changed in place.
    merged (Sequence[int]): The tags of their first tokens.
    """
    begins = np.array(merged, dtype="int64")
    insides = begins + 1
    table = weights.transitions
    onwards = table[begins, begins].copy()
    table[insides] = table[begins]
    table[begins, insides] = table[insides, insides] = onwards
    table[begins, begins] = table[insides, begins] = NEVER
    for values in (weights.bias, weights.vectors, weights.vector_bias, weights.states):
        if values.size:
            values[..., insides] = values[..., begins]
    features = np.repeat(np.arange(len(weights.keys)), np.diff(weights.starts))
    twice = np.isin(weights.tags, begins)
    features = np.concatenate([features, features[twice]])
    tags = np.concatenate([weights.tags, weights.tags[twice] + 1])
    order = np.lexsort((tags, features))
    weights.tags = tags[order].astype("int16")
    weights.values = np.concatenate([weights.values, weights.values[twice]])[order]
    weights.starts = np.append(0, np.cumsum(np.bincount(features, minlength=len(weights.keys)))).astype("int64")
