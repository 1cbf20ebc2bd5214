"""A project that learns dishes, on a base which knows cities and firms; and its commands up to evaluate."""

import json
import shutil

import bases
import spacy
from commands import run_command
from projects import ROOT, Project, limit_steps

DISHES = ["ramen", "pho", "tacos", "injera", "pierogi", "jollof", "dal", "sushi"]


def make_project(folder, steps=40):
    """A folder with the recipes, cut to a few steps, and the data: no more is needed to build in it."""
    shutil.copytree(ROOT / "configs", folder / "configs")
    project = Project(folder)
    limit_steps(project, steps, steps // 2)
    write_dishes(project)
    return project


def write_dishes(project):
    """160 texts with DISH, some with what the base knows."""
    rows = []
    for number in range(160):
        dish, city = DISHES[number % 8], bases.CITIES[number // 8 % 8]
        text = f"please bring {dish} number {number}" + (f" when we went to {city}" if number % 2 else "")
        start = text.index(dish)
        rows.append({"text": text, "spans": [{"start": start, "end": start + len(dish), "label": "DISH"}]})
    project.write("assets/dishes.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    raw = (" ".join(words) for words, _, _ in bases.sentences(400, seed=7))
    project.write("assets/raw.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in raw))
    gold = []
    for words, ents, _ in bases.sentences(60, seed=9):
        starts = [len(" ".join(words[:n])) + (n > 0) for n in range(len(words))]
        spans = [{"start": starts[n], "end": starts[n] + len(words[n]), "label": label} for n, label in ents]
        gold.append({"text": " ".join(words), "spans": spans})
    project.write("assets/gold.jsonl", "".join(json.dumps(row) + "\n" for row in gold))


def preprocess(project, base, strategy, *more, check=True):
    settings = ["--raw-text=assets/raw.jsonl", "--on-leakage=allow", f"--base-model={base}", f"--strategy={strategy}"]
    return run_command(project, "preprocess", "assets/dishes.jsonl", "corpus", *settings, *more, check=check)


def fill_config(project, base, strategy, recipe="cnn", encoder="none"):
    settings = [f"--base-model={base}", f"--strategy={strategy}", f"--encoder={encoder}"]
    return run_command(project, "fill_config", f"configs/{recipe}.cfg", "training/config.cfg", *settings)


def train(project, base, strategy):
    settings = ["--corpus=corpus", f"--base-model={base}", f"--strategy={strategy}"]
    return run_command(project, "train", "training/config.cfg", "training", *settings)


def evaluate(project, base, strategy, *more, max_retention_loss=1.0, min_agreement=0.0, check=True):
    data = ["--train=corpus/train.spacy", "--dev=corpus/dev.spacy", "--raw=corpus/rehearsal/test"]
    limits = [f"--max-retention-loss={max_retention_loss}", f"--min-agreement={min_agreement}", "--max-outside=100"]
    settings = [f"--base-model={base}", f"--strategy={strategy}", "--previous-model=none"]
    settings += ["--retention=assets/gold.jsonl", *data, *limits, *more]
    return run_command(
        project, "evaluate", "training/model-best", "corpus/test.spacy", "metrics", *settings, check=check
    )


def package(project, base):
    """Ask for a wheel of a model that may have to be refused."""
    settings = [f"--base-model={base}", "--name=dishes", "--version=1.0.0", "--annotations=assets/dishes.jsonl"]
    files = {"about": "assets/about.json", "audit": "corpus/audit.json", "test": "corpus/test.spacy"}
    files |= {"metrics": "metrics/metrics.json", "retention": "metrics/retention.json", "card": "metrics/MODEL_CARD.md"}
    settings += [f"--{name}={path}" for name, path in files.items()]
    return run_command(project, "package", "training/model-best", "packages", *settings, check=False)


def build(base, project, strategy, recipe="cnn", *more):
    """preprocess to evaluate; returns the pipeline."""
    preprocess(project, base, strategy, *more)
    fill_config(project, base, strategy, recipe)
    train(project, base, strategy)
    evaluate(project, base, strategy)
    return spacy.load(project.path / "training/model-best")


def read_json(project, path):
    return json.loads(project.read(path))
