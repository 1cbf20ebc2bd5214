"""What a conditional random field learns of vectors and of a network's states: their principal components.

(Pearson 1901, On Lines and Planes of Closest Fit to Systems of Points in Space.)
"""

from typing import NamedTuple

import numpy as np
from spacy.vocab import Vocab

from .crf import CRF
from .crf_features import find_vectors

AT_ONCE = 10_000  # rows


class Components(NamedTuple):
    """Principal components of vectors.

    mean (np.ndarray): What to take off a vector.
    axes (np.ndarray): What to multiply the rest with; shape (dimensions, components).
    words (np.ndarray): What comes out, for each word of the training corpus.
    known (np.ndarray): Which of these have a vector.
    """

    mean: np.ndarray
    axes: np.ndarray
    words: np.ndarray
    known: np.ndarray


class Reduced(NamedTuple):
    """Principal components of states.

    mean (np.ndarray): What to take off a state.
    axes (np.ndarray): What to multiply the rest with; shape (width, components).
    tokens (np.ndarray): What comes out, for each token of the training corpus.
    """

    mean: np.ndarray
    axes: np.ndarray
    tokens: np.ndarray


def find_components(crf: CRF, orths: np.ndarray, vocab: Vocab) -> Components | None:
    """Find the principal components of the vectors of the words of a corpus.

    crf (CRF): The component.
    orths (np.ndarray): The different words.
    vocab (Vocab): Where they are from.
    RETURNS (Optional[Components]): The components; None if there are no vectors, or the config asks for none.
    """
    feature = crf.vector_feature
    if feature is None or not feature.dimensions or not len(vocab.vectors):
        return None
    found = list(find_vectors(orths.tolist(), vocab))
    known = np.array([vector is not None for vector in found])
    if not known.any():
        return None
    vectors = np.stack([vector for vector in found if vector is not None]).astype("float64")
    mean, axes = find_axes(vectors, feature.dimensions)
    words = np.zeros((len(orths), axes.shape[1]))
    words[known] = (vectors - mean) @ axes
    return Components(mean, axes, words, known)


def find_axes(values: np.ndarray, dimensions: int) -> tuple[np.ndarray, np.ndarray]:
    """RETURNS (tuple[np.ndarray, np.ndarray]): The mean of values, a row each, and the axes of their components."""
    mean = values.mean(axis=0, dtype="float64")
    covariance = np.zeros((len(mean), len(mean)))
    for start in range(0, len(values), AT_ONCE):  # in 64 bits, which need room
        part = values[start : start + AT_ONCE] - mean
        covariance += part.T @ part / len(values)
    sizes, axes = np.linalg.eigh(covariance)
    axes = axes[:, ::-1][:, :dimensions]
    # Which way an axis points is arbitrary: its largest entry is positive
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    # The first one has a deviation of 1: values are about as large as those of other features
    return mean, axes / np.sqrt(max(sizes.max(), 1e-12))


def reduce_states(states: np.ndarray, dimensions: int) -> Reduced:
    """RETURNS (Reduced): So many principal components of states, of each token of the training corpus."""
    mean, axes = find_axes(states, dimensions)
    return Reduced(mean, axes, states @ axes.astype("float32") - (mean @ axes).astype("float32"))
