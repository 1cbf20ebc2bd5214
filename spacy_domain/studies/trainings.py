"""Many trainings, quietly, in processes of their own: on this machine, or wherever an engine has them."""

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import srsly
from tqdm import tqdm

from ..base.strategy import Strategy
from ..base.training import train_pipeline
from ..base.watching import EndedError, Hopeless
from ..project.engines import LOCAL, start_engine
from ..project.errors import Place, ProjectError
from .subsets import leave_out

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
    engine (str): Where, as `start_engine` has it.
    """

    config: Path
    base_model: str
    strategy: Strategy
    gpu_id: int
    jobs: int
    engine: str = LOCAL


@dataclass(frozen=True)
class Training:
    """One training.

    name (str): What tells it from the others.
    overrides (dict[str, Any]): Values of the config to replace, by dotted name.
    more (Any): What `measure` has to know.
    without (frozenset[str]): Texts to leave out of all corpora.
    hopeless (Optional[Callable[[int, float], bool]]): Ends it, as `watch` has it.
    """

    name: str
    overrides: dict[str, Any] = field(default_factory=dict)
    more: Any = None
    without: frozenset[str] = frozenset()
    hopeless: Hopeless | None = None


def train_all(study: Study, trainings: Sequence[Training], measure: Measure) -> Iterator[tuple[str, dict[str, Any]]]:
    """Train pipelines, and measure each; nothing of them is kept. The first that fails ends them all.

    study (Study): What they have in common.
    trainings (Sequence[Training]): What they differ in.
    measure (Callable[[Path, Any], dict[str, Any]]): Measures the pipeline in a folder, in the process that trained it.
    YIELDS (tuple[str, dict[str, Any]]): A training's name, and what was measured, with "dev", the best score on dev.
        They come in the order of `trainings`.
    RAISES (ProjectError): If one fails: which, why, and what it printed last.
    """
    results = {}
    with closing(train_next(study, iter(trainings), measure)) as done:
        for one, found in tqdm(done, total=len(trainings), desc="Training", unit=" models", disable=None):
            if isinstance(found, ProjectError):
                raise found
            results[one.name] = found
    yield from ((one.name, results[one.name]) for one in trainings)


def train_next(
    study: Study, trainings: Iterator[Training], measure: Measure
) -> Generator[tuple[Training, dict[str, Any] | ProjectError], None, None]:
    """Train pipelines, of which the next is asked for only when there is a process for it, and measure each.

    study (Study): What they have in common.
    trainings (Iterator[Training]): What they differ in.
    measure (Callable[[Path, Any], dict[str, Any]]): Measures the pipeline in a folder, in the process that trained it.
    YIELDS (tuple[Training, dict[str, Any] | ProjectError]): A training, and what was measured or why it failed, as they
        end; one that was hopeless has "log" alone, its scores on dev by step. When a process of this machine dies, all
        that is at work fails: nobody knows whose fault it was.
    """
    at_work: dict[Future[dict[str, Any]], Training] = {}
    left, gpus = True, int(study.gpu_id >= 0)
    with TemporaryDirectory() as folder:
        while left:
            with start_engine(study.engine, study.jobs, gpus) as pool:
                while True:
                    while len(at_work) < study.jobs and (one := next(trainings, None)):
                        at_work[pool.submit(_train, study, one, measure, Path(folder))] = one
                    left = bool(at_work)
                    if not left:
                        break
                    future = next(iter(wait(at_work, return_when=FIRST_COMPLETED).done))
                    if isinstance(future.exception(), BrokenProcessPool):
                        break
                    yield at_work.pop(future), _result(future)
            yield from ((one, _result(future)) for future, one in at_work.items())
            at_work = {}


def _result(future: "Future[dict[str, Any]]") -> dict[str, Any] | ProjectError:
    try:
        return future.result()
    except ProjectError as error:
        return error
    except BrokenProcessPool:
        remedy = "Memory may have run out: run the command again with fewer programs beside it."
        return ProjectError("A process was stopped in the middle of its work", remedy)


def _train(study: Study, one: Training, measure: Measure, scratch: Path) -> dict[str, Any]:
    """Train in a folder that the command removes if this process is killed, unless it is on another machine."""
    said = StringIO()
    where = scratch if scratch.exists() else None
    try:
        with (
            TemporaryDirectory(dir=where, ignore_cleanup_errors=True) as name,
            redirect_stdout(said),
            redirect_stderr(said),
        ):
            return _train_in(Path(name), study, one, measure)
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


def _train_in(folder: Path, study: Study, one: Training, measure: Measure) -> dict[str, Any]:
    overrides = {**(leave_out(study.config, one.without, folder / "corpora") if one.without else {}), **one.overrides}
    work = folder / "training"
    try:
        model = train_pipeline(
            study.config, work, study.base_model, study.strategy, study.gpu_id, overrides, one.hopeless
        )
    except EndedError:
        return {"log": _read_log(work)}
    log = _read_log(work)
    return {"dev": max(log.values()), "log": log, **measure(model, one.more)}


def _read_log(folder: Path) -> dict[int, float]:
    return {row["step"]: row["score"] for row in srsly.read_jsonl(folder / "log.jsonl")}
