"""What was damaged, swapped or edited behind weasel's back is found, refused by what would use it, and mended."""

import json
import shutil
from pathlib import Path

import pytest
from projects import COMMANDS, STEPS, digests
from weasel.cli.run import update_lockfile


def swap(project):
    shutil.copyfile(project.path / "corpus/dev.spacy", project.path / "corpus/train.spacy")


def flip(path):
    def change(project):
        raw = bytearray((project.path / path).read_bytes())
        raw[len(raw) // 2] ^= 255
        (project.path / path).write_bytes(raw)

    return change


def truncate(path):
    def change(project):
        (project.path / path).write_bytes((project.path / path).read_bytes()[:-100])

    return change


def edit(path, old, new):
    return lambda project: project.edit(path, old, new)


# What is done to a project in which all is fresh, and the commands that run again for it
FAULTS = {
    "a truncated DocBin": (truncate("corpus/train.spacy"), {"preprocess", "train", "evaluate"}),
    "a swapped split": (swap, {"preprocess", "train", "evaluate"}),
    "a corrupted model": (flip("training/model-best/crf/weights"), {"train"}),
    "another config": (edit("training/config.cfg", "c1 = 0.02", "c1 = 0.05"), {"train"}),
    "other scores": (lambda project: project.write("metrics/metrics.json", "{}"), {"evaluate"}),
    "another retention": (lambda project: project.write("metrics/retention.json", "{}"), {"evaluate"}),
    "a change in the model's config": (
        edit("training/model-best/config.cfg", "batch_size = 256", "batch_size = 255"),
        {"train"},
    ),
}


def bless(project):
    """Write a lock that calls whatever lies there fresh, as `pull` does."""
    with project.inside():
        for step in STEPS:
            update_lockfile(Path(), COMMANDS[step])


@pytest.mark.parametrize("fault", FAULTS)
def test_what_weasel_believes_is_checked(short_run, tmp_path, fault):
    project = short_run.copy(tmp_path / "project")
    damage, again = FAULTS[fault]
    damage(project)
    bless(project)
    assert project.would_run() >= again
    said = project.run_here("preflight").stdout
    for step in again:
        project.forget(step)
    assert "are in order" in said


def test_damage_is_mended(short_run, tmp_path):
    """All of it at once, and weasel sees none of it."""
    project = short_run.copy(tmp_path / "project")
    for name in ("a truncated DocBin", "a corrupted model", "other scores", "another retention"):
        FAULTS[name][0](project)
    bless(project)
    said = project.run_here("all").stdout
    for step in ("preprocess", "train", "evaluate"):
        assert f"{step} will run again: " in said
    assert digests(project) == digests(short_run)


def test_damage_that_weasel_sees_is_mended(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    swap(project)
    FAULTS["another config"][0](project)
    assert {"preprocess", "fill-config", "train"} <= project.run_all_here()
    assert digests(project) == digests(short_run)


def test_commands_refuse_what_is_stale(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    project.run_here("preprocess", "--vars.split_seed=5")
    for step in ("evaluate", "package"):
        done = project.run_here(step, check=False)
        words = " ".join(done.stdout.split())
        assert done.returncode == 1 and "Stale: training/model-best" in words
        assert "corpus/train.spacy: is not what training/model-best was made of" in words
        assert "spacy project run train" in words
    assert json.loads(project.read("metrics/metrics.json")) == json.loads(short_run.read("metrics/metrics.json"))
