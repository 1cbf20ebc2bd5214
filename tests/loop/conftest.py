"""Servers of the review page, and pages of theirs in a browser."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from threading import Thread

import forks
import pytest
import spacy
from playwright.sync_api import expect
from projects import ROOT

from spacy_domain.loop.along import Along
from spacy_domain.loop.journal import Journal
from spacy_domain.loop.queue import Queue
from spacy_domain.loop.review_app import Labels, Screen, make_review_app
from spacy_domain.loop.review_server import hosts_of, make_server, open_port
from spacy_domain.loop.texts import list_labels, read_all_suggestions

GUIDE = "# Rules\n\n## DISH\nWhat one eats: a [fish soup].\n\n## DRINK\nWhat one drinks.\n"
TEXTS = [
    "A fish soup and two beers for Zoë 👍, please",
    "Is the pea soup vegan?",
    "Tea with milk",
    "Nothing for me",
    "An espresso and a\n\nlemon tart",
]


class Asked:
    """A server of the review page, and what is asked of it."""

    def __init__(self, folder, annotator, texts):
        self.folder, self.path = folder, folder / "reviews" / f"{annotator}.jsonl"
        (folder / "guide.md").write_text(GUIDE, encoding="utf-8")
        raw = folder / "raw.jsonl"
        raw.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")

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


class Here(Asked):
    """A server in this process, put together as the command does it, without a model that learns along."""

    def __init__(self, folder, annotator="anna", texts=TEXTS, share=0.0, labels="auto"):
        super().__init__(folder, annotator, texts)
        nlp = spacy.blank("en")
        found = read_all_suggestions(folder / "raw.jsonl", folder / "suggestions.jsonl", folder / "none", nlp)
        queue = Queue(Journal(folder / "reviews", annotator), nlp, found, share)
        screen = Screen(
            queue,
            Labels(list_labels(labels, folder / "none", folder / "reviews", folder / "guide.md")),
            Along(None, None, 0, queue.reorder),
        )
        self.listener = open_port("127.0.0.1", 0)
        self.url = "http://{}:{}/".format(*self.listener.getsockname())
        self.server = make_server(make_review_app(screen, hosts_of("127.0.0.1")))
        self.thread = Thread(target=self.server.run, kwargs={"sockets": [self.listener]})
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    def stop(self):
        self.server.should_exit = True
        self.thread.join(30)
        self.listener.close()


class Process(Asked):
    """A server process, by the command."""

    def __init__(self, folder, *options, annotator="anna", texts=TEXTS):
        super().__init__(folder, annotator, texts)
        words = [sys.executable, "-m", "scripts.review", str(folder / "raw.jsonl"), str(folder / "reviews")]
        words += [f"--annotator={annotator}", f"--suggestions={folder / 'suggestions.jsonl'}"]
        words += [f"--guide={folder / 'guide.md'}", "--port=0", "--share=0"]
        self.log = folder / f"{annotator}.log"
        with self.log.open("w") as log:
            begin = forks.Process if forks.can_fork(words) else subprocess.Popen
            env = {**os.environ, "NO_COLOR": "1"}
            self.process = begin([*words, *options], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env=env)

    def wait(self):
        """Until it says where it is."""
        while self.process.poll() is None:
            if found := re.search(r"http://127.0.0.1:\d+/", self.said()):
                self.url = found[0]
                return self
            time.sleep(0.02)
        raise AssertionError(self.said())

    def said(self):
        return self.log.read_text(encoding="utf-8")

    def stop(self):
        killed = self.process.poll() is not None
        self.process.terminate()
        self.process.wait(30)
        assert "Traceback" not in self.said(), self.said()
        assert killed or f"decisions of {self.path.stem}" in self.said()


@pytest.fixture
def serve(tmp_path):
    """Start servers, in this process or, with options of the command, in one of their own; they are stopped."""
    with ExitStack() as stack:

        def start(*options, folder=tmp_path, **how):
            server = Process(folder, *options, **how) if options else Here(folder, **how)
            stack.callback(server.stop)
            return server.wait() if options else server

        yield start


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
