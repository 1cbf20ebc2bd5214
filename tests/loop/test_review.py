"""Reviewing texts: a real server process, a real browser, and the file that decisions go to."""

import json

import pytest
from loop.conftest import GUIDE, TEXTS
from pages import CONTRAST
from playwright.sync_api import expect

from scripts.review import review
from spacy_domain.annotations import list_parts, read_annotations, read_part
from spacy_domain.loop.texts import list_labels
from spacy_domain.project.errors import ProjectError


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def text_of(page):
    return page.locator("#text").evaluate("e => e.textContent")


def marks(page):
    return [(mark.inner_text(), mark.get_attribute("data-label")) for mark in page.locator("#text mark").all()]


def wait_for_text(page, text):
    expect(page.locator("#text")).to_have_text(text, use_inner_text=False)


def test_by_keyboard_alone(serve, visit):
    """Accept, reject, skip and undo; what is decided is on disk before the next text appears, in characters."""
    server = serve()
    page = visit(server)
    assert [button.inner_text() for button in page.locator("#labels button").all()] == ["1 DISH", "2 DRINK"]
    wait_for_text(page, TEXTS[0])
    word = page.locator("#text [data-i='0']").element_handle()
    press(page, "ArrowRight", "ArrowRight", "Shift+ArrowRight")
    assert word.evaluate("e => e.isConnected")  # to choose words draws nothing anew: in a long text it takes long
    page.keyboard.press("1")
    expect(page.get_by_role("status")).to_have_text("“fish soup” is DISH")
    expect(page.locator("#rule")).to_contain_text("What one eats: a fish soup.")
    press(page, "ArrowRight", "ArrowRight", "ArrowRight", "2")
    assert marks(page) == [("fish soup", "DISH"), ("beers", "DRINK")]
    press(page, "ArrowRight", "ArrowRight", "1", "ArrowUp", "ArrowUp", "2", "ArrowDown", "ArrowDown", "0")
    assert marks(page) == [("fish soup", "DRINK"), ("beers", "DRINK")]
    press(page, "ArrowDown", "1", "a")
    wait_for_text(page, TEXTS[1])
    (first,) = server.decided()
    assert first["text"] == TEXTS[0] and first["answer"] == "accept" and first["_annotator_id"] == "anna"
    assert [(TEXTS[0][span["start"] : span["end"]], span["label"]) for span in first["spans"]] == [
        ("fish soup", "DISH"),
        ("beers", "DRINK"),
    ]
    assert first["corrections"] == 2
    press(page, "x")
    wait_for_text(page, TEXTS[2])
    press(page, "Space")
    wait_for_text(page, TEXTS[3])
    assert [row["answer"] for row in server.decided()] == ["accept", "reject", "ignore"]
    expect(page.locator("#left")).to_contain_text("1 accepted, 1 rejected, 1 skipped · 1 left")
    press(page, "Backspace")
    wait_for_text(page, TEXTS[2])
    press(page, "Backspace")
    wait_for_text(page, TEXTS[1])
    press(page, "a")
    wait_for_text(page, TEXTS[3])
    again = server.decided()[-1]
    assert again["text"] == TEXTS[1] and again["_replaces"] == server.decided()[1]["_id"]
    press(page, "a")
    wait_for_text(page, TEXTS[4])
    press(page, "Enter")
    expect(page.get_by_role("heading", name="All texts are reviewed")).to_be_visible()
    records = list(read_annotations(server.path.parent))
    used = {record.text: record.spans for record in records if not record.rejected}
    assert set(used) == {TEXTS[0], TEXTS[1], TEXTS[3], TEXTS[4]}
    (back,) = [record for record in records if "replaced" in record.rejected]
    assert back.text == TEXTS[1] and back.annotator == "anna"


def test_by_mouse(serve, visit):
    """A double click or a drag takes whole words; a label is a click; a new one can be added."""
    page = visit(serve())
    word = page.locator("#text [data-i='1']")
    word.dblclick(position={"x": 3, "y": 5})
    page.get_by_role("button", name="DISH").click()
    assert marks(page) == [("fish", "DISH")]
    box, last = page.locator("#text [data-i='4']").bounding_box(), page.locator("#text [data-i='5']").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(last["x"] + 2, last["y"] + 5, steps=3)
    page.mouse.up()
    page.get_by_label("New label").fill("ORDER")
    page.get_by_role("button", name="Add").click()
    page.get_by_role("button", name="ORDER").click()
    assert marks(page) == [("fish", "DISH"), ("two beers", "ORDER")]
    page.get_by_role("button", name="Accept").click()
    wait_for_text(page, TEXTS[1])
    page.keyboard.press("Space")  # not Accept again, which was clicked last
    wait_for_text(page, TEXTS[2])
    expect(page.locator("#left")).to_contain_text("1 accepted, 0 rejected, 1 skipped")


def test_nothing_is_lost_when_the_server_is_killed(serve, visit):
    """A cut last line is no decision: nobody was told that it was kept. The page says so."""
    server = serve("--every=0")
    page = visit(server)
    for text in TEXTS[1:3]:
        page.keyboard.press("a")
        wait_for_text(page, text)
    server.process.kill()
    server.process.wait()
    page.keyboard.press("a")
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    whole = server.path.read_bytes()
    server.path.write_bytes(whole + b'{"text": "Is the pea sou')
    kept = [record.text for part in list_parts(server.path) for record in read_part(part) if not record.rejected]
    after = serve("--every=0")
    assert server.path.read_bytes() == whole and kept == TEXTS[:2]
    page = visit(after)
    wait_for_text(page, TEXTS[2])
    page.keyboard.press("a")
    wait_for_text(page, TEXTS[3])
    assert [row["text"] for row in after.decided()] == TEXTS[:3]


