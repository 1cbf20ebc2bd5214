"""tune with one worker, with two, and with two of a Ray cluster, on the same trials' worth of a project: seconds, F."""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import typer
from annotate import measure
from wasabi import msg

LEFT_OUT = (".git", ".venv", "packages")
# What a trial comes to differs with what was known when it began: as many are needed, not the same ones
WAYS = {
    "1 worker": ["--jobs=1"],
    "2 workers": ["--jobs=2"],
    "2 workers, Ray": ["--jobs=2", "--engine=ray"],
    "1 worker, none ended early": ["--jobs=1", "--no-prune"],
}


def main(
    project: Path = typer.Argument(..., help="A project in which preflight, preprocess and fill-config ran"),
    search: str = typer.Option("assets/search.toml", help="What may be tried"),
    recipe: str = typer.Option("crf", help="The recipe that training/config.cfg was made of"),
    tries: int = typer.Option(8, help="How many trials"),
    only: str = typer.Option("", help="Ways to measure, with commas between; all if empty"),
) -> None:
    """Measure tune on a project with a base of blank:en."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        shutil.copytree(project, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
        for name, options in WAYS.items():
            if only and name not in only.split(","):
                continue
            words = ["scripts.tune", search, "training/config.cfg", "out/tune.json", f"--recipe={recipe}"]
            words += [f"--{split}=corpus/{split}.spacy" for split in ("train", "dev")]
            words += ["--rehearsal=corpus/rehearsal", "--base-model=blank:en", "--strategy=update"]
            words += [f"--trials={tries}", "--kept=out/search.db", *options]
            seconds, cpu, memory = measure([sys.executable, "-m", *words], copy)
            found = json.loads((copy / "out/tune.json").read_text(encoding="utf-8"))
            row = (f"{seconds:.1f}", f"{cpu:.1f}", f"{memory:,.0f}", found["stopped"], f"{100 * found['f']:.1f}")
            rows.append((name, *row))
    header = (f"{tries} trials", "seconds", "CPU seconds", "MB", "ended early", "best F")
    msg.table(rows, header=header, aligns=list("lrrrrr"), divider=True)


if __name__ == "__main__":
    typer.run(main)
