"""Texts in, and annotated texts to, an object store: a real S3 server, with ten thousand objects, which fails once."""

import json
import threading
from collections.abc import Iterator

import pytest
from commands import run_command
from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import s3_backends
from projects import Project
from pyarrow import parquet
from pyarrow.fs import FileSystem
from texts import make_model, make_texts
from werkzeug.serving import make_server

from spacy_domain.scale.storage import list_sources

pytestmark = pytest.mark.slow

OBJECTS = 10_000


class FailsOnce:
    """A server's application that refuses the first upload of what has a certain name."""

    def __init__(self, application, name):
        self.application, self.name, self.failed = application, name, 0

    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] == "PUT" and self.name in environ["PATH_INFO"] and not self.failed:
            self.failed += 1
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start_response("403 Forbidden", [("Content-Length", "0")])
            return [b""]
        return self.application(environ, start_response)


@pytest.fixture
def store(monkeypatch) -> Iterator[tuple[object, FailsOnce]]:
    """A bucket, and what stands before the server."""
    application = FailsOnce(DomainDispatcherApplication(create_backend_app), "shards/000001")
    server = make_server("127.0.0.1", 0, application, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    backend.create_bucket("texts", "us-east-1")
    yield backend, application
    server.shutdown()
    backend.reset()


def test_ten_thousand_objects_and_an_upload_that_fails_once(store, tmp_path):
    backend, application = store
    texts = make_texts(OBJECTS)
    for number, text in enumerate(texts):
        row = json.dumps({"id": number, "text": text}, ensure_ascii=False)
        backend.put_object("texts", f"raw/a b/{number % 10}/{number:05}.jsonl", row.encode())
    backend.put_object("texts", "raw/notes.md", b"#")
    found = list_sources("s3://texts/raw")
    assert len(found) == OBJECTS + 1 and found[0].address == "s3://texts/raw/a b/0/00000.jsonl"
    here, model = Project(tmp_path), make_model(tmp_path / "model")
    arguments = (
        "s3://texts/raw/a b/1/*01.jsonl",
        "s3://texts/out",
        "--model",
        model,
        "--to=parquet",
        "--shard-mb=0.001",
    )
    done = run_command(here, "annotate", *arguments)
    assert application.failed == 1, done.stdout
    system, _ = FileSystem.from_uri("s3://texts")
    rows = parquet.read_table("texts/out/shards", filesystem=system).to_pylist()
    assert sorted(row["id"] for row in rows) == list(range(1, OBJECTS, 100))
    assert {row["id"]: row["text"] for row in rows} == dict(list(enumerate(texts))[1::100])
    again = run_command(here, "annotate", *arguments)
    assert "texts, 0 a second" in again.stdout


def test_no_such_bucket(store, tmp_path):
    here, model = Project(tmp_path), make_model(tmp_path / "model")
    done = run_command(here, "annotate", "s3://other/raw", "out", "--model", model, check=False)
    assert done.returncode == 1 and "Cannot read s3://other/raw" in " ".join(done.stdout.split())
    assert "What to do" in done.stdout
