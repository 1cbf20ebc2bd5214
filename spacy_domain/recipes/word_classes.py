"""Classes of words, from the tables that `spacy-lookups-data` has for some languages, as vectors; recipes name them
with `@`."""

import gzip
import math
from collections.abc import Callable
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import srsly
from spacy.language import Language
from spacy.strings import get_string_id
from spacy.util import registry
from spacy.vectors import Vectors  # type: ignore[import-not-found]

from .crf_features import Classes

CALLBACK, FOR_CRF = "template.word_classes.v1", "template.crf_word_classes.v1"
CLUSTERS, PROBABILITIES = "lexeme_cluster", "lexeme_prob"
DIMENSIONS = 48
PATH = 20  # bits of the longest path to a cluster
PREFIXES = (2, 4, 6, 8, 10, 12, PATH)  # of paths: a short one names a wide class
AT_ONCE = 4_000_000  # characters of a table
LEAST_LOG_PROBABILITY = -17.5  # rarer words are left out: the tables know little of them

# What is known of a word: its cluster (0 for none), and steps of how rare, capitalized and in capitals it is
Kind = tuple[int, int, int, int]


class Forms(NamedTuple):
    """How words are written, from frequent to rare.

    written (list[str]): Each form.
    lowered (list[str]): The same in small letters: the word.
    log_probabilities (list[float]): How frequent each is.
    clusters (list[int]): What it stands in for; 0 if the tables do not say.
    """

    written: list[str]
    lowered: list[str]
    log_probabilities: list[float]
    clusters: list[int]


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
        return make_classes(str(nlp.lang), tuple(bits)) if has_word_classes(nlp.lang) else Classes()

    return make


@lru_cache(maxsize=1)  # one process may train many pipelines
def make_classes(lang: str, bits: tuple[int, ...]) -> Classes:
    """Make a table of the classes of all words that are frequent enough.

    lang (str): A language with tables.
    bits (tuple[int, ...]): As for `create_crf_classes`.
    RETURNS (Classes): The table.
    """
    forms = _read_tables(lang, LEAST_LOG_PROBABILITY)
    kinds, _ = _find_kinds(forms)
    numbers = {kind: number for number, kind in enumerate(dict.fromkeys(kinds))}
    names = [
        [*(f"{length} {path[:length]}" for length in bits if cluster), f"rarity {rarity}", f"title {title}"]
        for cluster, rarity, title, _ in numbers
        for path in [f"{cluster:0{PATH}b}"[::-1]]
    ]
    keys = np.array([get_string_id(word) for word in dict.fromkeys(forms.lowered)], dtype="uint64")
    order = np.argsort(keys)
    return Classes(keys[order], np.array([numbers[kind] for kind in kinds], dtype="uint32")[order], names)


def make_vectors(lang: str) -> Vectors:
    """Make the vectors of all words that are frequent enough.

    lang (str): A language with tables.
    RETURNS (Vectors): For a token as it is written: every word in small letters, capitalized, in capitals, and in the
        other ways that the tables know. (Vectors can have lower-case forms for keys, by their `attr`; spaCy 3.8 does
        not save that, and a pipeline that is loaded finds no vector for "Paris" then.) Words of the same kind share a
        row.
    """
    data, keys, rows = _list_vectors(lang)
    vectors = Vectors(data=data.copy(), keys=[], name="word_classes")
    for key, row in zip(keys.tolist(), rows.tolist(), strict=True):
        vectors.add(key, row=row)
    return vectors


@lru_cache(maxsize=1)  # as above
def _list_vectors(lang: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """RETURNS (tuple[np.ndarray, np.ndarray, np.ndarray]): The rows, the key of each form, and its row."""
    forms = _read_tables(lang)
    known = {
        word: kind
        for word, kind, total in zip(dict.fromkeys(forms.lowered), *_find_kinds(forms), strict=True)
        if math.log(total) >= LEAST_LOG_PROBABILITY
    }
    written: dict[str, set[str]] = {word: {word, word.capitalize(), word.upper()} for word in known}
    for form, word in zip(forms.written, forms.lowered, strict=True):
        if word in known:
            written[word].add(form)
    rows = {kind: row for row, kind in enumerate(dict.fromkeys(known.values()))}
    projection = _Projection()
    data = np.asarray([projection(kind) for kind in rows], dtype="float32")
    found = [(get_string_id(form), rows[kind]) for word, kind in known.items() for form in sorted(written[word])]
    return data, np.array([key for key, _ in found], dtype="uint64"), np.array([row for _, row in found])


def _read_tables(lang: str, least: float = -math.inf) -> Forms:
    names: Any = registry.lookups.get(lang)
    probabilities = _read_table(names[PROBABILITIES], lambda table: next(reversed(table.values())) < least)
    found = dict(takewhile(lambda form: form[1] >= least, probabilities.items()))
    clusters = _read_table(names[CLUSTERS], lambda table: found.keys() <= table.keys())
    lowered, of_forms = [form.lower() for form in found], [clusters.get(form, 0) for form in found]
    return Forms(list(found), lowered, list(found.values()), of_forms)


def _read_table(path: str, is_enough: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Read a table until there is enough of it. Most of its million words are too rare to be of use, and reading them
    would take longer than all that is done with the others."""
    table: dict[str, Any] = {}
    plain = Path(path)
    with plain.open(encoding="utf8") if plain.exists() else gzip.open(f"{path}.gz", "rt", encoding="utf8") as file:
        while entries := file.read(AT_ONCE) + file.readline():  # one a line
            table |= srsly.json_loads("{" + entries.strip("{}, \n") + "}")
            if is_enough(table):
                break
    return table


def _find_kinds(forms: Forms) -> tuple[list[Kind], list[float]]:
    """RETURNS (tuple[list[Kind], list[float]]): The kind and the probability of each word, in the order in which
    the words are first written."""
    numbers = {word: number for number, word in enumerate(dict.fromkeys(forms.lowered))}
    where = np.array([numbers[word] for word in forms.lowered], dtype="int64")
    values = np.array([math.exp(value) for value in forms.log_probabilities])  # numpy's own differs between machines
    total = np.bincount(where, values, len(numbers))
    rarity = [min(5, max(0, int((-math.log(value) - 8) // 2))) for value in total.tolist()]
    upper = np.array([form.isupper() for form in forms.written])
    title = np.array([form[:1].isupper() for form in forms.written]) & ~upper
    capitals = upper & np.array([len(form) > 1 for form in forms.written])
    # How much of a word's probability is of forms that are written so
    shares = [np.bincount(where, values * chosen, len(numbers)) / total for chosen in (title, capitals)]
    of_forms, cluster = np.array(forms.clusters, dtype="int64"), np.zeros(len(numbers), dtype="int64")
    last_to_first = np.flatnonzero(of_forms)[::-1]
    cluster[where[last_to_first]] = of_forms[last_to_first]  # the most frequent form that has one decides
    steps = (
        np.minimum(most, size * share).astype("int64") for most, size, share in zip((4, 2), (5, 3), shares, strict=True)
    )
    return list(zip(cluster.tolist(), rarity, *(step.tolist() for step in steps), strict=True)), total.tolist()


class _Projection:
    """A random vector for everything that can be so of a word, always the same; summed up for what is."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(0)
        self.known: dict[Any, np.ndarray] = {}

    def __call__(self, kind: Kind) -> np.ndarray:
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
