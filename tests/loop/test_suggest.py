"""Which texts are suggested, what is proposed for them, and a model that learns along."""

import json
import random
import re

import numpy as np
import pytest
import spacy
from loop.conftest import Here, Process
from pages import CONTRAST
from playwright.sync_api import expect
from projects import ROOT

from scripts.suggest import suggest
from spacy_domain.annotations import read_annotations
from spacy_domain.loop.choice import choose
from spacy_domain.loop.suggesting import drop_near_duplicates
from spacy_domain.loop.uncertainty import find_entropies
from spacy_domain.project.errors import ProjectError

DISHES = ["soup", "pie", "stew", "curry", "salad", "risotto"]
PLACES = ["Oslo", "Lima", "Rome", "Paris", "Quito", "Delhi"]


def make_record(dish, place, number):
    text = f"We had {dish} in {place} with {number} friends"
    spans = [{"start": 7, "end": 7 + len(dish), "label": "DISH"}]
    start = text.index(place)
    return {"text": text, "spans": [*spans, {"start": start, "end": start + len(place), "label": "PLACE"}]}


# The tables of words take longer to read than these texts to learn
RECIPE = (ROOT / "configs/crf.cfg").read_text(encoding="utf-8").partition("[initialize.components.crf.classes]")[0]
WITHOUT_CLASSES = re.sub(r"\[components.crf.features.classes\]\n.*\n.*\n", "", RECIPE)


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path):
    """Annotated texts and raw ones, some of which are the same or nearly so."""
    rows = [make_record(dish, place, n) for n, (dish, place) in enumerate(zip(DISHES * 3, PLACES * 3, strict=True))]
    raw = [{"text": f"We had {DISHES[n % 6]} in {PLACES[n % 6]} with {n + 40} friends"} for n in range(30)]
    odd = [{"text": "Nobody knew what the ramen at Kyoto Station would cost"}, {"text": "Paella? In Valencia, always"}]
    near = [{"text": rows[0]["text"].upper() + "!"}, {"text": "Paella? In Valencia; always!"}]
    write(tmp_path / "annotated.jsonl", rows)
    (tmp_path / "crf.cfg").write_text(WITHOUT_CLASSES, encoding="utf-8")
    write(tmp_path / "raw.jsonl", [*raw, *odd, *near])
    return tmp_path


def run_suggest(files, **more):
    options = {
        "annotations": files / "none",
        "reviews": files / "none",
        "model": files / "none",
        "recipe": files / "crf.cfg",
        "base_model": "blank:en",
        "patterns": files / "patterns.jsonl",
        "number": 4,
        "to": "none",
        **more,
    }
    suggest(files / "raw.jsonl", files / "out.jsonl", **options)
    return [json.loads(line) for line in (files / "out.jsonl").read_text(encoding="utf-8").splitlines()]


def test_what_the_model_is_least_sure_of_comes_first(files):
    """And no text that is annotated, or nearly the same as one; in another tool's format, too."""
    found = run_suggest(files, annotations=files / "annotated.jsonl", to="doccano")
    texts = [row["text"] for row in found]
    assert sum(word in " ".join(texts[:2]) for word in ("ramen", "Paella")) == 2
    assert len([text for text in texts if "Valencia" in text]) == 1
    assert not [text for text in texts if text.casefold().startswith("we had soup in oslo with 0")]
    assert found[0]["score"] > found[-1]["score"] > 0 and found[-1]["source"] == "model"
    exported = list(read_annotations(files / "suggestions-doccano.jsonl"))
    assert [record.text for record in exported] == texts
    assert [len(record.spans) for record in exported] == [len(row["suggestions"]) for row in found]


def test_without_a_model(files):
    """Patterns of one's own and the base's entities are proposed, the former first; none of another label is."""
    base = spacy.blank("en")
    ruler = base.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": label, "pattern": word} for word, label in (("Kyoto", "GPE"), ("Paella", "DISH"))])
    base.to_disk(files / "base")
    write(
        files / "patterns.jsonl",
        [
            {"label": "GPE", "pattern": [{"LOWER": "kyoto"}, {"LOWER": "station"}]},
            {"label": "DISH", "pattern": "ramen"},
        ],
    )
    found = {row["text"]: row for row in run_suggest(files, base_model=str(files / "base"), number=40)}
    (row,) = [row for text, row in found.items() if "ramen" in text]
    surfaces = [(row["text"][span["start"] : span["end"]], span["label"]) for span in row["suggestions"]]
    assert surfaces == [("ramen", "DISH"), ("Kyoto Station", "GPE")] and row["source"] == "patterns"
    (row,) = [row for text, row in found.items() if "Paella" in text]
    assert not row["suggestions"] or row["source"] == "base"


