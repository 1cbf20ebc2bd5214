"""All that there is to say of a pipeline's entities on a corpus that nothing was chosen on."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Corpus, Example

from .baseline import dictionary_lookup
from .calibration import fit_temperature, judge, reliability
from .intervals import compare_f, count_by_doc, find_groups, score_intervals
from .matching import score_matches
from .mistakes import count_confusions
from .scores import load_examples, score
from .slices import macro_average, score_lengths, score_seen, score_sources

COUNTED = ("gold", "predicted", "correct")
LOOKUP = "looking up the training entities"


def measure_model(
    nlp: Language, test: Path, train: Sequence[Doc], dev: Path, annotated: set[str]
) -> tuple[dict[str, Any], list[Example]]:
    """Score a pipeline in all ways.

    nlp (Language): The pipeline.
    test (Path): The test corpus.
    train (Sequence[Doc]): The training corpus, for what was seen in it.
    dev (Path): The dev corpus, for the temperature of confidence.
    annotated (set[str]): The labels that were annotated.
    RETURNS (tuple[dict[str, Any], list[Example]]): The numbers, JSON-serializable, and the predictions.
    """
    examples = load_examples(nlp, test)
    scores = score(nlp, examples, annotated)
    del scores["speed"]  # never twice the same, and measured better by `spacy benchmark speed`
    known = {(ent.text.casefold(), ent.label_) for doc in train for ent in doc.ents}
    seen_in_dev = list(Corpus(dev)(nlp))
    score(nlp, seen_in_dev, annotated)
    temperature = fit_temperature(nlp, seen_in_dev)
    intervals = score_intervals(count_by_doc(examples), find_groups(examples))
    return {
        **scores,
        "texts": len(examples),
        "total": {name: sum(counts[name] for counts in scores["counts"].values()) for name in COUNTED},
        "intervals": {"all": intervals.pop(""), "labels": dict(sorted(intervals.items()))},
        "macro": macro_average(scores["ents_per_type"]),
        "matches": score_matches(examples),
        "seen": score_seen(examples, known),
        "lengths": score_lengths(examples),
        "sources": score_sources(examples),
        "confusions": count_confusions(examples),
        "confidence": {"temperature": temperature, **reliability(judge(nlp, examples, temperature))},
    }, examples


def measure_lookup(
    nlp: Language, test: Path, train: Sequence[Doc], annotated: set[str]
) -> tuple[dict[str, Any], list[Example]]:
    """Score looking up the training entities.

    nlp (Language): The pipeline whose tokenizer to use.
    test (Path): The test corpus.
    train (Sequence[Doc]): The training corpus.
    annotated (set[str]): The labels that were annotated.
    RETURNS (tuple[dict[str, Any], list[Example]]): The scores, and the predictions.
    """
    lookup = dictionary_lookup(nlp, train)
    examples = load_examples(lookup, test)
    scores = score(lookup, examples, annotated)
    return {name: scores[name] for name in ("ents_p", "ents_r", "ents_f", "ents_per_type")}, examples


def compare_with(examples: Sequence[Example], others: dict[str, Sequence[Example]]) -> list[dict[str, Any]]:
    """Compare a pipeline's predictions with those of others on the same corpus.

    examples (Sequence[Example]): Its predictions.
    others (dict[str, Sequence[Example]]): Those of others, by name.
    RETURNS (list[dict[str, Any]]): For each: its "name", and as `compare_f`.
    """
    groups, counts = find_groups(examples), count_by_doc(examples)[""]
    return [{"name": name, **compare_f(counts, count_by_doc(other)[""], groups)} for name, other in others.items()]


def tell_comparison(other: dict[str, Any]) -> str:
    """RETURNS (str): One of what `compare_with` found, in words."""
    between = ", from {:+.1f} to {:+.1f}".format(*(100 * end for end in other["interval"])) if other["interval"] else ""
    return f"{other['verdict']} (F {100 * other['difference']:+.1f}{between})"


def predict(nlp: Language, test: Path, annotated: set[str]) -> list[Example]:
    """Have another pipeline predict a corpus.

    nlp (Language): The pipeline.
    test (Path): The corpus.
    annotated (set[str]): The labels that were annotated.
    RETURNS (list[Example]): Its predictions; none if it knows none of the labels, or not as entities: a spancat
        or textcat may have the same ones.
    """
    labels = {label for name, labels in nlp.pipe_labels.items() for label in labels}
    if not labels & annotated:
        return []
    examples = load_examples(nlp, test)
    finds = "ents_f" in score(nlp, examples, annotated)
    return examples if finds or any(example.predicted.ents for example in examples) else []


def predict_without(nlp: Language, component: str, test: Path, annotated: set[str]) -> list[Example]:
    """Have a pipeline predict a corpus without one of its components.

    nlp (Language): The pipeline.
    component (str): The component's name.
    test (Path): The corpus.
    annotated (set[str]): The labels that were annotated.
    RETURNS (list[Example]): Its predictions; none if it has no such component.
    """
    if component not in nlp.pipe_names:
        return []
    with nlp.select_pipes(disable=component):
        return predict(nlp, test, annotated)
