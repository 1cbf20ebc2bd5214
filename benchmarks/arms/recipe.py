"""The template's recipes, with the commands that `spacy project run all` runs for them."""

import shutil
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path

import spacy
from others import LANGUAGES
from spacy.tokens import Doc
from spacy.util import is_package
from template import ROOT, run, steps, template_copy

from spacy_domain.project.freshness import META, describe, write_meta

from . import CannotRunError
from .encoder import find_encoder

TRANSFORMERS = ("frozen", "transformer", "distil")
BASES = {"crf-md": "en_core_web_md"}  # what they build on, with the strategy replace


def train(arm: str, corpus: Path, folder: Path, seed: int, teacher: Path | None = None) -> None:
    """Run what `spacy project run all` has between `preprocess` and `evaluate`, on splits that are there already.

    arm (str): Name of the recipe, and behind a hyphen what it builds on.
    corpus (Path): What `preprocess` wrote, and the folder raw_text.
    folder (Path): Where to save model-best.
    seed (int): The seed of all random numbers.
    teacher (Optional[Path]): For distil, what the arm transformer saved, to label the raw texts; None to train it.
    RAISES (CannotRunError): If there is no such recipe, or if it needs a transformer and there is none.
    """
    recipe = arm.partition("-")[0]
    if not (ROOT / "configs" / f"{recipe}.cfg").exists():
        raise CannotRunError(f"there is no configs/{recipe}.cfg")
    variables = {"recipe": recipe, "seed": seed, "raw_text": str(corpus.resolve() / "raw_text")}
    variables["lang"] = LANGUAGES.get(corpus.name, "en")
    if arm in BASES:
        if not is_package(BASES[arm]):
            raise CannotRunError(f"{BASES[arm]} is not installed")
        variables |= {"base_model": BASES[arm], "strategy": "replace", "annotations": "splits", "on_leakage": "allow"}
        variables["raw_text"] = "empty.jsonl"  # raw texts are of the domain: new labels are there, too
    if arm in TRANSFORMERS:
        if not find_spec("torch"):
            raise CannotRunError("the extra transformer is not installed")
        variables["encoder"] = find_encoder()
    with template_copy() as copy:
        commands = steps(copy, variables)
        if arm in BASES:  # the base is known to preprocess, which leaves the splits as they are
            (copy / "splits").mkdir()
            (copy / "empty.jsonl").touch()
            for name in ("train.spacy", "dev.spacy", "test.spacy"):
                shutil.copy(corpus / name, copy / "splits")
        else:
            shutil.copytree(corpus, copy / "corpus", dirs_exist_ok=True)
        names = list(commands)
        for name in names[names.index("preprocess") + (arm not in BASES) : names.index("evaluate")]:
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
