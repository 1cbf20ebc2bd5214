"""The report's figures are those of the files, each shown as it is there."""

import json
import re

import pytest
from markupsafe import escape
from pages import Data, check_figures

from spacy_domain.report.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Point, draw_lines
from spacy_domain.report.wrong_texts import draw_mistakes


def test_figures_are_those_of_the_files(short_run):
    page = check_figures(short_run)
    assert len(page.found) > 100
    metrics = json.loads(short_run.read("metrics/metrics.json"))
    shown = {figure["data-from"] for figure in page.found}
    for label in metrics["counts"]:
        assert {f"metrics/metrics.json#/ents_per_type/{label}/{key}" for key in "prf"} <= shown
        assert f"metrics/metrics.json#/intervals/labels/{label}/f/0" in shown


def test_no_figure_is_there_that_no_file_has(short_run):
    """Outside of texts, names and charts, a number is a data element, or one of these."""
    html = short_run.read("metrics/report.html")
    main = html[html.index('<section class="verdict"') : html.index('<section aria-labelledby="errors"')]
    main = re.sub(r"<svg.*?</svg>|<details>.*?</details>|<h3>.*?</ul>", "", main, flags=re.DOTALL)
    words = " ".join(Data(main).rest)
    words = re.sub(r"95 %|80 %|\d+ to \d+ tokens|\d+ or more tokens", "", words)
    assert not re.findall(r"\d+", words)


def test_charts_place_points_by_their_values():
    points = [Point(100, 0.25, 0.2, 0.4), Point(300, 0.5), Point(500, 1.0)]
    svg = str(draw_lines(points, "a <title>", "texts", "F"))
    places = [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', svg)]
    for point, (x, y) in zip(points, places, strict=True):
        assert (x - LEFT) / (WIDTH - LEFT - RIGHT) == pytest.approx(point.x / 500, abs=0.001)
        assert (HEIGHT - BOTTOM - y) / (HEIGHT - BOTTOM - TOP) == pytest.approx(point.y, abs=0.001)
    assert "a &lt;title&gt;" in svg and "<title>" not in svg


def test_texts_and_labels_are_escaped():
    gold = {"text": "<b>", "label": "<i>&L", "start": 4, "end": 7}
    (text,) = draw_mistakes([{"kind": "missed", "gold": gold, "predicted": None, "text": "see <b>", "source": "a:1"}])
    assert "<b>" not in text.gold and "<i>" not in text.gold and str(escape("<i>&L")) in text.gold
