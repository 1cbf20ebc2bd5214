"""The service: a real server process, real requests, and what a client, an attacker or an operator would do to it."""

import gzip
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError

import psutil
import pytest
import spacy
import srsly
from conftest import ROOT, made_once

import spacy_domain.recipes.components  # noqa: F401  # registers entity_confidence
from spacy_domain.service.client import Client
from spacy_domain.service.settings import Settings

MODEL = "en_event_scheduling"
JSON = {"Content-Type": "application/json"}
LINES = {"Content-Type": "application/x-ndjson"}
SECRET = "Zanzibarquux"  # a word of texts, to look for in logs
TEXTS = [json.loads(line)["text"] for line in (ROOT / "assets/events.jsonl").read_text(encoding="utf-8").splitlines()]


class Server:
    """A server process, and what it logs."""

    def __init__(
        self,
        folder,
        *options,
        site,
        model=MODEL,
        command=("-m", "scripts.serve"),
        cwd=ROOT,
        python=sys.executable,
        **env,
    ):
        self.log = folder / "server.log"
        settings = {**os.environ, "PYTHONPATH": str(site), "SERVICE_TOKEN": "", **env}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [python, *command, str(model), "--port=0", *options],
                cwd=cwd,
                env=settings,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait(self):
        """Until it is ready; False if it ends before."""
        while self.process.poll() is None:
            if found := re.search(r"http://127.0.0.1:(\d+)", self.said()):
                self.port = int(found[1])
                try:
                    if self.ask(None, "/readyz")[0] == 200:
                        return True
                except OSError:
                    pass
            time.sleep(0.05)
        return False

    def said(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def send(self, connection, body, path="/v1/entities", headers=JSON):
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        connection.request("GET" if body is None else "POST", path, data, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def connect(self, timeout=60):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, body, path="/v1/entities", headers=JSON):
        """Send a request over a connection of its own: status, headers and body."""
        connection = self.connect()
        try:
            return self.send(connection, body, path, headers)
        finally:
            connection.close()

    def find(self, body, **how):
        status, _, answer = self.ask(body, **how)
        assert status == 200, answer
        return json.loads(answer)["results"]

    def stream(self, requests):
        """Send a stream: what its lines are answered."""
        data = "".join(f"{json.dumps(request)}\n" for request in requests).encode()
        status, _, answer = self.ask(data, headers=LINES)
        assert status == 200, answer
        return [json.loads(line) for line in answer.splitlines()]

    def open(self, headers):
        """Begin a request whose body comes in chunks."""
        connection = self.connect()
        connection.putrequest("POST", "/v1/entities")
        for name, value in {**headers, "Transfer-Encoding": "chunked"}.items():
            connection.putheader(name, value)
        connection.endheaders()
        return connection

    def workers(self):
        """Processes that have the model."""
        return [child for child in psutil.Process(self.process.pid).children() if child.memory_info().rss > 90e6]

    def stop(self):
        if self.process.poll() is None:
            end(self.process)
        return self.process.wait(60)


def end(process):
    """Ask a server to end; Windows, or a shell around it, ends without asking it, and leaves its workers."""
    family = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    process.wait(60)
    for child in family:
        if child.is_running():
            child.kill()


@pytest.fixture(scope="session")
def site(full_run, tmp_path_factory):
    """A folder with the shipped example's wheel installed, and nothing else."""

    def make(path):
        (wheel,) = (full_run.path / "packages").glob("*.whl")
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--no-index",
            "--target",
            str(path),
            str(wheel),
        ]
        subprocess.run(pip, check=True)

    return made_once(tmp_path_factory, "site", make).path


@pytest.fixture
def start(site, tmp_path):
    """Start servers; they are stopped in the end, and none may have logged a text or a traceback."""
    started = []

    def start(*options, **how):
        folder = tmp_path / f"server{len(started)}"
        folder.mkdir()
        started.append(Server(folder, *options, **{"site": site, **how}))
        return started[-1]

    yield start
    for server in started:
        server.stop()
        assert SECRET not in server.said() and "Traceback" not in server.said(), server.said()


@pytest.fixture(scope="module")
def server(site, tmp_path_factory):
    """A server as it comes, for tests that leave it as it is."""
    server = Server(tmp_path_factory.mktemp("server"), site=site)
    assert server.wait(), server.said()
    yield server
    assert server.stop() == 0
    assert SECRET not in server.said() and "Traceback" not in server.said(), server.said()


