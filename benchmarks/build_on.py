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
ARMS = ("alone", *OURS[:3])  # and surer, ner_demo_update
SCORE = """
import json, sys
from pathlib import Path
import spacy
from spacy.training import Corpus
from spacy_domain.base.pipeline import load_base
from spacy_domain.base.strategy import Strategy
from spacy_domain.corpora.gold import read_gold
from spacy_domain.corpora.raw import read_raw_texts
from spacy_domain.scoring.intervals import count_by_doc, find_groups, score_intervals
from spacy_domain.scoring.retention import measure_retention
from spacy_domain.scoring.scores import keep_labels, load_examples, score
base, model, corpus, gold, strategy, most, *kinds = sys.argv[1:]
base, model, corpus, most = load_base(base), spacy.load(model), Path(corpus), int(most)
labels = {ent.label_ for eg in Corpus(corpus / "train.spacy")(base) for ent in eg.reference.ents}
examples = load_examples(model, corpus / "test.spacy")
scores = score(model, examples, labels)
for eg in examples:
    keep_labels(eg.predicted, labels)
interval = score_intervals(count_by_doc(examples), find_groups(examples))[""]["f"]
gold = read_gold(Path(gold), base)
raw = {"held out": [eg.reference for eg in Corpus(corpus / "rehearsal/test")(base)]}
for kind in map(Path, kinds):
    texts = list(read_raw_texts(kind, (corpus / "dev.spacy", corpus / "test.spacy"), base))[:most]
    raw[kind.stem] = list(base.pipe(texts))
said = {"f": scores["ents_f"], "p": scores["ents_p"], "r": scores["ents_r"], "interval": interval, "kinds": {}}
for kind, docs in raw.items():
    test = list(Corpus(corpus / "test.spacy")(base))
    kept = measure_retention(base, model, Strategy(strategy), gold, docs, test, labels)
    old, outside = kept.get("all"), kept.get("outside")
    agreed = kept.get("raw") or (kept if kept["by"] and kept["by"] != "gold" else None)
    if kept["by"] == "gold":
        said |= {"before": old["before"]["f"], "after": old["after"]["f"]}
    said["kinds"][kind] = {"texts": len(docs)}
    if agreed:
        said["kinds"][kind] |= {key: agreed["all"][key] for key in ("entities", "still")}
        said["kinds"][kind]["agreement"] = agreed["all"]["after"]["f"]
    if outside:
        said["kinds"][kind]["outside"] = outside["all"]["rate"]
        said["domain"] = outside["all"]["rate_in_domain"]
print(json.dumps(said))
"""


def main(
    bases: str = typer.Argument(..., help="Pipelines with an entity recognizer, with commas between"),
    annotations: str = typer.Argument(..., help="Files or folders of annotations, with commas between"),
    raw_text: Path = typer.Argument(..., help="Raw texts of the kinds that the bases know"),
    kinds: str = typer.Option("", help="Files of raw texts of other kinds, with commas between: to measure on alone"),
    most: int = typer.Option(400, help="How many texts of each"),
    retention: Path = typer.Option(ROOT / "assets/retention.jsonl", help="Gold entities of the base's labels"),
    seeds: int = typer.Option(3, help="How many times: each draws raw texts and splits anew, and seeds training"),
    jobs: int = typer.Option(1, help="How many to train at once"),
    arms: str = typer.Option(",".join(ARMS), help="What to compare"),
    recipe: str = typer.Option("crf", help="The recipe of all arms"),
    output: Path = typer.Option(None, help="Where to write the numbers, as JSON; what is there is not measured again"),
) -> None:
    """Train all of them under several seeds, and score them on the same texts."""
    files = [find(one) for one in (str(raw_text), str(retention), *filter(None, kinds.split(",")))]
    rows = json.loads(output.read_text(encoding="utf-8")) if output and output.exists() else []
    known = {(row["base"], row["annotations"], row["seed"]) for row in rows}
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
        work = [
            pool.submit(measure_all, base, one, seed, arms.split(","), files, most, recipe, folder)
            for one, base, seed in product(annotations.split(","), bases.split(","), range(seeds))
            if (base, one, seed) not in known
        ]
        for future in work:
            rows += future.result()
            for row in rows[-len(arms.split(",")) :]:
                msg.info(json.dumps(row))
            if output:
                output.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    show(rows)


