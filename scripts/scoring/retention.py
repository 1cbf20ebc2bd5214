"""What a pipeline still finds of what its base found."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from spacy.language import Language
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc
from spacy.training import Example

from .scores import keep_labels

NAMES = ("p", "r", "f")


def score_retention(base: Language, model: Language, gold: Sequence[Doc], labels: set[str]) -> dict[str, Any]:
    """Score a base pipeline and what was built on it on gold entities of the base's labels.

    base (Language): The base pipeline.
    model (Language): What was built on it.
    gold (Sequence[Doc]): Gold Docs.
    labels (set[str]): The base's labels.
    RETURNS (dict[str, Any]): "texts", "labels" (those that the gold has) and "all", with "before", "after" (each
        precision, recall and F) and "loss" (of F).
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
    old, new = _prf(before, gold, labels), _prf(after, gold, labels)
    rows = {
        label: {"before": old(label), "after": new(label), "loss": old(label)["f"] - new(label)["f"]}
        for label in ("", *sorted(labels))
    }
    return {"texts": len(gold), "all": rows.pop(""), "labels": rows}


def _prf(docs: list[Doc], gold: Sequence[Doc], labels: set[str]) -> Callable[[str], dict[str, float]]:
    examples = [
        Example(keep_labels(doc, labels), keep_labels(g.copy(), labels)) for doc, g in zip(docs, gold, strict=True)
    ]
    scores = get_ner_prf(examples)
    overall = {name: scores[f"ents_{name}"] or 0.0 for name in NAMES}
    nothing = dict.fromkeys(NAMES, 0.0)
    return lambda label: (scores["ents_per_type"] or {}).get(label, nothing) if label else overall
