"""The official way to add a label to a pipeline, after spaCy's project `ner_demo_update`: its entity recognizer goes on
learning on the new annotations alone, with spaCy's default settings."""

from pathlib import Path

import spacy
import typer
from spacy.cli.train import train
from thinc.api import Config


def main(
    base: str = typer.Argument(..., help="The base pipeline"),
    corpus: Path = typer.Argument(..., help="Where train.spacy and dev.spacy are"),
    output: Path = typer.Argument(..., help="Where model-best will be"),
    seed: int = typer.Option(0, help="Seed of all random numbers"),
    steps: int = typer.Option(1500, help="How long to train"),
) -> None:
    """Train all of a base's components but its recognizer frozen."""
    nlp = spacy.load(base)
    defaults = spacy.blank(nlp.lang).config
    config = Config(
        {
            **nlp.config,
            "paths": {**nlp.config["paths"], "train": str(corpus / "train.spacy"), "dev": str(corpus / "dev.spacy")},
            "corpora": defaults["corpora"],
            "training": {
                **defaults["training"],
                "frozen_components": [name for name in nlp.component_names if name != "ner"],
                "score_weights": {"ents_f": 1.0},
                "max_steps": steps,
                "seed": seed,
            },
            "components": {name: {"source": base} for name in nlp.component_names},
        }
    )
    output.mkdir(parents=True, exist_ok=True)
    config.to_disk(output / "config.cfg")
    train(output / "config.cfg", output)


if __name__ == "__main__":
    typer.run(main)
