"""How sure a recognizer has to be to take a token for part of an entity: moved to where F is best."""

from collections.abc import Iterable, Sequence, Set
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc
from spacy.training import Example

STEPS = np.arange(-4.0, 4.5, 0.5).tolist()
LEAST_GAIN = 0.01  # of F: less may be luck
MOST_OUTSIDE = 0.02  # how often new labels may be found in raw texts, as a share of how often they are in dev


def find_bias(recognizer: Any) -> tuple[np.ndarray, int]:
    """Find what a recognizer adds to all scores, whatever there is to see.

    recognizer (Any): The recognizer: one of spaCy's own, or one that says so by a method `find_bias`.
    RETURNS (tuple[np.ndarray, int]): What it adds, to be changed in place, and where in it that is which leaves a token
        outside of entities.
    """
    if hasattr(recognizer, "find_bias"):
        return recognizer.find_bias()
    model = recognizer.model
    bias = model.get_ref("upper" if model.attrs["has_upper"] else "lower").get_param("b")
    return bias, [recognizer.moves.get_class_name(number) for number in range(len(bias))].index("O")


def move_threshold(
    nlp: Language, component: str, dev: Sequence[Example], outside: Sequence[Doc] = (), new: Set[str] = frozenset()
) -> float:
    """Find how much to take off the score of the action that leaves a token outside of entities, and take it off.

    Training fits probabilities. Where entities are hard to tell, most of them stay below one half, and a recognizer
    that takes what is likelier finds few: precise, with a poor F (Lipton et al. 2014, Optimal Thresholding of
    Classifiers to Maximize F1 Measure). What is moved is one number of the weights that the model has anyway.

    nlp (Language): The pipeline, changed in place.
    component (str): Name of the recognizer.
    dev (Sequence[Example]): Gold texts that training did not see.
    outside (Sequence[Doc]): Raw texts that it did not see and in which some labels are not: however good F is, the
        threshold is lowered no further than that few of them are found there.
    new (Set[str]): These labels.
    RETURNS (float): What was taken off: 0 if F was best as it was.
    """
    bias, place = find_bias(nlp.get_pipe(component))
    behind = nlp.pipe_names[nlp.pipe_names.index(component) :]
    with nlp.select_pipes(disable=behind):
        docs, others = (list(nlp.pipe(some)) for some in ([eg.predicted.copy() for eg in dev], outside))
    most = MOST_OUTSIDE * _find_rate([example.reference for example in dev], new)
    trained = bias[place].copy()
    scores = []
    with nlp.select_pipes(enable=behind):
        for step in STEPS:
            bias[place] = trained - step
            if step > 0 and others and _find_rate(nlp.pipe(doc.copy() for doc in others), new) > most:
                break
            found = nlp.pipe(doc.copy() for doc in docs)
            examples = (Example(doc, example.reference) for doc, example in zip(found, dev, strict=True))
            scores.append(get_ner_prf(examples)["ents_f"] or 0.0)
    # A single entity can make a step look good: each is seen with its neighbours
    smooth = np.convolve(np.pad(scores, 1, mode="edge"), np.ones(3) / 3, mode="valid").tolist()
    best = max(range(len(scores)), key=smooth.__getitem__)
    moved = STEPS[best] if smooth[best] >= smooth[STEPS.index(0.0)] + LEAST_GAIN else 0.0
    bias[place] = trained - moved
    return moved


def _find_rate(docs: Iterable[Doc], labels: Set[str]) -> float:
    """How many entities with some labels there are for a token."""
    counts = [(sum(ent.label_ in labels for ent in doc.ents), len(doc)) for doc in docs]
    return sum(found for found, _ in counts) / max(1, sum(tokens for _, tokens in counts))
