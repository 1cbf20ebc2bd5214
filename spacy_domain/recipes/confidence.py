"""How sure entity recognizers are of what they find. Travels inside the wheel; imports spaCy alone."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.tokens import Doc, Span
from spacy.util import minibatch

DOUBT = 1e-6  # nothing is surer than so
SURE = float(np.log(1 / DOUBT - 1))  # the log-odds of what is


class EntityConfidence:
    """Set `Span._.confidence` of each entity: how likely it is right, label and both ends.

    A recognizer chooses by scores: spaCy's own an action for each token, a conditional random field whether there is an
    entity. Their softmax over the options, with a temperature that was fitted on dev (Guo et al. 2017, On Calibration
    of Modern Neural Networks), is a choice's probability, and the product of an entity's choices is its confidence.
    This runs the recognizers of the pipeline once more; it does not change their entities. What none of them would find
    (entities of a rule, say) has no confidence.

    nlp (Language): The pipeline, with this component behind its entity recognizers.
    temperature (Optional[float]): The temperature; None for what the pipeline's meta says.
    """

    def __init__(self, nlp: Language, temperature: float | None = None):
        self.nlp = nlp
        self.temperature = temperature
        if not Span.has_extension("confidence"):
            Span.set_extension("confidence", default=None)

    def __call__(self, doc: Doc) -> Doc:
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Set the confidence of the entities of many Docs.

        stream (Iterable[Doc]): Docs that the rest of the pipeline has worked on.
        batch_size (int): How many at once.
        YIELDS (Doc): The same Docs.
        """
        temperature = self.temperature or self.nlp.meta.get("confidence", {}).get("temperature", 1.0)
        recognizers = find_recognizers(self.nlp)
        for docs in minibatch(stream, batch_size):
            with_entities = [doc for doc in docs if doc.ents]
            for recognizer in recognizers:
                for doc, own in zip(with_entities, score_entities(recognizer, with_entities), strict=True):
                    for ent in doc.ents:
                        choices = own.get((ent.start, ent.end, ent.label))
                        if choices is not None:
                            ent._.confidence = find_probability(choices, temperature)
            yield from docs


def make_entity_confidence(nlp: Language, name: str, temperature: float | None) -> EntityConfidence:
    """Create an EntityConfidence component: `nlp.add_pipe("entity_confidence")`.

    nlp (Language): The pipeline.
    name (str): The component's name.
    temperature (Optional[float]): The temperature; None for what the pipeline's meta says.
    RETURNS (EntityConfidence): The component.
    """
    return EntityConfidence(nlp, temperature)


def find_recognizers(nlp: Language) -> list[Any]:
    """RETURNS (list[Any]): The recognizers of a pipeline that are enabled."""
    return [pipe for _, pipe in nlp.pipeline if is_recognizer(pipe)]


def is_recognizer(pipe: Any) -> bool:
    """RETURNS (bool): Whether a component is an entity recognizer: spaCy's own, or what has a method `score_entities`,
    which does for it what the function of that name does for those."""
    return isinstance(pipe, EntityRecognizer) or hasattr(pipe, "score_entities")


def score_entities(recognizer: Any, docs: Iterable[Doc]) -> list[dict[tuple[int, int, int], list[np.ndarray]]]:
    """Find entities, whatever the texts have already, and the choices that led to them.

    recognizer (Any): The recognizer.
    docs (Iterable[Doc]): Docs that its tok2vec or transformer has worked on, none of them empty; they are not changed.
    RETURNS (list[dict[tuple[int, int, int], list[np.ndarray]]]): For each, by start, end and label of the entities, for
        each choice, by how much the score of each option exceeds that of the chosen one. Empty where a `doc_cleaner`
        has taken away what the recognizer listens to.
    """
    if hasattr(recognizer, "score_entities"):
        return recognizer.score_entities(docs)
    docs = list(docs)
    if any(doc.tensor is None for doc in docs) and any("listener" in part.name for part in recognizer.model.walk()):
        return [{} for _ in docs]
    return [
        {
            (ent.start, ent.end, ent.label): [row - row.max() for row in scores[ent.start : ent.end]]
            for ent in found.ents
        }
        for found, scores in score_actions(recognizer, docs)
    ]


def score_actions(recognizer: EntityRecognizer, docs: Iterable[Doc]) -> list[tuple[Doc, list[np.ndarray]]]:
    """Run a recognizer, and keep the scores that it chose its actions by.

    recognizer (EntityRecognizer): The recognizer.
    docs (Iterable[Doc]): Docs that its tok2vec or transformer has worked on, none of them empty; they are not changed.
    RETURNS (list[tuple[Doc, list[np.ndarray]]]): For each, a copy with the entities that it finds, and for each token,
        the scores of the actions that were possible.
    """
    copies = [_without_entities(doc) for doc in docs]
    if not copies:
        return []
    moves = recognizer.moves
    names = [moves.get_class_name(number) for number in range(moves.n_moves)]
    step_model = recognizer.model.predict(copies)
    states = moves.init_batch(copies)
    unfinished = list(states)
    kept: dict[int, list[np.ndarray]] = {id(state): [] for state in states}
    while unfinished:
        scores = step_model.predict(unfinished)
        for state, row in zip(unfinished, recognizer.model.ops.to_numpy(scores), strict=True):
            # spaCy keeps an action without a label, to block tokens
            possible = [name != "U-" and moves.is_valid(state, name) for name in names]
            kept[id(state)].append(row[possible])
        unfinished = recognizer.transition_states(unfinished, scores)
    recognizer.set_annotations(copies, states)
    return [(doc, kept[id(state)]) for doc, state in zip(copies, states, strict=True)]


def _without_entities(doc: Doc) -> Doc:
    copy = doc.copy()
    copy.set_ents([], default="missing")
    return copy


def find_probability(choices: list[np.ndarray], temperature: float) -> float:
    """Multiply the probabilities of what was chosen.

    choices (list[np.ndarray]): For each choice, by how much the score of each option exceeds that of the chosen one.
    temperature (float): What these are divided by.
    RETURNS (float): The product, from 0 to 1.
    """
    return float(np.exp(-sum(np.log(np.exp(scores / temperature).sum()) for scores in choices)))


def find_confidence(recognizer: Any, doc: Doc, temperature: float = 1.0) -> dict[tuple[int, int, int], float]:
    """Find entities, whatever a text has already, and how sure a recognizer is of them.

    recognizer (Any): The recognizer.
    doc (Doc): A Doc that its tok2vec or transformer has worked on; it is not changed.
    temperature (float): As for `find_probability`.
    RETURNS (dict[tuple[int, int, int], float]): Their confidence, from 0 to 1, by start, end and label.
    """
    (own,) = score_entities(recognizer, [doc])
    return {place: find_probability(choices, temperature) for place, choices in own.items()}


def find_odds(recognizer: Any, doc: Doc) -> dict[tuple[int, int, int], float]:
    """RETURNS (dict[tuple[int, int, int], float]): The same as log-odds."""
    sure = {place: min(max(one, DOUBT), 1 - DOUBT) for place, one in find_confidence(recognizer, doc).items()}
    return {place: float(np.log(one / (1 - one))) for place, one in sure.items()}


# Each wheel brings this file. spaCy refuses a name that is taken by other code, and two wheels may be of two versions:
# the first one stays.
if not Language.has_factory("entity_confidence"):
    Language.factory(
        "entity_confidence", func=make_entity_confidence, default_config={"temperature": None}, requires=["doc.ents"]
    )
