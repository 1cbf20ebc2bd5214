"""spaCy's own quick start: `init config`, and `train` with whatever that writes."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import spacy
from others import LANGUAGES
from spacy.cli.init_config import init_config
from spacy.cli.train import train as spacy_train
from spacy.tokens import Doc
from spacy.util import is_package

from . import CannotRunError

# Where vectors are from: `-o accuracy` wants the first for English; the second has fewer, and `crf-md` builds on it
VECTORS = {"accuracy": "en_core_web_lg", "accuracy-md": "en_core_web_md"}


def train(arm: str, corpus: Path, folder: Path, seed: int) -> None:
    """Train with `init config --lang ... --pipeline ner`, for efficiency or accuracy.

    arm (str): "efficiency", "accuracy", "accuracy-md" with these vectors, or "accuracy-no-vectors" with none.
    corpus (Path): Folder with train.spacy and dev.spacy.
    folder (Path): Where to save model-best.
    seed (int): The seed of all random numbers.
    RAISES (CannotRunError): If the vectors are not installed.
    """
    if arm in VECTORS and not is_package(VECTORS[arm]):
        raise CannotRunError(f"{VECTORS[arm]}, whose vectors the config wants, is not installed")
    lang = LANGUAGES.get(corpus.name, "en")
    config = init_config(lang=lang, pipeline=["ner"], optimize=arm.partition("-")[0], silent=True)
    overrides = {
        "paths.train": str(corpus / "train.spacy"),
        "paths.dev": str(corpus / "dev.spacy"),
        "system.seed": seed,
    }
    if arm in VECTORS:
        config["paths"]["vectors"] = VECTORS[arm]
    if arm == "accuracy-no-vectors":
        config["paths"]["vectors"] = None
        config["components"]["tok2vec"]["model"]["embed"]["include_static_vectors"] = False
    config.to_disk(folder / "config.cfg", interpolate=False)
    spacy_train(folder / "config.cfg", folder, overrides=overrides)
    shutil.rmtree(folder / "model-last")


def load(arm: str, folder: Path) -> Callable[[Iterable[str]], Iterable[Doc]]:
    """RETURNS (Callable): The trained pipeline's way from texts to Docs."""
    return spacy.load(folder / "model-best").pipe
