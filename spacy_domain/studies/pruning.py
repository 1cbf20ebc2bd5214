"""Trainings of a search that are ended early, for at the same step most others did better.

What Optuna's pruner has to know goes along with a training: so it can be anywhere, and asks nobody.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import optuna

Log = dict[int, float]  # scores on dev by step
FEWEST = 5  # trials that have gone to their end before one is judged
WARMUP = 4  # for a part of the steps, one in so many, none is


class Pruning:
    """Says whether there is no hope for a training.

    logs (Sequence[dict[int, float]]): The scores on dev by step of trainings that have gone to their end.
    """

    def __init__(self, logs: Sequence[Log]):
        self.logs, self.last = logs, max(map(max, logs))
        self.trial: optuna.Trial | None = None

    def __call__(self, step: int, score: float) -> bool:
        """RETURNS (bool): Whether to end it."""
        if self.trial is None:
            self.trial = self._ask()
        self.trial.report(score, step)
        return step < self.last and self.trial.should_prune()  # at the last step, ending it saves nothing

    def _ask(self) -> "optuna.Trial":
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        pruner = optuna.pruners.MedianPruner(FEWEST, self.last // WARMUP)
        study = optuna.create_study(direction="maximize", pruner=pruner)
        study.add_trials(
            [optuna.trial.create_trial(value=max(log.values()), intermediate_values=log) for log in self.logs]
        )
        return study.ask()


def make_pruning(logs: Sequence[Log]) -> Pruning | None:
    """Make what ends trainings.

    logs (Sequence[dict[int, float]]): The scores on dev by step of trainings that have gone to their end.
    RETURNS (Optional[Pruning]): None if there are too few, or they had no steps: they learned all at once.
    """
    return Pruning(logs) if len(logs) >= FEWEST and all(log and max(log) for log in logs) else None