ODD = f"""
import time
from spacy.language import Language

@Language.component("odd")
def odd(doc):
    if "{SECRET}" in doc.text:
        raise ValueError(doc.text)
    if "slow" in doc.text:
        time.sleep(0.02)
    return doc
"""
exec(ODD)


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A pipeline that finds Oslo, takes its time for slow texts, and fails on some; and a folder with its code."""
    folder = tmp_path_factory.mktemp("odd")
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "CITY", "pattern": "Oslo"}])
    nlp.add_pipe("odd")
    nlp.to_disk(folder / "model")
    (folder / "code").mkdir()
    (folder / "code" / "sitecustomize.py").write_text(ODD, encoding="utf-8")
    return {"model": folder / "model", "site": folder / "code"}


@pytest.fixture(scope="module")
def small(odd, tmp_path_factory):
    """A server where few texts may wait, and clients have little time, for tests that leave it as it is."""
    server = Server(tmp_path_factory.mktemp("server"), "--max-waiting=10", "--timeout=1.5", **odd)
    assert server.wait(), server.said()
    yield server
    assert server.stop() == 0
    assert SECRET not in server.said() and "Traceback" not in server.said(), server.said()


@pytest.fixture(scope="module")
def nlp(site):
    (folder,) = (site / MODEL).glob(f"{MODEL}-*")
    return spacy.load(folder)


def expected(nlp, text):
    return [
        {"text": ent.text, "label": ent.label_, "start": ent.start_char, "end": ent.end_char} for ent in nlp(text).ents
    ]


# What it answers


def test_one_text_and_several(server, nlp):
    want = [{"entities": expected(nlp, text)} for text in TEXTS[:50]]
    assert any(one["entities"] for one in want)
    assert [server.find({"text": text})[0] for text in TEXTS[:50]] == want
    assert server.find({"texts": TEXTS[:50]}) == want
    assert server.find({"texts": []}) == [] and server.find({"text": ""}) == [{"entities": []}]
    answer = json.loads(server.ask({"text": "a"})[2])
    assert answer["model"] == "en_event_scheduling-1.0.0"


def test_labels(server, nlp):
    found = [ent for text in TEXTS[:50] for ent in expected(nlp, text)]
    label = found[0]["label"]
    results = server.find({"texts": TEXTS[:50], "labels": [label]})
    assert [ent for one in results for ent in one["entities"]] == [ent for ent in found if ent["label"] == label]
    assert not any(one["entities"] for one in server.find({"texts": TEXTS[:50], "labels": []}))


def test_confidence(server, nlp):
    component = nlp.create_pipe("entity_confidence")
    results = server.find({"texts": TEXTS[:50], "confidence": True})
    assert server.find({"text": "", "confidence": True}) == [{"entities": []}]
    for text, one in zip(TEXTS, results, strict=False):
        want = [ent._.confidence for ent in component(nlp(text)).ents]
        assert [ent["confidence"] for ent in one["entities"]] == pytest.approx(want, abs=1e-3)


def test_a_model_without_confidence(start, tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "CITY", "pattern": "Oslo"}])
    nlp.to_disk(tmp_path / "rules")
    server = start(model=tmp_path / "rules")
    assert server.wait(), server.said()
    entity = {"text": "Oslo", "label": "CITY", "start": 3, "end": 7, "confidence": None}
    assert server.find({"text": "In Oslo", "confidence": True}) == [{"entities": [entity]}]
    about = json.loads(server.ask(None, "/v1/model")[2])
    assert about["name"] == "en_pipeline" and about["labels"] == ["CITY"]


def test_utf16_offsets_are_those_of_javascript(server):
    texts = [f"😀𝒳 {text} 😀 {text}" for text in TEXTS[:50]]
    points, units = (server.find({"texts": texts, "offsets": name}) for name in ("code_points", "utf-16"))
    assert points == server.find({"texts": texts})
    seen = 0
    for text, one, other in zip(texts, points, units, strict=True):
        encoded = text.encode("utf-16-le")
        for ent, same in zip(one["entities"], other["entities"], strict=True):
            assert text[ent["start"] : ent["end"]] == ent["text"] == same["text"]
            assert encoded[2 * same["start"] : 2 * same["end"]].decode("utf-16-le") == ent["text"]
            seen += same["start"] > ent["start"]
    assert seen


def test_stream(server, nlp):
    """More than fits into memory's buffers, sent in chunks of any size; a bad line gives an error in its place."""
    texts = (TEXTS * 4)[:1500]
    lines = [json.dumps({"text": text}) for text in texts]
    lines[7], lines[70] = '{"text": 1}', '{"texts": ["a"]}'
    data = "\n".join(lines).encode()
    choose = random.Random(0)

    def chunks():
        at = 0
        while at < len(data):
            size = choose.choice([1, 50, 5000])
            yield data[at : at + size]
            at += size

    connection = server.connect()
    connection.request("POST", "/v1/entities", chunks(), LINES, encode_chunked=True)
    answer = connection.getresponse()
    results = [json.loads(line) for line in answer.read().splitlines()]
    assert answer.status == 200 and answer.headers["Content-Type"] == "application/x-ndjson"
    assert results[7] == {"error": "text: Input should be a valid string"}
    assert results[70] == {"error": "Give one text a line"}
    truth = {text: expected(nlp, text) for text in set(texts)}
    for number, (text, result) in enumerate(zip(texts, results, strict=True)):
        assert number in (7, 70) or result == {"entities": truth[text]}


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def test_a_stream_answers_while_it_is_sent(server):
    connection = server.open(LINES)
    connection.send(chunk(json.dumps({"text": TEXTS[0]}).encode() + b"\n"))
    answer = connection.getresponse()
    assert "entities" in json.loads(answer.readline())
    connection.send(chunk(b"x" * 1_000_001))
    assert json.loads(answer.readline()) == {"error": "A line is longer than 1000000 bytes"}
    connection.close()


