"""Where a recognizer beside the base's may win: settled on texts that neither was trained on."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from spacy.language import Language
from spacy.lookups import Table
from spacy.pipeline import EntityRecognizer
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc, Span
from spacy.training import Example

from ..recipes.joined_entities import BASE_ENTITIES, JoinEntities
from .strategy import Strategy

MOST_LOST = 0.004  # of the base's entities in raw texts; in texts of yet other kinds, it will be more
ALONE = 0.0  # an entity is as likely as not, or it has company
LUCK = 0.01  # of F


def settle_joining(
    nlp: Language,
    recognizer: str,
    strategy: Strategy,
    redefined: Iterable[str],
    dev: Sequence[Example],
    outside: Sequence[Example],
    words: Table,
) -> dict[str, Any]:
    """Settle which entities stay of those that two recognizers find.

    nlp (Language): The base pipeline, with its entities set aside, and the second recognizer behind it.
    recognizer (str): Name of the second one.
    strategy (Strategy): What becomes of the first.
    redefined (Iterable[str]): Labels that mean what the second says.
    dev (Sequence[Example]): Annotated texts.
    outside (Sequence[Example]): Raw texts, if there are any.
    words (Table): What words say of a text, as `JoinEntities.words` has it.
    RETURNS (dict[str, Any]): Settings of `combine_recognizers`.
    """
    settings: dict[str, Any] = {"redefined": sorted(redefined), "surer": strategy is Strategy.surer}
    if strategy is Strategy.update:
        settings["least"] = find_least(nlp, settings["redefined"], outside, words)
    if outside and not isinstance(nlp.get_pipe(recognizer), EntityRecognizer):
        settings["alone"] = ALONE
    settings["filling"] = find_filling(nlp, settings, dev, words)
    return settings


def find_least(nlp: Language, redefined: Sequence[str], outside: Iterable[Example], words: Table) -> float:
    """Find how much has to speak for an entity of the second recognizer, to win over the base's: so much that raw
    texts, in which most of its entities are wrong, lose few of the base's. That they are not like texts of the domain
    may not be needed for it, since texts of yet another kind may be like neither.

    nlp (Language): As for `settle_joining`, as are the others.
    RETURNS (float): As `JoinEntities.weigh` has it, at least 0.
    """
    join, entities, weighed, without = JoinEntities(nlp, list(redefined)), 0, list[float](), list[float]()
    join.words = words
    for doc in nlp.pipe(example.predicted for example in outside):
        clashing = join.find_clashing(doc)
        weights = join.weigh(doc, clashing)
        entities += sum(ent.label_ not in redefined for ent in doc.spans[BASE_ENTITIES])
        lost: dict[Span, float] = {}
        for ent, others in clashing.items():
            lost |= {other: max(weights[ent], lost.get(other, -math.inf)) for other in others}
        weighed += lost.values()
        likeness = join.measure_likeness(doc) if lost else 0.0
        without += (weight - likeness for weight in lost.values())
    allowed = int(MOST_LOST * entities)
    return max([0.0, *(sorted(one, reverse=True)[allowed] for one in (weighed, without) if len(one) > allowed)])


def find_filling(nlp: Language, settings: dict[str, Any], dev: Sequence[Example], words: Table) -> list[str]:
    """Find the redefined labels of which the base's entities may stay where the second recognizer finds nothing: those
    with which F on dev falls by no more than luck explains. Outside of the domain, where the second one knows little,
    most of what there is of them is the base's.

    nlp (Language): As for `settle_joining`, as are dev and words.
    settings (dict[str, Any]): What is settled.
    RETURNS (list[str]): The labels.
    """
    docs = list(nlp.pipe(example.predicted.copy() for example in dev))

    def score(labels: list[str]) -> float:
        join = JoinEntities(nlp, **settings, filling=labels)
        join.words = words
        return get_ner_prf(_against(map(join, (doc.copy() for doc in docs)), dev))["ents_f"] or 0.0

    filling: list[str] = []
    least = score(filling) - LUCK if settings["redefined"] else 0.0
    for label in settings["redefined"]:
        if score([*filling, label]) >= least:
            filling.append(label)
    return filling


def _against(docs: Iterable[Doc], dev: Sequence[Example]) -> Iterator[Example]:
    labels = {ent.label_ for example in dev for ent in example.reference.ents}
    for doc, example in zip(docs, dev, strict=True):
        doc.set_ents([ent for ent in doc.ents if ent.label_ in labels])
        yield Example(doc, example.reference)
