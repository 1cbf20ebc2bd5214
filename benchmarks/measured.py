"""What compare.py measured."""

import json
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

from arms import ARMS
from snips import DATASETS

Row = dict[str, Any]  # one arm on one dataset with one seed


class Measured:
    """All results.

    results (Path): The folder that they are in.
    RAISES (ValueError): If the arms of a dataset were given different splits.
    """

    def __init__(self, results: Path):
        rows = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(results.glob("*/*.json"))]
        self.all = sorted(rows, key=lambda row: (list(ARMS).index(row["arm"]), row["dataset"], row["seed"]))
        self.datasets = sorted({row["dataset"] for row in rows}, key=lambda name: (DATASETS.get(name, 0), name))
        packaged = results / "packaged.json"
        self.packaged = json.loads(packaged.read_text(encoding="utf-8")) if packaged.exists() else None
        for dataset in self.datasets:
            splits = {json.dumps(row["corpus"]) for row in rows if row["dataset"] == dataset}
            if len(splits) > 1:
                raise ValueError(f"{dataset}: some results are of other splits. Delete them and run compare again.")

    def rows(self, arm: str, dataset: str) -> list[Row]:
        """RETURNS (list[Row]): The results of an arm, by seed, without those that could not run."""
        return [row for row in self.all if (row["arm"], row["dataset"]) == (arm, dataset) and "test" in row]

    def means(self, arm: str, value: Callable[[Row], float]) -> dict[str, float]:
        """RETURNS (dict[str, float]): By dataset, the mean of a value over the seeds; only datasets that it ran on."""
        found = {dataset: self.rows(arm, dataset) for dataset in self.datasets}
        return {dataset: mean(map(value, rows)) for dataset, rows in found.items() if rows}


def f_score(row: Row) -> float:
    """RETURNS (float): F on test, in percent."""
    return 100 * row["test"]["f"]


def cpu_seconds(row: Row) -> float:
    """RETURNS (float): CPU seconds of training."""
    return row["train"]["cpu_seconds"]


def words_per_second(row: Row) -> float:
    """RETURNS (float): Words per second of prediction."""
    return row["predict"]["words_per_second"]