def test_lines_of_all_kinds(server):
    """Blank lines have no answer; any other has one, and harms no other."""
    fine = b'{"text": "a"}'
    assert server.ask(b"", headers=LINES)[2] == server.ask(b"\r\n\n \t\n", headers=LINES)[2] == b""
    lines = [
        b'\xef\xbb\xbf{"text": "a"}',
        b"",
        fine + b"\r",
        b"\r",
        b'{"text": "\\ud800"}',
        b'{"text": NaN}',
        DEEP,
        fine,
    ]
    lines += [b'{"text": "a", "text": "b"}', b"null", b"\xff", b'{"text": " \\n\\t\\u00a0"}']
    status, _, answer = server.ask(b"\n".join(lines), headers=LINES)
    results = [json.loads(line) for line in answer.splitlines()]
    assert status == 200 and len(results) == 10
    assert [number for number, result in enumerate(results) if result == {"entities": []}] == [1, 5, 9]
    assert "byte order mark" in results[0]["error"]
    assert all(result["error"] for number, result in enumerate(results) if number not in (1, 5, 9))


def test_what_the_model_says_about_itself(server, nlp):
    about = json.loads(server.ask(None, "/v1/model")[2])
    assert about["name"] == MODEL and about["version"] == "1.0.0" and about["lang"] == "en"
    assert about["labels"] == sorted(nlp.pipe_labels["ner"])
    assert set(about["performance"]) == {"ents_p", "ents_r", "ents_f", "ents_per_type"}
    assert about["license"] and about["description"] and about["sources"] and about["provenance"]["files"]


