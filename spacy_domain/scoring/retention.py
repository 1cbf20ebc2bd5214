"""What a pipeline still finds of what its base found."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from spacy.language import Language
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc
from spacy.training import Example

from ..base.location import RECOGNIZERS
from ..base.pipeline import find_labels, find_ner, list_pipes
from ..base.strategy import Strategy
from ..project.errors import Place, ProjectError
from ..recipes.joined_entities import BASE_ENTITIES, JOINING
from .intervals import loss_intervals
from .mistakes import compare
from .other_components import find_changed
from .outside import measure_outside
from .scores import keep_labels
from .verdicts import AGREEMENT, GOLD

NAMES = ("p", "r", "f")


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
    RETURNS (dict[str, Any]): "compared" (False if the base has no components), "strategy", "other_components" (in how
        many "texts" they were looked at, whether their results are "identical", and in how many texts each kind of
        result is another "with_entities"), "kept_labels" (those that mean what the base says), "new_labels" (those that
        it does not have), "by" ("gold", "agreement with the base", or None if there is nothing to compare), what
        `score_retention` or `score_agreement` returns, with gold what the latter returns as "raw", and "outside", as
        `measure_outside` gives it. Without raw texts, agreement is that on the test corpus: "domain_alone".
    RAISES (ProjectError): If a component that was not trained gives other results than in the base.
    """
    kept: dict[str, Any] = {"compared": False, "strategy": strategy.value, "by": None}
    if not base.component_names:
        return kept
    texts = [doc.text for doc in (*gold, *raw)] + [example.text for example in test]
    others = compare_others(base, nlp, texts)
    ner = find_ner(base)
    labels = find_labels(base) if ner else set()
    raw = _predict(base, raw)  # with what its rules find behind the recognizer, too
    gone = {label for name in list_pipes(base, RECOGNIZERS) for label in base.pipe_labels[name]}
    # What the annotations say of a label counts more than what the base said
    theirs = labels - annotated - (gone if strategy is Strategy.replace else set())
    kept |= {
        "compared": True,
        "other_components": others,
        "kept_labels": sorted(theirs),
        "new_labels": sorted(annotated - labels) if ner else [],
    }
    kept["outside"] = measure_outside(
        _predict(nlp, raw), [example.reference for example in test], set(kept["new_labels"])
    )
    joined = any(nlp.get_pipe_meta(name).factory in JOINING for name in nlp.pipe_names)
    if joined:
        kept["given_way"] = count_given_way(nlp, texts, BASE_ENTITIES, theirs)
    if joined or ner is None:  # what rules and other components find stays, too
        kept["in_the_way"] = count_in_the_way(base, nlp, test, annotated)
    agreement = score_agreement(nlp, raw or predict_beside_gold(base, test), theirs) if theirs else None
    if agreement and not agreement["all"]["before"]["f"]:
        agreement = None
    by_gold = score_retention(base, nlp, gold, theirs) if theirs and gold else None
    if by_gold and by_gold["labels"]:
        kept |= {"by": GOLD, **by_gold, "raw": agreement if raw else None}
    elif agreement:
        kept |= {"by": AGREEMENT, **agreement, "domain_alone": not raw}
    return kept


def compare_others(base: Language, nlp: Language, texts: Sequence[str]) -> dict[str, Any]:
    """Compare what the components give that were not trained.

    base (Language): The base pipeline.
    nlp (Language): What was built on it.
    texts (Sequence[str]): The texts to compare on.
    RETURNS (dict[str, Any]): As "other_components" of `measure_retention`.
    RAISES (ProjectError): If one gives other results than in the base, but for what it makes of entities.
    """
    changed = find_changed(base, nlp, texts, leave_out=BASE_ENTITIES)
    refuse_changed(find_changed_by_itself(base, nlp, texts) if changed else {})
    with_entities = {what: len(where) for what, where in changed.items()}
    return {"identical": not changed, "texts": len(texts), "with_entities": with_entities}


def find_changed_by_itself(base: Language, nlp: Language, texts: Sequence[str]) -> dict[str, list[str]]:
    """Find what differs between two pipelines with no recognizer in either. Where one takes the place of the base's,
    what others make of entities (merged tokens, say, or links) is another with them.

    base (Language): The base pipeline.
    nlp (Language): What was built on it.
    texts (Sequence[str]): The texts to compare on.
    RETURNS (dict[str, list[str]]): As `find_changed` gives it.
    """
    in_base, in_model = (list_pipes(one, (*RECOGNIZERS, *JOINING)) for one in (base, nlp))
    with base.select_pipes(disable=in_base), nlp.select_pipes(disable=in_model):
        return find_changed(base, nlp, texts, leave_out=BASE_ENTITIES)


