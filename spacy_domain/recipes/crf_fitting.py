"""How a conditional random field learns: CRFsuite finds its weights; configs name this function with `@`.

(Okazaki 2007, CRFsuite: a fast implementation of Conditional Random Fields.)
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import pycrfsuite
from spacy.attrs import ENT_IOB
from spacy.tokens import Doc
from spacy.util import registry
from spacy.vocab import Vocab
from tqdm import tqdm

from .crf import CRF
from .crf_features import Layout, find_vectors, lay_out, move
from .crf_many_labels import find_merged, merge, part
from .crf_weights import Weights

BIAS = "bias"
AT_ONCE = 10_000  # rows


class Seen(NamedTuple):
    """The features of tokens, by number.

    keys (np.ndarray): Features, sorted: the number of one is its place.
    words (list[list[list[int]]]): For each offset, from the left, and each different word, what it tells there. There
        are far fewer words than tokens.
    pairs (np.ndarray): The pairs of each token; shape (tokens, pairs). -1 for one that is left out.
    """

    keys: np.ndarray
    words: list[list[list[int]]]
    pairs: np.ndarray


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


@registry.misc("template.crfsuite.v1")
def create_fit(c1: float, c2: float, max_iterations: int, min_count: int, few: int = 0) -> Callable[..., Weights]:
    """Find weights with CRFsuite: L-BFGS, or OWL-QN with c1. Nothing in it is random.

    c1 (float): How strongly weights are drawn to 0, by their size (L1): those that matter little become 0, and need no
        place.
    c2 (float): The same by their square (L2).
    max_iterations (int): The greatest number of steps.
    min_count (int): A feature that fewer tokens have is left out.
    few (int): With fewer entities than that, c1 is 0: which weights matter little they do not tell.
    RETURNS (Callable[[CRF, list[Doc], Optional[np.ndarray]], Weights]): What finds the weights of a component from
        annotated texts, and the states that a network makes of their tokens, if it sees any.
    """

    def fit(crf: CRF, docs: list[Doc], states: np.ndarray | None = None) -> Weights:
        docs = [doc for doc in docs if len(doc)]
        labels = tuple(sorted({ent.label_ for doc in docs for ent in doc.ents}))
        if not labels:
            return Weights()
        layout = lay_out(docs, crf.reach)
        orths, where = np.unique(layout.orths, return_inverse=True)
        seen = see(crf, layout, orths, where, docs[0].vocab, min_count)
        vectors = find_components(crf, orths, docs[0].vocab)
        reduced = None if states is None else reduce_states(states, crf.model.attrs["dimensions"])
        enough = sum(len(doc.ents) for doc in docs) >= few
        settings = {
            "c1": c1 if enough else 0.0,
            "c2": c2,
            "max_iterations": max_iterations,
            "feature.possible_transitions": True,
        }
        trainer = Trainer(algorithm="lbfgs", params=settings)
        merged = find_merged(docs, labels)
        tags = merge(tag(docs, labels), merged)
        known = np.concatenate([doc.to_array([ENT_IOB]) for doc in docs]) != 0
        items = list_items(seen, crf, layout, where, vectors, reduced)
        for sequence in find_known(known, layout.lengths):
            rows = pycrfsuite.ItemSequence([items(number) for number in sequence])
            trainer.append(rows, [str(tags[number]) for number in sequence])
        with TemporaryDirectory() as folder:
            path = str(Path(folder) / "model")
            with tqdm(total=max_iterations, desc="Fitting", unit=" steps", disable=None, leave=False) as bar:
                trainer.bar = bar
                trainer.train(path)
            tagger = pycrfsuite.Tagger()
            tagger.open(path)
            info = tagger.info()
            tagger.close()
        crf.cfg["loss"] = float(trainer.logparser.last_iteration["loss"])
        weights = read_weights(info, labels, seen.keys, crf, vectors, reduced)
        part(weights, merged)
        return weights

    return fit


class Reduced(NamedTuple):
    """Principal components of states.

    mean (np.ndarray): What to take off a state.
    axes (np.ndarray): What to multiply the rest with; shape (width, components).
    tokens (np.ndarray): What comes out, for each token of the training corpus.
    """

    mean: np.ndarray
    axes: np.ndarray
    tokens: np.ndarray


class Trainer(pycrfsuite.Trainer):
    """CRFsuite's trainer with a progress bar in the place of what it prints."""

    bar: tqdm

    def message(self, message: str) -> None:
        """Take a line of what it tells."""
        if self.logparser.feed(message) == "iteration":
            self.bar.update()


