"""Entities that a language model proposes: a real HTTP server that behaves as such servers do, badly too."""

import json
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from scripts.label_with import label_with
from spacy_domain.loop.chat import Answers, Chat
from spacy_domain.loop.labelling import Labeller
from spacy_domain.loop.suggestion import read_suggestions
from spacy_domain.project.errors import ProjectError

KEY = "sk-not-to-be-shown"
RULES = {"DISH": "What one eats.", "DRINK": ""}
SOUP = {"entities": [{"text": "soup", "label": "DISH"}, {"text": "Berlin", "label": "CITY"}]}


class Model(BaseHTTPRequestHandler):
    """Does what the text tells it, as many times as the server says; then it answers."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text, server = body["messages"][-1]["content"], self.server
        server.asked.append((text, body, self.headers["Authorization"]))
        times = sum(one[0] == text for one in server.asked)
        if "schema" in text and "response_format" in body:
            return self.answer(400, {"error": "no such field"})
        if times <= server.bad_times:
            for word, act in self.bad().items():
                if word in text:
                    return act()
        usage = {"prompt_tokens": 10, "completion_tokens": 5}
        content = None if "refuse" in text else "Well, no." if "prose" in text else f"```json\n{json.dumps(SOUP)}\n```"
        return self.answer(200, {"choices": [{"message": {"content": content}}], "usage": usage})

    def bad(self):
        return {
            "busy": lambda: self.answer(429, {}, **{"Retry-After": "0"}),
            "broken": lambda: self.answer(500, {}),
            "slow": lambda: (time.sleep(0.6), self.answer(200, {}))[1],
            "rubbish": lambda: self.answer(200, "<html>"),
            "empty": lambda: self.answer(200, {"choices": []}),
            "cut": lambda: self.answer(200, {"choices": [1]}, length=999),
            "gone": self.connection.close,
            "secret": lambda: self.answer(401, {"error": f"wrong key {KEY}"}),
            "moved": lambda: self.answer(307, {}, Location="http://127.0.0.1:1/elsewhere"),
        }

    def answer(self, status, data, length=0, **headers):
        content = json.dumps(data).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(length or len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass

    def handle(self):
        with suppress(OSError, ValueError):  # whoever asked has gone
            super().handle()


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    server.asked, server.bad_times = [], 2
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def make_labeller(server, path):
    chat = Chat(f"http://127.0.0.1:{server.server_port}/v1", "small", KEY, timeout=0.3, wait=0.01)
    return Labeller(chat, Answers(path), RULES)


def surfaces(one):
    return [(one.text[span.start : span.end], span.label) for span in one.spans]


def test_a_server_that_behaves_badly(server, tmp_path):
    """It is asked again until it answers; what cannot be used is told; nothing is asked twice."""
    words = ["busy", "broken", "slow", "rubbish", "empty", "cut", "gone", "schema", "well", "refuse", "prose"]
    texts = [f"{word} soup and soup" for word in words]
    labeller = make_labeller(server, tmp_path / "answers.jsonl")
    found = list(labeller.label(texts, 4))
    assert [one.text for one in found] == texts
    for one in found[:-2]:
        assert surfaces(one) == [("soup", "DISH"), ("soup", "DISH")] and one.source == "small"
        assert one.notes == ["'Berlin' has an unknown label, CITY"]
    assert [one.notes for one in found[-2:]] == [["it refused"], ["its answer cannot be read"]]
    assert labeller.chat.counts["tried again"] == 14 and labeller.chat.counts["refused"] == 1
    assert labeller.chat.counts["prompt_tokens"] == 10 * len(texts)
    asked = len(server.asked)
    with (tmp_path / "answers.jsonl").open("a") as file_:
        file_.write('{"key": "cut by a cra')
    again = make_labeller(server, tmp_path / "answers.jsonl")
    assert list(again.label([*texts, "new soup"], 2))[:-1] == found
    assert len(server.asked) == asked + 1 and again.counts["known"] == len(texts)
    assert len(Answers(tmp_path / "answers.jsonl").known) == len(texts) + 1


def test_what_it_is_told(server, tmp_path):
    """The guide's rules, the schema, the key; and the text apart from the instructions."""
    list(make_labeller(server, tmp_path / "answers.jsonl").label(["a soup"], 1))
    ((text, body, key),) = server.asked
    assert text == "a soup" and key == f"Bearer {KEY}" and body["model"] == "small"
    assert "DISH: What one eats." in body["messages"][0]["content"]
    schema = body["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["entities"]["items"]["properties"]["label"]["enum"] == ["DISH", "DRINK"]


@pytest.mark.parametrize("word, status", [("secret", "401"), ("moved", "307")])
def test_a_server_that_does_not_let_us_in(server, tmp_path, word, status):
    """That is told at once, and the key is neither shown nor sent elsewhere."""
    server.bad_times = 99
    with pytest.raises(ProjectError, match=status) as error:
        list(make_labeller(server, tmp_path / "answers.jsonl").label([f"{word} {n}" for n in range(9)], 1))
    assert KEY not in str(error.value.places[0]) and len(server.asked) <= 2


def test_a_server_that_is_dead(server, tmp_path):
    server.bad_times = 99
    with pytest.raises(ProjectError, match="no answer to 5 texts in a row"):
        list(make_labeller(server, tmp_path / "answers.jsonl").label(["soup", *[f"broken {n}" for n in range(40)]], 2))
    assert len(Answers(tmp_path / "answers.jsonl").known) == 1


def test_the_command(server, tmp_path, monkeypatch):
    """What suggest chose is labelled in its order, for review."""
    for name, value in (("BASE_URL", f"http://127.0.0.1:{server.server_port}/v1/"), ("MODEL", "small")):
        monkeypatch.setenv(f"OPENAI_{name}", value)
    (tmp_path / "raw.txt").write_text("fish soup\ntea\n", encoding="utf-8")
    options = {"answers": tmp_path / "a.jsonl", "annotations": tmp_path / "none", "reviews": tmp_path / "none"}
    options |= {"labels": "DISH", "guide": tmp_path / "none", "base_model": "blank:en", "number": 9, "jobs": 1}
    for _ in range(2):
        label_with(tmp_path / "raw.txt", tmp_path / "s.jsonl", timeout=5, **options)
    found = {one.text: surfaces(one) for one in read_suggestions(tmp_path / "s.jsonl")}
    assert found == {"fish soup": [("soup", "DISH")], "tea": []} and len(server.asked) == 2
    monkeypatch.delenv("OPENAI_MODEL")
    with pytest.raises(ProjectError, match="No language model to ask"):
        label_with(tmp_path / "raw.txt", tmp_path / "s.jsonl", timeout=5, **options)
