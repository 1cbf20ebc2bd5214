"""Servers that are started once, for tests that leave them as they are."""

import pytest
import spacy
from projects import made_once
from servers import MODEL, ODD, SECRET, Server

import spacy_domain.recipes.confidence  # noqa: F401  # registers entity_confidence

exec(ODD)


@pytest.fixture(scope="session")
def site(short_run, tmp_path_factory):
    """A folder with the shipped example's wheel installed, and nothing else."""

    def make(path):
        (wheel,) = (short_run.path / "packages").glob("*.whl")
        options = ("-q", "--no-deps", "--no-index", "--target")
        short_run.python("-m", "pip", "install", *options, path, wheel)

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


@pytest.fixture(scope="session")
def server(site, tmp_path_factory):
    """A server as it comes, for tests that leave it as it is."""
    server = Server(tmp_path_factory.mktemp("server"), site=site)
    assert server.wait(), server.said()
    yield server
    assert server.stop() == 0
    assert SECRET not in server.said() and "Traceback" not in server.said(), server.said()


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def small(odd, tmp_path_factory):
    """A server where few texts may wait, and clients have little time, for tests that leave it as it is."""
    server = Server(tmp_path_factory.mktemp("server"), "--max-waiting=10", "--timeout=1.5", **odd)
    assert server.wait(), server.said()
    yield server
    assert server.stop() == 0
    assert SECRET not in server.said() and "Traceback" not in server.said(), server.said()


@pytest.fixture(scope="session")
def nlp(site):
    (folder,) = (site / MODEL).glob(f"{MODEL}-*")
    return spacy.load(folder)
