"""Plots of what was measured: F against CPU seconds of training, and against words per second."""

from collections.abc import Callable
from pathlib import Path
from statistics import mean

import matplotlib
import typer
from arms import ARMS
from measured import Measured, Row, cpu_seconds, f_score, words_per_second

matplotlib.use("svg")
from matplotlib import pyplot


def plots(
    results: Path = typer.Argument(..., help="What compare.py wrote"),
    folder: Path = typer.Argument(..., help="Where to write f-by-cpu.svg and f-by-speed.svg"),
) -> None:
    """Draw both plots, with the same bytes for the same numbers."""
    measured = Measured(results)
    folder.mkdir(parents=True, exist_ok=True)
    pyplot.rcParams.update({"svg.hashsalt": "benchmarks", "svg.fonttype": "none", "font.size": 9})
    scatter(measured, cpu_seconds, "CPU seconds of training", folder / "f-by-cpu.svg")
    scatter(measured, words_per_second, "words per second", folder / "f-by-speed.svg")


def scatter(measured: Measured, value: Callable[[Row], float], title: str, path: Path) -> None:
    """Draw a panel for each dataset: each arm's mean over the seeds, with a line from least to greatest F.

    measured (Measured): What was measured.
    value (Callable): What goes to the right, on a logarithmic scale.
    title (str): What that is.
    path (Path): The SVG to write.
    """
    width = 4 * len(measured.datasets)
    figure, panels = pyplot.subplots(1, len(measured.datasets), figsize=(width, 4), squeeze=False, layout="constrained")
    for panel, dataset in zip(panels[0], measured.datasets, strict=True):
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
    panels[0][0].set_ylabel("F on test")
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


if __name__ == "__main__":
    typer.run(plots)
