"""The report: one HTML file that needs no network."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import srsly
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..scoring.few import LEFT_OUT
from .advice import find_cautions, find_weakest
from .charts import Point, draw_lines
from .figures import Figures
from .wrong_texts import draw_mistakes

TEXTS_SHOWN = 500
FINDINGS_SHOWN = 100
STUDIES = ("trials", "learning_curve", "doubts", "cross_validation", "tune", "speed")


def read_sources(paths: Iterable[Path]) -> dict[str, Any]:
    """Read what commands wrote.

    paths (Iterable[Path]): JSON files; those that are not there are left out.
    RETURNS (dict[str, Any]): Their content, by path.
    """
    return {path.as_posix(): srsly.read_json(path) for path in paths if path.exists()}


def render_report(
    package: str,
    description: str,
    sources: dict[str, Any],
    mistakes: list[dict[str, Any]],
    log: list[dict[str, Any]],
    notes: list[str],
    made_of: dict[str, str],
) -> str:
    """Write the report.

    package (str): Name and version of the package.
    description (str): What it is for.
    sources (dict[str, Any]): As `read_sources` returns it: metrics, retention, audit, and studies where there are any.
    mistakes (list[dict[str, Any]]): As in errors.jsonl.
    log (list[dict[str, Any]]): The training log.
    notes (list[str]): What else a reader has to know, in sentences.
    made_of (dict[str, str]): Digests of the files that it is made of.
    RETURNS (str): The HTML.
    """
    environment = Environment(
        loader=PackageLoader("spacy_domain.report", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    metrics, audit = sources["metrics/metrics.json"], sources["corpus/audit.json"]
    studies = {name: sources.get(f"metrics/studies/{name}.json") for name in STUDIES}
    if LEFT_OUT in (studies["cross_validation"] or {}):
        studies["cross_validation"] = None
    wrong = draw_mistakes(mistakes)
    return environment.get_template("report.html.jinja").render(
        package=package,
        description=description,
        n=Figures(sources),
        metrics=metrics,
        retention=sources["metrics/retention.json"],
        audit=audit,
        **studies,
        weakest=find_weakest(metrics),
        predicted_labels=_columns(metrics["confusions"]),
        charts=_draw_charts(metrics, log, studies["learning_curve"]),
        findings=audit["findings"][:FINDINGS_SHOWN],
        findings_left_out=len(audit["findings"]) > FINDINGS_SHOWN,
        wrong_texts=wrong[:TEXTS_SHOWN],
        errors_left_out=len(wrong[TEXTS_SHOWN:]),
        labels=sorted({label for text in wrong for label in text.labels}),
        kinds=sorted({kind for text in wrong for kind in text.kinds}),
        notes=[*find_cautions(metrics, studies["cross_validation"] is not None), *notes],
        made_of=made_of,
    )


def _columns(confusions: dict[str, dict[str, int]]) -> list[str]:
    """The labels that were predicted or annotated, and nothing last."""
    found = {label for row in confusions.values() for label in row} | set(confusions)
    return [*sorted(found - {""}), *([""] if "" in found else [])]


def _draw_charts(
    metrics: dict[str, Any], log: list[dict[str, Any]], learning_curve: dict[str, Any] | None
) -> dict[str, Markup]:
    sure = [Point(row["confidence"], row["right"]) for row in metrics["confidence"]["bins"]]
    charts = {
        "confidence": draw_lines(
            sure, "How many entities are right, by confidence", "confidence, %", "right, %", diagonal=True
        )
    }
    # Where there was a choice: spaCy evaluates before the first step, too
    if len(log) > 2:
        steps = [Point(row["step"], row["score"]) for row in log]
        best = max(steps, key=lambda point: point.y)
        charts["training"] = draw_lines(
            steps, f"F on the dev texts by step; the best is {100 * best.y:.1f} at step {best.x}", "step", "F on dev, %"
        )
    if learning_curve:
        points = [
            Point(point["texts"], point["f"], *(point["interval"] or (None, None)))
            for point in learning_curve["points"]
        ]
        title = "F on the test texts, with its interval, by number of training texts"
        charts["learning_curve"] = draw_lines(points, title, "training texts", "F, %")
    return charts
