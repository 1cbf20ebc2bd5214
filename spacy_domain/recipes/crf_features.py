"""What a conditional random field sees of a token; configs name these features by `@`. Travels inside the wheel."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from spacy.attrs import LOWER, ORTH
from spacy.lang.lex_attrs import word_shape
from spacy.strings import get_string_id
from spacy.tokens import Doc
from spacy.util import registry
from spacy.vocab import Vocab

NOTHING, START, END = 0, 2**64 - 1, 2**64 - 2  # what stands beside a text, among its words
SPREAD, PLACE = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)  # odd: products of them are all different
LONGEST = 50  # letters of a word that are looked at: what has more is an address, say
Keys = np.ndarray  # of features, as 64-bit hashes: equal ones are the same feature


@dataclass
class Classes:
    """Of which kind words are, by a large collection of texts.

    words (np.ndarray): Hashes of words in small letters, sorted.
    kinds (np.ndarray): For each, the number of its kind.
    names (list[list[str]]): For each kind, what is so of its words.
    """

    words: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype="uint64"))
    kinds: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype="uint32"))
    names: list[list[str]] = field(default_factory=list)

    def __call__(self, word: str) -> list[str]:
        key = np.uint64(get_string_id(word.lower()))
        place = int(np.searchsorted(self.words, key))
        known = place < len(self.words) and self.words[place] == key
        return self.names[self.kinds[place]] if known else []


@dataclass(frozen=True)
class WordFeature:
    """Something that is so of a word by itself.

    window (int): Up to how many tokens away it tells something of a token.
    look (Callable[[str, Classes], Iterable[str]]): What is so of a word, as it is written.
    """

    window: int
    look: Callable[[str, Classes], Iterable[str]]


@dataclass(frozen=True)
class PairFeature:
    """Which two words, in small letters, are at two places.

    places (list[tuple[int, int]]): The places, counted from the token.
    """

    places: list[tuple[int, int]]


@dataclass(frozen=True)
class VectorFeature:
    """A word's vector, where the vocabulary has vectors: each dimension is a feature with a value.

    window (int): Up to how many tokens away it tells something of a token.
    dimensions (int): How many: the principal components of the vectors in the training corpus.
    """

    window: int
    dimensions: int


Feature = WordFeature | PairFeature | VectorFeature


def look_at_word(word: str, classes: Classes) -> list[str]:
    """RETURNS (list[str]): The word in small letters."""
    return [word.lower()]


@dataclass(frozen=True)
class Affixes:
    """What a word begins and ends with, in small letters.

    longest (int): Up to how many letters.
    """

    longest: int

    def __call__(self, word: str, classes: Classes) -> list[str]:
        small = word.lower()
        ends = [f"-{small[-length:]}" for length in range(1, self.longest + 1)]
        return [*(f"{small[:length]}-" for length in range(1, self.longest + 1)), *ends]


@dataclass(frozen=True)
class Parts:
    """The letters of a word in a row, in small letters, wherever they are in it: "<ab", "abc", "bc>" of "abc".

    length (int): How many letters.
    """

    length: int

    def __call__(self, word: str, classes: Classes) -> list[str]:
        small = f"<{word.lower()[:LONGEST]}>"
        return sorted({small[start : start + self.length] for start in range(len(small) - self.length + 1)})


def look_at_shape(word: str, classes: Classes) -> list[str]:
    """RETURNS (list[str]): Where capitals, digits and other characters are, as `Token.shape_` has it."""
    return [word_shape(word)]


def look_at_classes(word: str, classes: Classes) -> list[str]:
    """RETURNS (list[str]): Which classes a word is in."""
    return classes(word)


def create_word(window: int) -> WordFeature:
    """RETURNS (WordFeature): Words, in small letters."""
    return WordFeature(window, look_at_word)


def create_affixes(window: int, longest: int) -> WordFeature:
    """RETURNS (WordFeature): What words begin and end with, up to so many letters."""
    return WordFeature(window, Affixes(longest))


def create_parts(window: int, length: int) -> WordFeature:
    """RETURNS (WordFeature): So many letters in a row, wherever in words they are: what compounds and endings share."""
    return WordFeature(window, Parts(length))


def create_shape(window: int) -> WordFeature:
    """RETURNS (WordFeature): What words look like."""
    return WordFeature(window, look_at_shape)


def create_classes(window: int) -> WordFeature:
    """RETURNS (WordFeature): Of which kind words are, by the table that the component is initialized with, if any."""
    return WordFeature(window, look_at_classes)


def create_pairs(places: list[list[int]]) -> PairFeature:
    """RETURNS (PairFeature): Pairs of words, by their places, counted from the token: [[-1, 0]] is it and the last."""
    return PairFeature([(first, second) for first, second in places])


def create_vectors(window: int, dimensions: int) -> VectorFeature:
    """RETURNS (VectorFeature): The vocabulary's vectors, if it has any."""
    return VectorFeature(window, dimensions)


