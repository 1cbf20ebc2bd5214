"""Models that are not there, broken, of rules, or fail; and the wheel itself."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import spacy
from servers import MODEL, SECRET

from spacy_domain.project.errors import ProjectError
from spacy_domain.service.app import make_app
from spacy_domain.service.settings import Settings


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


@pytest.fixture
def copied(site, tmp_path):
    """A copy of the model, to be damaged."""
    (folder,) = (site / MODEL).glob(f"{MODEL}-*")
    return Path(shutil.copytree(folder, tmp_path / "model"))


@pytest.mark.parametrize("file", ["config.cfg", "crf/weights", "meta.json", "vocab/strings.json"])
@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(path.read_bytes()[:50]), lambda path: path.unlink()])
def test_corrupt_model(copied, file, spoil):
    spoil(copied / file)
    with pytest.raises(ProjectError, match="does not load") as caught:
        make_app(Settings(str(copied)))
    assert caught.value.remedy


def test_corrupt_model_ends_the_server(start, copied):
    """What is wrong is told once, however many workers find it out."""
    (copied / "crf" / "weights").write_bytes(b"cut off")
    server = start("--workers=2", model=copied)
    assert not server.wait() and server.process.returncode == 1, server.said()
    said = " ".join(server.said().split())  # lines are as long as the folder's name makes them
    assert said.count("does not load") == said.count("What to do: ") == 1, said


def test_a_component_that_fails(small):
    """The text that it fails on harms no other one, and is in no log, though the error quotes it."""
    server = small
    status, _, answer = server.ask({"text": SECRET})
    assert status == 500 and json.loads(answer) == {"detail": "Something went wrong here"}
    with ThreadPoolExecutor(8) as pool:
        texts = ["In Oslo", SECRET] * 20
        for text, (status, _, _) in zip(texts, pool.map(lambda text: server.ask({"text": text}), texts), strict=True):
            assert status == (500 if text == SECRET else 200)
    assert "ValueError" in server.said() and "sitecustomize.py" in server.said()
    lines = server.stream([{"text": text} for text in texts])
    assert all(line == {"error": "Something went wrong here"} for line in lines[1::2])
    assert all(line["entities"] for line in lines[::2]) and len(lines) == len(texts)


def test_the_wheel_itself(start, short_run, site):
    (wheel,) = (short_run.path / "packages").glob("*.whl")
    server = start(model=wheel, site="")
    assert server.wait(), server.said()
    assert json.loads(server.ask({"text": "a"})[2])["model"] == "en_event_scheduling-1.0.0"
