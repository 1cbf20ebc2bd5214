"""`spacy project run all` makes what it promises, once, and the same anywhere."""

import json
import os
import re
import zipfile
from collections import defaultdict
from hashlib import sha256
from pathlib import Path

import pytest
from projects import GENERATED, OUTPUTS, STEPS, WHEEL, copy_template, digests, git, shorten, start, wait_for

from spacy_domain.project.freshness import digest


def read_meta(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if re.fullmatch(r"[^/]+/meta\.json", name)]
        return json.loads(archive.read(name))


def test_all_outputs_exist_and_nothing_else_is_left(short_run):
    for path in OUTPUTS:
        assert (short_run.path / path).exists(), path
    left = [path for folder in GENERATED for path in (short_run.path / folder).iterdir()]
    assert not [path for path in left if path.name.startswith(".") or "unfinished" in path.name]
    names = {path.name for path in (short_run.path / "packages").iterdir()}
    assert names == {Path(WHEEL).name, f"{Path(WHEEL).name}.sha256"}


def test_second_run_skips_every_step(short_run, tmp_path):
    """Also those that this recipe has no use for, and whose folders are empty. (In a copy: while a run holds a project,
    its copies are held, too.)"""
    project = short_run.copy(tmp_path / "project")
    for folder in ("training/teacher", "corpus/silver"):
        assert (project.path / folder).is_dir() and not list((project.path / folder).iterdir())
    assert project.run_all() == set()


