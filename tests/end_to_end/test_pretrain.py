"""The recipe pretrained: vectors of words from raw texts, and a network that starts from them."""

import json

import pytest
import spacy
from conftest import limit_steps, readme_command

CITIES = ["Paris", "Oslo", "Lima", "Cairo", "Quito", "Delhi"]


@pytest.fixture
def project(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    limit_steps(project, 30, 15, "pretrained")
    texts = (f"our meeting in {CITIES[n % 6]} is on day {n} of the month" for n in range(300))
    project.write("assets/utterances.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in texts))
    return project


def test_from_raw_texts_to_a_wheel(project):
    command = readme_command("--vars.recipe=pretrained")
    overrides = command[4:]
    project.python("-m", "spacy", *command)
    nlp = spacy.load(project.path / "training/model-best")
    # the same in any case, and a word that no text had has one of its parts
    assert (nlp("MEETING")[0].vector == nlp("meeting")[0].vector).all()
    assert nlp("meetinghouse")[0].has_vector and nlp("meetinghouse")[0].vector.any()
    inputs = nlp.meta["provenance"]["files"]
    assert any(name.endswith("training/vectors") for name in inputs)
    before = (project.path / "training/model-best/meta.json").read_bytes()
    again = project.run("pretrained", *overrides).stdout
    assert "Skipping 'pretrain'" in again and "Skipping 'train'" in again
    assert (project.path / "training/model-best/meta.json").read_bytes() == before

    project.write("assets/utterances.jsonl", project.read("assets/utterances.jsonl") + '{"text": "one more"}\n')
    project.edit("configs/pretrained.cfg", "dropout = 0.3", "dropout = 0.2")
    project.run("fill-config", *overrides)
    refused = project.run("train", *overrides, check=False)
    assert refused.returncode == 1 and "Stale: training/vectors" in refused.stdout
    assert "spacy project run pretrain . --force" in " ".join(refused.stdout.split())


def test_without_vectors_or_texts_it_says_what_to_do(project):
    refused = project.run("all", "--vars.recipe=pretrained", check=False)
    assert refused.returncode == 1 and "No vectors to start from" in refused.stdout
    assert "spacy project run pretrained" in refused.stdout
    refused = project.run("pretrained", "--vars.recipe=pretrained", check=False)
    assert refused.returncode == 1 and "No raw texts" in refused.stdout
    assert "Traceback" not in refused.stdout + refused.stderr
