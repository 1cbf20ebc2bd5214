"""Score the model on the test corpus, which neither training nor the choice of the best step has seen."""

from pathlib import Path
from typing import Any

import spacy

from .cli import Arg, Opt, msg, run
from .outputs import write_json, write_jsonl
from .provenance import made_of, read_noted, refuse_stale
from .scoring.baseline import dictionary_lookup
from .scoring.mistakes import find_mistakes
from .scoring.scores import load_examples, score


def evaluate(
    model: Path = Arg(..., help="The trained pipeline"),
    test: Path = Arg(..., help="The test corpus"),
    output_dir: Path = Arg(..., help="Where to write metrics.json and errors.jsonl"),
    train: Path = Opt(..., help="The training corpus: its entities, looked up, are the baseline"),
    gpu_id: int = Opt(-1, help="GPU to predict on, -1 for CPU"),
) -> None:
    """Score the model on the test corpus, beside looking up the training entities."""
    if gpu_id >= 0:
        spacy.require_gpu(gpu_id)
    refuse_stale(model, read_noted(model), "train")
    with made_of(model, test, train) as files:
        metrics, mistakes = _evaluate(model, test, train)
    write_json(output_dir / "metrics.json", {**metrics, "provenance": {"files": files}})
    write_jsonl(output_dir / "errors.jsonl", mistakes)
    show(metrics)
    msg.info(f"{len(mistakes)} wrong predictions, each in {output_dir / 'errors.jsonl'}")


def _evaluate(model: Path, test: Path, train: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    nlp = spacy.load(model)
    examples = load_examples(nlp, test)
    scores = score(nlp, examples)
    lookup = dictionary_lookup(nlp, train)
    baseline = score(lookup, load_examples(lookup, test))
    names = ("ents_p", "ents_r", "ents_f", "ents_per_type")
    metrics = {**scores, "texts": len(examples), "baseline": {name: baseline[name] for name in names}}
    return metrics, [mistake for example in examples for mistake in find_mistakes(example)]


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


if __name__ == "__main__":
    run(evaluate)
