"""Plots of what was measured: F against CPU seconds of training, words per second, and the number of texts."""

import math
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import matplotlib
import typer
from arms import ARMS
from measured import Measured, Row, cpu_seconds, f_score, words_per_second
from snips import DATASETS

matplotlib.use("svg")
from matplotlib import pyplot

PANELS = 4  # side by side
TEST_ENTITIES = 1790  # of snips


def plots(
    results: Path = typer.Argument(..., help="What compare.py wrote"),
    folder: Path = typer.Argument(..., help="Where to write f-by-cpu.svg, f-by-speed.svg and f-by-texts.svg"),
) -> None:
    """Draw the plots, with the same bytes for the same numbers."""
    measured = Measured(results)
    folder.mkdir(parents=True, exist_ok=True)
    pyplot.rcParams.update({"svg.hashsalt": "benchmarks", "svg.fonttype": "none", "font.size": 9})
    scatter(measured, cpu_seconds, "CPU seconds of training", folder / "f-by-cpu.svg")
    scatter(measured, words_per_second, "words per second", folder / "f-by-speed.svg")
    lines(measured, folder / "f-by-texts.svg")


def scatter(measured: Measured, value: Callable[[Row], float], title: str, path: Path) -> None:
    """Draw a panel for each dataset: each arm's mean over the seeds, with a line from least to greatest F.

    measured (Measured): What was measured.
    value (Callable): What goes to the right, on a logarithmic scale.
    title (str): What that is.
    path (Path): The SVG to write.
    """
    rows_of_panels = math.ceil(len(measured.datasets) / PANELS)
    size = (4 * min(PANELS, len(measured.datasets)), 4 * rows_of_panels)
    figure, panels = pyplot.subplots(
        rows_of_panels, min(PANELS, len(measured.datasets)), figsize=size, squeeze=False, layout="constrained"
    )
    for panel in panels.flat[len(measured.datasets) :]:
        panel.remove()
    for panel, dataset in zip(panels.flat, measured.datasets, strict=False):
        for i, arm in enumerate(ARMS):
            rows = measured.rows(arm, dataset)
            if not rows:
                continue
            x, scores = mean(map(value, rows)), [f_score(row) for row in rows]
            y = mean(scores)
            panel.errorbar(x, y, [[y - min(scores)], [max(scores) - y]], fmt="o", color=f"C{i}", capsize=3)
            panel.annotate(arm, (x, y), xytext=(6, 4), textcoords="offset points", color=f"C{i}")
        panel.set(title=dataset, xlabel=title, xscale="log")
        panel.margins(x=0.35, y=0.12)
        panel.grid(alpha=0.3)
    for row in panels:
        row[0].set_ylabel("F on test")
    save(figure, path)


def lines(measured: Measured, path: Path) -> None:
    """Draw F against the number of annotated texts: a line an arm, in the band that so many test entities
    leave (Wilson's interval at 95 %, of F as if it were a share of them).

    measured (Measured): What was measured.
    path (Path): The SVG to write.
    """
    figure, panel = pyplot.subplots(figsize=(6, 4.5), layout="constrained")
    for i, arm in enumerate(ARMS):
        found = {size: measured.rows(arm, name) for name, size in DATASETS.items()}
        sizes = [size for size, rows in found.items() if rows]
        if not sizes:
            continue
        scores = [mean(map(f_score, found[size])) for size in sizes]
        ends = [wilson(score / 100) for score in scores]
        panel.plot(sizes, scores, "o-", color=f"C{i}", label=arm)
        panel.fill_between(sizes, [low for low, _ in ends], [high for _, high in ends], color=f"C{i}", alpha=0.15)
    panel.set(title="snips", xlabel="annotated texts", ylabel="F on test", xscale="log")
    panel.grid(alpha=0.3)
    panel.legend()
    save(figure, path)


def wilson(share: float, count: int = TEST_ENTITIES, z: float = 1.96) -> tuple[float, float]:
    """RETURNS (tuple[float, float]): The ends of Wilson's interval for a share of so many, in percent."""
    middle, half = share + z * z / (2 * count), z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return 100 * (middle - half) / (1 + z * z / count), 100 * (middle + half) / (1 + z * z / count)


def save(figure: Any, path: Path) -> None:
    """Write a figure, with nothing in it that says when."""
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


if __name__ == "__main__":
    typer.run(plots)
