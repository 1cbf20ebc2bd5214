"""How a conditional random field learns: CRFsuite finds its weights; configs name this function with `@`.

(Okazaki 2007, CRFsuite: a fast implementation of Conditional Random Fields.)
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pycrfsuite
from spacy.attrs import ENT_IOB
from spacy.tokens import Doc
from spacy.util import registry
from spacy.vocab import Vocab
from tqdm import tqdm

from .crf import CRF
from .crf_components import Components, Reduced, find_components, reduce_states
from .crf_dump import BIAS, read_weights
from .crf_features import Layout, lay_out, move
from .crf_many_labels import find_merged, merge, part
from .crf_weights import Weights


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
