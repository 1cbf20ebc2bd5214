"""The service's page: a real server process, and a real browser that types, clicks and listens."""

import json
import re

import pytest
import spacy
from pages import CONTRAST
from playwright.sync_api import expect
from servers import Server

from spacy_domain.annotations import read_annotations

WORDS = {
    "dinner": "EVENT",
    "<script>alert(1)</script>": "EVENT",
    "Marta": "PERSON",
    "Zoe\u0301": "PERSON",  # the last letter is two code points
    "زوي": "PERSON",
    "Friday": "DATE",
}


@pytest.fixture(scope="session")
def words(tmp_path_factory):
    """A pipeline that finds a few words for sure, in a folder."""
    nlp = spacy.blank("en", meta={"name": "words", "version": "0.1.0", "description": "Finds <b>words</b>."})
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": label, "pattern": word} for word, label in WORDS.items()])
    nlp.to_disk(folder := tmp_path_factory.mktemp("words"))
    return folder


@pytest.fixture(scope="session")
def serve(words, tmp_path_factory):
    """Serve it; returns the address."""
    servers = []

    def start(*options, **env):
        folder = tmp_path_factory.mktemp("server")
        servers.append(Server(folder, *options, site=folder, model=words, **env))
        assert servers[-1].wait(), servers[-1].said()
        return f"http://127.0.0.1:{servers[-1].port}/"

    yield start
    for server in servers:
        server.process.terminate()
        server.process.wait(60)


@pytest.fixture(scope="session")
def address(serve):
    return serve()


@pytest.fixture
def visit(browser, address):
    """Open the page; when the test ends, nothing may have gone wrong and nothing been asked of anybody else."""
    contexts, faults = [], []

    def open_page(width=1200, theme="light", url=address, text=""):
        context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=theme)
        contexts.append(context)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text))
        page.on(
            "request", lambda request: request.url.startswith((url, "blob:", "data:")) or faults.append(request.url)
        )
        page.faults = faults
        page.goto(url)
        if text:
            box(page).fill(text)
            expect(status(page)).to_contain_text("found")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def box(page):
    return page.get_by_role("textbox", name="Text")


def status(page):
    return page.get_by_role("status")


def marks(page):
    return page.locator("#reading mark")


