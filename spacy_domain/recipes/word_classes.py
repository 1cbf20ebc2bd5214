"""Classes of words, from the tables that `spacy-lookups-data` has for some languages, as vectors; recipes name them
with `@`."""

import math
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.strings import get_string_id
from spacy.util import load_language_data, registry
from spacy.vectors import Vectors  # type: ignore[import-not-found]

from .crf_features import Classes

CALLBACK, FOR_CRF = "template.word_classes.v1", "template.crf_word_classes.v1"
CLUSTERS, PROBABILITIES = "lexeme_cluster", "lexeme_prob"
DIMENSIONS = 48
PATH = 20  # bits of the longest path to a cluster
PREFIXES = (2, 4, 6, 8, 10, 12, PATH)  # of paths: a short one names a wide class
LEAST_LOG_PROBABILITY = -17.5  # rarer words are left out: the tables know little of them

Forms = list[tuple[str, float]]  # what is written in one way but for the case, each form with its probability


def has_word_classes(lang: str | None) -> bool:
    """RETURNS (bool): Whether there are tables for a language."""
    return lang in registry.lookups and {CLUSTERS, PROBABILITIES} <= set(registry.lookups.get(lang))


@registry.callbacks(CALLBACK)
def create_word_classes() -> Callable[[Language], Language]:
    """Give a pipeline vectors that say of which kind a word is: which words it stands in for (a Brown cluster, and the
    wider ones around it), how frequent it is, and how often it is capitalized, in a large collection of texts.

    Annotations have few names, and most of those to come are new: their kind is what is known of them, in whatever case
    they are typed (Miller et al. 2004, Name Tagging with Word Clusters and Discriminative Training; Turian et al. 2010,
    Word Representations). A vector is the sum of random ones for what is so of the word (random projection), so that
    spaCy's own embedding layer takes it.

    RETURNS (Callable[[Language], Language]): What does it before the pipeline is initialized. A language without tables
        gets none.
    """

    def set_vectors(nlp: Language) -> Language:
        if has_word_classes(nlp.lang):
            nlp.vocab.vectors = make_vectors(str(nlp.lang))
        return nlp

    return set_vectors


@registry.misc(FOR_CRF)
def create_crf_classes(bits: list[int]) -> Callable[[Language], Classes]:
    """Say the same to a conditional random field, by name in the place of a vector.

    bits (list[int]): Lengths of the paths to clusters that are named: a short one names a wide class.
    RETURNS (Callable[[Language], Classes]): What makes the table for a pipeline's language, an empty one if there is
        nothing to make it of.
    """

    def make(nlp: Language) -> Classes:
        return make_classes(str(nlp.lang), bits) if has_word_classes(nlp.lang) else Classes()

    return make


def make_classes(lang: str, bits: list[int]) -> Classes:
    """Make a table of the classes of all words that are frequent enough.

    lang (str): A language with tables.
    bits (list[int]): As for `create_crf_classes`.
    RETURNS (Classes): The table.
    """
    clusters, forms = _read_tables(lang, LEAST_LOG_PROBABILITY)
    numbers: dict[tuple[int, ...], int] = {}
    words: dict[int, int] = {}
    for word, written in forms.items():
        total = sum(probability for _, probability in written)
        kind = _find_kind(written, total, clusters)
        words[get_string_id(word)] = numbers.setdefault(kind, len(numbers))
    names = [
        [*(f"{length} {path[:length]}" for length in bits if cluster), f"rarity {rarity}", f"title {title}"]
        for cluster, rarity, title, _ in numbers
        for path in [f"{cluster:0{PATH}b}"[::-1]]
    ]
    keys = np.array(sorted(words), dtype="uint64")
    return Classes(keys, np.array([words[key] for key in keys.tolist()], dtype="uint32"), names)


def make_vectors(lang: str) -> Vectors:
    """Make the vectors of all words that are frequent enough.

    lang (str): A language with tables.
    RETURNS (Vectors): For a token as it is written: every word in small letters, capitalized, in capitals, and in the
        other ways that the tables know. (Vectors can have lower-case forms for keys, by their `attr`; spaCy 3.8 does
        not save that, and a pipeline that is loaded finds no vector for "Paris" then.) Words of the same kind share a
        row.
    """
    clusters, forms = _read_tables(lang)
    projection = _Projection()
    rows: dict[tuple[int, ...], int] = {}
    words: list[tuple[str, int]] = []
    for word, written in forms.items():
        total = sum(probability for _, probability in written)
        if math.log(total) >= LEAST_LOG_PROBABILITY:
            kind = _find_kind(written, total, clusters)
            words.append((word, rows.setdefault(kind, len(rows))))
    data = np.asarray([projection(kind) for kind in rows], dtype="float32")
    vectors = Vectors(data=data, keys=[], name="word_classes")
    for word, row in words:
        for form in sorted({word, word.capitalize(), word.upper(), *(form for form, _ in forms[word])}):
            vectors.add(get_string_id(form), row=row)
    return vectors


def _read_tables(lang: str, least: float = -math.inf) -> tuple[dict[str, int], dict[str, Forms]]:
    tables: Any = registry.lookups.get(lang)
    clusters, probabilities = (dict(load_language_data(tables[name])) for name in (CLUSTERS, PROBABILITIES))
    forms: dict[str, Forms] = defaultdict(list)
    # From frequent to rare
    for form, log_probability in probabilities.items():
        if log_probability < least:
            break
        forms[form.lower()].append((form, math.exp(log_probability)))
    return clusters, forms


def _find_kind(written: Forms, total: float, clusters: dict[str, int]) -> tuple[int, ...]:
    """RETURNS (tuple[int, ...]): Cluster (0 for none), and steps of how rare, capitalized and in capitals a word is."""
    cluster, capitals, title = 0, 0.0, 0.0
    for form, value in written:
        cluster = cluster or clusters.get(form, 0)
        if form.isupper():
            capitals += value if len(form) > 1 else 0.0
        elif form[:1].isupper():
            title += value
    rarity = min(5, max(0, int((-math.log(total) - 8) // 2)))
    return cluster, rarity, min(4, int(5 * title / total)), min(2, int(3 * capitals / total))


class _Projection:
    """A random vector for everything that can be so of a word, always the same; summed up for what is."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(0)
        self.known: dict[Any, np.ndarray] = {}

    def __call__(self, kind: tuple[int, ...]) -> np.ndarray:
        cluster, rarity, title, capitals = kind
        found = 1.5 * self._draw("rarity", rarity) + 2 * self._draw("title", title) + self._draw("capitals", capitals)
        if cluster:
            path = f"{cluster:0{PATH}b}"[::-1]  # its first bit is the lowest
            found += sum(self._draw(path[:length]) for length in PREFIXES)
        return found / 2

    def _draw(self, *key: Any) -> np.ndarray:
        if key not in self.known:
            self.known[key] = self.random.normal(size=DIMENSIONS) / math.sqrt(DIMENSIONS)
        return self.known[key]