def tell_others(kept: dict[str, Any]) -> str:
    """RETURNS (str): What became of the results of all components that were not trained, in words."""
    others = kept["other_components"]
    told = f"All components but the entity recognizer: same results in {others['texts']} texts"
    with_entities = [f"{what} in {count}" for what, count in others.get("with_entities", {}).items()]
    return f"{told}, but for what they make of entities ({', '.join(with_entities)})" if with_entities else told


def refuse_changed(changed: dict[str, list[str]]) -> None:
    """Refuse a pipeline in which anything but the recognizer gives other results than in the base.

    changed (dict[str, list[str]]): As `find_changed` gives it.
    RAISES (ProjectError): If anything does.
    """
    if changed:
        places = [Place(what, None, f"differs in {len(where)} texts", where[0][:80]) for what, where in changed.items()]
        raise ProjectError(
            "Components that were not trained give other results than in the base pipeline",
            "Report this: they share something with the trained one that config and assembly do not know of.",
            places,
        )


def score_retention(base: Language, model: Language, gold: Sequence[Doc], labels: set[str]) -> dict[str, Any]:
    """Score a base pipeline and what was built on it on gold entities of the base's labels.

    base (Language): The base pipeline.
    model (Language): What was built on it.
    gold (Sequence[Doc]): Gold Docs.
    labels (set[str]): The base's labels.
    RETURNS (dict[str, Any]): "texts", "labels" (those that the gold has) and "all", with "before", "after" (each
        precision, recall and F), "loss" (of F) and its 95 % "interval", and how many "entities" the gold has, and how
        many of them are "still" found.
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


def count_given_way(model: Language, texts: Iterable[str], group: str, labels: set[str]) -> int:
    """Count the base's entities that gave way to entities of a separate recognizer.

    model (Language): The pipeline.
    texts (Iterable[str]): The texts to count on.
    group (str): The span group that holds what the base found.
    labels (set[str]): The labels that mean what the base says.
    RETURNS (int): How many of them are no entities in the end.
    """
    docs = (doc for doc in model.pipe(texts) if group in doc.spans)
    return sum(ent.label_ in labels for doc in docs for ent in set(doc.spans[group]) - set(doc.ents))


def count_in_the_way(base: Language, model: Language, test: Iterable[Example], annotated: set[str]) -> dict[str, int]:
    """Count annotated entities that a recognizer behind the base's cannot find: the base has one there that stays.

    base (Language): The base pipeline.
    model (Language): What was built on it.
    test (Iterable[Example]): Annotated texts.
    annotated (set[str]): The labels that were annotated.
    RETURNS (dict[str, int]): "entities" (all that are annotated) and "covered".
    """
    counts = {"entities": 0, "covered": 0}
    for example in test:
        before, after = (
            {(ent.start_char, ent.end_char, ent.label_) for ent in nlp(example.predicted.copy()).ents}
            for nlp in (base, model)
        )
        stay = [(start, end) for start, end, label in before & after if label not in annotated]
        counts["entities"] += len(example.reference.ents)
        counts["covered"] += sum(
            any(start < ent.end_char and ent.start_char < end for start, end in stay) for ent in example.reference.ents
        )
    return counts


def _predict(nlp: Language, gold: Iterable[Doc]) -> list[Doc]:
    return list(nlp.pipe(doc.text for doc in gold))


def _compare(labels: set[str], before: list[Doc], after: list[Doc], gold: Sequence[Doc]) -> dict[str, Any]:
    old_examples, new_examples = ([*map(partial(_example, labels), docs, gold)] for docs in (before, after))
    old, new, intervals = _prf(old_examples), _prf(new_examples), loss_intervals(old_examples, new_examples)
    entities, still = Counter[str](), Counter[str]()
    for example in new_examples:
        correct, missed, _ = compare(example)
        still.update(ent.label_ for ent in correct)
        entities.update(ent.label_ for ent in (*correct, *missed))
    still[""], entities[""] = still.total(), entities.total()
    rows = {
        label: {
            "before": old(label),
            "after": new(label),
            "loss": old(label)["f"] - new(label)["f"],
            "interval": intervals.get(label),
            "entities": entities[label],
            "still": still[label],
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
