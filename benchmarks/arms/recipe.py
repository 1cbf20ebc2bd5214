"""The template's recipes, with the commands that `spacy project run all` runs for them."""

import shutil
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path

import spacy
from others import LANGUAGES
from spacy.tokens import Doc
from template import ROOT, run, steps, template_copy

from spacy_domain.project.freshness import META, describe, write_meta

from . import CannotRunError
from .encoder import find_encoder

TRANSFORMERS = ("frozen", "transformer", "distil")


def train(arm: str, corpus: Path, folder: Path, seed: int, teacher: Path | None = None) -> None:
    """Run what `spacy project run all` has between `preprocess` and `evaluate`, on splits that are there already.

    arm (str): Name of the recipe.
    corpus (Path): What `preprocess` wrote, and the folder raw_text.
    folder (Path): Where to save model-best.
    seed (int): The seed of all random numbers.
    teacher (Optional[Path]): For distil, what the arm transformer saved, to label the raw texts; None to train it.
    RAISES (CannotRunError): If there is no such recipe, or if it needs a transformer and there is none.
    """
    if not (ROOT / "configs" / f"{arm}.cfg").exists():
        raise CannotRunError(f"there is no configs/{arm}.cfg")
    variables = {"recipe": arm, "seed": seed, "raw_text": str(corpus.resolve() / "raw_text")}
    variables["lang"] = LANGUAGES.get(corpus.name, "en")
    if arm in TRANSFORMERS:
        if not find_spec("torch"):
            raise CannotRunError("the extra transformer is not installed")
        variables["encoder"] = find_encoder()
    with template_copy() as copy:
        commands = steps(copy, variables)
        shutil.copytree(corpus, copy / "corpus", dirs_exist_ok=True)
        names = list(commands)
        for name in names[names.index("preprocess") + 1 : names.index("evaluate")]:
            if name == "teach" and teacher:
                bring(teacher / "model-best", copy / "training" / "teacher")
            else:
                run(copy, commands[name])
        shutil.move(copy / "training" / "model-best", folder)


def bring(trained: Path, teacher: Path) -> None:
    """Put a teacher that was trained elsewhere, on the same corpus, where `teach` puts its own.

    trained (Path): What the arm transformer saved.
    teacher (Path): Where it will be. It says that it was made of nothing here, so that nothing is amiss.
    """
    shutil.copytree(trained, teacher)
    write_meta(teacher / META, describe("teach", {}))


def load(arm: str, folder: Path) -> Callable[[Iterable[str]], Iterable[Doc]]:
    """RETURNS (Callable): The trained pipeline's way from texts to Docs."""
    return spacy.load(folder / "model-best").pipe
