"""What values a search may try: a file that says so for each value of the training config, by its dotted name."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spacy.util import load_config

from ..project.errors import Place, ProjectError

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

REMEDY = (
    'Write "training.dropout" = [0.1, 0.2, 0.3] for values to choose from, or "training.dropout" = {low = 0.1, high = '
    "0.5} for all between two; with log = true where it is the ratio that counts, or with a step."
)
Space = dict[str, "BaseDistribution"]


def read_space(path: Path, config: Path) -> tuple[Space, dict[str, Any]]:
    """Read what may be tried.

    path (Path): A TOML file.
    config (Path): The complete training config.
    RETURNS (tuple[Space, dict[str, Any]]): Optuna's distributions by dotted name, and the values that the config has.
    RAISES (ProjectError): If it cannot be read, or names what the config does not have.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProjectError(
            f"Cannot read {path}", "Set --vars.search to a TOML file.", [Place(str(path), None, str(error))]
        ) from None
    settings = load_config(config).interpolate()
    space, values, wrong = {}, {}, list[Place]()
    for name, row in rows.items():
        value = _look_up(settings, name.split("."))
        if value is None:
            wrong.append(Place(str(path), None, f"{name}: {config} has no such value"))
            continue
        try:
            space[name], values[name] = _make_distribution(row), value
        except (TypeError, ValueError, KeyError) as error:
            wrong.append(Place(str(path), None, f"{name}: {error}"))
    if wrong or not space:
        raise ProjectError("Nothing to search among" if not wrong else "Not a search space", REMEDY, wrong)
    return space, values


def _look_up(settings: Any, keys: list[str]) -> Any:
    for key in keys:
        settings = settings.get(key) if isinstance(settings, dict) else None
    return None if isinstance(settings, dict) else settings


def _make_distribution(row: Any) -> "BaseDistribution":
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(row, list):
        return CategoricalDistribution(row)
    low, high, step, log = row["low"], row["high"], row.get("step"), bool(row.get("log"))
    if isinstance(low, int) and isinstance(high, int):
        return IntDistribution(low, high, log=log, step=step or 1)
    return FloatDistribution(float(low), float(high), log=log, step=step)
