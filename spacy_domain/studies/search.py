"""A search for better values: Optuna says what to try next, and keeps what was found in a database on the disk.

Each trial draws its random numbers from a seed of its own, so that a search that was stopped and goes on tries what it
would have tried undisturbed (with one training at a time; with several, it depends on which ends first).
"""

import hashlib
import json
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..project.errors import Place, ProjectError
from ..scoring.intervals import score_f
from .held_out_parts import Part
from .optimism import find_optimism
from .pruning import Log, make_pruning
from .space import Space
from .trainings import Measure, Study, Training, train_next

if TYPE_CHECKING:
    import optuna

ERROR, FOUND = "error", "found"  # what a trial's notes hold; one without either was cut short
STARTUP = 10  # trials that are drawn at random, before there is something to learn from


@dataclass(frozen=True)
class Budget:
    """When to stop trying.

    trials (int): After how many trials, those of earlier runs included.
    minutes (float): After how many minutes of this run; 0 for no such limit.
    """

    trials: int
    minutes: float


class Search:
    """A search, which goes on where it was stopped.

    file (Path): The SQLite database that keeps it.
    about (dict[str, Any]): What tells it from other searches in this file: what it searches with, and in.
    space (Space): What may be tried.
    start (dict[str, Any]): What is tried first: the values that the recipe has.
    seed (int): Seed of the choice of values.
    """

    def __init__(self, file: Path, about: dict[str, Any], space: Space, start: dict[str, Any], seed: int):
        import optuna

        optuna.logging.set_verbosity(logging.WARNING)
        name = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]
        file.parent.mkdir(parents=True, exist_ok=True)
        self.optuna, self.space, self.start, self.seed = optuna, space, start, seed
        storage = f"sqlite:///{file.resolve().as_posix()}"
        self.study = optuna.create_study(storage=storage, study_name=name, direction="maximize", load_if_exists=True)
        # What an earlier run had in the works when it was stopped is tried anew
        for trial in self.study.get_trials(states=[optuna.trial.TrialState.RUNNING], deepcopy=False):
            self.study.tell(trial.number, state=optuna.trial.TrialState.FAIL)

    def list_trials(self) -> "list[optuna.trial.FrozenTrial]":
        """RETURNS (list[FrozenTrial]): All trials but those that were cut short, in the order in which they began."""
        failed = self.optuna.trial.TrialState.FAIL
        trials = self.study.get_trials(deepcopy=False)
        return [trial for trial in trials if trial.state != failed or ERROR in trial.user_attrs]

    def run(
        self, study: Study, budget: Budget, measure: Measure, parts: Sequence[Part], prune: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Try values until the budget is spent. A training that fails is noted, and does not end the search.

        study (Study): What all trainings have in common.
        budget (Budget): When to stop.
        measure (Callable[[Path, Any], dict[str, Any]]): Measures a pipeline, as `score_held_out` does.
        parts (Sequence[Part]): The trainings of each trial.
        prune (bool): Whether to end trainings early that do worse than most. With several parts, none is.
        YIELDS (dict[str, Any]): "trial", "params", and "f", "error" or "stopped" (the step where it was ended), as
            trials end.
        """
        end = time.monotonic() + 60 * budget.minutes if budget.minutes else float("inf")
        asked: dict[str, optuna.Trial] = {}

        def ask() -> Iterator[Training]:
            while len(self.list_trials()) < budget.trials and time.monotonic() < end:
                pruning = make_pruning(self._read_logs()) if prune and len(parts) == 1 else None
                trial = self._ask(study.jobs)
                for number, part in enumerate(parts):
                    name = f"{trial.number}.{number}"
                    asked[name] = trial
                    yield Training(name, trial.params, part.what, part.without, pruning)

        found: dict[int, dict[str, Any]] = {}  # what the parts of a trial came to
        with closing(train_next(study, ask(), measure)) as trained:
            for one, result in trained:
                trial = asked.pop(one.name)
                results = found.setdefault(trial.number, {})
                results[one.name] = result
                if len(results) == len(parts):
                    names = [f"{trial.number}.{number}" for number in range(len(parts))]
                    yield self._tell(trial, [found[trial.number][name] for name in names])
                    del found[trial.number]

    def _tell(self, trial: "optuna.Trial", results: list[Any]) -> dict[str, Any]:
        about = {"trial": trial.number, "params": trial.params}
        failed = [result for result in results if isinstance(result, ProjectError)]
        if failed:
            why = "; ".join([failed[0].title, *map(str, failed[0].places)])
            trial.set_user_attr(ERROR, why)
            self.study.tell(trial, state=self.optuna.trial.TrialState.FAIL)
            return {**about, "error": why}
        for step, score in results[0]["log"].items() if len(results) == 1 else ():
            trial.report(score, step)
        if "counts" not in results[0]:
            self.study.tell(trial, state=self.optuna.trial.TrialState.PRUNED)
            return {**about, "stopped": max(results[0]["log"])}
        counts = np.concatenate([np.array(result["counts"]) for result in results])
        f = float(np.nan_to_num(score_f(*counts.sum(axis=0))))
        trial.set_user_attr(FOUND, counts.tolist())
        self.study.tell(trial, f)
        return {**about, "f": f}

    def _read_logs(self) -> list[Log]:
        return [trial.intermediate_values for trial in self.list_trials() if FOUND in trial.user_attrs]

    def _ask(self, jobs: int) -> "optuna.Trial":
        number = len(self.list_trials())
        if number == 0:
            self.study.enqueue_trial(self.start)
        self.study.sampler = self.optuna.samplers.TPESampler(
            seed=self.seed + number,
            n_startup_trials=STARTUP,
            constant_liar=jobs > 1,  # what is tried at the same time is not near to one another
        )
        return self.study.ask(self.space)

    def weigh(self) -> dict[str, float]:
        """RETURNS (dict[str, float]): How much of the differences between trials each value explains, from 0 to 1."""
        from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

        done = [trial for trial in self.list_trials() if FOUND in trial.user_attrs]
        if len(done) < 4 or len({trial.value for trial in done}) < 2:
            return {}
        return dict(get_param_importances(self.study, evaluator=PedAnovaImportanceEvaluator()))


def describe_search(search: Search, groups: np.ndarray) -> dict[str, Any]:
    """Say what a search has found.

    search (Search): The search.
    groups (np.ndarray): The number of each dev text's group, as `find_groups` gives them.
    RETURNS (dict[str, Any]): "trials", each with "trial", "params", and "f", "error" or "stopped" (at which step), and
        how many were "tried" and "stopped"; "importance" of the values; and the best one, as `find_optimism` has it.
    RAISES (ProjectError): If no trial ended well.
    """
    trials = search.list_trials()
    rows = [
        {
            "trial": one.number,
            "params": one.params,
            "f": one.value if FOUND in one.user_attrs else None,
            "error": one.user_attrs.get(ERROR),
            "stopped": one.last_step if one.state == search.optuna.trial.TrialState.PRUNED else None,
        }
        for one in trials
    ]
    done = [one for one in trials if FOUND in one.user_attrs]
    if not done:
        places = [Place("", None, str(row["error"])) for row in rows]
        raise ProjectError("No trial ended well", "See why, and narrow down what may be tried.", places)
    best = find_optimism([np.array(one.user_attrs[FOUND]) for one in done], groups)
    first = done[0].params == search.start
    verdict = (
        best["verdict"] if first else "what the recipe has could not be trained, so there is nothing to compare with"
    )
    return {
        "tried": len(rows),
        "stopped": sum(row["stopped"] is not None for row in rows),
        "trials": rows,
        "importance": search.weigh(),
        **best,
        "chosen": done[best["chosen"]].number,
        "verdict": verdict,
    }
