"""What the service refuses: bad bodies, too large ones, no token; and requests that nobody would send."""

import gzip
import json
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError

import psutil
import pytest
from servers import JSON, LINES, SECRET, TEXTS, chunk, expected

import spacy_domain.recipes.confidence  # noqa: F401  # registers entity_confidence
from spacy_domain.service.client import Client


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
        for _ in range(1000):
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
            assert min(seen.get(status, 0) for status in (200, 400, 422)) > 40, seen
    assert server.process.poll() is None
    assert "Traceback" not in server.said() and "died" not in server.said() and SECRET not in server.said()


@pytest.mark.slow
def test_schemathesis(server, tmp_path):
    """Requests made from the OpenAPI document, right ones and wrong ones, are answered as it says."""
    url = f"http://127.0.0.1:{server.port}/openapi.json"
    options = ["--generation-deterministic", "--max-examples=60", "--no-color", "--suppress-health-check=all"]
    command = [sys.executable, "-c", SCHEMATHESIS, "run", url, *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
