"""No stale result and no half result: whatever happens, the next `run all` gives what an undisturbed one gives."""

import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import srsly
from conftest import STEPS, limit_steps
from packaging.requirements import Requirement
from test_project import WHEEL, digests, kill
from weasel.cli.run import check_rerun

from spacy_domain.project.errors import ProjectError
from spacy_domain.project.freshness import digest, made_of
from spacy_domain.project.lock import forget_stale, remove_half_written


def start(project, command="all", **env):
    return subprocess.Popen(
        [sys.executable, "-m", "weasel", "run", command],
        cwd=project.path,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )


def wait_for(path, process, seconds=60):
    for _ in range(seconds * 100):
        if path.exists() or process.poll() is not None:
            break
        time.sleep(0.01)
    assert path.exists(), process.communicate()[0]


def meta_of(project):
    return json.loads(project.read("training/model-best/meta.json"))


def test_model_and_wheel_say_what_they_were_made_of(short_run):
    provenance = meta_of(short_run)["provenance"]
    for name in ("corpus/train.spacy", "corpus/dev.spacy", "training/config.cfg"):
        assert provenance["files"][name] == hashlib.sha256((short_run.path / name).read_bytes()).hexdigest()
    assert provenance["environment"] == json.loads(short_run.read("corpus/environment.json"))
    assert provenance["seed"] == 0 and provenance["template"]
    with zipfile.ZipFile(short_run.path / WHEEL) as archive:
        (name,) = [name for name in archive.namelist() if name.count("/") == 1 and name.endswith("/meta.json")]
        in_wheel = json.loads(archive.read(name))["provenance"]
        files = {name.split("/")[-1]: archive.read(name) for name in archive.namelist()}
    assert in_wheel["files"].items() >= provenance["files"].items()
    assert in_wheel["files"]["training/model-best"] == digest(short_run.path / "training/model-best")
    sbom = json.loads(files["sbom.cdx.json"])
    assert sbom["bomFormat"] == "CycloneDX" and sbom["metadata"]["component"]["name"] == "en_event_scheduling"
    versions = {component["name"]: component["version"] for component in sbom["components"]}
    assert versions.items() >= {"spacy": provenance["environment"]["packages"]["spacy"]}.items() and "thinc" in versions
    assert b"MIT" in files["LICENSE"] and b"CC BY 4.0" in files["LICENSE"]
    told, name = short_run.read(WHEEL + ".sha256").split()
    assert (told, name) == (hashlib.sha256((short_run.path / WHEEL).read_bytes()).hexdigest(), WHEEL.split("/")[1])