def test_two_people(serve, visit):
    """They are shown different texts, but for the share that everybody is shown, without suggestions."""
    texts = [f"Order {number} of tea" for number in range(12)]
    first = serve(share=0.3, texts=texts)
    second = serve(share=0.3, texts=texts, annotator="ben")
    pages = [visit(first), visit(second)]
    for _ in range(60):
        for page in pages:
            if page.locator("#card").is_visible():
                before = text_of(page)
                page.keyboard.press("a")
                page.wait_for_function("t => document.getElementById('text').textContent !== t", arg=before)
    for page in pages:
        page.reload()
        expect(page.get_by_role("heading", name="All texts are reviewed")).to_be_visible()
    decided = [[row["text"] for row in server.decided()] for server in (first, second)]
    assert set(decided[0]) | set(decided[1]) == set(texts)
    assert all(len(set(one)) == len(one) for one in decided)
    assert 1 <= len(set(decided[0]) & set(decided[1])) < 10


def test_only_its_own_page_may_ask(serve):
    """Another page in the same browser knows no token, another name of this machine is refused, too; and what makes no
    sense is not kept."""
    server = serve()
    token = server.token()
    task = json.loads(server.ask("api/state", token=token)[1])["task"]
    body = {"id": task["id"], "answer": "accept", "spans": [[0, 2, "DISH"]]}
    own = server.url.removesuffix("/")
    assert server.ask("api/decision", body)[0] == 403
    assert server.ask("api/decision", body, "wrong")[0] == 403
    assert server.ask("api/state")[0] == 403
    assert server.ask("api/decision", body, token, Origin="https://example.org")[0] == 403
    assert server.ask("api/decision", body, token, Origin="null")[0] == 403
    assert server.ask("", Host="rebound.example.org")[0] == 403
    for spans in ([[0, 2, "A"], [1, 3, "B"]], [[2, 2, "A"]], [[0, 99, "A"]], [[-1, 2, "A"]], [[0, 1, " "]], [["a"]]):
        assert server.ask("api/decision", {**body, "spans": spans}, token)[0] == 400
    assert server.ask("api/decision", {**body, "id": "of yesterday"}, token)[0] == 409
    assert not server.path.exists()
    assert server.ask("api/decision", body, token, Origin=own)[0] == 200
    assert len(server.decided()) == 1
    page = server.ask("")[1]
    assert "http" not in page.replace("http-equiv", "") and server.ask("page/door.py")[0] == 404


def test_it_can_be_read(serve, visit):
    server = serve()
    for theme in ("light", "dark"):
        for width in (1200, 360):
            page = visit(server, width, theme)
            press(page, "ArrowRight", "1")
            assert page.evaluate(CONTRAST) >= 4.5
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_is_suggested_comes_first_and_fits_the_tokens(serve, visit, tmp_path):
    rows = [{"text": TEXTS[3]}, {"text": "Fish soup", "suggestions": [{"start": 0, "end": 6, "label": "DISH"}]}]
    rows[1]["source"] = "patterns and base-model-7b"
    rows[0]["suggestions"] = []
    (tmp_path / "suggestions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    page = visit(serve(labels="DISH"))
    wait_for_text(page, TEXTS[3])
    page.keyboard.press("a")
    wait_for_text(page, "Fish soup")
    assert marks(page) == [("Fish soup", "DISH")]
    expect(page.locator("#origin")).to_have_text("Suggested by patterns and base-model-7b")


@pytest.mark.parametrize(
    "raw, annotator, said",
    [
        ("", "anna", "No texts to review"),
        ("Tea", "test", "cannot be an annotator's name"),
        ("Tea", "../anna", "cannot be an annotator's name"),
    ],
)
def test_what_cannot_be_is_told(tmp_path, raw, annotator, said):
    (tmp_path / "raw.txt").write_text(raw, encoding="utf-8")
    with pytest.raises(ProjectError, match=said):
        review(tmp_path / "raw.txt", tmp_path / "reviews", annotator, tmp_path / "none", tmp_path / "none", "blank:en")
    assert not list(tmp_path.rglob("*.jsonl"))


def test_labels_of_the_guide_and_of_what_was_annotated(tmp_path):
    """In the guide's order; without the guide's where it is of another domain."""
    (tmp_path / "guide.md").write_text(GUIDE + "## Anything else\n\nNothing.\n", encoding="utf-8")
    where = (tmp_path / "a.jsonl", tmp_path / "reviews", tmp_path / "guide.md")
    assert list_labels("auto", *where) == {"DISH": "What one eats: a [fish soup].", "DRINK": "What one drinks."}
    assert list_labels("tip, drink", *where) == {"tip": "", "drink": "What one drinks."}
    for labels, expected in (("DRINK TIP", ["DISH", "DRINK", "TIP"]), ("TIP BILL", ["BILL", "TIP"])):
        spans = [{"start": 0, "end": 3, "label": label} for label in labels.split()]
        where[0].write_text(json.dumps({"text": "Tea", "spans": spans}) + "\n", encoding="utf-8")
        assert list(list_labels("auto", *where)) == expected