def test_health_and_metrics(server):
    assert server.ask(None, "/livez")[0] == server.ask(None, "/readyz")[0] == 200
    server.find({"texts": TEXTS[:10]})
    server.ask(None, f"/{SECRET}?text={SECRET}")
    status, headers, body = server.ask(None, "/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert b'service_requests_total{path="/v1/entities",status="200"}' in body
    assert b"service_request_seconds_bucket" in body and b"service_batch_texts_bucket" in body
    assert SECRET.encode() not in body


def test_openapi_document(server):
    document = json.loads(server.ask(None, "/openapi.json")[2])
    operation = document["paths"]["/v1/entities"]["post"]
    for example in operation["requestBody"]["content"]["application/json"]["examples"].values():
        assert server.ask(example["value"])[0] == 200
    assert {"200", "400", "401", "408", "413", "415", "422", "503", "504"} == set(operation["responses"])
    assert server.ask(None, "/docs")[0] == server.ask(None, "/redoc")[0] == 404


@pytest.mark.parametrize("path", ["/", "/page/page.css", "/page/page.js", "/v1/model", "/nowhere", "/page/nowhere"])
def test_headers(server, path):
    status, headers, _ = server.ask(None, path, {"Origin": "https://elsewhere.example"})
    assert status == (404 if "nowhere" in path else 200)
    assert headers["Content-Security-Policy"].startswith("default-src 'none';")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
    assert not any(name.lower().startswith("access-control") for name in headers)


@pytest.mark.parametrize("path", ["/page/../app.py", "/page/%2e%2e%2fapp.py", "/page//etc/passwd", "/page/__init__.py"])
def test_no_other_files(server, path):
    assert server.ask(None, path)[0] == 404


# What it refuses

DEEP = b'{"text": ' + b"[" * 100_000


@pytest.mark.parametrize(
    "body, status",
    [
        (b"", 400),
        (b"\xff\xfe{\x00}\x00", 400),
        (b'{"text": "\xff"}', 400),
        (b'\xef\xbb\xbf{"text": "a"}', 400),
        (b'{"text": "a", "text": "b"}', 400),
        (b'{"text": "a", "confidence": NaN}', 400),
        (b'{"text": "a", "confidence": %s}' % (b"9" * 5000), 400),
        (DEEP, 400),
        (DEEP + b"]" * 100_000 + b"}", 400),
        (b'{"text": "a", "confidence": 1e999}', 422),
        (b'{"text": "a", "confidence": %s}' % (b"9" * 4000), 422),
        (b'{"text": "\\ud800"}', 422),
        (b'{"texts": ["a", "\\udc00b"]}', 422),
        (b'{"text": "a", "labels": ["\\ud800"]}', 422),
        (b'{"text": "a", "\\ud800": 1}', 422),
        (b"[]", 422),
        (b'"a"', 422),
        (b"null", 422),
        (b"{}", 422),
        (b'{"text": "a", "texts": ["a"]}', 422),
        (b'{"text": null}', 422),
        (b'{"text": 1}', 422),
        (b'{"texts": "a"}', 422),
        (b'{"texts": {"0": "a"}}', 422),
        (b'{"text": "a", "confidence": 1}', 422),
        (b'{"text": "a", "offsets": "bytes"}', 422),
        (b'{"text": "a", "model": "b"}', 422),
        (b'{"text": "%s"}' % (b"a" * 100_001), 413),
        (b'{"texts": [%s"a"]}' % (b'"a",' * 1000), 413),
        (b'{"text": "%s"}' % (b"a" * 1_000_000), 413),
    ],
    ids=range(30),
)
def test_bad_bodies(server, body, status):
    answered, headers, answer = server.ask(body)
    assert answered == status, answer
    assert headers["Content-Type"] == "application/json" and json.loads(answer)["detail"]
    assert len(answer) < 1000


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/json2"])
def test_json_only(server, kind):
    assert server.ask({"text": "a"}, headers={"Content-Type": kind})[0] == 415
    for headers in (JSON, LINES):
        assert server.ask(gzip.compress(b'{"text": "a"}'), headers={**headers, "Content-Encoding": "gzip"})[0] == 415
    assert server.ask({"text": "a"}, headers={"Content-Type": "Application/JSON; charset=UTF-8"})[0] == 200


def test_a_body_that_does_not_say_how_large_it_is(server):
    connection = server.open(JSON)
    for _ in range(167):  # never ends
        connection.send(chunk(b"a" * 60_000))
    answer = connection.getresponse()
    assert answer.status == 413 and b"larger than 1000000 bytes" in answer.read()


@pytest.mark.parametrize("path", ["/", "/livez", "/readyz", "/metrics", "/v1/model", "/v1/entities", "/nowhere"])
def test_head_is_get_without_body(server, path):
    def ask(method):
        connection = server.connect()
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, {*answer.headers}, answer.read()

    (status, headers, body), want = ask("HEAD"), ask("GET")
    assert (status, headers, body) == (want[0], want[1], b"")


OFFER = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAEAAEAAAAIAAAABAAMAAABk"}


def test_clients_that_would_rather_speak_http2(server, nlp):
    """As Java's HttpClient and curl --http2 do: what they send is read, and the connection stays."""
    connection = server.connect()
    for _ in range(2):
        status, _, answer = server.send(connection, {"text": TEXTS[0]}, headers={**JSON, **OFFER})
        assert status == 200 and json.loads(answer)["results"] == [{"entities": expected(nlp, TEXTS[0])}]
    connection.request("POST", "/v1/entities", iter([b'{"text": ', b'"a"}\n']), {**LINES, **OFFER}, encode_chunked=True)
    assert json.loads(connection.getresponse().read()) == {"entities": []}


def test_token(start, site):
    server = start(SERVICE_TOKEN="right")
    assert server.wait(), server.said()
    assert all(server.ask(None, path)[0] == 200 for path in ("/livez", "/readyz", "/", "/page/page.js"))
    for path in ("/v1/model", "/metrics", "/openapi.json", "/nowhere"):
        assert server.ask(None, path)[0] == 401
    for given in ("", "right", "Bearer", "Bearer wrong", "Bearer righ", "Basic right", "Bearer r\u00efght"):
        status, headers, _ = server.ask({"text": "a"}, headers={**JSON, "Authorization": given})
        assert status == 401 and headers["WWW-Authenticate"] == "Bearer"
    assert server.ask({"text": "a"}, headers={**JSON, "Authorization": "Bearer right"})[0] == 200
    assert "right" not in server.said()
    assert "right" not in " ".join(psutil.Process(server.process.pid).cmdline())
    url = f"http://127.0.0.1:{server.port}"
    assert isinstance(Client(url, "right").find(TEXTS[0]), list)
    with pytest.raises(HTTPError, match="401"):
        Client(url, "wrong").about()


def test_client(server, nlp):
    client = Client(f"http://127.0.0.1:{server.port}")
    assert client.about()["name"] == MODEL
    known = []
    for text, entities in zip(TEXTS[:200], client.find_all(TEXTS[:200]), strict=True):
        assert [{key: ent[key] for key in ("text", "label", "start", "end")} for ent in entities] == expected(nlp, text)
        # what a rule found has none
        assert all(ent["confidence"] is None or 0 < ent["confidence"] <= 1 for ent in entities)
        known += [ent["confidence"] is not None for ent in entities]
    assert sum(known) > 0.7 * len(known)
    assert client.find(TEXTS[0], labels=[]) == []


# 20,000 bodies that nobody would send

SCHEMATHESIS = """
import schemathesis.cli

@schemathesis.serializer("application/x-ndjson")
def serialize(context, value):
    return str(value).encode("utf-8", "replace")

schemathesis.cli.schemathesis()
"""

VALUES = [
    *(None, True, 0, -1, 1.5, 2**70, "", "a", "\ud800", "\U0001f600", "\x00", "code_points", "utf-16", [], ["a"]),
    *([""] * 3, [None], [["a"]], {}, {"text": "a"}, SECRET, "\u202e" + SECRET, "\n" * 9, " ", "a" * 300),
]
FIELDS = ["text", "texts", "labels", "confidence", "offsets", "", "Text", SECRET, "\udfff", "__proto__"]


def random_body(choose):
    fields = choose.choices(FIELDS, [5, 3, 2, 2, 2, 0.2, 0.2, 0.2, 0.2, 0.2], k=choose.randint(0, 3))
    pairs = [f"{json.dumps(name)}: {json.dumps(choose.choice(VALUES))}" for name in fields]
    body = bytearray(f"{{{', '.join(pairs)}}}".encode())
    for _ in range(choose.choice([0, 0, 1, 3])):
        at = choose.randrange(len(body))
        piece = choose.choice([b"", b'"', b"{", b"[" * 50, b"\\u", b"\xff", b"NaN", b"0" * 30, choose.randbytes(3)])
        body[at : at + choose.randint(0, 2)] = piece
        body = body or bytearray(b" ")
    return bytes(body) if choose.random() < 0.95 else choose.randbytes(choose.randint(0, 60))


@pytest.mark.slow
def test_fuzzed_bodies(server):
    def send(seed):
        choose, connection, seen = random.Random(seed), server.connect(), {}
        for _ in range(5000):
            body = random_body(choose)
            kind = LINES if choose.random() < 0.1 else JSON
            status, _, answer = server.send(connection, body, headers=kind)
            assert status in (200, 400, 413, 422), (status, body)
            for line in answer.splitlines():
                json.loads(line)
            seen[status] = seen.get(status, 0) + 1
        return seen

    with ThreadPoolExecutor(4) as pool:
        for seen in pool.map(send, range(4)):
            assert min(seen.get(status, 0) for status in (200, 400, 422)) > 100, seen
    assert server.process.poll() is None
    assert "Traceback" not in server.said() and "died" not in server.said() and SECRET not in server.said()


@pytest.mark.slow
def test_schemathesis(server, tmp_path):
    """Requests made from the OpenAPI document, right ones and wrong ones, are answered as it says."""
    url = f"http://127.0.0.1:{server.port}/openapi.json"
    options = ["--generation-deterministic", "--max-examples=300", "--no-color", "--suppress-health-check=all"]
    command = [sys.executable, "-c", SCHEMATHESIS, "run", url, *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


# Many at once


def test_threads_get_what_one_gets(server, nlp):
    texts = TEXTS[:320]
    want = {text: expected(nlp, text) for text in texts}

    def ask(number):
        connection = server.connect()
        for text in texts[number * 5 :] + texts[: number * 5][:10]:
            if hash(text) % 8 == 0:
                status, _, answer = server.send(connection, {"text": text})
                assert status == 200 and json.loads(answer)["results"] == [{"entities": want[text]}]

    with ThreadPoolExecutor(64) as pool:
        list(pool.map(ask, range(64)))


def test_full_queue(start):
    """What does not fit is turned away, with the time to come back; what was taken is answered."""
    server = start("--max-waiting=100", "--max-texts=100", "--timeout=120")
    assert server.wait(), server.said()
    body = {"texts": [" ".join(TEXTS[n : n + 40]) for n in range(80)]}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: server.ask(body), range(8)))
    refused = [answer for answer in answers if answer[0] == 503]
    assert refused and {status for status, _, _ in answers} == {200, 503}
    assert all(headers["Retry-After"] == "1" and json.loads(body)["detail"] for _, headers, body in refused)
    assert server.ask({"texts": ["a"] * 100})[0] == 200


