"""Score the model on the test corpus, which neither training nor the choice of the best step has seen, and see what it
still knows of what its base knew."""

from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.training import Corpus

from .base.pipeline import find_ner, load_base
from .base.strategy import Strategy
from .cli import Arg, Opt, msg, run
from .corpora.gold import read_gold
from .errors import Place, ProjectError
from .functions import BASE_ENTITIES
from .outputs import write_json, write_jsonl
from .provenance import made_of, refuse_stale
from .scoring.baseline import dictionary_lookup
from .scoring.components import find_changed
from .scoring.mistakes import find_mistakes
from .scoring.retention import count_given_way, predict_beside_gold, score_agreement, score_retention
from .scoring.scores import load_examples, score

GOLD, AGREEMENT = "gold", "agreement with the base"


def evaluate(
    model: Path = Arg(..., help="The trained pipeline"),
    test: Path = Arg(..., help="The test corpus"),
    output_dir: Path = Arg(..., help="Where to write metrics.json, errors.jsonl and retention.json"),
    train: Path = Opt(..., help="The training corpus: its entities, looked up, are the baseline"),
    base_model: str = Opt(..., help="The pipeline that the model builds on"),
    strategy: Strategy = Opt(..., help="What became of the base's entity recognizer"),
    raw: Path = Opt(..., help="Raw texts with the base's entities, to compare on"),
    retention: Path = Opt(..., help="Gold entities of the base's labels, to see what was forgotten; may be empty"),
    max_retention_loss: float = Opt(..., help="How much F the base's labels may lose, on gold"),
    min_agreement: float = Opt(..., help="How well the model has to agree with the base where there is no gold"),
    gpu_id: int = Opt(-1, help="GPU to predict on, -1 for CPU"),
) -> None:
    """Score the model on the test corpus, beside looking up the training entities, and what it still knows."""
    if gpu_id >= 0:
        spacy.require_gpu(gpu_id)
    refuse_stale(model, "train")
    with made_of(model, test, train, raw, retention, base_model=base_model) as files:
        nlp, base = spacy.load(model), load_base(base_model)
        annotated = {ent.label_ for path in (train, test) for eg in Corpus(path)(nlp) for ent in eg.reference.ents}
        metrics, mistakes = _evaluate(nlp, test, train, annotated)
        kept = _retention(base, nlp, strategy, raw, retention, test, annotated)
    write_json(output_dir / "metrics.json", {**metrics, "provenance": {"files": files}})
    write_jsonl(output_dir / "errors.jsonl", mistakes)
    write_json(output_dir / "retention.json", {**kept, "provenance": {"files": files}})
    show(metrics)
    msg.info(f"{len(mistakes)} wrong predictions, each in {output_dir / 'errors.jsonl'}")
    if kept["compared"]:
        show_retention(kept)
        refuse_loss(kept, max_retention_loss, min_agreement, output_dir / "retention.json")


