"""How sure a recognizer has to be to take a token for part of an entity: moved to where F is best."""

from collections.abc import Iterable, Sequence, Set
from typing import Any, NamedTuple

import numpy as np
from spacy.language import Language
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc
from spacy.training import Example

from .folds import Fold

STEPS = np.arange(-4.0, 4.5, 0.5).tolist()
LEAST_GAIN = 0.01  # of F: less may be luck, as may be what a single entity of dev gains
MOST_OUTSIDE = 0.02  # how often new labels may be found in raw texts, as a share of how often they are in dev


class Moved(NamedTuple):
    """What moving a threshold did.

    by (float): What was added to the scores of entities: 0 if F was best as it was.
    before (float): F as it was, on texts that were not learned from.
    after (float): F as it is.
    """

    by: float
    before: float
    after: float


def find_bias(recognizer: Any, labels: Set[str]) -> tuple[np.ndarray, list[int]]:
    """Find what a recognizer adds to all scores, whatever there is to see.

    recognizer (Any): The recognizer: one of spaCy's own, or one that says so by a method `find_bias`.
    labels (Set[str]): Labels.
    RETURNS (tuple[np.ndarray, list[int]]): What it adds, to be changed in place, and where in it entities with these
        labels are.
    """
    if hasattr(recognizer, "find_bias"):
        return recognizer.find_bias(labels)
    model = recognizer.model
    bias = model.get_ref("upper" if model.attrs["has_upper"] else "lower").get_param("b")
    names = [recognizer.moves.get_class_name(number).partition("-") for number in range(len(bias))]
    # That an entity begins: where it ends, those that are in it decide among themselves
    return bias, [number for number, (move, _, label) in enumerate(names) if move in ("B", "U") and label in labels]


def move_threshold(
    nlp: Language,
    component: str,
    dev: Sequence[Example],
    labels: Set[str],
    outside: Sequence[Doc] = (),
    new: Set[str] = frozenset(),
    rarer: float = 0.0,
    folds: Sequence[Fold] = (),
) -> Moved:
    """Find how much to add to the scores of entities, and add it.

    Training fits probabilities. Where entities are hard to tell, most of them stay below one half, and a recognizer
    that takes what is likelier finds few: precise, with a poor F (Lipton et al. 2014, Optimal Thresholding of
    Classifiers to Maximize F1 Measure). What is moved are a few numbers of the weights that the model has anyway.

    nlp (Language): The pipeline, changed in place.
    component (str): Name of the recognizer.
    dev (Sequence[Example]): Gold texts that training did not see.
    labels (Set[str]): The labels whose scores may change.
    outside (Sequence[Doc]): Raw texts that it did not see and in which some labels are not: however good F is, the
        threshold is lowered no further than that few of them are found there.
    new (Set[str]): These labels.
    rarer (float): How much rarer they were in training than they are in the domain, as a logarithm: unless dev tells of
        something better, so much is made up for (Elkan 2001, The Foundations of Cost-Sensitive Learning).
    folds (Sequence[Fold]): The same recognizer, trained without some texts: what is best for it on these counts, too.
    RETURNS (Moved): What was added, and what came of it.
    """
    own = _Moving(nlp, component, nlp.get_pipe(component), labels, dev)
    moving = [own, *(_Moving(nlp, component, fold.recognizer, labels, fold.examples) for fold in folds)]
    raw = own.prepare(outside)
    most = MOST_OUTSIDE * find_rate((doc for one in moving for doc in one.gold), new)
    scores = []
    for step in STEPS:
        for one in moving:
            one.move(step)
        if step > 0 and raw and find_rate(own.predict(raw), new) > most:
            break
        examples = (Example(*pair) for one in moving for pair in zip(one.predict(one.docs), one.gold, strict=True))
        scores.append(get_ner_prf(examples)["ents_f"] or 0.0)
    # A single entity can make a step look good: each is seen with its neighbours
    smooth = np.convolve(np.pad(scores, 1, mode="edge"), np.ones(3) / 3, mode="valid").tolist()
    best = max(range(len(scores)), key=smooth.__getitem__)
    start = max(n for n, step in enumerate(STEPS[: len(scores)]) if step <= max(0.0, rarer))
    gain = max(LEAST_GAIN, 1 / max(1, sum(len(doc.ents) for one in moving for doc in one.gold)))
    chosen = best if smooth[best] >= smooth[start] + gain else start
    own.move(STEPS[chosen])
    return Moved(STEPS[chosen], scores[STEPS.index(0)], scores[chosen])


class _Moving:
    """A recognizer whose threshold is moved, and texts that it did not learn from."""

    def __init__(self, nlp: Language, component: str, recognizer: Any, labels: Set[str], texts: Sequence[Example]):
        place = nlp.pipe_names.index(component)
        self.nlp, self.recognizer = nlp, recognizer
        self.before, self.behind = nlp.pipe_names[:place], nlp.pipe_names[place + 1 :]
        self.bias, self.places = find_bias(recognizer, labels)
        self.trained = self.bias[self.places].copy()
        self.docs = self.prepare(example.predicted.copy() for example in texts)
        self.gold = [example.reference for example in texts]

    def prepare(self, docs: Iterable[Doc]) -> list[Doc]:
        """RETURNS (list[Doc]): Texts after the components before it."""
        with self.nlp.select_pipes(enable=self.before):
            return list(self.nlp.pipe(docs))

    def move(self, step: float) -> None:
        """Add so much to the scores of entities."""
        self.bias[self.places] = self.trained + step

    def predict(self, docs: Iterable[Doc]) -> list[Doc]:
        """RETURNS (list[Doc]): Texts with the entities that it and the components behind it find."""
        found = self.recognizer.pipe((doc.copy() for doc in docs), batch_size=self.nlp.batch_size)
        with self.nlp.select_pipes(enable=self.behind):
            return list(self.nlp.pipe(found))


def find_rate(docs: Iterable[Doc], labels: Set[str]) -> float:
    """RETURNS (float): How many entities with some labels there are for a token of which it is known."""
    counts = [(sum(ent.label_ in labels for ent in doc.ents), sum(token.ent_iob != 0 for token in doc)) for doc in docs]
    return sum(found for found, _ in counts) / max(1, sum(tokens for _, tokens in counts))
