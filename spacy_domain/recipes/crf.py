"""An entity recognizer that trains in seconds: a conditional random field; travels inside the wheel, with spaCy alone.

(Lafferty, McCallum and Pereira 2001, Conditional Random Fields.) `crf_fitting.py` finds its weights; what is here looks
them up. All that is so of a word by itself gives the same sum wherever the word occurs, so each word is worked out once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import srsly
from spacy.attrs import ENT_IOB, LOWER, ORTH
from spacy.lang.lex_attrs import word_shape
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.strings import get_string_id
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.util import ensure_path, registry
from spacy.vocab import Vocab

FACTORY = "crf"
NOTHING, START, END = 0, 2**64 - 1, 2**64 - 2  # what stands beside a text, among its words
KEPT_WORDS = 10_000  # words whose sums are kept
SPREAD, PLACE = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)  # odd: products of them are all different
INSIDE, BEGIN = 1, 3  # Token.ent_iob
SURE = 1e-12  # no probability is nearer to 0 or 1
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


def move(keys: Keys, offset: int) -> Keys:
    """RETURNS (Keys): The features of a word as those of a token that is so many tokens away."""
    return keys + np.uint64(offset * int(PLACE) % 2**64)


@dataclass
class Weights:
    """What training found.

    labels (tuple[str, ...]): Labels of entities. Tags are 0 outside; 1 + 2n where the n-th label begins, 2 + 2n inside.
    keys (Keys): Features, sorted.
    starts (np.ndarray): Where in the next two the weights of each feature start, and where the last ones end.
    tags (np.ndarray): Tags that a feature speaks for or against.
    values (np.ndarray): By how much.
    transitions (np.ndarray): Weights of a tag and the next one.
    bias (np.ndarray): Weights of tags, whatever there is to see.
    vectors (np.ndarray): Weights of a vector's dimensions, by offset and tag; shape (dimensions, offsets, tags).
    vector_bias (np.ndarray): What to add to that wherever there is a vector.
    """

    labels: tuple[str, ...] = ()
    keys: Keys = field(default_factory=lambda: np.zeros(0, dtype="uint64"))
    starts: np.ndarray = field(default_factory=lambda: np.zeros(1, dtype="int64"))
    tags: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype="int16"))
    values: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype="float32"))
    transitions: np.ndarray = field(default_factory=lambda: np.zeros((1, 1)))
    bias: np.ndarray = field(default_factory=lambda: np.zeros(1))
    vectors: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, 1), dtype="float32"))
    vector_bias: np.ndarray = field(default_factory=lambda: np.zeros((0, 1), dtype="float32"))

    def add_up(self, rows: np.ndarray, keys: Keys, size: int) -> np.ndarray:
        """Add up the weights of features.

        rows (np.ndarray): For each feature, which sum it goes into.
        keys (Keys): The features.
        size (int): How many sums there are.
        RETURNS (np.ndarray): The sums, shape (size, tags).
        """
        count = len(self.bias)
        found = np.searchsorted(self.keys, keys)
        known = (self.keys[np.minimum(found, len(self.keys) - 1)] == keys) if len(self.keys) else np.zeros(0, bool)
        if not known.any():
            return np.zeros((size, count))
        rows, found = rows[known], found[known]
        sizes = self.starts[found + 1] - self.starts[found]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        at = np.repeat(self.starts[found], sizes) + within
        into = np.repeat(rows, sizes) * count + self.tags[at]
        return np.bincount(into, weights=self.values[at], minlength=size * count).reshape(size, count)


class Lattice:
    """The ways to tag texts, each with its score, where an entity is whole: no inside without a begin.

    scores (np.ndarray): Of each tag for each token; shape (tokens, tags).
    lengths (np.ndarray): How many tokens each text has.
    transitions (np.ndarray): Scores of a tag and the next one.
    """

    def __init__(self, scores: np.ndarray, lengths: np.ndarray, transitions: np.ndarray):
        self.order = np.argsort(-lengths, kind="stable")  # longest first: at each step, those that go on are in front
        self.lengths = lengths
        self.starts = np.cumsum(lengths) - lengths
        self.scores = scores
        self.transitions = np.where(follows(len(transitions)), transitions, -np.inf)

    def __len__(self) -> int:
        return int(self.lengths.max(initial=0))

    def _at(self, step: int) -> np.ndarray:
        going_on = int((self.lengths > step).sum())
        return self.starts[self.order[:going_on]] + step

    def find_best(self) -> np.ndarray:
        """RETURNS (np.ndarray): The tags of the best way through each text (Viterbi)."""
        best, came_from = np.zeros(len(self.scores), dtype="int64"), np.zeros(self.scores.shape, dtype="int16")
        so_far = np.zeros((0, 0))
        for step in range(len(self)):
            at = self._at(step)
            here = self.scores[at]
            if step:
                ways = so_far[: len(at), :, None] + self.transitions
                last = ways.argmax(axis=1)
                came_from[at] = last
                here = here + np.take_along_axis(ways, last[:, None, :], axis=1)[:, 0]
            else:
                here = np.where(starts_text(here.shape[1]), here, -np.inf)
            ended = so_far[len(at) :] if step else so_far
            best[self._at(step - 1)[len(at) :]] = ended.argmax(axis=1) if len(ended) else 0
            so_far = here
        if len(self):
            best[self._at(len(self) - 1)] = so_far.argmax(axis=1)
        for step in range(len(self) - 1, 0, -1):
            at = self._at(step)
            best[at - 1] = came_from[at, best[at]]
        return best

    def sum_up(self) -> "Sums":
        """RETURNS (Sums): The probabilities of all ways, summed up by where they pass (forward-backward)."""
        count = self.scores.shape[1]
        factors = np.exp(self.scores - self.scores.max(axis=1, keepdims=True))
        steps = np.exp(self.transitions)
        forward, backward = np.zeros_like(factors), np.ones_like(factors)
        scales = np.ones(len(factors))
        for step in range(len(self)):
            at = self._at(step)
            here = factors[at] * (forward[at - 1] @ steps if step else starts_text(count))
            scales[at] = here.sum(axis=1)
            forward[at] = here / scales[at, None]
        for step in range(len(self) - 1, 0, -1):
            at = self._at(step)
            backward[at - 1] = (factors[at] * backward[at]) @ steps.T / scales[at, None]
        return Sums(factors / scales[:, None], steps, forward, backward)


class Sums(NamedTuple):
    """Probabilities in a lattice.

    factors (np.ndarray): Of each tag for each token, by which the probability of a way changes there.
    steps (np.ndarray): Factors of a tag and the next one.
    forward (np.ndarray): Of the ways that lead to a tag.
    backward (np.ndarray): Of those that lead on from it.
    """

    factors: np.ndarray
    steps: np.ndarray
    forward: np.ndarray
    backward: np.ndarray

    def find_probability(self, start: int, end: int, begin: int, last: int) -> float:
        """Find how likely it is that an entity is just there: the probabilities of all ways that have it, of whatever
        is around it.

        start (int): Its first token.
        end (int): The token behind its last.
        begin (int): The tag with which it begins; the next one is that inside of it.
        last (int): The last token of the text.
        RETURNS (float): The probability.
        """
        inside = begin + 1
        found = self.forward[start, begin]
        for place in range(start + 1, end):
            found *= self.steps[begin if place == start + 1 else inside, inside] * self.factors[place, inside]
        tag = begin if end == start + 1 else inside
        onwards = self.backward[end - 1, tag]
        if end <= last:  # without the ways on which it is longer
            onwards -= self.steps[tag, inside] * self.factors[end, inside] * self.backward[end, inside]
        return float(min(max(found * onwards, SURE), 1 - SURE))


def follows(count: int) -> np.ndarray:
    """RETURNS (np.ndarray): Which tag may follow which: inside follows begin and inside of the same label alone."""
    may = np.ones((count, count), dtype=bool)
    may[:, 2::2] = False
    for inside in range(2, count, 2):
        may[[inside - 1, inside], inside] = True
    return may


def starts_text(count: int) -> np.ndarray:
    """RETURNS (np.ndarray): Which tags a text may start with."""
    may = np.ones(count, dtype=bool)
    may[2::2] = False
    return may


class CRF(TrainablePipe):
    """Finds entities with a conditional random field. It learns all at once, when it is initialized: `update` changes
    nothing.

    vocab (Vocab): The vocabulary.
    name (str): The component's name.
    features (dict[str, Feature]): What it sees of a token.
    scorer (Optional[Callable]): The scoring method.
    """

    def __init__(
        self, vocab: Vocab, name: str, *, features: dict[str, Feature], scorer: Callable | None = None
    ) -> None:
        self.vocab = vocab
        self.model = None  # none of thinc's
        self.name = name
        self.cfg = {}
        self.features = features
        self.scorer = scorer
        self.classes = Classes()
        self.set_weights(Weights())

    def find_bias(self) -> tuple[np.ndarray, int]:
        """RETURNS (tuple[np.ndarray, int]): What is added to the score of each tag, to be changed in place, and which
        tag is outside of entities.
        """
        return self.weights.bias, 0

    def set_weights(self, weights: Weights) -> None:
        """Set what training found."""
        self.weights = weights
        self._known: dict[int, np.ndarray] = {}

    @property
    def labels(self) -> tuple[str, ...]:
        """RETURNS (tuple[str, ...]): The labels of entities."""
        return self.weights.labels

    @property
    def label_data(self) -> tuple[str, ...]:
        """RETURNS (tuple[str, ...]): The same."""
        return self.labels

    @property
    def reach(self) -> int:
        """RETURNS (int): How many tokens it looks to either side."""
        reaches = [
            max((abs(place) for pair in one.places for place in pair), default=0)
            if isinstance(one, PairFeature)
            else one.window
            for one in self.features.values()
        ]
        return max(reaches, default=0)

    def see_words(self, orths: Iterable[int], vocab: Vocab) -> list[list[tuple[int, Keys]]]:
        """See what is so of words by themselves.

        orths (Iterable[int]): The words as they are written; or what stands beside a text.
        vocab (Vocab): Where they are from.
        RETURNS (list[list[tuple[int, Keys]]]): For each, windows and the features that tell something there.
        """
        edges = {START: "start", END: "end"}
        found: list[list[tuple[int, Keys]]] = []
        for orth in orths:
            if orth == NOTHING or orth in edges:
                names = [(self.reach, [f"beside {edges[orth]}"])] if orth else []
            else:
                word = vocab.strings[orth]
                names = [
                    (one.window, [f"{name} {value}" for value in one.look(word, self.classes)])
                    for name, one in self.features.items()
                    if isinstance(one, WordFeature)
                ]
            found.append(
                [(window, np.array([get_string_id(one) for one in seen], dtype="uint64")) for window, seen in names]
            )
        return found

    def see_pairs(self, layout: Layout) -> list[Keys]:
        """RETURNS (list[Keys]): For each pair of places, the words there, for each token."""
        pairs = [one for one in self.features.values() if isinstance(one, PairFeature)]
        return [hash_pairs(layout, *places) for one in pairs for places in one.places]

    @property
    def vector_feature(self) -> VectorFeature | None:
        """RETURNS (Optional[VectorFeature]): The feature for vectors, if the config has it."""
        return next((one for one in self.features.values() if isinstance(one, VectorFeature)), None)

    def _work_out(self, orths: list[int], vocab: Vocab) -> np.ndarray:
        """What words by themselves speak for, at each offset; shape (words, offsets, tags)."""
        reach, weights = self.reach, self.weights
        width = 2 * reach + 1
        rows, keys = [np.zeros(0, dtype="int64")], [np.zeros(0, dtype="uint64")]
        for number, seen in enumerate(self.see_words(orths, vocab)):
            for window, found in seen:
                for offset in range(-window, window + 1):
                    keys.append(move(found, offset))
                    rows.append(np.full(len(found), number * width + offset + reach))
        sums = weights.add_up(np.concatenate(rows), np.concatenate(keys), len(orths) * width)
        sums = sums.reshape(len(orths), width, -1)
        if len(weights.vectors):
            window = weights.vectors.shape[1] // 2
            for number, vector in enumerate(find_vectors(orths, vocab)):
                if vector is not None:
                    # One at a time: the same sum in whatever company
                    sums[number, reach - window : reach + window + 1] += weights.vector_bias + np.einsum(
                        "d,dot->ot", vector, weights.vectors
                    )
        return sums

    def score_tags(self, docs: Sequence[Doc]) -> tuple[np.ndarray, np.ndarray]:
        """Score each tag for each token, by what there is to see around it.

        docs (Sequence[Doc]): The texts.
        RETURNS (tuple[np.ndarray, np.ndarray]): The scores, shape (tokens, tags), and how many tokens each text has.
        """
        reach, layout = self.reach, lay_out(docs, self.reach)
        known, size = self._known, len(layout.places)
        scores = np.tile(self.weights.bias, (size, 1))
        if not size:
            return scores, layout.lengths
        orths, where = np.unique(layout.orths, return_inverse=True)
        words: list[int] = orths.tolist()
        new = [orth for orth in words if orth not in known]
        if new:
            # What other threads have of the old one stays whole
            known = {} if len(known) + len(new) > KEPT_WORDS else dict(known)
            new = [orth for orth in words if orth not in known]
            known.update(zip(new, self._work_out(new, docs[0].vocab), strict=True))
            self._known = known
        sums = np.stack([known[orth] for orth in words])
        for offset in range(-reach, reach + 1):
            # A word that is two tokens further tells of this token what it knows at -2
            scores += sums[where[layout.places + offset], reach - offset]
        everyone = np.arange(size)
        for keys in self.see_pairs(layout):
            scores += self.weights.add_up(everyone, keys, size)
        return scores, layout.lengths

    def predict(self, docs: Iterable[Doc]) -> list[list[tuple[int, int, str]]]:
        """Find entities. What is an entity already, or blocked, is left out.

        docs (Iterable[Doc]): The texts, not changed.
        RETURNS (list[list[tuple[int, int, str]]]): Of each, start, end (exclusive, in tokens) and label of entities.
        """
        docs = list(docs)
        scores, lengths = self.score_tags(docs)
        for place in find_taken(docs):
            scores[place, 1:] = -np.inf
        return self._read(Lattice(scores, lengths, self.weights.transitions).find_best(), lengths)

    def _read(self, tags: np.ndarray, lengths: np.ndarray) -> list[list[tuple[int, int, str]]]:
        found: list[list[tuple[int, int, str]]] = [[] for _ in lengths]
        ends = np.cumsum(lengths)
        begins = np.flatnonzero(tags % 2)
        for start, number in zip(begins.tolist(), np.searchsorted(ends, begins, side="right").tolist(), strict=True):
            end, last, inside = start + 1, ends[number], tags[start] + 1
            while end < last and tags[end] == inside:
                end += 1
            first = last - lengths[number]
            found[number].append((int(start - first), int(end - first), self.labels[tags[start] // 2]))
        return found

    def set_annotations(self, docs: Iterable[Doc], scores: Any) -> None:
        """Set `Doc.ents`: the entities that were there, and those that were found.

        docs (Iterable[Doc]): The texts.
        scores (list[list[tuple[int, int, str]]]): As `predict` gives them.
        """
        for doc, found in zip(docs, scores, strict=True):
            blocked = [
                doc[token.i : token.i + 1] for token in doc if token.ent_iob == BEGIN and not token.ent_type
            ]
            doc.set_ents([*doc.ents, *(Span(doc, *one) for one in found)], blocked=blocked)

    def score_entities(self, docs: Iterable[Doc]) -> list[dict[tuple[int, int, int], list[np.ndarray]]]:
        """Find entities, whatever the texts have already, and how likely they are: a choice of two for each.

        docs (Iterable[Doc]): The texts, not changed.
        RETURNS (list[dict[tuple[int, int, int], list[np.ndarray]]]): For each, by start, end and label of the entities,
            by how much the score of each option (that it is right, that it is not) exceeds that it is right.
        """
        docs = list(docs)
        scores, lengths = self.score_tags(docs)
        lattice = Lattice(scores, lengths, self.weights.transitions)
        found = self._read(lattice.find_best(), lengths)
        sums = lattice.sum_up()
        rows: list[dict[tuple[int, int, int], list[np.ndarray]]] = []
        for doc, first, entities in zip(docs, lattice.starts.tolist(), found, strict=True):
            row = {}
            for start, end, label in entities:
                begin = 1 + 2 * self.labels.index(label)
                sure = sums.find_probability(first + start, first + end, begin, first + len(doc) - 1)
                row[start, end, doc.vocab.strings[label]] = [np.array([0.0, np.log1p(-sure) - np.log(sure)])]
            rows.append(row)
        return rows

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        fit: Callable[..., Weights] | None = None,
        classes: Callable[[Language], Classes] | None = None,
    ) -> None:
        """Learn from annotated texts.

        get_examples (Callable[[], Iterable[Example]]): All of them. Tokens whose `ent_iob` is 0 are unknown: nothing is
            learned of them.
        nlp (Optional[Language]): The pipeline.
        fit (Optional[Callable[[CRF, list[Doc]], Weights]]): What finds the weights, by default nothing.
        classes (Optional[Callable[[Language], Classes]]): What makes the table of kinds of words.
        """
        self.classes = classes(nlp) if classes and nlp else Classes()
        docs = [example.reference for example in get_examples()]
        self.set_weights(fit(self, docs) if fit else Weights())
        self._forget_useless_classes()

    def _forget_useless_classes(self) -> None:
        """Leave out what no weight is of: most of a table."""
        ways = [
            (name, offset)
            for name, one in self.features.items()
            if isinstance(one, WordFeature) and one.look is look_at_classes
            for offset in range(-one.window, one.window + 1)
        ]

        @cache
        def is_used(value: str) -> bool:
            keys = [move(np.array([get_string_id(f"{name} {value}")], dtype="uint64"), offset) for name, offset in ways]
            return bool(keys) and bool(np.isin(np.concatenate(keys), self.weights.keys).any())

        names = [[value for value in kind if is_used(value)] for kind in self.classes.names]
        numbers: dict[tuple[str, ...], int] = {}
        new = np.array([numbers.setdefault(tuple(kind), len(numbers)) for kind in names], dtype="uint32")
        kinds = new[self.classes.kinds] if len(new) else self.classes.kinds
        useful = np.array([bool(kind) for kind in numbers], dtype=bool)
        kept = useful[kinds] if len(useful) else np.zeros(0, dtype=bool)
        self.classes = Classes(self.classes.words[kept], kinds[kept], [list(kind) for kind in numbers])

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Any = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """RETURNS (dict[str, float]): The losses as they were: everything was learned in `initialize`."""
        losses = {} if losses is None else losses
        losses.setdefault(self.name, self.cfg.get("loss", 0.0))
        return losses

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """RETURNS (bytes): What training found, and the table of kinds of words."""
        return srsly.msgpack_dumps(
            {
                "cfg": self.cfg,
                "weights": {**vars(self.weights), "labels": list(self.labels)},
                "classes": vars(self.classes),
            }
        )

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> "CRF":
        """Load what `to_bytes` gave.

        bytes_data (bytes): The data.
        exclude (Iterable[str]): Makes no difference.
        RETURNS (CRF): The component.
        """
        loaded = srsly.msgpack_loads(bytes_data)
        self.cfg = loaded["cfg"]
        self.classes = Classes(**loaded["classes"])
        weights = loaded["weights"]
        weights |= {"labels": tuple(weights["labels"]), "bias": weights["bias"].copy()}  # what is loaded cannot be changed
        self.set_weights(Weights(**weights))
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save it.

        path (Union[str, Path]): A folder, made if there is none.
        exclude (Iterable[str]): Makes no difference.
        """
        folder: Any = ensure_path(path)
        folder.mkdir(exist_ok=True)
        (folder / "weights").write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "CRF":
        """Load what `to_disk` saved.

        path (Union[str, Path]): The folder.
        exclude (Iterable[str]): Makes no difference.
        RETURNS (CRF): The component.
        """
        folder: Any = ensure_path(path)
        return self.from_bytes((folder / "weights").read_bytes())

    def __reduce__(self) -> Any:
        return _restore, (self.vocab, self.name, self.features, self.scorer, self.to_bytes())