def _evaluate(
    nlp: Language, test: Path, train: Path, annotated: set[str]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    examples = load_examples(nlp, test)
    scores = score(nlp, examples, annotated)
    lookup = dictionary_lookup(nlp, train)
    baseline = score(lookup, load_examples(lookup, test), annotated)
    names = ("ents_p", "ents_r", "ents_f", "ents_per_type")
    metrics = {**scores, "texts": len(examples), "baseline": {name: baseline[name] for name in names}}
    return metrics, [mistake for example in examples for mistake in find_mistakes(example)]


def _retention(
    base: Language, nlp: Language, strategy: Strategy, raw: Path, retention: Path, test: Path, annotated: set[str]
) -> dict[str, Any]:
    """Compare the model with its base, if that has components at all."""
    kept: dict[str, Any] = {"compared": False, "strategy": strategy.value}
    if not base.component_names:
        return kept
    gold = read_gold(retention, base)
    raw_docs = [example.reference for example in Corpus(raw)(base)]
    texts = [doc.text for doc in (*gold, *raw_docs)] + [example.text for example in Corpus(test)(base)]
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
    kept |= {"compared": True, "other_components": {"identical": True, "texts": len(texts)}, "by": None}
    if strategy is Strategy.separate:
        kept["given_way"] = count_given_way(nlp, texts, BASE_ENTITIES)
    if strategy is Strategy.replace:
        return kept
    if labels and gold:
        kept |= {"by": GOLD, **score_retention(base, nlp, gold, labels)}
    elif labels - annotated:  # what the annotations say of a label counts more than what the base said
        docs = raw_docs or predict_beside_gold(base, Corpus(test)(base))
        kept |= {"by": AGREEMENT, **score_agreement(nlp, docs, labels - annotated)}
    return kept


def show(metrics: dict[str, Any]) -> None:
    """Print the scores by label, with the baseline beside them.

    metrics (Dict[str, Any]): The metrics as written.
    """
    baseline = metrics["baseline"]
    total = {
        name: sum(counts[name] for counts in metrics["counts"].values()) for name in ("gold", "predicted", "correct")
    }
    rows = [
        (label, metrics["ents_per_type"][label], counts, baseline["ents_per_type"].get(label, {"f": 0.0})["f"])
        for label, counts in metrics["counts"].items()
    ]
    overall = {key: metrics[f"ents_{key}"] for key in "prf"}
    rows.append(("all", overall, total, baseline["ents_f"]))
    msg.divider(f"Test: {metrics['texts']} texts")
    msg.table(
        [
            (label, *(f"{100 * prf[key]:.1f}" for key in "prf"), *counts.values(), f"{100 * (lookup or 0):.1f}")
            for label, prf, counts, lookup in rows
        ],
        header=("Label", "P", "R", "F", "Gold", "Predicted", "Correct", "Lookup F"),
        aligns=list("lrrrrrrr"),
        divider=True,
    )
    if (baseline["ents_f"] or 0) >= metrics["ents_f"]:
        msg.warn(
            "The model is no better than looking up the training entities",
            "Annotate more texts, or look at metrics/errors.jsonl and corpus/audit.json for what goes wrong.",
        )


def show_retention(kept: dict[str, Any]) -> None:
    """Print what the model still knows of what its base knew.

    kept (Dict[str, Any]): The comparison as written.
    """
    msg.good(f"All components but the entity recognizer: same results in {kept['other_components']['texts']} texts")
    if kept["by"] is None:
        msg.info(
            "None of the base's own entity labels are left to compare: they were replaced, annotated anew, or none"
        )
        return
    msg.divider(f"What the base knew, by {kept['by']}: {kept['texts']} texts")
    msg.table(
        [
            (label, *(f"{100 * value:.1f}" for value in (row["before"]["f"], row["after"]["f"], row["loss"])))
            for label, row in [*kept["labels"].items(), ("all", kept["all"])]
        ],
        header=("Label", "F before", "F after", "Loss"),
        aligns=list("lrrr"),
        divider=True,
    )
    if kept.get("given_way"):
        msg.info(f"{kept['given_way']} entities of the base gave way to new ones that overlap with them")


def refuse_loss(kept: dict[str, Any], max_retention_loss: float, min_agreement: float, path: Path) -> None:
    """Refuse a model that has forgotten too much.

    kept (Dict[str, Any]): The comparison as written.
    max_retention_loss (float): How much F may be lost, from 0 to 1, on gold.
    min_agreement (float): How large F has to be where the base's own entities stand in for gold.
    path (Path): Where the comparison was written.
    RAISES (ProjectError): With the labels that lost most.
    """
    if kept["by"] is None:
        return
    if kept["by"] == GOLD:
        bad, limit = kept["all"]["loss"] > max_retention_loss, f"--vars.max_retention_loss={max_retention_loss}"
    else:
        found = kept["all"]["before"]["f"] > 0  # the base may have nothing to find in these texts
        bad = found and kept["all"]["after"]["f"] < min_agreement
        limit = f"--vars.min_agreement={min_agreement}"
    if bad:
        rows = sorted(kept["labels"].items(), key=lambda item: -item[1]["loss"])
        lost = [f"{label}: F {100 * row['before']['f']:.1f} -> {100 * row['after']['f']:.1f}" for label, row in rows]
        raise ProjectError(
            f"The model forgot too much: F of the base's labels fell by {100 * kept['all']['loss']:.1f} points",
            "Give more raw text of the kinds that the base knew (--vars.raw_text), rehearse more of it "
            "(--vars.rehearsal), or leave the base's recognizer as it is (--vars.strategy=separate). "
            f"The limit is {limit}.",
            [Place(str(path), None, line) for line in lost if line],
        )


if __name__ == "__main__":
    run(evaluate)
