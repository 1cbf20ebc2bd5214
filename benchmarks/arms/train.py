"""Train one arm, in a process that does nothing else."""

import sys
from pathlib import Path

import typer

from . import CANNOT_RUN, CannotRunError, find


def train(
    arm: str = typer.Argument(..., help="What to train"),
    corpus: Path = typer.Argument(..., help="Folder with train.spacy and dev.spacy"),
    folder: Path = typer.Argument(..., help="An empty folder to save the model in"),
    seed: int = typer.Option(0, help="Seed of all random numbers"),
    teacher: Path | None = typer.Option(None, help="For an arm that learns from another: that one's model"),
) -> None:
    """Train one arm; say why, and leave with CANNOT_RUN, if there is not what it needs."""
    try:
        find(arm).train(arm, corpus, folder, seed, **({"teacher": teacher} if teacher else {}))
    except CannotRunError as error:
        print(error)
        sys.exit(CANNOT_RUN)


if __name__ == "__main__":
    typer.run(train)