def _restore(vocab: Vocab, name: str, features: dict[str, Feature], scorer: Callable | None, data: bytes) -> CRF:
    return CRF(vocab, name, features=features, scorer=scorer).from_bytes(data)


def find_vectors(orths: Iterable[int], vocab: Vocab) -> Iterator[np.ndarray | None]:
    """YIELDS (Optional[np.ndarray]): The vector of each word, of length 1; None for what has none."""
    for orth in orths:
        vector = vocab.get_vector(orth) if orth not in (NOTHING, START, END) and vocab.has_vector(orth) else None
        length = 0.0 if vector is None else float(np.linalg.norm(vector))
        yield vector / length if length else None  # type: ignore[operator]


def find_taken(docs: Sequence[Doc]) -> np.ndarray:
    """RETURNS (np.ndarray): Which tokens of texts, in one row, are in an entity already or blocked."""
    iobs = [doc.to_array([ENT_IOB]) for doc in docs if len(doc)]
    taken = np.concatenate(iobs) if iobs else np.zeros(0)
    return np.flatnonzero((taken == INSIDE) | (taken == BEGIN))


def make_crf(nlp: Language, name: str, features: dict[str, Feature], scorer: Callable | None) -> CRF:
    """Create the component: `nlp.add_pipe("crf")`.

    nlp (Language): The pipeline.
    name (str): The component's name.
    features (dict[str, Feature]): What it sees of a token.
    scorer (Optional[Callable]): The scoring method.
    RETURNS (CRF): The component, untrained.
    """
    return CRF(nlp.vocab, name, features=features, scorer=scorer)


FEATURES: dict[str, Callable[..., Feature]] = {
    "template.crf_word.v1": create_word,
    "template.crf_affixes.v1": create_affixes,
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
if not Language.has_factory(FACTORY):
    Language.factory(
        FACTORY,
        func=make_crf,
        default_config={
            "features": {
                "word": {"@misc": "template.crf_word.v1", "window": 2},
                "affixes": {"@misc": "template.crf_affixes.v1", "window": 0, "longest": 4},
                "shape": {"@misc": "template.crf_shape.v1", "window": 1},
                "classes": {"@misc": "template.crf_classes.v1", "window": 2},
                "pairs": {"@misc": "template.crf_pairs.v1", "places": [[-1, 0], [0, 1]]},
                "vectors": {"@misc": "template.crf_vectors.v1", "window": 0, "dimensions": 100},
            },
            "scorer": {"@scorers": "spacy.ner_scorer.v1"},
        },
        assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
        default_score_weights={"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0, "ents_per_type": None},
    )
