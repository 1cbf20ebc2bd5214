"""An entity recognizer that trains in seconds: a conditional random field. Travels inside the wheel, with spaCy alone.

(Lafferty, McCallum and Pereira 2001, Conditional Random Fields.) `crf_fitting.py` finds its weights; what is here looks
them up. What is so of a word by itself gives the same sum wherever the word occurs: each word is worked out once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import srsly
from spacy.attrs import ENT_IOB, ENT_TYPE
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.ty import ListenedToComponent
from spacy.util import ensure_path
from spacy.vocab import Vocab
from thinc.api import Model

from .crf_features import (
    END,
    NOTHING,
    START,
    Classes,
    Feature,
    Keys,
    Layout,
    PairFeature,
    Sight,
    VectorFeature,
    WordFeature,
    find_vectors,
    gather,
    hash_names,
    hash_pairs,
    lay_out,
    look_at_classes,
    move,
)
from .crf_lattice import Lattice
from .crf_states import learn_states, read_states
from .crf_weights import Weights

FACTORY = "crf"
KEPT_WORDS = 10_000  # words whose sums are kept
AT_ONCE = 20_000  # tokens that are scored together: long texts take the memory of few
INSIDE, BEGIN = 1, 3  # Token.ent_iob


class CRF(TrainablePipe):
    """Finds entities with a conditional random field. It learns all at once, when it is initialized: `update` changes
    nothing.

    vocab (Vocab): The vocabulary.
    name (str): The component's name.
    features (dict[str, Feature]): What it sees of a token.
    model (Optional[Model]): A network whose states it sees, too, as `create_states` gives it. It is not trained.
    scorer (Optional[Callable]): The scoring method.
    """

    def __init__(
        self,
        vocab: Vocab,
        name: str,
        *,
        features: dict[str, Feature],
        model: Model | None = None,
        scorer: Callable | None = None,
    ) -> None:
        self.vocab = vocab
        self.model: Any = model
        self.name = name
        self.cfg: dict[str, Any] = {}
        self.features = features
        self.scorer = scorer
        self.classes = Classes()
        self.set_weights(Weights())

    def find_bias(self, labels: Set[str]) -> tuple[np.ndarray, list[int]]:
        """Find what is added to scores, whatever there is to see.

        labels (Set[str]): Labels.
        RETURNS (tuple[np.ndarray, list[int]]): What is added to each tag, to be changed in place, and which tags are of
            these labels.
        """
        tags = [(2 * number + 1, 2 * number + 2) for number, label in enumerate(self.labels) if label in labels]
        return self.weights.bias, [tag for pair in tags for tag in pair]

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

    def see_words(self, orths: Sequence[int], vocab: Vocab) -> list[Sight]:
        """See what is so of words by themselves.

        orths (Sequence[int]): The words as they are written; or what stands beside a text.
        vocab (Vocab): Where they are from.
        RETURNS (list[Sight]): What each feature sees of all of them.
        """
        edges = {START: "start", END: "end"}
        beside = [(number, [f"beside {edges[orth]}"]) for number, orth in enumerate(orths) if orth in edges]
        words = [
            (number, vocab.strings[orth]) for number, orth in enumerate(orths) if orth != NOTHING and orth not in edges
        ]
        found = [gather(self.reach, beside)]
        for name, one in self.features.items():
            if isinstance(one, WordFeature):
                look, classes = one.look, self.classes
                seen = [(number, [f"{name} {value}" for value in look(word, classes)]) for number, word in words]
                found.append(gather(one.window, seen))
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
        rows, keys = [], []
        for seen in self.see_words(orths, vocab):
            for offset in range(-seen.window, seen.window + 1):
                keys.append(move(seen.keys, offset))
                rows.append(seen.words * width + offset + reach)
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
            # What other threads have of the old one stays whole. Of a full one, the words that are here, too, are kept:
            # among them most of the frequent ones
            full = len(known) + len(new) > KEPT_WORDS
            known = {orth: known[orth] for orth in words if orth in known} if full else dict(known)
            known.update(zip(new, self._work_out(new, docs[0].vocab), strict=True))
            self._known = known
        sums = np.stack([known[orth] for orth in words])
        for offset in range(-reach, reach + 1):
            # A word that is two tokens further tells of this token what it knows at -2
            scores += sums[where[layout.places + offset], reach - offset]
        everyone = np.arange(size)
        for keys in self.see_pairs(layout):
            scores += self.weights.add_up(everyone, keys, size)
        if len(self.weights.states):
            states = read_states(self.model, docs)
            scores += states @ self.weights.states if states.size else 0.0
        return scores, layout.lengths

    def predict(self, docs: Iterable[Doc]) -> list[list[tuple[int, int, str]]]:
        """Find entities. What is an entity already, or blocked, is left out.

        docs (Iterable[Doc]): The texts, not changed.
        RETURNS (list[list[tuple[int, int, str]]]): Of each, start, end (exclusive, in tokens) and label of entities.
        """
        found = []
        for some in group(docs):
            scores, lengths = self.score_tags(some)
            for place in find_taken(some):
                scores[place, 1:] = -np.inf
            found += self._read(Lattice(scores, lengths, self.weights.transitions).find_best(), lengths)
        return found

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
            blocked = [doc[at : at + 1] for at in find_blocked(doc)]
            doc.set_ents([*doc.ents, *(Span(doc, *one) for one in found)], blocked=blocked)

    def score_entities(self, docs: Iterable[Doc]) -> list[dict[tuple[int, int, int], list[np.ndarray]]]:
        """Find entities, whatever the texts have already, and how likely they are: a choice of two for each.

        docs (Iterable[Doc]): The texts, not changed.
        RETURNS (list[dict[tuple[int, int, int], list[np.ndarray]]]): For each, by start, end and label of the entities,
            by how much the score of each option (that it is right, that it is not) exceeds that it is right.
        """
        return [row for some in group(docs) for row in self._score(some)]

    def _score(self, docs: list[Doc]) -> list[dict[tuple[int, int, int], list[np.ndarray]]]:
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
        fit (Optional[Callable[[CRF, list[Doc], Optional[np.ndarray]], Weights]]): What finds the weights, given the
            texts, and the states of their tokens if there is a network. By default nothing.
        classes (Optional[Callable[[Language], Classes]]): What makes the table of kinds of words.
        """
        self.classes = classes(nlp) if classes and nlp else Classes()
        docs = [example.reference for example in get_examples()]
        self.set_weights(fit(self, docs, self._learn_states(docs, nlp)) if fit else Weights())
        self._forget_useless_classes()

    def _learn_states(self, docs: list[Doc], nlp: Language | None) -> np.ndarray | None:
        if self.model is None:
            return None
        pipes = [pipe for _, pipe in nlp.pipeline] if nlp else []
        upstream = [
            pipe for pipe in pipes if isinstance(pipe, ListenedToComponent) and self.name in pipe.listening_components
        ]
        return learn_states(self.model, docs, upstream)

    def _forget_useless_classes(self) -> None:
        """Leave out what no weight is of: most of a table."""
        ways = [
            (name, offset)
            for name, one in self.features.items()
            if isinstance(one, WordFeature) and one.look is look_at_classes
            for offset in range(-one.window, one.window + 1)
        ]

        weighed = set(self.weights.keys.tolist())

        @cache
        def is_used(value: str) -> bool:
            return any(int(move(hash_names([f"{name} {value}"]), offset)[0]) in weighed for name, offset in ways)

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
        """RETURNS (bytes): What training found, the table of kinds of words, and the network, if it has its own."""
        return srsly.msgpack_dumps(
            {
                "cfg": self.cfg,
                "weights": {**vars(self.weights), "labels": list(self.labels)},
                "classes": vars(self.classes),
                **({"model": self.model.to_bytes()} if self.model else {}),
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
        weights |= {
            "labels": tuple(weights["labels"]),
            "bias": weights["bias"].copy(),
        }  # what is loaded cannot be changed
        self.set_weights(Weights(**weights))
        if self.model:
            self.model.from_bytes(loaded["model"])
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
        return _restore, (self.vocab, self.name, self.features, self.model, self.scorer, self.to_bytes())


def _restore(
    vocab: Vocab, name: str, features: dict[str, Feature], model: Model | None, scorer: Callable | None, data: bytes
) -> CRF:
    return CRF(vocab, name, features=features, model=model, scorer=scorer).from_bytes(data)


def group(docs: Iterable[Doc]) -> Iterator[list[Doc]]:
    """YIELDS (list[Doc]): Texts in their order, AT_ONCE tokens of them, or a longer one alone."""
    some: list[Doc] = []
    size = 0
    for doc in docs:
        if some and size + len(doc) > AT_ONCE:
            yield some
            some, size = [], 0
        some.append(doc)
        size += len(doc)
    if some:
        yield some


def find_taken(docs: Sequence[Doc]) -> np.ndarray:
    """RETURNS (np.ndarray): Which tokens of texts, in one row, are in an entity already or blocked."""
    starts = np.cumsum([0, *map(len, docs)])
    found = [np.zeros(0, dtype="int64")]
    for start, doc in zip(starts, docs, strict=False):
        if doc.has_annotation("ENT_IOB"):  # most have none, and that is seen at once
            iobs = doc.to_array([ENT_IOB])
            found.append(start + np.flatnonzero((iobs == INSIDE) | (iobs == BEGIN)))
    return np.concatenate(found)


def find_blocked(doc: Doc) -> list[int]:
    """RETURNS (list[int]): Which tokens must not be in an entity."""
    if not doc.has_annotation("ENT_IOB"):
        return []
    iobs, types = doc.to_array([ENT_IOB, ENT_TYPE]).T
    return np.flatnonzero((iobs == BEGIN) & (types == 0)).tolist()


def make_crf(
    nlp: Language, name: str, features: dict[str, Feature], model: Model | None, scorer: Callable | None
) -> CRF:
    """Create the component: `nlp.add_pipe("crf")`.

    nlp (Language): The pipeline.
    name (str): The component's name.
    features (dict[str, Feature]): What it sees of a token.
    model (Optional[Model]): A network whose states it sees, too.
    scorer (Optional[Callable]): The scoring method.
    RETURNS (CRF): The component, untrained.
    """
    return CRF(nlp.vocab, name, features=features, model=model, scorer=scorer)


# As in confidence.py: two wheels may bring this file, and the first one stays
if not Language.has_factory(FACTORY):
    Language.factory(
        FACTORY,
        func=make_crf,
        default_config={
            "features": {
                "word": {"@misc": "template.crf_word.v1", "window": 2},
                "affixes": {"@misc": "template.crf_affixes.v1", "window": 0, "longest": 4},
                "parts": {"@misc": "template.crf_parts.v1", "window": 0, "length": 3},
                "shape": {"@misc": "template.crf_shape.v1", "window": 1},
                "classes": {"@misc": "template.crf_classes.v1", "window": 2},
                "pairs": {"@misc": "template.crf_pairs.v1", "places": [[-1, 0], [0, 1]]},
                "vectors": {"@misc": "template.crf_vectors.v1", "window": 0, "dimensions": 50},
            },
            "model": None,
            "scorer": {"@scorers": "spacy.ner_scorer.v1"},
        },
        assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
        default_score_weights={"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0, "ents_per_type": None},
    )