class Layout(NamedTuple):
    """Texts in one row, with room beside each.

    places (np.ndarray): Where in the row each token is.
    lengths (np.ndarray): How many tokens each text has.
    orths (np.ndarray): What is where, as it is written.
    lowers (np.ndarray): The same in small letters.
    """

    places: np.ndarray
    lengths: np.ndarray
    orths: np.ndarray
    lowers: np.ndarray


def lay_out(docs: Sequence[Doc], reach: int) -> Layout:
    """Put the words of texts in one row.

    docs (Sequence[Doc]): The texts.
    reach (int): How much room to leave beside each.
    RETURNS (Layout): The row.
    """
    lengths = np.array([len(doc) for doc in docs], dtype="int64")
    before = np.cumsum(lengths + 2 * reach) - lengths - reach
    places = np.repeat(before - (np.cumsum(lengths) - lengths), lengths) + np.arange(lengths.sum())
    rows = np.full((int((lengths + 2 * reach).sum()), 2), NOTHING, dtype="uint64")
    if reach:
        rows[before - 1], rows[before + lengths] = START, END
    if len(places):
        rows[places] = np.concatenate([doc.to_array([ORTH, LOWER]).reshape(-1, 2) for doc in docs])
    return Layout(places, lengths, rows[:, 0], rows[:, 1])


def hash_pairs(layout: Layout, first: int, second: int) -> Keys:
    """RETURNS (Keys): For each token, the pair of words at two places, of which one may be beside the text."""
    a, b = (layout.lowers[layout.places + place] for place in (first, second))
    return (a * SPREAD + b) * PLACE + np.uint64(get_string_id(f"pair {first} {second}"))


def hash_names(names: list[str]) -> Keys:
    """RETURNS (Keys): Features by their names."""
    return np.fromiter(map(get_string_id, names), dtype="uint64", count=len(names))


class Sight(NamedTuple):
    """What is so of words by themselves, seen by one feature.

    window (int): Up to how many tokens away it tells something of a token.
    words (np.ndarray): For each key, the number of the word that it is of; not falling.
    keys (Keys): The keys.
    """

    window: int
    words: np.ndarray
    keys: Keys


def gather(window: int, seen: Sequence[tuple[int, list[str]]]) -> Sight:
    """Hash what was seen of many words at once: word by word it would take several times as long.

    window (int): Up to how many tokens away it tells something of a token.
    seen (Sequence[tuple[int, list[str]]]): Numbers of words, and what is so of each, by name.
    RETURNS (Sight): The same as arrays.
    """
    numbers = np.array([number for number, _ in seen], dtype="int64")
    words = np.repeat(numbers, [len(names) for _, names in seen])
    return Sight(window, words, hash_names([name for _, names in seen for name in names]))


def move(keys: Keys, offset: int) -> Keys:
    """RETURNS (Keys): The features of a word as those of a token that is so many tokens away."""
    return keys + np.uint64(offset * int(PLACE) % 2**64)


def find_vectors(orths: Iterable[int], vocab: Vocab) -> Iterator[np.ndarray | None]:
    """YIELDS (Optional[np.ndarray]): The vector of each word, of length 1; None for what has none."""
    for orth in orths:
        known = orth not in (NOTHING, START, END) and vocab.has_vector(orth)
        vector: Any = vocab.get_vector(orth) if known else np.zeros(1)
        vector = np.asarray(vector.get() if hasattr(vector, "get") else vector)  # from a GPU, perhaps
        length = np.linalg.norm(vector)
        yield vector / length if length else None


FEATURES: dict[str, Callable[..., Feature]] = {
    "template.crf_word.v1": create_word,
    "template.crf_affixes.v1": create_affixes,
    "template.crf_parts.v1": create_parts,
    "template.crf_shape.v1": create_shape,
    "template.crf_classes.v1": create_classes,
    "template.crf_pairs.v1": create_pairs,
    "template.crf_vectors.v1": create_vectors,
}
# Each wheel brings this file. spaCy refuses a name that is taken by other code, and two wheels may be of two versions:
# the first one stays.
for _name, _create in FEATURES.items():
    if _name not in registry.misc:
        registry.misc(_name, func=_create)
