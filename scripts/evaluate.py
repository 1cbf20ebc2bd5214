"""Score the model on the test corpus, which neither training nor the choice of the best step has seen, and see what it
still knows of what its base knew."""

from pathlib import Path
from typing import Any

import spacy
from spacy.training import Corpus

from spacy_domain.base.location import digest_base, find_folders
from spacy_domain.base.pipeline import load_base
from spacy_domain.base.strategy import Strategy
from spacy_domain.corpora.gold import read_gold
from spacy_domain.project.freshness import made_of, refuse_stale
from spacy_domain.project.gpu import use_gpu
from spacy_domain.project.outputs import write_json, write_jsonl
from spacy_domain.project.terminal import Arg, Opt, msg, run
from spacy_domain.scoring.few import FEWEST, NO_BETTER, tell_few
from spacy_domain.scoring.measure import LOOKUP, compare_with, measure_lookup, measure_model, tell_comparison
from spacy_domain.scoring.mistakes import cut, find_mistakes
from spacy_domain.scoring.others import PREVIOUS, TEACHER, predict_others
from spacy_domain.scoring.retention import measure_retention, tell_others
from spacy_domain.scoring.shipping import decide
from spacy_domain.scoring.verdicts import Limits, Verdict, tell_most, tell_verdicts

ANNOTATE = "Annotate at least ten texts with entities, better 50, and some of them are kept to test on."


def evaluate(
    model: Path = Arg(..., help="The trained pipeline"),
    test: Path = Arg(..., help="The test corpus"),
    output_dir: Path = Arg(..., help="Where to write metrics.json, errors.jsonl and retention.json"),
    train: Path = Opt(..., help="The training corpus: its entities, looked up, are the baseline"),
    dev: Path = Opt(..., help="The dev corpus: on it, confidence is made to mean what it says"),
    base_model: str = Opt(..., help="The pipeline that the model builds on"),
    previous_model: str = Opt(..., help="A pipeline to compare with: the last version, say; none for none"),
    strategy: Strategy = Opt(..., help="What became of the base's entity recognizer"),
    raw: Path = Opt(..., help="Raw texts with the base's entities, to compare on"),
    retention: Path = Opt(..., help="Gold entities of the base's labels, to see what was forgotten; may be empty"),
    max_retention_loss: float = Opt(..., min=0, max=1, help="How much F the base's labels may lose, on gold"),
    min_agreement: float = Opt(..., min=0, max=1, help="Without gold: how well model and base have to agree, as F"),
    max_outside: float = Opt(..., min=0, help="How often new labels may be in raw texts, as a share of those in test"),
    gpu_id: int = Opt(-1, help="GPU to predict on, -1 for CPU"),
) -> None:
    """Score the model on the test corpus, beside baselines, and what it still knows."""
    use_gpu(gpu_id)
    refuse_stale(model, "train", (base_model, digest_base(base_model)))
    with made_of("evaluate", model, test, train, dev, raw, retention, watch=find_folders(base_model)) as files:
        nlp, base = spacy.load(model), load_base(base_model)
        learned, in_test = [example.reference for example in Corpus(train)(base)], list(Corpus(test)(base))
        annotated = {ent.label_ for doc in (*learned, *(eg.reference for eg in in_test)) for ent in doc.ents}
        metrics, examples = measure_model(nlp, test, learned, dev, annotated)
        metrics["evidence"] = not {eg.text for eg in examples} <= {doc.text for doc in learned}
        metrics["baseline"], lookup = measure_lookup(nlp, test, learned, annotated)
        others = {LOOKUP: lookup, **predict_others(nlp, base, base_model, previous_model, test, annotated)}
        metrics["compared"] = compare_with(examples, others)
        before = [other for name, other in others.items() if name.startswith(PREVIOUS)]
        metrics["shipping"] = decide(examples, before[0]) if before else None
        gold, raw_docs = read_gold(retention, base), [example.reference for example in Corpus(raw)(base)]
        kept = measure_retention(base, nlp, strategy, gold, raw_docs, in_test, annotated)
        kept["verdicts"] = tell_verdicts(kept, Limits(max_retention_loss, min_agreement, max_outside))
    mistakes = [cut(mistake) for example in examples for mistake in find_mistakes(example)]
    write_json(output_dir / "metrics.json", {**metrics, "provenance": {"files": files}})
    write_jsonl(output_dir / "errors.jsonl", mistakes)
    write_json(output_dir / "retention.json", {**kept, "provenance": {"files": files}})
    _show(metrics)
    msg.info(f"{len(mistakes)} wrong predictions, each in {output_dir / 'errors.jsonl'}")
    if kept["compared"]:
        _show_retention(kept)


