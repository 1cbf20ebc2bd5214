"""Words per second of the wheel, and of the pipeline that it was made of, in turn."""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import typer
from compare import write_json
from origin import machine, versions
from processes import ONE_THREAD
from template import run, steps, template_copy

MEASURE = """
import sys
import spacy
from spacy.training import Corpus
from arms.speed import words_per_second
nlp = spacy.load(sys.argv[1])
texts = [example.text for example in Corpus(sys.argv[2])(nlp)]
list(nlp.pipe(texts))
print(words_per_second(nlp.pipe, texts))
"""
TURNS = 5


def packaged(
    annotations: Path = typer.Argument(..., help="What to train on"),
    output_file: Path = typer.Argument(..., help="Where to write the figures"),
) -> None:
    """Run the template on annotations, install its wheel, and measure it and the pipeline before packaging in turn.

    The pipeline before packaging is loaded by plain spaCy, as its `train` left it.
    """
    with template_copy() as copy, TemporaryDirectory() as site:
        for lines in steps(copy, {"annotations": str(annotations.resolve())}).values():
            run(copy, lines)
        [wheel] = (copy / "packages").glob("*.whl")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site]
        subprocess.run([*pip, str(wheel)], check=True)
        test = copy / "corpus" / "test.spacy"
        models = {"wheel": wheel.name.split("-")[0], "plain": str(copy / "training" / "model-best")}
        turns = [{name: measure(model, test, site) for name, model in models.items()} for _ in range(TURNS)]
    found = {name: round(median(turn[name] for turn in turns)) for name in models}
    write_json(output_file, {**found, "turns": TURNS, "machine": machine(), "versions": versions()})


def measure(model: str, corpus: Path, site: str) -> float:
    """RETURNS (float): Words per second of a pipeline, in a process of its own."""
    paths = os.pathsep.join([site, str(Path(__file__).resolve().parent)])
    arguments = [sys.executable, "-c", MEASURE, model, str(corpus)]
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": paths}
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    typer.run(packaged)