OSLO = {"entities": [{"text": "Oslo", "label": "CITY", "start": 0, "end": 4}]}


def test_more_texts_than_may_wait(small):
    """An idle server takes a request, or a stream, of any number; and streams do not wait for each other in vain."""
    assert small.find({"texts": ["Oslo"] * 1000}) == [OSLO] * 1000
    assert small.stream([{"text": "Oslo"}] * 20) == [OSLO] * 20
    with ThreadPoolExecutor(12) as pool:
        streams = [pool.submit(small.stream, [{"text": "Oslo"}] * 100) for _ in range(12)]
        assert all(stream.result() == [OSLO] * 100 for stream in streams)


def test_streams_and_requests_do_not_starve_each_other(small):
    """Streams go on for longer than an answer may take; meanwhile requests are taken, and so are large ones."""
    with ThreadPoolExecutor(6) as pool:
        streams = [pool.submit(small.stream, [{"text": "Oslo is slow"}, {"text": 1}] * 30) for _ in range(4)]
        answered = 0
        while not all(stream.done() for stream in streams):
            assert small.find({"texts": ["Oslo"] * 20}) == [OSLO] * 20
            answered += 1
        for stream in streams:
            results = stream.result()
            assert results[::2] == [OSLO] * 30 and all("error" in result for result in results[1::2])
    assert answered > 5


def test_a_client_that_reads_nothing(small):
    """What it sends is soon no longer read, and then the connection ends; others are answered as ever."""
    data = b'{"text": "Oslo"}\n' * 20_000
    with socket.create_connection(("127.0.0.1", small.port)) as client:
        client.settimeout(10)
        client.sendall(b"POST /v1/entities HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\n")
        client.sendall(b"Transfer-Encoding: chunked\r\n\r\n")
        with pytest.raises(ConnectionError if hasattr(socket, "TCP_USER_TIMEOUT") else OSError):
            for _ in range(200):
                client.sendall(chunk(data))
    assert small.find({"text": "Oslo"}) == [OSLO]