def test_git_commit_is_told(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run(["git", *identity, *command], cwd=project.path, check=True, capture_output=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=project.path, check=True, capture_output=True, text=True)
    project.python("-m", "spacy", "project", "run", "train", "--force")
    assert meta_of(project)["provenance"]["commit"] == head.stdout.strip()


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


# What is done to a project in which all is fresh
FAULTS = {
    "a truncated DocBin": truncate("corpus/train.spacy"),
    "a swapped split": swap,
    "a corrupted model": flip("training/model-best/ner/model"),
    "another config": lambda project: project.edit("training/config.cfg", "dropout = 0.3", "dropout = 0.2"),
    "other scores": lambda project: project.write("metrics/metrics.json", "{}"),
    "another retention": lambda project: project.write("metrics/retention.json", "{}"),
    "a change in the model's config": lambda project: project.edit(
        "training/model-best/config.cfg", "batch_size = 256", "batch_size = 255"
    ),
}


def bless(project):
    """Write a lock that calls whatever lies there fresh, as `pull` does."""
    project.python(
        "-c",
        "from pathlib import Path; from weasel.cli.run import update_lockfile; from weasel.util import "
        "load_project_config as load; root = Path(); [update_lockfile(root, c) for c in load(root)['commands'] "
        "if c['name'] in " + repr([*STEPS]) + "]",
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_what_weasel_believes_is_checked(short_run, tmp_path, fault):
    project = short_run.copy(tmp_path / "project")
    FAULTS[fault](project)
    bless(project)
    output = project.run("all", check=False).stdout
    assert "will run again" in output or "Stale" in output
    project.run("all")
    if fault != "another config":
        assert digests(project) == digests(short_run)


@pytest.mark.parametrize("fault", FAULTS)
def test_damage_is_mended(short_run, tmp_path, fault):
    project = short_run.copy(tmp_path / "project")
    FAULTS[fault](project)
    project.run("all")
    assert digests(project) == digests(short_run)


def test_commands_refuse_what_is_stale(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    project.run("preprocess", "--vars.split_seed=5")
    for step in ("evaluate", "package"):
        done = project.run(step, check=False)
        words = " ".join(done.stdout.split())
        assert done.returncode == 1 and "Stale: training/model-best" in words and "Traceback" not in done.stderr
        assert "corpus/train.spacy: is not what training/model-best was made of" in words
        assert "spacy project run train" in words


def test_inputs_that_change_in_the_meantime(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ProjectError, match="changed while the command ran"), made_of(path):
        path.write_text("new")


def test_edit_during_training_is_not_blessed(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    before = (project.path / "training/model-best/meta.json").read_bytes()
    limit_steps(project, 120, 60)
    process = start(project)
    wait_for(project.path / "training/unfinished", process)
    swap(project)
    words = " ".join(process.communicate()[0].split())
    assert process.returncode == 1 and "Inputs were changed while the command ran" in words
    assert "corpus/train.spacy: changed" in words
    assert (project.path / "training/model-best/meta.json").read_bytes() == before
    limit_steps(project, 30, 15)
    project.run("all")
    assert digests(project) == digests(short_run)


def test_two_runs_at_once(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    (project.path / "project.lock").unlink()
    (project.path / ".run.json").unlink(missing_ok=True)
    process = start(project)
    wait_for(project.path / ".run.json", process)
    done = project.run("all", check=False)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and "Another run works in this project folder" in words
    assert f"process {process.pid} holds it" in words and "Traceback" not in done.stderr
    output = process.communicate()[0]
    assert process.returncode == 0, output
    assert digests(project) == digests(short_run)


def test_a_killed_run_holds_nothing(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    project.forget("package")
    (project.path / ".run.json").unlink(missing_ok=True)
    process = start(project)
    wait_for(project.path / ".run.json", process)
    kill(process)
    assert (project.path / ".run.json").exists()
    project.run("all")
    assert digests(project) == digests(short_run)


def test_a_half_written_lock_is_mended(short_run, tmp_path):
    """weasel writes project.lock in place, and a kill may leave any part of it."""
    commands = {command["name"]: command for command in srsly.read_yaml(short_run.path / "project.yml")["commands"]}
    entries = srsly.read_yaml(short_run.path / "project.lock")
    lock = tmp_path / "project.lock"
    # Two steps, for srsly takes long to read YAML
    srsly.write_yaml(lock, {step: entries[step] for step in ("fill-config", "train")})
    whole = lock.read_bytes()
    for size in [*range(20), *range(20, len(whole), 199)]:
        lock.write_bytes(whole[:size])
        assert remove_half_written(lock) != lock.exists()
        assert not lock.exists() or all(entries[step] == one for step, one in srsly.read_yaml(lock).items())
        for step in STEPS:
            check_rerun(tmp_path, commands[step])
    project = short_run.copy(tmp_path / "project")
    project.write("project.lock", "")
    assert "project.lock was half written" in project.run("all").stdout
    assert project.run_all() == set() and digests(project) == digests(short_run)


def find_child(process, module):
    """The command that a run has started."""
    for _ in range(600):
        for child in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.Error):
                if module in child.cmdline():
                    return child
        time.sleep(0.05)
    raise AssertionError(f"{module} was not started")


if sys.platform != "win32":  # which has no such signal

    def test_a_command_that_is_stopped_did_not_succeed(short_run, tmp_path):
        project = short_run.copy(tmp_path / "project")
        before = digest(project.path / "training")
        project.edit("training/config.cfg", "at_least = 30", "at_least = 30000")
        changed = digest(project.path / "training")
        process = start(project, "train")
        wait_for(project.path / "training/unfinished/log.jsonl", process)
        find_child(process, "scripts.train").send_signal(signal.SIGINT)
        words = process.communicate(timeout=60)[0]
        assert process.returncode == 130
        assert "train was stopped" in words and "Traceback" not in words
        assert digest(project.path / "training") == changed != before, "nothing half made, and the old model is there"
        (train,) = [c for c in srsly.read_yaml(project.path / "project.yml")["commands"] if c["name"] == "train"]
        assert check_rerun(project.path, train)


def test_outputs_that_are_missing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").touch()
    entries = {
        "made": {"outs": [{"path": "there", "md5": "1"}]},
        "never made": {"outs": [{"path": "there", "md5": "1"}, {"path": "not there", "md5": None}]},
        "gone": {"outs": [{"path": "gone", "md5": "1"}]},
        "half written": {"outs": ["pa"]},
        "without": {"outs": None},
    }
    srsly.write_yaml("project.lock", entries)
    again = dict(forget_stale(Path("project.lock"), []))
    assert again == {
        "never made": "not there is missing",
        "gone": "gone is missing",
        "half written": "an output is missing",
    }
    assert set(srsly.read_yaml("project.lock")) == {"made", "without"}


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_moment(short_run, tmp_path, step):
    """kill -9 at twenty random moments, one run after the other, then one that is left alone."""
    project = short_run.copy(tmp_path / "project")
    project.edit("project.yml", f"- name: {step}\n", f"- name: {step}\n    no_skip: true\n")
    begin = time.perf_counter()
    project.run(step)
    seconds = time.perf_counter() - begin
    rng = random.Random(step)
    for _ in range(20):
        process = start(project, step)
        time.sleep(seconds * rng.random())
        kill(process)
    project.edit("project.yml", f"- name: {step}\n    no_skip: true\n", f"- name: {step}\n")
    project.run("all")
    assert digests(project) == digests(short_run)


def test_clock_and_time_stamps_do_not_matter(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    for path in project.path.rglob("*"):
        os.utime(path, (4e9, 4e9) if path.suffix == ".py" else (4e8, 4e8))
    assert project.run_all() == set()
    project.python("-m", "spacy", "project", "run", "package", "--force")
    assert digests(project) == digests(short_run)


def test_locale_without_utf8(short_run, tmp_path):
    project = short_run.copy(tmp_path / "pröject")
    (project.path / "project.lock").unlink()
    locale = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}
    assert project.run_all(**locale) == set(STEPS)
    assert digests(project) == digests(short_run)


def pinned(project, lock):
    """The versions that a lock file has of each package."""
    versions = {}
    for line in project.read(lock).splitlines():
        if line and not line.startswith(("#", " ")):
            requirement = Requirement(line.rstrip("\\ "))
            versions.setdefault(requirement.name, set()).add(str(requirement.specifier).removeprefix("=="))
    return versions


@pytest.mark.parametrize("name", ["requirements", "requirements-serve"])
def test_lock_file_fits_the_requirements(project, name):
    text = project.read(f"{name}.lock").partition("\n")[2].partition("\n")[2]  # without what makes it
    assert "://" not in text and not re.search(r"^-|--(?!hash=sha256:[0-9a-f]{64}\b)", text, re.MULTILINE)
    locked = pinned(project, f"{name}.lock")
    for line in project.read(f"{name}.txt").splitlines():
        if line.split("#")[0].strip():
            requirement = Requirement(line.split("#")[0])
            assert any(requirement.specifier.contains(version) for version in locked[requirement.name.lower()]), line
    # A model is served with what it was trained with
    trained = pinned(project, "requirements.lock")
    assert all(locked[package] == trained[package] for package in locked.keys() & trained.keys())


def test_environment_up_and_down_again(short_run, tmp_path):
    """Another version of a package that results depend on, and back."""
    project = short_run.copy(tmp_path / "project")
    path = "corpus/environment.json"
    recorded = json.loads(project.read(path))
    recorded["packages"]["thinc"] = "8.0.0"
    project.write(path, srsly.json_dumps(recorded, indent=2) + "\n")
    bless(project)  # as if all had been made with the older one
    assert project.run_all() == set(STEPS)
    assert digests(project) == digests(short_run)


if sys.platform == "linux":

    def test_read_only_output_folder(short_run, tmp_path):
        project = short_run.copy(tmp_path / "project")
        project.forget("evaluate")
        (project.path / "metrics").chmod(0o555)
        # root may write anywhere, unless it gives that up
        give_up = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
        command = [*give_up, sys.executable, "-m", "spacy", "project", "run", "all"]
        done = subprocess.run(command, cwd=project.path, capture_output=True, text=True)
        (project.path / "metrics").chmod(0o755)
        words = " ".join(done.stdout.split())
        assert done.returncode == 1 and "Not allowed to read or write" in words and "What to do" in words
        assert "Traceback" not in done.stderr
        project.run("all")
        assert digests(project) == digests(short_run)
