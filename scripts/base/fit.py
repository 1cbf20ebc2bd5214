"""Training: spaCy's own `train`, and the result built into the base pipeline."""

from pathlib import Path
from typing import Any

import spacy
from spacy.cli.train import train as spacy_train

from . import rates, silver  # noqa: F401  # register functions that configs name
from .assembly import assemble
from .location import BLANK
from .strategy import Strategy


def fit(
    config: Path,
    folder: Path,
    base_model: str,
    strategy: Strategy,
    gpu_id: int,
    overrides: dict[str, Any] | None = None,
) -> Path:
    """Train a pipeline.

    config (Path): The complete training config.
    folder (Path): An empty folder to work in; the log will be there, too, as log.jsonl.
    base_model (str): The pipeline to build on.
    strategy (Strategy): What becomes of the base's entity recognizer.
    gpu_id (int): GPU to train on, -1 for CPU.
    overrides (Optional[dict[str, Any]]): Values of the config to replace, by dotted name.
    RETURNS (Path): The pipeline that did best on dev, in the folder.
    """
    spacy_train(config, folder, use_gpu=gpu_id, overrides={"paths.log": str(folder / "log.jsonl"), **(overrides or {})})
    trained = folder / "model-best"
    return trained if base_model.startswith(BLANK) else _build_in(trained, base_model, strategy, folder / "assembled")


def _build_in(trained: Path, base_model: str, strategy: Strategy, target: Path) -> Path:
    recognizer = spacy.load(trained)
    pipeline = assemble(base_model, strategy, recognizer)
    pipeline.meta["performance"] = {**pipeline.meta.get("performance", {}), **recognizer.meta.get("performance", {})}
    pipeline.to_disk(target)
    return target