@pytest.mark.parametrize("headers", [JSON, LINES])
def test_a_client_that_goes_away(small, headers):
    """It is counted as gone, and not as a fault of the server; its place is free again."""

    def counts():
        found = re.findall(rb'requests_total{path="/v1/entities",status="(\d+)"} (\d+)', small.ask(None, "/metrics")[2])
        return {int(status): int(number) for status, number in found}

    before = counts()
    for _ in range(3):
        connection = small.open(headers)
        connection.send(chunk(b'{"text": "Oslo"}\n{'))
        if headers is LINES:
            connection.getresponse().readline()
        connection.close()
    deadline = time.monotonic() + 10
    while (after := counts()).get(499, 0) < before.get(499, 0) + 3:
        assert time.monotonic() < deadline, after
        time.sleep(0.05)
    assert after.get(500) == before.get(500)


def test_too_many_requests_at_once(start):
    server = start("--max-requests=2", "--timeout=5")
    assert server.wait(), server.said()
    slow = []
    for _ in range(2):
        connection = server.connect()
        connection.putrequest("POST", "/v1/entities")
        for name, value in {**JSON, "Content-Length": "50"}.items():
            connection.putheader(name, value)
        connection.endheaders(b"{")
        slow.append(connection)
    time.sleep(0.5)
    status, headers, _ = server.ask({"text": "a"})
    assert status == 503 and headers["Retry-After"] == "1"
    assert server.ask(None, "/livez")[0] == 200
    assert [connection.getresponse().status for connection in slow] == [408, 408]
    assert server.ask({"text": "a"})[0] == 200


def test_an_answer_that_takes_too_long(start):
    server = start("--timeout=0.2")
    assert server.wait(), server.said()
    status, _, answer = server.ask({"texts": [" ".join([SECRET] * 6000)] * 10})
    assert status == 504 and json.loads(answer)["detail"] == "No answer within 0.2 seconds"
    deadline = time.monotonic() + 60
    while server.ask({"text": "a"})[0] != 200:  # what was given up is not worked on
        assert time.monotonic() < deadline


def load(server, nlp, seconds, threads=8):
    """Clients that ask for some time: what became of their requests. Any answer that is wrong fails."""
    want = {text: expected(nlp, text) for text in TEXTS[:64]}
    outcomes, end = [], time.monotonic() + seconds

    def ask(number):
        choose = random.Random(number)
        while time.monotonic() < end:
            text = choose.choice(TEXTS[:64])
            try:
                status, _, answer = server.ask({"text": text})
            except (OSError, http.client.HTTPException) as error:
                outcomes.append(type(error).__name__)
                time.sleep(0.01)
                continue
            assert status == 200 and json.loads(answer)["results"] == [{"entities": want[text]}]
            outcomes.append(status)

    pool = ThreadPoolExecutor(threads)
    return [pool.submit(ask, number) for number in range(threads)], outcomes


def test_a_killed_worker(start, nlp):
    server = start("--workers=2")
    assert server.wait(), server.said()
    while len(server.workers()) < 2:
        time.sleep(0.1)
    clients, outcomes = load(server, nlp, 6)
    time.sleep(2)
    killed = server.workers()[0]
    killed.kill()
    before = len(outcomes)
    for client in clients:
        client.result()
    assert outcomes[before:].count(200) > 20 and outcomes.count(200) > 0.8 * len(outcomes)
    deadline = time.monotonic() + 30
    while len([worker for worker in server.workers() if worker.pid != killed.pid]) < 2:
        assert time.monotonic() < deadline, server.said()
        time.sleep(0.1)


def test_workers_are_replaced(start, nlp):
    server = start("--recycle=150", "--workers=2")
    assert server.wait(), server.said()
    outcomes, deadline = [], time.monotonic() + 120
    while server.said().count("Maximum request limit") < 2:
        assert time.monotonic() < deadline
        clients, more = load(server, nlp, 4, threads=4)
        for client in clients:
            client.result()
        outcomes += more
    assert server.wait()
    assert outcomes.count(200) > 200 and outcomes.count(200) > 0.95 * len(outcomes), outcomes


if os.name != "nt":  # where no process is asked to end

    def test_sigterm_loses_no_accepted_request(start, nlp):
        server = start("--timeout=120")
        assert server.wait(), server.said()
        texts = [" ".join(TEXTS[n : n + 40]) for n in range(60)]
        want = [{"entities": expected(nlp, text)} for text in texts]
        with ThreadPoolExecutor(6) as pool:
            answers = [pool.submit(server.ask, {"texts": texts}) for _ in range(6)]
            time.sleep(0.5)
            assert not any(answer.done() for answer in answers)  # all were accepted, none was answered
            server.process.send_signal(signal.SIGTERM)
            for answer in answers:
                status, _, body = answer.result()
                assert status == 200 and json.loads(body)["results"] == want
        assert server.process.wait(30) == 0
        with pytest.raises(OSError):
            server.ask({"text": "a"})

    def test_sigterm_tells_a_stream_without_end(start, odd):
        """It goes on for a while, and then its client is told that it did not end by itself."""
        server = start("--timeout=0.5", **odd)
        assert server.wait(), server.said()
        connection = server.open(LINES)
        connection.send(chunk(b'{"text": "Oslo"}\n'))
        answer = connection.getresponse()
        assert json.loads(answer.readline()) == OSLO
        server.process.send_signal(signal.SIGTERM)
        results = [OSLO]
        while results[-1] == OSLO:
            connection.send(chunk(b'{"text": "Oslo"}\n'))
            results.append(json.loads(answer.readline()))
            time.sleep(0.2)
        assert len(results) > 5 and results[-1] == {"error": "The server ends; send again what has no answer"}
        assert answer.read() == b"" and server.process.wait(30) == 0


