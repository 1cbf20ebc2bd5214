"""Find entities with a trained arm, and see how fast it is, in a process that does nothing else."""

import json
from pathlib import Path

import spacy
import typer
from spacy.tokens import DocBin
from spacy.training import Corpus

from . import find
from .speed import words_per_second


def predict(
    arm: str = typer.Argument(..., help="What to predict with"),
    folder: Path = typer.Argument(..., help="Where it was saved"),
    corpus: Path = typer.Argument(..., help="Folder with dev.spacy and test.spacy"),
    output_dir: Path = typer.Argument(..., help="Where to write these with the entities that were found"),
) -> None:
    """Write predictions, and print the words per second on the test texts as JSON."""
    pipe = find(arm).load(arm, folder)
    texts: list[str] = []
    for split in ("dev", "test"):
        texts = [example.text for example in Corpus(corpus / f"{split}.spacy")(spacy.blank("en"))]
        DocBin(docs=list(pipe(texts))).to_disk(output_dir / f"{split}.spacy")
    print(json.dumps({"words_per_second": round(words_per_second(pipe, texts))}))


if __name__ == "__main__":
    typer.run(predict)