def test_steps_that_a_recipe_has_no_use_for_end_at_once(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    for step, words in {
        "teach": "learns from no teacher",
        "label-raw-text": "learns from no teacher",
    }.items():
        assert f"The recipe crf {words}" in project.run_here(step, force=True).stdout
    assert project.would_run() == set() and digests(project) == digests(short_run)


def test_generated_files_are_ignored_by_git(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    git(project, "init", "-q")
    git(project, "add", ".")
    tracked = git(project, "ls-files").splitlines()
    assert "project.yml" in tracked
    assert not [path for path in tracked if path.startswith(GENERATED) or path == "project.lock"]


@pytest.mark.slow
def test_same_inputs_give_the_same_outputs_and_two_runs_at_once_do_not_mix(short_run, tmp_path):
    """In another folder, with spaces and an umlaut, in a locale without UTF-8, with time stamps from anywhere."""
    again = copy_template(tmp_path / "a folder with späces")
    shorten(again)
    for path in again.path.rglob("*"):
        os.utime(path, (4e9, 4e9) if path.suffix == ".py" else (4e8, 4e8))
    locale = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}
    process = start(again, **locale)
    wait_for(again.path / ".run.json", process)
    done = again.run("all", check=False)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and "Another run works in this project folder" in words
    assert f"process {process.pid} holds it" in words and "Traceback" not in done.stderr
    output = process.communicate()[0]
    assert process.returncode == 0, output
    assert digests(again) == digests(short_run)


def test_time_stamps_do_not_matter(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    for path in project.path.rglob("*"):
        os.utime(path, (4e9, 4e9) if path.suffix == ".py" else (4e8, 4e8))
    assert project.run_all_here() == set()
    project.run_here("package", force=True)
    assert digests(project) == digests(short_run)


def test_deleting_what_was_generated_loses_nothing(short_run, tmp_path):
    """All of it, but for weasel's lock, which believes that it is there."""
    project = short_run.copy(tmp_path / "project")
    for name in sorted(OUTPUTS, key=len, reverse=True):
        target = project.path / name
        for file in sorted(target.rglob("*"), reverse=True) if target.is_dir() else []:
            file.rmdir() if file.is_dir() else file.unlink()
        target.rmdir() if target.is_dir() else target.unlink()
    there = {"label-raw-text"}  # weasel makes its empty folder, which later steps may need
    assert project.run_all_here() == set(STEPS) - there
    assert digests(project) == digests(short_run)


def test_model_and_wheel_say_what_they_were_made_of(short_run):
    provenance = json.loads(short_run.read("training/model-best/meta.json"))["provenance"]
    for name in ("corpus/train.spacy", "corpus/dev.spacy", "training/config.cfg", "corpus/steps/train.json"):
        assert provenance["files"][name] == sha256((short_run.path / name).read_bytes()).hexdigest()
    step = json.loads(short_run.read("corpus/steps/train.json"))
    assert provenance["environment"] == {key: step[key] for key in ("python", "packages", "models")}
    assert provenance["seed"] == 0 and provenance["template"]
    with zipfile.ZipFile(short_run.path / WHEEL) as archive:
        files = {name.split("/")[-1]: archive.read(name) for name in archive.namelist()}
    in_wheel = read_meta(short_run.path / WHEEL)["provenance"]
    assert in_wheel["files"].items() >= provenance["files"].items()
    assert in_wheel["files"]["training/model-best"] == digest(short_run.path / "training/model-best")
    sbom = json.loads(files["sbom.cdx.json"])
    assert sbom["bomFormat"] == "CycloneDX" and sbom["metadata"]["component"]["name"] == "en_event_scheduling"
    versions = {component["name"]: component["version"] for component in sbom["components"]}
    assert versions.items() >= {"spacy": provenance["environment"]["packages"]["spacy"]}.items() and "thinc" in versions
    assert b"MIT" in files["LICENSE"] and b"CC BY 4.0" in files["LICENSE"]
    told, name = short_run.read(WHEEL + ".sha256").split()
    assert (told, name) == (sha256((short_run.path / WHEEL).read_bytes()).hexdigest(), WHEEL.split("/")[1])


def test_git_commit_is_told(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "all")
    project.run_here("train", force=True)
    provenance = json.loads(project.read("training/model-best/meta.json"))["provenance"]
    assert provenance["commit"] == git(project, "rev-parse", "HEAD").strip()


def test_wheel_tells_about_itself(short_run):
    meta = read_meta(short_run.path / WHEEL)
    about = json.loads(short_run.read("assets/about.json"))
    for key in ("description", "author", "license", "sources"):
        assert meta[key] == about[key] and meta[key]
    metrics = json.loads(short_run.read("metrics/metrics.json"))
    assert meta["performance"]["ents_f"] == metrics["ents_f"]
    assert meta["performance"]["ents_per_type"] == metrics["ents_per_type"]
    labels = defaultdict(int)
    for record in map(json.loads, short_run.read("assets/events.jsonl").splitlines()):
        for span in record["spans"]:
            labels[span["label"]] += 1
    assert meta["labels"]["crf"] == sorted(labels)
    assert any(requirement.startswith("spacy>=") for requirement in meta["requirements"])


def test_clone_serves_another_domain(short_run, tmp_path):
    source = copy_template(tmp_path / "template")
    git(source, "init", "-q", "-b", "main")
    git(source, "add", ".")
    git(source, "commit", "-q", "-m", "template")
    source.python("-m", "weasel", "clone", ".", str(tmp_path / "mine"), "--repo", str(source.path), "--branch", "main")
    project = type(source)(tmp_path / "mine")
    project.write("configs/crf.cfg", short_run.read("configs/crf.cfg"))
    dishes = ["ramen", "pho", "dal makhani", "jollof rice", "pierogi", "tacos al pastor", "injera", "käsespätzle"]
    rows = []
    for number in range(160):
        dish = dishes[number % len(dishes)]
        text = f"table {number} would like {dish} today"
        start = text.index(dish)
        rows.append({"text": text, "spans": [{"start": start, "end": start + len(dish), "label": "DISH"}]})
    project.write("assets/menu.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    assert project.run_all_here("--vars.annotations=assets/menu.jsonl", "--vars.name=menu") == set(STEPS)
    (wheel,) = (project.path / "packages").glob("*.whl")
    assert wheel.name == "en_menu-1.0.0-py3-none-any.whl"
    meta = read_meta(wheel)
    assert (meta["name"], meta["labels"]["crf"], meta["description"]) == ("menu", ["DISH"], "Finds DISH.")
    assert meta["sources"] == [{"name": "assets/menu.jsonl"}]  # nothing is said of data that it was not told of
