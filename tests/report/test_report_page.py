"""The report in a real browser: a page that a person can use."""

import json
import re

import spacy
from pages import CONTRAST, check_figures
from projects import (
    copy_template,
)
from spacy.training import Corpus

from spacy_domain.project.outputs import write_json, write_jsonl
from spacy_domain.scoring.measure import compare_with, measure_lookup, measure_model


def open_report(browser, project, width):
    """Open a project's report; returns the page, with whatever went wrong in `page.faults`."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda message: page.faults.append(message.text))
    page.on("request", lambda request: page.faults.append(request.url))
    page.goto((project.path / "metrics/report.html").as_uri())
    assert [fault for fault in page.faults if fault != page.url] == []
    return page


def test_page_in_a_browser(short_run, browser):
    """No error, nothing fetched, no sideways scrolling on a phone, readable in both themes, errors can be filtered."""
    page = open_report(browser, short_run, 390)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            assert page.evaluate(CONTRAST) >= 4.5, (width, theme)
    mistakes = [json.loads(line) for line in short_run.read("metrics/errors.jsonl").splitlines()]
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


def test_every_table_and_picture_says_what_it_is(short_run, browser):
    page = open_report(browser, short_run, 1280)
    assert page.evaluate("[...document.querySelectorAll('svg')].every(s => s.getAttribute('aria-label'))")
    assert page.evaluate("[...document.querySelectorAll('.scroll')].every(s => s.tabIndex === 0 && s.ariaLabel)")
    assert page.evaluate("[...document.querySelectorAll('section')].every(s => s.getAttribute('aria-labelledby'))")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_report_of_a_model_that_finds_nothing(short_run, tmp_path, browser):
    """No prediction, no confidence: what cannot be said is left open, and nothing breaks."""
    project = short_run.copy(tmp_path / "project")
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler")
    train, dev, test = (project.path / f"corpus/{name}.spacy" for name in ("train", "dev", "test"))
    learned = [example.reference for example in Corpus(train)(nlp)]
    metrics, examples = measure_model(nlp, test, learned, dev, {"DATE", "EVENT"})
    metrics["baseline"], lookup = measure_lookup(nlp, test, learned, {"DATE", "EVENT"})
    metrics["compared"] = compare_with(examples, {"looking up": lookup})
    provenance = json.loads(project.read("metrics/metrics.json"))["provenance"]
    write_json(project.path / "metrics/metrics.json", {**metrics, "provenance": provenance})
    write_jsonl(project.path / "metrics/errors.jsonl", [])
    project.run_here("report", force=True)
    check_figures(project)
    page = open_report(browser, project, 390)
    assert page.locator("#texts article").count() == 0
    assert "Worse than looking up" in page.locator(".verdict").inner_text()


def test_what_is_taken_for_what_has_rows_and_columns_in_one_order(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    metrics = json.loads(project.read("metrics/metrics.json"))
    metrics["confusions"] = {"animal": {"animal": 1, "": 2}, "Zoo": {"Zoo": 1, "animal": 1}}
    write_json(project.path / "metrics/metrics.json", metrics)
    project.run_here("report", force=True)
    _, _, matrix = project.read("metrics/report.html").partition('class="matrix"')
    names = re.findall(r"<th[^>]*>(Zoo|animal)</th>", matrix.partition("</table>")[0])
    assert names == ["Zoo", "animal"] * 2


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
    rows = []
    for number in range(60):
        text = f"{RTL} {number * 7919}"
        start = text.index("زوي")
        # nothing tells which of the two it is, so that there are mistakes
        span = {"start": start, "end": start + 3, "label": ["<B>|من", "<B>|من<i>"][number % 2]}
        rows.append({"text": text, "spans": [span], "group": str(number)})
    project.write("assets/mine.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    project.run_here(
        "all",
        "--vars.annotations=assets/mine.jsonl",
        "--vars.lang=ar",
        "--vars.base_model=blank:ar",
        "--vars.on_leakage=allow",
    )
    check_figures(project)
    assert "calendar" not in project.read("metrics/report.html"), "about.json tells about other annotations"
    page = open_report(browser, project, 390)
    assert "spacy project run cross-validate" in page.locator(".verdict").inner_text(), "there are few test texts"
    assert page.locator("main script").count() == 0
    texts = "".join(page.locator(".gold .entities").all_text_contents())
    assert "<script>alert(1)</script>" in texts and "<B>|من" in texts and "📅" in texts
    # the emoji behind the first word lies left of it
    word, emoji = (page.evaluate(PLACE, letter) for letter in ("ت", "📅"))
    assert emoji < word
    card = project.read("metrics/MODEL_CARD.md")
    assert "&lt;B>\\|من" in card