def test_memory_stays_flat(start):
    """Some thousand requests of words that were never seen. Memory zones alone do not do it."""
    server = start()
    assert server.wait(), server.said()
    (worker,) = server.workers()

    def ask(numbers):
        connection = server.connect()
        for number in numbers:
            words = " ".join(f"w{number}x{place}{SECRET}" for place in range(100))
            assert server.send(connection, {"text": words})[0] == 200

    sizes = []
    with ThreadPoolExecutor(8) as pool:
        for turn in range(4):
            list(pool.map(ask, [range(first, first + 100) for first in range(800 * turn, 800 * turn + 800, 100)]))
            sizes.append(worker.memory_info().rss / 1e6)
    assert sizes[-1] < 1.05 * sizes[1], sizes  # the first has not seen the largest batches


# Models that are not there


@pytest.mark.parametrize("model", ["none_such", "/none/such", "none/such.whl"])
def test_missing_model(start, model):
    server = start("--workers=2", model=model)
    assert not server.wait() and server.process.returncode == 1
    assert server.said().count("What to do: ") == server.said().count("There is no ") == 1
    assert "none" in server.said() and "parent process" not in server.said()  # no worker was started for it


def test_requirements_not_installed(start):
    program = "import sys; sys.modules['uvicorn'] = None; from scripts.serve import main; main()"
    server = start(command=("-c", program))
    assert not server.wait() and server.process.returncode == 1
    assert "uvicorn is not installed" in server.said() and 'pip install -e ".[serve]"' in server.said()


@pytest.mark.parametrize("file", ["config.cfg", "ner/model", "meta.json", "vocab/strings.json"])
@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(path.read_bytes()[:50]), lambda path: path.unlink()])
def test_corrupt_model(start, site, tmp_path, file, spoil):
    (folder,) = (site / MODEL).glob(f"{MODEL}-*")
    shutil.copytree(folder, tmp_path / "model")
    spoil(tmp_path / "model" / file)
    server = start("--workers=2", model=tmp_path / "model")
    assert not server.wait() and server.process.returncode == 1, server.said()
    assert server.said().count("does not load") == server.said().count("What to do: ") == 1, server.said()


# Elsewhere


def test_a_component_that_fails(start, odd):
    """The text that it fails on harms no other one, and is in no log, though the error quotes it."""
    server = start(**odd)
    assert server.wait(), server.said()
    status, _, answer = server.ask({"text": SECRET})
    assert status == 500 and json.loads(answer) == {"detail": "Something went wrong here"}
    with ThreadPoolExecutor(16) as pool:
        texts = ["In Oslo", SECRET] * 20
        for text, (status, _, _) in zip(texts, pool.map(lambda text: server.ask({"text": text}), texts), strict=True):
            assert status == (500 if text == SECRET else 200)
    assert "ValueError" in server.said() and "sitecustomize.py" in server.said()
    lines = server.stream([{"text": text} for text in texts])
    assert all(line == {"error": "Something went wrong here"} for line in lines[1::2])
    assert all(line["entities"] for line in lines[::2]) and len(lines) == len(texts)


def test_the_wheel_itself(start, full_run, site):
    (wheel,) = (full_run.path / "packages").glob("*.whl")
    server = start(model=wheel, site="")
    assert server.wait(), server.said()
    assert json.loads(server.ask({"text": "a"})[2])["model"] == "en_event_scheduling-1.0.0"


PAGE = (ROOT / "docs/serve.md").read_text(encoding="utf-8")
_, COMMAND, CURL, ELSEWHERE, _ = re.findall(r"```bash\n(.*?)\n```", PAGE, re.DOTALL)


def shell(command, folder, bin_, log, **env):
    """Start a command as a shell reads it, with an environment's programs first."""
    path = os.pathsep.join([str(bin_), os.environ["PATH"]])
    with log.open("w") as file_:
        how = {"cwd": folder, "env": {**os.environ, "PATH": path, **env}, "stdout": file_, "stderr": subprocess.STDOUT}
        return subprocess.Popen(command, shell=True, **how)


def address(process, log):
    """Where a server that was started in a shell listens."""
    deadline = time.monotonic() + 120
    while "startup complete" not in (said := log.read_text(encoding="utf-8")):
        assert time.monotonic() < deadline and process.poll() is None, said
        time.sleep(0.1)
    return re.search(r"127.0.0.1:\d+", said)[0]


