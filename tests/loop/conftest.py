"""Servers of the review page, and pages of theirs in a browser."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request

import pytest
from playwright.sync_api import expect
from projects import ROOT

GUIDE = "# Rules\n\n## DISH\nWhat one eats: a [fish soup].\n\n## DRINK\nWhat one drinks.\n"
TEXTS = [
    "A fish soup and two beers for Zoë 👍, please",
    "Is the pea soup vegan?",
    "Tea with milk",
    "Nothing for me",
    "An espresso and a\n\nlemon tart",
]


class ReviewServer:
    """A server process of the review page."""

    def __init__(self, folder, *options, annotator="anna", texts=TEXTS):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.path = folder, folder / "reviews" / f"{annotator}.jsonl"
        (folder / "guide.md").write_text(GUIDE, encoding="utf-8")
        raw = folder / "raw.jsonl"
        raw.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        words = [sys.executable, "-m", "scripts.review", str(raw), str(folder / "reviews"), f"--annotator={annotator}"]
        words += [f"--suggestions={folder / 'suggestions.jsonl'}", f"--guide={folder / 'guide.md'}", "--port=0"]
        self.log = folder / f"{annotator}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*words, *options], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, "NO_COLOR": "1"}
            )

    def wait(self):
        while self.process.poll() is None:
            if found := re.search(r"http://127.0.0.1:\d+/", self.said()):
                self.url = found[0]
                return self
            time.sleep(0.02)
        raise AssertionError(self.said())

    def said(self):
        return self.log.read_text(encoding="utf-8")

    def ask(self, path, body=None, token="", **headers):
        """Status and answer."""
        data = None if body is None else json.dumps(body).encode()
        sent = {"X-Review-Token": token, "Content-Type": "application/json", **headers}
        request = urllib.request.Request(self.url + path, data, sent)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def token(self):
        return re.search(r'name="token" content="([^"]+)"', self.ask("")[1])[1]

    def decided(self):
        """The lines of its file."""
        return [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
    """Start servers, in a folder of their own each or a given one; they are stopped in the end."""
    started = []

    def start(*options, folder=None, **how):
        started.append(ReviewServer(folder or tmp_path_factory.mktemp("review"), *options, **how))
        return started[-1].wait()

    yield start
    for server in started:
        server.process.terminate()
        server.process.wait(30)
        assert "Traceback" not in server.said(), server.said()


@pytest.fixture
def visit(browser):
    """Open the page of a server; when the test ends, nothing may have gone wrong on it."""
    pages, faults = [], []

    def open_page(server, width=1200, theme="light"):
        page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=theme)
        pages.append(page)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(server.url)
        expect(page.locator("#labels button").first).to_be_visible()
        return page

    yield open_page
    for page in pages:
        page.close()
    assert faults == []
