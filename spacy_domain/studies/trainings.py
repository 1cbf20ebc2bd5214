"""Many trainings, quietly, in processes of their own."""

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import srsly
from tqdm import tqdm

from ..base.strategy import Strategy
from ..base.training import train_pipeline
from ..project.errors import Place, ProjectError
from ..project.workers import start_workers

BOLD = re.compile(r"\x1b\[\d*m")
LINES = 5  # of what a training printed; the last ones say what went wrong
Measure = Callable[[Path, Any], dict[str, Any]]


@dataclass(frozen=True)
class Study:
    """What all trainings of a study have in common.

    config (Path): The complete training config.
    base_model (str): The pipeline to build on.
    strategy (Strategy): What becomes of the base's entity recognizer.
    gpu_id (int): GPU to train on, -1 for CPU.
    jobs (int): How many to train at once.
    """

    config: Path
    base_model: str
    strategy: Strategy
    gpu_id: int
    jobs: int


@dataclass(frozen=True)
class Training:
    """One training.

    name (str): What tells it from the others.
    overrides (dict[str, Any]): Values of the config to replace, by dotted name.
    more (Any): What `measure` has to know.
    """

    name: str
    overrides: dict[str, Any] = field(default_factory=dict)
    more: Any = None


def train_all(study: Study, trainings: Sequence[Training], measure: Measure) -> Iterator[tuple[str, dict[str, Any]]]:
    """Train pipelines, and measure each; nothing of them is kept. The first that fails ends them all.

    study (Study): What they have in common.
    trainings (Sequence[Training]): What they differ in.
    measure (Callable[[Path, Any], dict[str, Any]]): Measures the pipeline in a folder, in the process that trained it.
    YIELDS (tuple[str, dict[str, Any]]): A training's name, and what was measured, with "dev", the best score on dev.
        They come in the order of `trainings`.
    RAISES (ProjectError): If one fails: which, why, and what it printed last.
    """
    with TemporaryDirectory() as name, start_workers(study.jobs) as pool:
        futures = [pool.submit(_train, study, one, measure, Path(name) / str(at)) for at, one in enumerate(trainings)]
        for future in tqdm(as_completed(futures), total=len(trainings), desc="Training", unit=" models", disable=None):
            future.result()
        yield from ((one.name, future.result()) for one, future in zip(trainings, futures, strict=True))


def _train(study: Study, one: Training, measure: Measure, folder: Path) -> dict[str, Any]:
    said = StringIO()
    try:
        with redirect_stdout(said), redirect_stderr(said):
            model = train_pipeline(study.config, folder, study.base_model, study.strategy, study.gpu_id, one.overrides)
            steps = [row["score"] for row in srsly.read_jsonl(folder / "log.jsonl")]
            return {"dev": max(steps), **measure(model, one.more)}
    except ProjectError as error:
        raise ProjectError(f"Training {one.name} failed: {error.title}", error.remedy, error.places) from None
    except (Exception, SystemExit) as error:  # spaCy's commands print what is wrong, and exit
        why = "" if isinstance(error, SystemExit) else f": {type(error).__name__}: {error}"
        lines = [line.rstrip() for line in BOLD.sub("", said.getvalue()).splitlines() if line.strip()]
        raise ProjectError(
            f"Training {one.name} failed{why}",
            "See what it printed last. Run: spacy project run train, which trains with the same config and shows all.",
            [Place("it printed", None, line) for line in lines[-LINES:]],
        ) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