def test_what_the_page_says(short_run, tmp_path):
    """Its command, its curl line and its lines of Python as they stand there; the port alone is another one."""
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    project = short_run.copy(tmp_path / "project")
    project.edit("project.yml", "\n  port: 8080\n", "\n  port: 0\n")
    log = tmp_path / "server.log"
    server = shell(COMMAND, project.path, Path(sys.executable).parent, log)
    try:
        port = address(server, log)
        curl, program = (text.replace("127.0.0.1:8080", port) for text in (CURL, program))
        answer = subprocess.run(curl, shell=True, check=True, capture_output=True).stdout
        assert "entities" in json.loads(answer)["results"][0]
        done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
        assert len(done.stdout.splitlines()) == 2
    finally:
        end(server)
    assert "Traceback" not in log.read_text(encoding="utf-8"), log.read_text(encoding="utf-8")


DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = srsly.read_yaml(ROOT / "compose.yaml")["services"]["entities"]


def step(name):
    """The steps of the Dockerfile with a name."""
    return re.findall(rf"^ *{name} (.*)$", DOCKERFILE, re.MULTILINE)


def test_the_container_is_kept_small():
    """What docker compose would do (no engine runs here): this Dockerfile, and no more rights than it needs."""
    assert COMPOSE["build"] == "." and COMPOSE["read_only"] is True and COMPOSE["tmpfs"] == ["/tmp"]
    assert COMPOSE["cap_drop"] == ["ALL"] and COMPOSE["security_opt"] == ["no-new-privileges:true"]
    (user,), (port,) = step("USER"), step("EXPOSE")
    assert int(user) > 0 and "user" not in COMPOSE and "privileged" not in COMPOSE and "volumes" not in COMPOSE
    assert COMPOSE["ports"] == [f"127.0.0.1:{port}:{port}"] and DOCKERFILE.count(port) == 3
    assert COMPOSE["environment"] == {"SERVICE_TOKEN": "${SERVICE_TOKEN:-}"}
    assert int(COMPOSE["stop_grace_period"].removesuffix("s")) > Settings.timeout + 5  # what uvicorn is given to drain
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()[1:]
    assert ignored == ["*", *(f"!{name}" for copied in step("COPY") for name in copied.removesuffix(" ./").split())]


if sys.platform == "linux":  # as in the container

    @pytest.mark.slow
    def test_the_steps_of_the_container(start, short_run, tmp_path):
        """The Dockerfile's steps, in a fresh environment outside of the project; then what the page says instead."""
        project = short_run.copy(tmp_path / "project")
        project.run("pack-service")
        packed = (project.path / "packages/serve.pyz").read_bytes()
        project.run("pack-service")
        assert (project.path / "packages/serve.pyz").read_bytes() == packed
        srv, bin_ = tmp_path / "srv", tmp_path / "venv" / "bin"
        srv.mkdir()
        subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
        for name, what in re.findall(r"^(COPY|RUN) (.*)$", DOCKERFILE, re.MULTILINE):
            if name == "COPY":
                for pattern in what.removesuffix(" ./").split():
                    (path,) = project.path.glob(pattern)
                    shutil.copy(path, srv)
            else:
                log = tmp_path / "pip.log"
                assert shell(what.replace("--no-cache-dir", "-q"), srv, bin_, log).wait() == 0, log.read_text()
        program, *arguments = json.loads(step("ENTRYPOINT")[0])
        assert program == "python" and arguments.pop() == "--port=8080" and arguments.pop() == "--host=0.0.0.0"
        files = sorted(srv.iterdir())
        assert [path.name for path in files] == ["serve.lock", "serve.pyz"]
        how = {"command": ["-I", *arguments], "python": bin_ / "python", "cwd": srv, "site": ""}
        server = start(*COMPOSE["command"], **how, PYTHONDONTWRITEBYTECODE="1")
        assert server.wait(), server.said()
        assert json.loads(server.ask({"text": "a"})[2])["model"] == "en_event_scheduling-1.0.0"
        assert b"page.js" in server.ask(None, "/")[2] and server.ask(None, "/page/page.js")[0] == 200
        _, *check = [word.replace("8080", str(server.port)) for word in json.loads(step("CMD")[0])]
        assert subprocess.run([bin_ / "python", *check]).returncode == 0
        assert server.stop() == 0
        assert subprocess.run([bin_ / "python", *check], capture_output=True).returncode == 1
        assert sorted(srv.iterdir()) == files  # it writes to /tmp alone
        missing = start(model="none_such", **how)
        assert not missing.wait() and missing.process.returncode == 1 and "What to do: " in missing.said()

        # Without an index: all that the service and the wheel ask for is in the lock
        log = tmp_path / "elsewhere.log"
        other = shell(ELSEWHERE, project.path, bin_, log, PIP_NO_INDEX="1", SERVICE_PORT="0")
        try:
            url = f"http://{address(other, log)}"
            assert Client(url).about()["name"] == MODEL
        finally:
            end(other)
