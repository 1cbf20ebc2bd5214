"""The report: right figures, and a page that a person can use, in a real browser."""

import json
import re
from html.parser import HTMLParser

import pytest
from conftest import copy_template, limit_steps
from markupsafe import escape

from spacy_domain.report.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Point, draw_lines
from spacy_domain.report.figures import FORMATS
from spacy_domain.report.wrong_texts import draw_mistakes


class Data(HTMLParser):
    """The data elements of a page, and its text without them."""

    def __init__(self, page):
        super().__init__()
        self.found, self.rest, self.inside = [], [], None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag == "data":
            self.inside = dict(attributes)

    def handle_endtag(self, tag):
        if tag == "data":
            self.found.append(self.inside)
            self.inside = None

    def handle_data(self, data):
        if self.inside is None:
            self.rest.append(data)
        else:
            self.inside["shown"] = data


def look_up(project, where):
    file, pointer = where.split("#")
    value = json.loads(project.read(file))
    for key in pointer.split("/")[1:]:
        key = key.replace("~1", "/").replace("~0", "~")
        value = value[int(key) if isinstance(value, list) else key]
    return value


def check_figures(project):
    """Every figure is in the file that it names, and is shown as it is there. Returns the page's data elements."""
    page = Data(project.read("metrics/report.html"))
    for figure in page.found:
        value = look_up(project, figure["data-from"])
        assert float(figure["value"]) == pytest.approx(value, abs=1e-9)
        # not of what the file holds: readers of JSON differ in the last bit, which can decide how a 5 is rounded
        assert figure["shown"] == FORMATS[figure["data-form"]](float(figure["value"]))
    return page


def test_figures_are_those_of_the_files(full_run):
    page = check_figures(full_run)
    assert len(page.found) > 100
    metrics = json.loads(full_run.read("metrics/metrics.json"))
    shown = {figure["data-from"] for figure in page.found}
    for label in metrics["counts"]:
        assert {f"metrics/metrics.json#/ents_per_type/{label}/{key}" for key in "prf"} <= shown
        assert f"metrics/metrics.json#/intervals/labels/{label}/f/0" in shown


def test_no_figure_is_there_that_no_file_has(full_run):
    """Outside of texts, names and charts, a number is a data element, or one of these."""
    html = full_run.read("metrics/report.html")
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


def open_report(browser, project, width, theme="light"):
    """Open a project's report; returns the page, with whatever went wrong in `page.faults`."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda message: page.faults.append(message.text))
    page.on("request", lambda request: page.faults.append(request.url))
    page.goto((project.path / "metrics/report.html").as_uri())
    assert [fault for fault in page.faults if fault != page.url] == []
    return page


def test_page_in_a_browser(full_run, browser):
    """No error, nothing fetched, no sideways scrolling on a phone, readable in both themes, errors can be filtered."""
    for width in (390, 1280):
        for theme in ("light", "dark"):
            page = open_report(browser, full_run, width, theme)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            assert page.evaluate(CONTRAST) >= 4.5, (width, theme)
    mistakes = [json.loads(line) for line in full_run.read("metrics/errors.jsonl").splitlines()]
    texts = {(mistake["text"], mistake["source"]) for mistake in mistakes}
    articles = page.locator("#texts article:visible")
    assert articles.count() == len(texts)
    missed = {(mistake["text"], mistake["source"]) for mistake in mistakes if mistake["kind"] == "missed"}
    page.get_by_label("Kind", exact=True).focus()
    page.keyboard.type("missed")
    assert articles.count() == len(missed) < len(texts)
    assert page.get_by_role("status").text_content() == f"{len(missed)} of {len(texts)} texts"
    page.get_by_label("Kind", exact=True).select_option("all")
    page.get_by_label("Label", exact=True).select_option("EVENT")
    labels = [{ent["label"] for ent in (mistake["gold"], mistake["predicted"]) if ent} for mistake in mistakes]
    events = {(m["text"], m["source"]) for m, found in zip(mistakes, labels, strict=True) if "EVENT" in found}
    assert articles.count() == len(events)
    page.emulate_media(media="print")
    assert not page.locator("#filter").is_visible()


# The least contrast of a text with what is behind it: WCAG 2.2, relative luminance
CONTRAST = """(() => {
  const paint = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (colour) => { paint.clearRect(0, 0, 1, 1); paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgba(getComputedStyle(e).backgroundColor);
      if (colour[3] > 250) return colour;
    }
    return [255, 255, 255];
  };
  let least = 21;
  for (const e of document.querySelectorAll("main *, header *")) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || !e.offsetHeight) continue;
    const [a, b] = [light(rgba(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    least = Math.min(least, (a + 0.05) / (b + 0.05));
  }
  return least;
})()"""


def test_every_table_and_picture_says_what_it_is(full_run, browser):
    page = open_report(browser, full_run, 1280)
    assert page.evaluate("[...document.querySelectorAll('svg')].every(s => s.getAttribute('aria-label'))")
    assert page.evaluate("[...document.querySelectorAll('.scroll')].every(s => s.tabIndex === 0 && s.ariaLabel)")
    assert page.evaluate("[...document.querySelectorAll('section')].every(s => s.getAttribute('aria-labelledby'))")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_report_of_a_model_that_finds_nothing(full_run, tmp_path, browser):
    """No prediction, no confidence: what cannot be said is left open, and nothing breaks."""
    project = full_run.copy(tmp_path / "project")
    program = """