def find(name: str) -> str:
    """RETURNS (str): A path, whole; what is none (the name of an installed pipeline) as it is."""
    return str(Path(name).resolve()) if Path(name).exists() else name


def measure_all(
    base: str, annotations: str, seed: int, arms: list[str], files: list[str], most: int, recipe: str, folder: str
) -> list[dict[str, Any]]:
    """Preprocess once, then train and score each of the arms.

    base (str): The base pipeline.
    annotations (str): The annotations.
    seed (int): The seed, of the split and the raw texts, too.
    arms (list[str]): Some of ARMS.
    files (list[str]): Raw texts, gold for the old labels, and raw texts of other kinds.
    most (int): How many of these count.
    recipe (str): How to learn.
    folder (str): A folder to work in.
    RETURNS (list[dict[str, Any]]): For each arm, scores from 0 to 1, and CPU seconds of training.
    """
    raw_text, retention, *kinds = files
    rows, prepared = [], Path(tempfile.mkdtemp(dir=folder))
    for name in PARTS:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, prepared / name)
    overrides = {"annotations": find(annotations), "raw_text": raw_text, "recipe": recipe, "seed": seed}
    overrides |= {"split_seed": seed, "on_leakage": "allow", "on_misaligned": "missing"}

    def step(name: str, strategy: str, pipeline: str) -> float:
        given = {**overrides, "strategy": strategy, "base_model": pipeline}
        command = ["-m", "spacy", "project", "run", name, "."]
        return run([*command, *(f"--vars.{var}={value}" for var, value in given.items())], prepared)[1]

    for command in ("preflight", "preprocess"):
        step(command, "update", find(base))
    for arm in arms:
        strategy, pipeline = arm if arm in OURS else "update", find(base) if arm != "alone" else "blank:en"
        if arm == "ner_demo_update":
            script = str(ROOT / "benchmarks/ner_update.py")
            seconds = run([script, find(base), "corpus", "training", f"--seed={seed}"], prepared)[1]
        else:
            step("fill-config", strategy, pipeline)
            seconds = step("train", strategy, pipeline)
        told = [pipeline, "training/model-best", "corpus", retention, strategy, str(most), *kinds]
        said = run(["-c", SCORE, *told], prepared)[0].splitlines()[-1]
        rows.append({"base": base, "annotations": annotations, "arm": arm, "seed": seed, "cpu_seconds": round(seconds)})
        rows[-1] |= json.loads(said)
    shutil.rmtree(prepared)
    return rows


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
    """Print tables in Markdown: means over the seeds, of F with the least and the greatest.

    rows (list[dict[str, Any]]): What was measured.
    """
    for base, annotations in dict.fromkeys((row["base"], row["annotations"]) for row in rows):
        of_both = [row for row in rows if (row["base"], row["annotations"]) == (base, annotations)]
        kinds = list(of_both[0]["kinds"])
        print(f"\n{annotations} on {base}; agreement in per cent, and new labels for each 1,000 words\n")
        print("| | new labels: F | its 95 % interval | " + " | ".join(kinds) + " | in the domain | CPU seconds |")
        print("|---" * (len(kinds) + 5) + "|")
        for arm in dict.fromkeys(row["arm"] for row in of_both):
            mine = [row for row in of_both if row["arm"] == arm]
            new = [100 * row["f"] for row in mine]
            low, high = (100 * mean(row["interval"][end] for row in mine) for end in (0, 1))
            cells = [arm, f"{mean(new):.1f} ({min(new):.1f} to {max(new):.1f})", f"{low:.0f} to {high:.0f}"]
            for kind in kinds:
                agreed, rate = (average(mine, kind, what) for what in ("agreement", "outside"))
                cells.append(" / ".join([f"{100 * agreed:.1f}" if agreed else "none", f"{rate or 0:.1f}"]))
            cells += [f"{mine[0].get('domain', 0):.0f}", f"{mean(row['cpu_seconds'] for row in mine):.0f}"]
            print("| " + " | ".join(cells) + " |")


def average(rows: list[dict[str, Any]], kind: str, what: str) -> float | None:
    """RETURNS (Optional[float]): The mean of a figure over the seeds; None if there is none."""
    found = [row["kinds"][kind].get(what) for row in rows]
    return mean(one for one in found if one is not None) if any(one is not None for one in found) else None


if __name__ == "__main__":
    typer.run(main)
