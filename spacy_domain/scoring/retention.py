"""What a pipeline still finds of what its base found."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import partial
from typing import Any

from spacy.language import Language
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc
from spacy.training import Example

from ..base.pipeline import find_ner
from ..base.strategy import Strategy
from ..project.errors import Place, ProjectError
from ..recipes.components import BASE_ENTITIES
from .intervals import loss_intervals
from .other_components import find_changed
from .scores import keep_labels

NAMES = ("p", "r", "f")
GOLD, AGREEMENT = "gold", "agreement with the base"


def measure_retention(
    base: Language,
    nlp: Language,
    strategy: Strategy,
    gold: Sequence[Doc],
    raw: Sequence[Doc],
    test: Sequence[Example],
    annotated: set[str],
) -> dict[str, Any]:
    """Compare a pipeline with the base that it was built on.

    base (Language): The base pipeline.
    nlp (Language): What was built on it.
    strategy (Strategy): What became of the base's entity recognizer.
    gold (Sequence[Doc]): Gold entities of the base's labels, if there are any.
    raw (Sequence[Doc]): Raw texts with the base's entities.
    test (Sequence[Example]): The test corpus.
    annotated (set[str]): The labels that were annotated.
    RETURNS (dict[str, Any]): "compared" (False if the base has no components), "strategy", "other_components", "by"
        ("gold", "agreement with the base", or None if no label of the base is left to compare, or it finds none of them
        in these texts), and what `score_retention` or `score_agreement` returns.
    RAISES (ProjectError): If a component that was not trained gives other results than in the base.
    """
    kept: dict[str, Any] = {"compared": False, "strategy": strategy.value, "by": None}
    if not base.component_names:
        return kept
    texts = [doc.text for doc in (*gold, *raw)] + [example.text for example in test]
    changed = find_changed(base, nlp, texts, leave_out=BASE_ENTITIES)
    if changed:
        places = [Place(what, None, f"differs in {len(where)} texts", where[0][:80]) for what, where in changed.items()]
        raise ProjectError(
            "Components that were not trained give other results than in the base pipeline",
            "Report this: they share something with the trained one that config and assembly do not know of.",
            places,
        )
    ner = find_ner(base)
    labels = set(base.pipe_labels[ner]) if ner else set()
    kept |= {"compared": True, "other_components": {"identical": True, "texts": len(texts)}}
    if strategy is Strategy.separate:
        kept["given_way"] = count_given_way(nlp, texts, BASE_ENTITIES)
    if strategy is Strategy.replace:
        return kept
    if labels and gold:
        kept |= {"by": GOLD, **score_retention(base, nlp, gold, labels)}
    elif labels - annotated:  # what the annotations say of a label counts more than what the base said
        docs = raw or predict_beside_gold(base, test)
        agreement = score_agreement(nlp, docs, labels - annotated)
        if agreement["all"]["before"]["f"]:
            kept |= {"by": AGREEMENT, **agreement}
    return kept


class Verdict(StrEnum):
    """Whether more was lost than may be.

    kept: no.
    unclear: as measured, yes, but with so few texts that may be chance.
    lost: yes, by all of the 95 % interval.
    """

    kept = "kept"
    unclear = "unclear"
    lost = "lost"


def judge_loss(kept: dict[str, Any], max_retention_loss: float, min_agreement: float) -> Verdict:
    """Tell whether a model has forgotten too much.

    kept (Dict[str, Any]): The comparison.
    max_retention_loss (float): How much F may be lost, from 0 to 1, on gold.
    min_agreement (float): How large F has to be where the base's own entities stand in for gold.
    RETURNS (Verdict): What its interval says.
    """
    if not kept.get("by"):
        return Verdict.kept
    limit = max_retention_loss if kept["by"] == GOLD else kept["all"]["before"]["f"] - min_agreement
    if kept["all"]["loss"] <= limit:
        return Verdict.kept
    interval = kept["all"]["interval"]
    return Verdict.lost if interval and interval[0] > limit else Verdict.unclear


def tell_loss(kept: dict[str, Any]) -> str:
    """RETURNS (str): What was lost, in words."""
    low, high = kept["all"]["interval"] or (0.0, 1.0)
    points = f"{100 * kept['all']['loss']:.1f} points"
    return f"F of the base's labels fell by {points} (95 % interval: {100 * low:.1f} to {100 * high:.1f})"


def tell_limit(kept: dict[str, Any], max_retention_loss: float, min_agreement: float) -> str:
    """RETURNS (str): The var that says how much may be lost."""
    if kept["by"] == GOLD:
        return f"--vars.max_retention_loss={max_retention_loss}"
    return f"--vars.min_agreement={min_agreement}"


def refuse_loss(kept: dict[str, Any], max_retention_loss: float, min_agreement: float, path: str) -> None:
    """Refuse a model that has surely forgotten too much.

    kept (Dict[str, Any]): The comparison.
    max_retention_loss (float): How much F may be lost, from 0 to 1, on gold.
    min_agreement (float): How large F has to be where the base's own entities stand in for gold.
    path (str): Where the comparison was written.
    RAISES (ProjectError): With the labels that lost most.
    """
    if judge_loss(kept, max_retention_loss, min_agreement) is Verdict.lost:
        rows = sorted(kept["labels"].items(), key=lambda item: -item[1]["loss"])
        lost = [f"{label}: F {100 * row['before']['f']:.1f} -> {100 * row['after']['f']:.1f}" for label, row in rows]
        raise ProjectError(
            f"The model forgot too much: {tell_loss(kept)}",
            "Give more raw text of the kinds that the base knew (--vars.raw_text), rehearse more of it "
            "(--vars.rehearsal), or leave the base's recognizer as it is (--vars.strategy=separate). "
            f"The limit is {tell_limit(kept, max_retention_loss, min_agreement)}.",
            [Place(path, None, line) for line in lost],
        )


def score_retention(base: Language, model: Language, gold: Sequence[Doc], labels: set[str]) -> dict[str, Any]:
    """Score a base pipeline and what was built on it on gold entities of the base's labels.

    base (Language): The base pipeline.
    model (Language): What was built on it.
    gold (Sequence[Doc]): Gold Docs.
    labels (set[str]): The base's labels.
    RETURNS (dict[str, Any]): "texts", "labels" (those that the gold has) and "all", with "before", "after" (each
        precision, recall and F), "loss" (of F) and its 95 % "interval".
    """
    known = {ent.label_ for doc in gold for ent in doc.ents} & labels
    return _compare(known, _predict(base, gold), _predict(model, gold), gold)


def score_agreement(model: Language, predicted: Sequence[Doc], labels: set[str]) -> dict[str, Any]:
    """Hold a pipeline against what its base finds, where there is no gold: this tells what has changed, not whether
    for the worse.

    model (Language): What was built on the base.
    predicted (Sequence[Doc]): Docs with the base's entities.
    labels (set[str]): The base's labels.
    RETURNS (dict[str, Any]): As `score_retention` does; "before" is 1, and "after" the agreement.
    """
    return _compare(labels, list(predicted), _predict(model, predicted), predicted)


def predict_beside_gold(base: Language, examples: Iterable[Example]) -> list[Doc]:
    """Predict entities, and leave unknown what annotators claimed with labels of their own.

    base (Language): The base pipeline.
    examples (Iterable[Example]): Annotated texts.
    RETURNS (list[Doc]): The Docs, to hold a pipeline against.
    """
    docs = []
    for example in examples:
        doc = base(example.predicted)
        gold = [doc[ent.start : ent.end] for ent in example.reference.ents]
        taken = {token.i for span in gold for token in span}
        doc.set_ents([ent for ent in doc.ents if not taken & set(range(ent.start, ent.end))], missing=gold)
        docs.append(doc)
    return docs


def count_given_way(model: Language, texts: Iterable[str], group: str) -> int:
    """Count the base's entities that gave way to entities of a separate recognizer.

    model (Language): The pipeline.
    texts (Iterable[str]): The texts to count on.
    group (str): The span group that holds what the base found.
    RETURNS (int): How many of them are no entities in the end.
    """
    return sum(len(set(doc.spans[group]) - set(doc.ents)) for doc in model.pipe(texts) if group in doc.spans)


def _predict(nlp: Language, gold: Iterable[Doc]) -> list[Doc]:
    return list(nlp.pipe(doc.text for doc in gold))


def _compare(labels: set[str], before: list[Doc], after: list[Doc], gold: Sequence[Doc]) -> dict[str, Any]:
    old_examples, new_examples = ([*map(partial(_example, labels), docs, gold)] for docs in (before, after))
    old, new, intervals = _prf(old_examples), _prf(new_examples), loss_intervals(old_examples, new_examples)
    rows = {
        label: {
            "before": old(label),
            "after": new(label),
            "loss": old(label)["f"] - new(label)["f"],
            "interval": intervals.get(label),
        }
        for label in ("", *sorted(labels))
    }
    return {"texts": len(gold), "all": rows.pop(""), "labels": rows}


def _example(labels: set[str], doc: Doc, gold: Doc) -> Example:
    return Example(keep_labels(doc, labels), keep_labels(gold.copy(), labels))


def _prf(examples: list[Example]) -> Callable[[str], dict[str, float]]:
    scores = get_ner_prf(examples)
    overall = {name: scores[f"ents_{name}"] or 0.0 for name in NAMES}
    nothing = dict.fromkeys(NAMES, 0.0)
    return lambda label: (scores["ents_per_type"] or {}).get(label, nothing) if label else overall