@pytest.mark.parametrize("line", ['{"label": "DISH"}', "soup", '{"label": "DISH", "pattern": [{"LOWR": "soup"}]}'])
def test_patterns_that_are_none(files, line):
    (files / "patterns.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(ProjectError, match="Not a pattern") as error:
        run_suggest(files)
    assert error.value.places[0].file.endswith("patterns.jsonl")


def test_nothing_to_suggest(files):
    write(files / "raw.jsonl", [{"text": make_record("soup", "Oslo", 0)["text"]}])
    with pytest.raises(ProjectError, match="No raw texts that are not annotated yet"):
        run_suggest(files, annotations=files / "annotated.jsonl")


def test_chosen_texts_differ_from_one_another():
    """Of three kinds of texts, each is chosen before a kind comes again, however many there are of it."""
    nlp = spacy.blank("en")
    kinds = {"book a table for {}": 60, "the {} was cold": 20, "does it rain near {}": 10}
    docs = [nlp.make_doc(kind.format(f"w{n}")) for kind, times in kinds.items() for n in range(times)]
    random.Random(0).shuffle(docs)
    first = [docs[i].text.split()[0] for i in choose(docs, [np.zeros(len(doc)) for doc in docs], 3)]
    assert sorted(first) == ["book", "does", "the"]


@pytest.mark.parametrize("unsure", [0.0, 0.5])
def test_the_same_words_in_another_order_are_something_else(unsure):
    """What a word is depends on those beside it: `from rome to oslo today` does not say all of `from oslo to rome`."""
    nlp = spacy.blank("en")
    docs = [nlp.make_doc(text) for text in (*["from rome to oslo today"] * 4, "from oslo to rome")]
    assert 4 in choose(docs, [np.full(len(doc), unsure) for doc in docs], 2)


@pytest.mark.parametrize("unsure", [0.0, 0.5])
def test_a_long_text_that_says_the_same_again_does_not_come_first(unsure):
    """It takes long to read, and says no more than short ones do; with a model and without."""
    nlp = spacy.blank("en")
    short = [nlp.make_doc(f"chop the w{n} and fry the v{n}") for n in range(40)]
    long = nlp.make_doc("chop the w0 and fry the v0 and the rest " * 20)
    docs = [long, *short]
    assert 0 not in choose(docs, [np.full(len(doc), unsure) for doc in docs], 10)


def test_entropies_of_a_network():
    """Of spaCy's own recognizer, too: it is unsure of what it has not seen."""
    nlp = spacy.blank("en")
    ner = nlp.add_pipe("ner")
    ner.add_label("DISH")
    nlp.initialize()
    docs = [nlp("We had soup"), nlp.make_doc("")]
    (one, none) = find_entropies(nlp, docs)
    assert one.shape == (3,) and (one > 0).all() and none.shape == (0,)


def test_near_duplicates_go():
    texts = [
        "Wake me at 6, please, and make tea",
        "wake me at 6 please and make tea",
        "Wake me at 7, please, and make tea",
    ]
    assert drop_near_duplicates(texts, []) == [texts[0], texts[2]]
    assert drop_near_duplicates(texts, [texts[1]]) == [texts[2]]


def test_a_model_learns_along(files, browser):
    """After so many decisions the next texts come with its entities; what is on the screen stays as it is."""
    raw = [json.loads(line)["text"] for line in (files / "raw.jsonl").read_text(encoding="utf-8").splitlines()]
    server = Process(
        files,
        "--every=2",
        f"--annotations={files / 'annotated.jsonl'}",
        "--labels=DISH,PLACE",
        f"--recipe={files / 'crf.cfg'}",
        texts=raw,
    )
    try:
        page = browser.new_page()
        page.goto(server.wait().url)
        expect(page.locator("#text span").first).to_be_visible()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("1")
        before = page.locator("#text").inner_html()
        token = server.token()
        for _ in range(600):
            state = json.loads(server.ask("api/state", token=token)[1])
            if state["learned"]["scores"]:
                break
            page.wait_for_timeout(50)
        assert page.locator("#text").inner_html() == before and "DISH" in before
        page.keyboard.press("a")
        expect(page.locator("#origin")).to_have_text("Suggested by the model")
        expect(page.locator("#score")).to_have_text(re.compile(r"F \d+"))
        expect(page.locator("#scored")).to_contain_text("by cross-validation on 18 texts")
        assert page.evaluate(CONTRAST) >= 4.5
        page.close()
    finally:
        server.stop()


# Milliseconds from a key to the next text on the screen
PRESS = """async (times) => {
  const box = document.getElementById("text"), found = [];
  for (let i = 0; i < times; i++) {
    const before = box.textContent, since = performance.now();
    const shown = new Promise((done) => new MutationObserver((_, observer) => {
      if (box.textContent === before) return;
      observer.disconnect();
      requestAnimationFrame(done);
    }).observe(box, { childList: true }));
    box.dispatchEvent(new KeyboardEvent("keydown", { key: "a", code: "KeyA", bubbles: true }));
    await shown;
    found.push(performance.now() - since);
    await new Promise((done) => setTimeout(done, 5));
  }
  return found;
}"""


def test_fifty_thousand_texts(tmp_path, browser):
    """From a key to the next text on the screen it takes less than 100 ms, however many texts there are."""
    server = Here(tmp_path, texts=[f"Order {n} of tea, at table {n % 97}" for n in range(50_000)])
    try:
        page = browser.new_page()
        page.goto(server.url)
        expect(page.locator("#text span").first).to_be_visible()
        milliseconds = page.evaluate(PRESS, 60)
        page.close()
        assert np.quantile(milliseconds, 0.95) < 100 and len(server.decided()) == 60
    finally:
        server.stop()
