"""Many trainings, quietly, in processes of their own."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import srsly
from tqdm import tqdm

from ..base.fit import fit
from ..base.strategy import Strategy

Measure = Callable[[Path, Any], dict[str, Any]]


@dataclass(frozen=True)
class Plan:
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
class Fit:
    """One training.

    name (str): What tells it from the others.
    overrides (dict[str, Any]): Values of the config to replace, by dotted name.
    more (Any): What `measure` has to know.
    """

    name: str
    overrides: dict[str, Any] = field(default_factory=dict)
    more: Any = None


def fit_all(plan: Plan, fits: Sequence[Fit], measure: Measure) -> Iterator[tuple[str, dict[str, Any]]]:
    """Train pipelines, and measure each; nothing of them is kept.

    plan (Plan): What they have in common.
    fits (Sequence[Fit]): What they differ in.
    measure (Callable[[Path, Any], dict[str, Any]]): Measures the pipeline in a folder, in the process that trained it.
    YIELDS (tuple[str, dict[str, Any]]): A training's name, and what was measured, with "dev", the best score on dev.
        They come in the order of `fits`.
    """
    # spawn: a forked process would inherit this one's random state, threads and locks
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(plan.jobs, mp_context=context) as pool:
        futures = [pool.submit(_fit, plan, one, measure) for one in fits]
        try:
            for _ in tqdm(as_completed(futures), total=len(fits), desc="Training", unit=" models", disable=None):
                pass
            yield from ((one.name, future.result()) for one, future in zip(fits, futures, strict=True))
        finally:
            pool.shutdown(cancel_futures=True)


def _fit(plan: Plan, one: Fit, measure: Measure) -> dict[str, Any]:
    with TemporaryDirectory() as name, open(os.devnull, "w") as nowhere:  # noqa: PTH123
        folder = Path(name) / "fit"
        with redirect_stdout(nowhere), redirect_stderr(nowhere):
            model = fit(plan.config, folder, plan.base_model, plan.strategy, plan.gpu_id, one.overrides)
        steps = [row["score"] for row in srsly.read_jsonl(folder / "log.jsonl")]
        return {"dev": max(steps), **measure(model, one.more)}
