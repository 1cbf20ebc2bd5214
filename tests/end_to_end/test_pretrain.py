"""The recipe pretrained: vectors of words from raw texts, and a network that starts from them."""

import json

import pytest
import spacy
from projects import digests, limit_steps

CITIES = ["Paris", "Oslo", "Lima", "Cairo", "Quito", "Delhi"]


@pytest.fixture
def project(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    limit_steps(project, 50, 25, "pretrained")
    texts = (f"our meeting in {CITIES[n % 6]} is on day {n} of the month" for n in range(300))
    project.write("assets/utterances.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in texts))
    return project


OVERRIDES = ["--vars.recipe=pretrained", "--vars.raw_text=assets/utterances.jsonl"]


def test_from_raw_texts_to_a_wheel(project):
    assert {"pretrain", "fill-config", "train", "evaluate", "report", "package"} <= project.run_all_here(*OVERRIDES)
    nlp = spacy.load(project.path / "training/model-best")
    # the same in any case, and a word that no text had has one of its parts
    assert (nlp("MEETING")[0].vector == nlp("meeting")[0].vector).all()
    assert nlp("meetinghouse")[0].has_vector and nlp("meetinghouse")[0].vector.any()
    inputs = nlp.meta["provenance"]["files"]
    assert any(name.endswith("training/vectors") for name in inputs)
    assert project.run_all_here(*OVERRIDES) == set()

    before = digests(project)
    project.edit("configs/cnn.cfg", "dropout = 0.3", "dropout = 0.2")
    assert (
        "The vectors are in training/vectors, as before" in project.run_here("pretrain", *OVERRIDES, force=True).stdout
    )
    assert digests(project) == before

    project.write("assets/utterances.jsonl", project.read("assets/utterances.jsonl") + '{"text": "one more"}\n')
    refused = project.run_here("train", *OVERRIDES, check=False, force=True)
    assert refused.returncode == 1 and "Stale: training/vectors" in refused.stdout
    assert "spacy project run pretrain . --force" in " ".join(refused.stdout.split())


def test_without_texts_it_says_what_to_do(project):
    refused = project.run_here("all", "--vars.recipe=pretrained", check=False)
    assert refused.returncode == 1 and "No raw texts" in refused.stdout
    assert "--vars.raw_text" in refused.stdout


def test_without_vectors_it_says_what_to_do(project):
    project.run_here("fill-config", *OVERRIDES)
    refused = project.run_here("train", *OVERRIDES, check=False)
    assert refused.returncode == 1 and "No vectors to start from" in refused.stdout
    assert "spacy project run" in refused.stdout