def see(crf: CRF, layout: Layout, orths: np.ndarray, where: np.ndarray, vocab: Vocab, min_count: int) -> Seen:
    """See what the tokens of a corpus have.

    crf (CRF): The component.
    layout (Layout): The texts.
    orths (np.ndarray): The different words.
    where (np.ndarray): Which of them is where in the layout.
    vocab (Vocab): Where they are from.
    min_count (int): A feature that fewer tokens have is left out.
    RETURNS (Seen): The features.
    """
    sights = crf.see_words(orths.tolist(), vocab)
    found, sizes, times = [], [], []
    for offset in range(-crf.reach, crf.reach + 1):
        near = [sight for sight in sights if sight.window >= abs(offset)]
        words = np.concatenate([sight.words for sight in near])
        order = np.argsort(words, kind="stable")
        found.append(move(np.concatenate([sight.keys for sight in near])[order], -offset))
        sizes.append(np.bincount(words, minlength=len(orths)))
        times.append(np.bincount(where[layout.places + offset], minlength=len(orths)))
    pairs = crf.see_pairs(layout)
    counts = np.concatenate(
        [np.repeat(np.concatenate(times), np.concatenate(sizes)), np.ones(sum(map(len, pairs)), "int64")]
    )
    different, numbers = np.unique(np.concatenate([*found, *pairs]), return_inverse=True)
    kept = np.bincount(numbers, counts) >= max(1, min_count)  # a word may stand nowhere at an offset
    numbers = np.where(kept, np.cumsum(kept) - 1, -1)[numbers]
    ends = np.cumsum(np.concatenate(sizes))
    lists = [[number for number in some.tolist() if number >= 0] for some in np.split(numbers[: ends[-1]], ends[:-1])]
    return Seen(
        different[kept],
        [lists[first : first + len(orths)] for first in range(0, len(lists), len(orths))],
        numbers[ends[-1] :].reshape(len(pairs), len(layout.places)).T,
    )


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


def list_items(
    seen: Seen, crf: CRF, layout: Layout, where: np.ndarray, vectors: Components | None, states: Reduced | None = None
) -> Callable[[int], list[str] | dict[str, float]]:
    """RETURNS (Callable[[int], Union[list[str], dict[str, float]]]): A token's features as CRFsuite takes them."""
    names = [str(number) for number in range(len(seen.keys))]
    words = [[[names[number] for number in numbers] for numbers in offset] for offset in seen.words]

    def list_names(token: int) -> list[str]:
        place = layout.places[token] - crf.reach
        found = [BIAS]
        for number, offset in enumerate(words):
            found += offset[where[place + number]]
        return found + [names[number] for number in seen.pairs[token] if number >= 0]

    if vectors is None and states is None:
        return list_names
    window = crf.vector_feature.window if crf.vector_feature else 0
    values = vectors.words.tolist() if vectors else []
    of_states = [f"s{number}" for number in range(states.tokens.shape[1] if states else 0)]

    def list_values(token: int) -> dict[str, float]:
        found = dict.fromkeys(list_names(token), 1.0)
        for offset in range(-window, window + 1):
            word = where[layout.places[token] + offset]
            if vectors and vectors.known[word]:
                found |= {f"v{number} {offset}": value for number, value in enumerate(values[word])}
        return found | dict(zip(of_states, states.tokens[token].tolist(), strict=True)) if states else found

    return list_values


def tag(docs: Sequence[Doc], labels: tuple[str, ...]) -> list[int]:
    """RETURNS (list[int]): The tags of all tokens, as `Weights` counts them."""
    tags = []
    for doc in docs:
        own = [0] * len(doc)
        for ent in doc.ents:
            begin = 1 + 2 * labels.index(ent.label_)
            own[ent.start : ent.end] = [begin, *[begin + 1] * (len(ent) - 1)]
        tags += own
    return tags


def find_known(known: np.ndarray, lengths: Iterable[int]) -> Iterator[range]:
    """YIELDS (range): Each stretch of a text where it is known what is an entity."""
    first = 0
    for length in lengths:
        changes = np.flatnonzero(np.diff(np.concatenate([[False], known[first : first + length], [False]]))) + first
        yield from (range(start, end) for start, end in zip(changes[::2], changes[1::2], strict=True))
        first += int(length)


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
