"""The weights that CRFsuite found, read out of its model."""

from typing import Any

import numpy as np

from .crf import CRF
from .crf_components import Components, Reduced
from .crf_weights import Weights

BIAS = "bias"  # the name of the feature that all tokens have


def read_weights(
    info: Any,  # as pycrfsuite gives it
    labels: tuple[str, ...],
    keys: np.ndarray,
    crf: CRF,
    vectors: Components | None,
    states: Reduced | None,
) -> Weights:
    """Read what CRFsuite found.

    info (pycrfsuite._dumpparser.ParsedDump): Its model.
    labels (tuple[str, ...]): The labels.
    keys (np.ndarray): The features, by number.
    crf (CRF): The component.
    vectors (Optional[Components]): What was done to vectors.
    states (Optional[Reduced]): What was done to states.
    RETURNS (Weights): The weights that are not 0.
    """
    count = 1 + 2 * len(labels)
    transitions, bias = np.zeros((count, count)), np.zeros(count)
    for (one, other), weight in info.transitions.items():
        transitions[int(one), int(other)] = weight
    window = crf.vector_feature.window if vectors and crf.vector_feature else 0
    of_vectors = np.zeros((vectors.axes.shape[1] if vectors else 0, 2 * window + 1, count))
    of_states = np.zeros((states.axes.shape[1] if states else 0, count))
    rows = []
    for (name, found), weight in info.state_features.items():
        if name == BIAS:
            bias[int(found)] = weight
        elif name.startswith("v"):
            number, offset = map(int, name[1:].split())
            # What a word tells at +1 is told of the token before it
            of_vectors[number, window + offset, int(found)] = weight
        elif name.startswith("s"):
            of_states[int(name[1:]), int(found)] = weight
        elif weight:
            rows.append((int(name), int(found), weight))
    weights = Weights(labels, *_sort(rows, keys), transitions, bias)
    if vectors:
        # By the offset at which a word is from the token, as `CRF._work_out` has it: turned round
        turned = of_vectors[:, ::-1]
        weights.vectors = np.einsum("vd,dot->vot", vectors.axes, turned)
        weights.vector_bias = -np.einsum("v,vot->ot", vectors.mean, weights.vectors)
    else:
        weights.vectors, weights.vector_bias = np.zeros((0, 0, count)), np.zeros((0, count))
    if states:
        # Reducing a state and weighing what comes out is one matrix; every token has a state
        weights.states = (states.axes @ of_states).astype("float32")
        weights.bias -= states.mean @ weights.states
    return weights


def _sort(
    rows: list[tuple[int, int, float]], keys: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Weights by feature and tag, as `Weights` has them: features, where those of each begin, tags and values."""
    rows.sort()
    used, starts = np.unique(np.array([row[0] for row in rows], dtype="int64"), return_index=True)
    tags = np.array([row[1] for row in rows], dtype="int16")
    values = np.array([row[2] for row in rows], dtype="float32")
    return keys[used], np.append(starts, len(rows)).astype("int64"), tags, values
