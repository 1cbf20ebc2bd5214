"""Split a dataset once, with the template's own `preprocess`."""

import shutil
from pathlib import Path

import typer
from others import LANGUAGES
from template import run, steps, template_copy


def prepare(
    name: str = typer.Argument(..., help="What to call it"),
    annotations: Path = typer.Argument(..., help="Annotations, in any format that preprocess reads"),
    output_dir: Path = typer.Argument(..., help="Where to write a folder of this name"),
    raw_text: Path = typer.Option(
        ..., help="Texts without annotations for recipes that learn from them, a file or a folder"
    ),
    on_leakage: str = typer.Option("stop", help="allow near-duplicates across splits that were published so"),
) -> None:
    """Write train.spacy, dev.spacy, test.spacy and the folder raw_text, which every arm is given."""
    target = output_dir / name
    with template_copy() as copy:
        variables = {
            "annotations": str(annotations.resolve()),
            "raw_text": str(raw_text.resolve()),
            "on_leakage": on_leakage,
            "lang": LANGUAGES.get(name, "en"),
            "split_seed": 0,
        }
        commands = steps(copy, variables)
        for command in ("preflight", "preprocess"):
            run(copy, commands[command])
        raw_texts = copy / "corpus" / "raw_text"
        raw_texts.mkdir()
        for path in sorted(raw_text.iterdir()) if raw_text.is_dir() else [raw_text]:
            shutil.copy(path, raw_texts)
        shutil.rmtree(target, ignore_errors=True)
        shutil.move(copy / "corpus", target)


if __name__ == "__main__":
    typer.run(prepare)