def _show(metrics: dict[str, Any]) -> None:
    """Print the scores by label, with the baseline beside them."""
    if not metrics["evidence"]:
        msg.warn(f"NO EVIDENCE of how good the model is: it was trained on all {metrics['texts']} texts", ANNOTATE)
        return
    baseline = metrics["baseline"]
    rows = [
        (label, metrics["ents_per_type"][label], counts, baseline["ents_per_type"].get(label, {"f": 0.0})["f"])
        for label, counts in metrics["counts"].items()
    ]
    overall = {key: metrics[f"ents_{key}"] for key in "prf"}
    rows.append(("all", overall, metrics["total"], baseline["ents_f"]))
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
    low, high = metrics["intervals"]["all"]["f"]
    msg.info(f"With other texts of this kind, F would be between {100 * low:.1f} and {100 * high:.1f} (95 % interval)")
    if metrics["texts"] < FEWEST:
        msg.warn(*tell_few(metrics["texts"]))
    for other in metrics["compared"]:
        print(f"  Against {other['name']}: {tell_comparison(other)}")
        if other["name"] == TEACHER and other["f"]:
            print(f"    It has {100 * metrics['ents_f'] / other['f']:.1f} % of its teacher's F, {100 * other['f']:.1f}")
    if metrics["shipping"]:
        decision, more = metrics["shipping"]["decision"], metrics["shipping"]["more_texts"]
        msg.info(f"{decision.capitalize()}{f': annotate about {more:,} more test texts to tell' if more else ''}")
    if (baseline["ents_f"] or 0) >= metrics["ents_f"]:
        msg.warn(*NO_BETTER)


def _show_retention(kept: dict[str, Any]) -> None:
    """Print what the model still knows of what its base knew."""
    msg.good(tell_others(kept))
    for name, rows in [(kept["by"], kept), ("agreement with the base", kept.get("raw"))]:
        if name and rows:
            msg.divider(f"What the base knew, by {name}: {rows['texts']} texts")
            _show_kept({**rows["labels"], "all": rows["all"]})
    if kept.get("given_way"):
        msg.info(f"Entities of the base that gave way to new ones that overlap with them: {kept['given_way']}")
    if kept.get("in_the_way", {}).get("covered"):
        covered, entities = (kept["in_the_way"][key] for key in ("covered", "entities"))
        rest = "the surer one stays with --vars.strategy=surer" if kept["strategy"] == "separate" else ""
        msg.info(
            f"The base's entities stay in the place of {covered} of the {entities} that are annotated in test", rest
        )
    if kept["outside"]:
        msg.divider(f"New labels outside of the domain: {kept['outside']['texts']} raw texts")
        msg.table(
            [
                (label, f"{row['rate_in_domain']:.1f}", f"{row['rate']:.1f}", row["found"], tell_most(row))
                for label, row in [*kept["outside"]["labels"].items(), ("all", kept["outside"]["all"])]
            ],
            header=("Label", "Per 1,000 words in the domain", "outside", "Found outside", "Most often"),
            aligns=list("lrrrl"),
            divider=True,
            max_col=60,
        )
    for one in kept["verdicts"]:
        how = "good" if one["verdict"] == Verdict.kept else "fail" if one["verdict"] == Verdict.lost else "warn"
        getattr(msg, how)(one["told"], one["remedy"])
    if any(one["verdict"] == Verdict.lost for one in kept["verdicts"]):
        msg.warn("So package will make no wheel of it")  # report shows it before that


def _show_kept(rows: dict[str, Any]) -> None:
    """Print scores by label before and after."""
    msg.table(
        [
            (
                label,
                *(f"{100 * value:.1f}" for value in (row["before"]["f"], row["after"]["f"], row["loss"])),
                " to ".join(f"{100 * end:.1f}" for end in row["interval"] or ()),
                f"{row['still']} of {row['entities']}",
            )
            for label, row in rows.items()
            if row["entities"] or label == "all"
        ],
        header=("Label", "F before", "F after", "Loss", "95 % interval", "Still there"),
        aligns=list("lrrrrr"),
        divider=True,
    )


if __name__ == "__main__":
    run(evaluate)
