"""What the service answers: entities, labels, confidence, offsets, streams, and what it says about itself."""

import json
import random

import pytest
from servers import LINES, MODEL, SECRET, TEXTS, chunk, expected

import spacy_domain.recipes.confidence  # noqa: F401  # registers entity_confidence
from spacy_domain.service.client import Client


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


def test_a_stream_answers_while_it_is_sent(server):
    connection = server.open(LINES)
    connection.send(chunk(json.dumps({"text": TEXTS[0]}).encode() + b"\n"))
    answer = connection.getresponse()
    assert "entities" in json.loads(answer.readline())
    connection.send(chunk(b"x" * 1_000_001))
    assert json.loads(answer.readline()) == {"error": "A line is longer than 1000000 bytes"}
    connection.close()


def test_what_the_model_says_about_itself(server, nlp):
    about = json.loads(server.ask(None, "/v1/model")[2])
    assert about["name"] == MODEL and about["version"] == "1.0.0" and about["lang"] == "en"
    assert about["labels"] == sorted(nlp.pipe_labels["crf"])
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