def tab_to(page, name):
    """Press the tab key until the element with this name has the focus, which can be seen."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() and (focused.get_attribute("aria-label") or focused.inner_text()) == name:
            assert focused.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
            return focused
    raise AssertionError(f"{name} cannot be reached")


def save(page, act):
    """What is downloaded by an action, as bytes."""
    with page.expect_download() as download:
        act()
    assert download.value.suggested_filename == "correction.jsonl"
    return download.value.path().read_bytes()


def test_entities_are_marked_while_one_types(visit):
    page = visit()
    expect(page.get_by_role("heading", level=1)).to_have_text("en_words")
    expect(page.locator("#description")).to_have_text("Finds <b>words</b>.")
    box(page).press_sequentially("dinner with Marta")
    expect(marks(page)).to_have_text(["dinner", "Marta"])
    box(page).press_sequentially(" on Friday")
    expect(marks(page)).to_have_text(["dinner", "Marta", "Friday"])
    expect(status(page)).to_have_text("3 found")
    label = "getComputedStyle(document.querySelector('#reading mark'), '::after').content"
    assert "EVENT" in marks(page).first.get_attribute("data-label") and "data-label" not in page.evaluate(label)
    expect(page.get_by_role("table", name="List").get_by_role("rowheader")).to_have_text(["dinner", "Marta", "Friday"])
    box(page).fill("")
    expect(marks(page)).to_have_count(0)
    expect(status(page)).to_have_text("")


def test_labels_can_be_hidden(visit):
    page = visit(text="dinner with Marta and Zoe\u0301")
    labels = page.get_by_role("group", name="Labels").get_by_role("listitem")
    expect(labels).to_have_text(["DATE0", "EVENT1", "PERSON2"])
    page.get_by_role("checkbox", name="PERSON").uncheck()
    expect(marks(page)).to_have_text(["dinner"])
    expect(status(page)).to_have_text("1 of 3 shown")
    assert len(json.loads(save(page, page.get_by_role("button", name="Download correction").click))["spans"]) == 3
    page.get_by_role("button", name="Hide all").click()
    expect(marks(page)).to_have_count(0)
    page.get_by_role("button", name="Show all").click()
    expect(marks(page)).to_have_count(3)


def test_correction_by_keyboard_alone(visit, tmp_path):
    page = visit()
    page.keyboard.press("Tab")
    expect(box(page)).to_be_focused()
    page.keyboard.type("📅 dinner with Marta on Friday or on Sunday")
    expect(status(page)).to_have_text("3 found")
    page.keyboard.press("Control+Shift+ArrowLeft")  # the last word
    expect(page.locator("#chosen")).to_have_text("“Sunday”")
    tab_to(page, "Label")
    page.keyboard.type("DATE")
    tab_to(page, "Set label")
    page.keyboard.press("Enter")
    expect(status(page)).to_have_text("“Sunday” is DATE.")
    expect(box(page)).to_be_focused()
    row = tab_to(page, "Label of “Marta”")
    page.keyboard.type("EVENT")
    expect(row).to_be_focused()
    expect(status(page)).to_have_text("“Marta” is EVENT.")
    tab_to(page, "Remove “Friday”")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Restore “Friday”")).to_be_focused()
    expect(marks(page)).to_have_text(["dinner", "Marta", "Sunday"])
    tab_to(page, "Download correction")
    saved = save(page, lambda: page.keyboard.press("Enter"))
    assert saved.decode() == (
        '{"text":"📅 dinner with Marta on Friday or on Sunday","spans":[{"start":2,"end":8,"label":"EVENT"},'
        '{"start":14,"end":19,"label":"EVENT"},{"start":36,"end":42,"label":"DATE"}]}\n'
    )
    file = tmp_path / "correction.jsonl"
    file.write_bytes(saved)
    (record,) = read_annotations(file)
    assert [record.text[span.start : span.end] for span in record.spans] == ["dinner", "Marta", "Sunday"]


POINT_AT = """(word) => {
  const walker = document.createTreeWalker(document.getElementById("reading"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const start = node.data.indexOf(word);
    if (start < 0) continue;
    const range = new Range();
    range.setStart(node, start);
    range.setEnd(node, start + word.length);
    const { left, top, width, height } = range.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  }
}"""


def test_correction_by_mouse(visit):
    """Words are selected in the reading: a new entity, one that takes another's place, and one removed."""
    page = visit(text="dinner with Marta\nand Hugo\non Friday")
    place = page.evaluate(POINT_AT, "Hugo")
    page.mouse.dblclick(place["x"], place["y"])
    page.get_by_role("combobox", name="Label", exact=True).select_option("PERSON")
    page.get_by_role("button", name="Set label").click()
    expect(marks(page)).to_have_text(["dinner", "Marta", "Hugo", "Friday"])
    start, end = (page.evaluate(POINT_AT, word) for word in ("with", "Marta"))
    page.mouse.move(start["x"] - 40, start["y"])  # in the middle of dinner's label, which is no text
    page.mouse.down()
    page.mouse.move(end["x"], end["y"])
    page.mouse.up()
    expect(page.locator("#chosen")).to_have_text(re.compile(r"^“with M\w+”$"))
    page.get_by_role("button", name="Set label").click()
    expect(marks(page)).to_have_text(["dinner", re.compile("with M"), "Hugo", "Friday"])
    expect(page.get_by_role("button", name="Restore “Marta”")).to_be_visible()
    page.mouse.click(**page.evaluate(POINT_AT, "Friday"))
    expect(page.locator("#chosen")).to_have_text("“Friday”")
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(marks(page)).to_have_text(["dinner", re.compile("with M"), "Hugo"])
    page.get_by_role("button", name="Undo corrections").click()
    expect(marks(page)).to_have_text(["dinner", "Marta", "Friday"])


def test_corrections_stay_while_the_text_is_edited_elsewhere(visit):
    page = visit(text="dinner with Marta")
    page.get_by_role("button", name="Remove “dinner”").click()
    box(page).focus()
    page.keyboard.press("Control+Home")
    page.keyboard.type("Friday, dinner: ")
    expect(marks(page)).to_have_text(["Friday", "dinner", "Marta"])
    expect(page.get_by_role("button", name="Restore “dinner”")).to_have_count(1)
    page.keyboard.press("Control+End")
    page.keyboard.press("Backspace")
    expect(marks(page)).to_have_text(["Friday", "dinner"])
    expect(page.get_by_role("button", name="Restore “dinner”")).to_have_count(1)
    box(page).fill("dinner")
    expect(marks(page)).to_have_text(["dinner"])


def test_copied_offsets_count_code_points(visit):
    """Emoji, a family of them, combining marks, half an emoji, and a browser that keeps its clipboard from pages."""
    text = "📅 dinner 👨‍👩‍👧 with Zoe\u0301 and\n\nMarta 🏳️‍🌈 Friday"
    page = visit(text=text)
    page.get_by_role("button", name="Copy JSON").click()
    expect(status(page)).to_have_text("JSON copied.")
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert copied["model"] == "en_words-0.1.0" and copied["text"] == text
    for entity in copied["entities"]:
        assert text[entity["start"] : entity["end"]] == entity["text"] and WORDS[entity["text"]] == entity["label"]
    assert [entity["text"] for entity in copied["entities"]] == ["dinner", "Zoe\u0301", "Marta", "Friday"]
    assert {entity["confidence"] for entity in copied["entities"]} == {None}
    page.evaluate("""() => {
      navigator.clipboard.writeText("");
      Object.defineProperty(navigator.clipboard, "writeText", { value: () => Promise.reject() });
      document.getElementById("text").value = "dinner \\ud83d and Marta";
      document.getElementById("text").dispatchEvent(new Event("input"));
    }""")
    expect(marks(page)).to_have_text(["dinner", "Marta"])
    page.get_by_role("button", name="Copy JSON").click()
    expect(status(page)).to_have_text("JSON copied.")
    expect(page.get_by_role("button", name="Copy JSON")).to_be_focused()
    assert json.loads(page.evaluate("navigator.clipboard.readText()"))["text"] == "dinner \ufffd and Marta"


def test_text_from_right_to_left(visit):
    text = "Marta\nتذكير 📅 بالاجتماع مع زوي غدا"
    page = visit(text=text)
    expect(marks(page)).to_have_text(["Marta", "زوي"])
    # the emoji is left of the first word, and the name is left of both
    first, emoji, name = (page.evaluate(POINT_AT, word)["x"] for word in ("تذكير", "📅", "زوي"))
    assert name < emoji < first
    right = page.evaluate("document.getElementById('reading').getBoundingClientRect().right")
    assert right - first < 40 and page.evaluate(POINT_AT, "Marta")["x"] < right / 2
    spans = json.loads(save(page, page.get_by_role("button", name="Download correction").click))["spans"]
    assert [text[span["start"] : span["end"]] for span in spans] == ["Marta", "زوي"]


def test_markup_is_text(visit):
    markup = "<script>alert(1)</script>"
    page = visit(text=f"<img src=x onerror=alert(2)> {markup} dinner")
    expect(marks(page)).to_have_text([markup, "dinner"])
    assert page.locator("main script, main img").count() == 0
    expect(page.get_by_role("rowheader", name=markup)).to_have_text(markup)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_looks(visit, width, theme):
    """Nothing runs off to the side, everything can be read and has a name."""
    page = visit(width, theme, text="dinner with Marta on Friday " + "abcdefghij" * 20)
    page.get_by_role("checkbox", name="Confidence").check()
    page.get_by_role("button", name="Remove “dinner”").click()
    box(page).press("Control+a")
    expect(page.get_by_role("button", name="Set label")).to_be_enabled()
    page.get_by_role("button", name="Set label").click()
    page.get_by_role("button", name="Undo corrections").click()
    page.get_by_role("button", name="Remove “Marta”").click()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate(CONTRAST) >= 4.5
    backgrounds = page.evaluate("[...document.querySelectorAll('mark')].map(m => getComputedStyle(m).backgroundColor)")
    assert "rgba(0, 0, 0, 0)" not in backgrounds
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    unnamed = [line for line in page.locator("body").aria_snapshot().splitlines() if re.search(NO_NAME, line)]
    assert unnamed == []


NO_NAME = r"^ *- (textbox|checkbox|combobox|button|table|region|group)(?! \")"


def test_confidence_is_shown(visit):
    page = visit()
    found = [
        {"text": "dinner", "label": "EVENT", "start": 0, "end": 6, "confidence": 0.934},
        {"text": "Marta\n", "label": "PERSON", "start": 12, "end": 18, "confidence": None},  # white space is left out
    ]
    answer = {"model": "en_words-0.1.0", "results": [{"entities": found}]}
    page.route("**/v1/entities", lambda route: route.fulfill(json=answer))
    box(page).fill("dinner with Marta\n")
    expect(page.get_by_role("row", name="dinner")).to_contain_text("93 %")
    expect(page.get_by_role("row", name="Marta")).to_contain_text("–")
    expect(marks(page)).to_have_text(["dinner", "Marta"])
    spoken = "getComputedStyle(document.querySelector('#reading mark'), '::after').content"
    assert "93 %" not in page.evaluate(spoken)
    page.get_by_role("checkbox", name="Confidence").check()
    assert "93 %" in page.evaluate(spoken)


def test_older_answer_does_not_overwrite_a_newer_one(visit):
    page = visit()
    held = []
    page.route("**/v1/entities", lambda route: route.continue_() if held else held.append(route))
    with page.expect_request("**/v1/entities"):
        box(page).fill("dinner")
    box(page).fill("dinner with Marta")
    expect(marks(page)).to_have_text(["dinner", "Marta"])
    held[0].continue_()
    page.wait_for_timeout(500)
    expect(marks(page)).to_have_text(["dinner", "Marta"])


def test_refusals_are_told_and_the_old_result_stays(visit):
    page = visit(text="dinner")
    alert = page.get_by_role("alert")
    answers = iter(
        [
            {"status": 503, "headers": {"Retry-After": "1"}, "json": {"detail": "Too many texts wait already"}},
            {"status": 413, "json": {"detail": "A text is longer than 10 characters"}},
            {"status": 504, "body": "<html>a proxy's page"},
            {"status": 500, "body": "<html>a proxy's page"},
        ]
    )

    def answer(route):
        refusal = next(answers, None) if asked else None
        asked.append(route)
        route.fulfill(**refusal) if refusal else route.abort()

    asked = [None]
    page.route("**/v1/entities", answer)
    box(page).fill("dinner with Marta")
    expect(alert).to_have_text("The service is busy and will be asked again.")
    expect(marks(page)).to_have_text(["dinner"])
    expect(alert).to_have_text("The service refused this text (413): A text is longer than 10 characters.")
    box(page).press("End")
    box(page).press_sequentially("!")
    expect(alert).to_have_text("The service took too long; a shorter text may help.")
    box(page).press_sequentially("!")
    expect(alert).to_have_text("The service refused this text (500).")
    box(page).press_sequentially("!")
    expect(alert).to_have_text("The service cannot be reached and will be asked again.")
    expect(marks(page)).to_have_text(["dinner"])
    page.unroute("**/v1/entities")
    expect(marks(page)).to_have_text(["dinner", "Marta"], timeout=10_000)
    expect(alert).to_have_text("")
    assert len(page.faults) == 5 and all("Failed to load resource" in fault for fault in page.faults)
    page.faults.clear()  # the browser's own words for these


def test_limits_of_the_server_are_told(visit, serve):
    page = visit(url=serve("--max-text=20"))
    box(page).fill("dinner with Marta on Friday")
    expect(page.get_by_role("alert")).to_contain_text("(413): A text is longer than 20 characters.")
    box(page).fill("dinner with Marta")
    expect(marks(page)).to_have_count(2)
    expect(page.get_by_role("alert")).to_have_text("")
    page.faults.clear()


def test_token_is_asked_for(visit, serve):
    page = visit(url=serve(SERVICE_TOKEN="Sesame 7"))
    token = page.get_by_label("Token")
    expect(page.get_by_role("alert")).to_have_text("This service asks for a token.")
    token.fill("guess")
    token.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("The service does not accept this token.")
    token.fill("Sesame 7")
    token.press("Enter")
    expect(token).to_be_hidden()
    expect(box(page)).to_be_focused()
    page.keyboard.type("dinner")
    expect(marks(page)).to_have_text(["dinner"])
    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    assert len(page.faults) == 2 and all("401" in fault for fault in page.faults)
    page.faults.clear()


def test_long_text_does_not_freeze_the_page(visit):
    page = visit()
    text = "Marta has dinner with Hugo on Friday, and so on for a while.\n" * 1640
    page.evaluate(
        """(text) => {
          window.longest = 0;
          document.getElementById("text").value = text;
          document.getElementById("text").dispatchEvent(new Event("input"));
          new PerformanceObserver((list) => {
            for (const task of list.getEntries()) longest = Math.max(longest, task.duration);
          }).observe({ type: "longtask" });
        }""",
        text[:100_000],
    )
    expect(status(page)).to_have_text("4919 found", timeout=60_000)
    expect(page.locator("#list tr")).to_have_count(200)
    page.get_by_role("button", name="List more of 4919").click()
    expect(page.locator("#list tr")).to_have_count(400)
    page.locator("#list button").first.click()
    expect(marks(page)).to_have_count(4918)
    assert page.evaluate("longest") < 2000
    assert page.evaluate("document.getElementById('reading').textContent") == text[:100_000]
