"""Many requests at once, clients that go away or wait, workers that are killed or replaced."""

import http.client
import json
import os
import random
import re
import signal
import socket
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
import spacy
from servers import JSON, LINES, MODEL, OSLO, SECRET, TEXTS, chunk, expected

import spacy_domain.recipes.confidence  # noqa: F401  # registers entity_confidence
from spacy_domain.project import flat_memory
from spacy_domain.recipes import crf
from spacy_domain.service.recognizer import Recognizer

pytestmark = pytest.mark.slow


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
    clients, outcomes = load(server, nlp, 3, threads=4)
    time.sleep(1)
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
    server = start("--recycle=80", "--workers=2")
    assert server.wait(), server.said()
    outcomes, deadline = [], time.monotonic() + 120
    while server.said().count("Maximum request limit") < 2:
        assert time.monotonic() < deadline
        clients, more = load(server, nlp, 1, threads=4)
        for client in clients:
            client.result()
        outcomes += more
    assert server.wait()
    assert outcomes.count(200) > 100 and outcomes.count(200) > 0.95 * len(outcomes), outcomes


if os.name != "nt":  # where no process is asked to end

    def test_sigterm_loses_no_accepted_request(start, nlp):
        server = start("--timeout=120")
        assert server.wait(), server.said()
        texts = [" ".join(TEXTS[n : n + 200]) for n in range(60)]
        want = [{"entities": expected(nlp, text)} for text in texts]
        with ThreadPoolExecutor(6) as pool:
            answers = [pool.submit(server.ask, {"texts": texts}) for _ in range(6)]
            time.sleep(0.3)
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
    """Many requests: whatever the server may keep of one, of their texts or of their connections, would show."""
    server = start()
    assert server.wait(), server.said()
    (worker,) = server.workers()

    def ask(numbers):
        for number in numbers:
            words = " ".join(f"w{number}x{place}{SECRET}" for place in range(10))
            assert server.ask({"text": words})[0] == 200

    sizes = []
    with ThreadPoolExecutor(8) as pool:
        for turn in range(4):
            list(pool.map(ask, [range(first, first + 50) for first in range(400 * turn, 400 * turn + 400, 50)]))
            sizes.append(worker.memory_info().rss / 1e6)
    assert sizes[-1] < 1.05 * sizes[1], sizes  # the first has not seen the largest batches


@pytest.mark.parametrize(("finder", "words", "most"), [("crf", 250, 60), ("none", 1250, 15)])
def test_memory_does_not_grow_with_words_that_were_never_seen(site, tmp_path, monkeypatch, finder, words, most):
    """Counted to the byte, with a small part of the words that are kept otherwise. Memory zones alone do not do it."""
    monkeypatch.setattr(flat_memory, "KEPT_STRINGS", 200)
    monkeypatch.setattr(flat_memory, "NEW_WORDS", 200)
    monkeypatch.setattr(crf, "KEPT_WORDS", 100)
    (folder,) = (site / MODEL).glob(f"{MODEL}-*")
    if finder == "none":  # to tell tokens alone is less work for many words, and tables that grow with them show
        folder = tmp_path / "blank"
        spacy.blank("xx").to_disk(folder)
    recognizer, numbers, sizes = Recognizer(str(folder)), count(), []
    tracemalloc.start()
    try:
        for _ in range(16):
            turn = []
            for _ in range(words // 50):
                recognizer.find([" ".join(f"w{next(numbers)}x" for _ in range(50))], [True])
                turn.append(tracemalloc.get_traced_memory()[0])
            sizes.append(min(turn))
    finally:
        tracemalloc.stop()
    assert (max(sizes[8:]) - max(sizes[:8])) / (8 * words) < most, sizes  # bytes a word
