"""What a new label costs the old ones: this template's strategies beside the official way, in one run (on POSIX)."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from statistics import mean
from typing import Any

import typer
from template import PARTS, ROOT
from wasabi import msg

OURS = ("update", "replace", "separate", "surer")
ARMS = ("alone", "ner_demo_update", *OURS)
SCORE = """
import json, sys
from pathlib import Path
import spacy
from spacy.training import Corpus
from spacy_domain.base.pipeline import load_base
from spacy_domain.base.strategy import Strategy
from spacy_domain.corpora.gold import read_gold
from spacy_domain.scoring.retention import measure_retention
from spacy_domain.scoring.scores import load_examples, score
base, model, corpus, gold, strategy = sys.argv[1:]
base, model, corpus = load_base(base), spacy.load(model), Path(corpus)
labels = {ent.label_ for eg in Corpus(corpus / "train.spacy")(base) for ent in eg.reference.ents}
scores = score(model, load_examples(model, corpus / "test.spacy"), labels)
gold, raw = read_gold(Path(gold), base), [eg.reference for eg in Corpus(corpus / "rehearsal/test")(base)]
kept = measure_retention(base, model, Strategy(strategy), gold, raw, list(Corpus(corpus / "test.spacy")(base)), labels)
old, outside = kept.get("all"), kept.get("outside")
agreed = kept.get("raw") or (kept if kept["by"] and kept["by"] != "gold" else None)
print(json.dumps({"f": scores["ents_f"], "p": scores["ents_p"], "r": scores["ents_r"],
                  "before": old["before"]["f"] if old else None, "after": old["after"]["f"] if old else None,
                  "agreement": agreed["all"]["after"]["f"] if agreed else None,
                  "outside": outside["all"]["rate"] if outside else None}))
"""


def main(
    base: str = typer.Argument(..., help="A pipeline with an entity recognizer"),
    annotations: Path = typer.Argument(..., help="Annotations with a label that it does not know"),
    raw_text: Path = typer.Argument(..., help="Raw texts of the kind that the base knows"),
    retention: Path = typer.Argument(ROOT / "assets/retention.jsonl", help="Gold entities of the base's labels"),
    seeds: int = typer.Option(3, help="How many seeds to train with"),
    jobs: int = typer.Option(2, help="How many to train at once"),
    arms: str = typer.Option(",".join(ARMS), help="What to compare"),
    recipe: str = typer.Option("cnn", help="The recipe of all arms; a base is updated with cnn at least"),
    output: Path = typer.Option(None, help="Where to write the numbers, as JSON"),
) -> None:
    """Train all of them under several seeds, and score them on the same texts."""
    files = [str(path.resolve()) for path in (annotations, raw_text, retention)]
    base = str(Path(base).resolve()) if Path(base).exists() else base
    rows = []
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
        work = [
            pool.submit(measure, arm, seed, base, files, recipe, Path(folder) / f"{arm}-{seed}")
            for seed, arm in product(range(seeds), arms.split(","))
        ]
        for future in work:
            rows.append(future.result())
            msg.info(json.dumps(rows[-1]))
            if output:
                output.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    show(rows)


def measure(arm: str, seed: int, base: str, files: list[str], recipe: str, folder: Path) -> dict[str, Any]:
    """Train one of them and score it.

    arm (str): One of ARMS.
    seed (int): The seed.
    base (str): The base pipeline.
    files (list[str]): Annotations, raw texts and gold for the old labels.
    recipe (str): How to learn.
    folder (Path): A folder to work in, removed in the end.
    RETURNS (dict[str, Any]): Scores from 0 to 1, and CPU seconds of training.
    """
    folder.mkdir()
    for name in PARTS:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)
    annotations, raw_text, retention = files
    strategy, base = arm if arm in OURS else "update", base if arm != "alone" else "blank:en"
    overrides = [
        f"--vars.annotations={annotations}",
        f"--vars.raw_text={raw_text}",
        f"--vars.base_model={base}",
        f"--vars.strategy={strategy}",
        f"--vars.recipe={recipe}",
        f"--vars.seed={seed}",
        "--vars.on_leakage=allow",
        "--vars.on_misaligned=missing",
    ]
    for step in ("preflight", "preprocess", "fill-config"):
        run(["-m", "spacy", "project", "run", step, ".", *overrides], folder)
    if arm == "ner_demo_update":
        script = str(ROOT / "benchmarks/ner_update.py")
        seconds = run([script, base, "corpus", "training", f"--seed={seed}"], folder)[1]
    else:
        seconds = run(["-m", "spacy", "project", "run", "train", ".", *overrides], folder)[1]
    said, _ = run(["-c", SCORE, base, "training/model-best", "corpus", retention, strategy], folder)
    shutil.rmtree(folder)
    return {"arm": arm, "seed": seed, "cpu_seconds": round(seconds), **json.loads(said.splitlines()[-1])}


def run(arguments: list[str], folder: Path) -> tuple[str, float]:
    """Run this interpreter.

    arguments (list[str]): Its arguments.
    folder (Path): The folder to run it in.
    RETURNS (tuple[str, float]): What it printed, and the CPU seconds of all its processes.
    """
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen([sys.executable, *arguments], cwd=folder, stdout=said)
        _, status, usage = os.wait4(process.pid, 0)
        said.seek(0)
        printed = said.read()
    if status:
        raise RuntimeError(f"{' '.join(arguments)} failed\n{printed}")
    return printed, usage.ru_utime + usage.ru_stime


def show(rows: list[dict[str, Any]]) -> None:
    """Print a table in Markdown: means over the seeds, and the least and the greatest.

    rows (list[dict[str, Any]]): What was measured.
    """
    print("| | new labels: F | old labels: F before | after | agreement | new ones outside | CPU seconds |")
    print("|---|---|---|---|---|---|---|")
    for arm in dict.fromkeys(row["arm"] for row in rows):
        mine = [row for row in rows if row["arm"] == arm]
        new = [100 * row["f"] for row in mine]
        others = [
            f"{scale * mean(row[key] for row in mine):.1f}" if mine[0][key] is not None else ""
            for key, scale in (("before", 100), ("after", 100), ("agreement", 100), ("outside", 1))
        ]
        seconds = mean(row["cpu_seconds"] for row in mine)
        spread = f"{mean(new):.1f} ({min(new):.1f} to {max(new):.1f})"
        print("| " + " | ".join([arm, spread, *others, f"{seconds:.0f}"]) + " |")


if __name__ == "__main__":
    typer.run(main)