import spacy
from pathlib import Path
from spacy_domain.project.outputs import write_json, write_jsonl
from spacy_domain.scoring.measure import compare_with, measure_lookup, measure_model
nlp = spacy.blank("en")
nlp.add_pipe("entity_ruler")
train, dev, test = (Path(f"corpus/{name}.spacy") for name in ("train", "dev", "test"))
metrics, examples = measure_model(nlp, test, train, dev, {"DATE", "EVENT"})
metrics["baseline"], lookup = measure_lookup(nlp, test, train, {"DATE", "EVENT"})
metrics["compared"] = compare_with(examples, {"looking up": lookup})
import json
old = json.loads(Path("metrics/metrics.json").read_text())
write_json(Path("metrics/metrics.json"), {**metrics, "provenance": old["provenance"]})
write_jsonl(Path("metrics/errors.jsonl"), [])
"""
    project.python("-c", program)
    project.run("report")
    check_figures(project)
    page = open_report(browser, project, 390)
    assert page.locator("#texts article").count() == 0
    assert "Worse than looking up" in page.locator(".verdict").inner_text()


PLACE = """(letter) => {
  const node = document.querySelector(".gold .entities").firstChild;
  const range = document.createRange();
  range.setStart(node, node.data.indexOf(letter));
  range.setEnd(node, node.data.indexOf(letter) + letter.length);
  return range.getBoundingClientRect().left;
}"""
RTL = "تذكير 📅 بالاجتماع غدا مع زوي <script>alert(1)</script>"


def test_report_of_another_domain(tmp_path, browser):
    """Emoji, right-to-left text and markup in texts and labels; the page keeps them as they are."""
    project = copy_template(tmp_path / "project")
    limit_steps(project, 10, 5)
    rows = []
    for number in range(60):
        text = f"{RTL} {number * 7919}"
        start = text.index("زوي")
        # nothing tells which of the two it is, so that there are mistakes
        span = {"start": start, "end": start + 3, "label": ["<B>|من", "<B>|من<i>"][number % 2]}
        rows.append({"text": text, "spans": [span], "group": str(number)})
    project.write("assets/mine.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    project.run(
        "all",
        "--vars.annotations=assets/mine.jsonl",
        "--vars.lang=ar",
        "--vars.base_model=blank:ar",
        "--vars.on_leakage=allow",
    )
    check_figures(project)
    assert "calendar" not in project.read("metrics/report.html"), "about.json tells about other annotations"
    page = open_report(browser, project, 390)
    assert page.locator("main script").count() == 0
    texts = "".join(page.locator(".gold .entities").all_text_contents())
    assert "<script>alert(1)</script>" in texts and "<B>|من" in texts and "📅" in texts
    # the emoji behind the first word lies left of it
    word, emoji = (page.evaluate(PLACE, letter) for letter in ("ت", "📅"))
    assert emoji < word
    card = project.read("metrics/MODEL_CARD.md")
    assert "&lt;B>\\|من" in card


def test_studies_are_shown_and_left_out_when_stale(full_run, tmp_path):
    project = full_run.copy(tmp_path / "project")
    files = json.loads(project.read("metrics/metrics.json"))["provenance"]["files"]
    scores = {key: 0.5 for key in ("dev", "p", "r", "f")}
    trials = {
        "trials": [{"seed": 0, **scores}, {"seed": 1, **scores}],
        "mean": scores,
        "sd": scores,
        "packaged_seed": 0,
        "best_seed_on_dev": 1,
        "provenance": {"files": {"corpus/train.spacy": files["corpus/train.spacy"]}},
    }
    project.write("metrics/studies/trials.json", json.dumps(trials))
    assert project.run_all() == {"report"}
    check_figures(project)
    assert "How much is luck" in project.read("metrics/report.html")
    trials["provenance"]["files"]["corpus/train.spacy"] = "another one"
    project.write("metrics/studies/trials.json", json.dumps(trials))
    output = " ".join(project.run("all").stdout.split())
    assert "metrics/studies/trials.json was made of other data and is left out: spacy project run trials" in output
    assert "How much is luck" not in project.read("metrics/report.html")


def test_choice_of_a_step_is_told_where_there_was_one(full_run, tmp_path):
    project = full_run.copy(tmp_path / "project")
    log, path = "training/log.jsonl", "metrics/report.html"
    section = r'<section aria-labelledby="training">.*?</section>'
    (chosen,) = re.findall(section, project.read(path), re.DOTALL)
    assert "<svg" in chosen and "The best step is the model" in chosen
    # As a recipe leaves it that looks at the dev texts once
    lines = project.read(log).splitlines(keepends=True)
    project.write(log, lines[0] + lines[-1])
    project.run("report", "--force")
    check_figures(project)
    (not_chosen,) = re.findall(section, project.read(path), re.DOTALL)
    assert "<svg" not in not_chosen and "The last step is the model" in not_chosen


def test_what_was_not_measured_of_the_base_is_told(full_run, tmp_path):
    project = full_run.copy(tmp_path / "project")
    path = "metrics/retention.json"
    kept = json.loads(project.read(path))
    assert not kept["compared"] and "What it still knows of its base" not in project.read("metrics/report.html")
    for strategy, told in (("update", "was not measured"), ("replace", "is gone")):
        kept |= {"compared": True, "strategy": strategy, "other_components": {"identical": True, "texts": 5}}
        project.write(path, json.dumps(kept))
        project.run("report", "--force")
        check_figures(project)
        (section,) = re.findall(
            r'<section aria-labelledby="retention">.*?</section>', project.read("metrics/report.html"), re.DOTALL
        )
        assert told in section and "<table" not in section
        project.run("package", "--force")
        assert ("was not measured" in project.read("metrics/MODEL_CARD.md")) == (strategy == "update")


def test_previous_model_is_compared(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    older = project.path / "older"
    (project.path / "training/model-best").rename(older)
    limit_steps(project, 90, 45)
    assert "report" in project.run_all("--vars.previous_model=older")
    metrics = json.loads(project.read("metrics/metrics.json"))
    before = json.loads(short_run.read("metrics/metrics.json"))
    (previous,) = [other for other in metrics["compared"] if other["name"] == "the previous model, older"]
    assert previous["f"] == before["ents_f"] and previous["verdict"] == "better"
    assert previous["difference"] == pytest.approx(metrics["ents_f"] - before["ents_f"])
    assert "the previous model, older" in project.read("metrics/report.html")
    # another model under that name is noticed
    (older / "meta.json").write_text((older / "meta.json").read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert "evaluate" in project.run_all("--vars.previous_model=older")
    done = project.run("all", "--vars.previous_model=none_such", check=False)
    assert done.returncode == 1 and "No pipeline 'none_such'" in done.stdout


def test_model_card_is_what_the_hub_reads(full_run, tmp_path):
    """The front matter, read by the Hub's own library; the same card is the wheel's README."""
    import zipfile

    from huggingface_hub import ModelCard

    card = ModelCard(full_run.read("metrics/MODEL_CARD.md"))
    metrics = json.loads(full_run.read("metrics/metrics.json"))
    assert card.data.language == ["en"] and card.data.license == "mit" and card.data.library_name == "spacy"
    assert {result.metric_type: result.metric_value for result in card.data.eval_results} == pytest.approx(
        {name: metrics[key] for name, key in (("precision", "ents_p"), ("recall", "ents_r"), ("f_score", "ents_f"))},
        abs=1e-4,
    )
    (wheel,) = (full_run.path / "packages").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        readmes = {archive.read(name).decode() for name in archive.namelist() if name.endswith("README.md")}
        (described,) = [archive.read(name).decode() for name in archive.namelist() if name.endswith("METADATA")]
    assert readmes == {full_run.read("metrics/MODEL_CARD.md")}
    assert "## Limits" in described


def test_evaluate_costs_little_beyond_prediction(full_run):
    """Less than 15 s, of which starting Python and spaCy is a good part."""
    import time

    start = time.perf_counter()
    full_run.python("-m", "spacy", "project", "run", "evaluate", "--force")
    assert time.perf_counter() - start < 15
