"""No half result: whatever happens while a command runs, what was there stays, and the next run is undisturbed."""

import importlib
import random
import signal
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from projects import COMMANDS, STEPS, digests, kill, start, start_words, wait_for
from weasel.cli.run import check_rerun

MADE = [step for step in STEPS if step not in ("teach", "label-raw-text")]
# What is edited while a command runs (data and code), and the function in the middle of it, after which that happens
EDITS = {
    "preprocess": ("assets/events.jsonl", "spacy_domain/corpora/align.py", "find_all"),
    "train": ("corpus/dev.spacy", "spacy_domain/base/training.py", "train_pipeline"),
    "evaluate": ("corpus/test.spacy", "spacy_domain/scoring/matching.py", "measure_model"),
    "report": ("metrics/errors.jsonl", "spacy_domain/report/report.css", "render_report"),
    "package": ("metrics/retention.json", "spacy_domain/wheel/proof.py", "build_wheel"),
}


@pytest.mark.parametrize("step", EDITS)
def test_an_edit_while_a_command_runs_is_found_before_anything_is_moved(short_run, tmp_path, monkeypatch, step):
    project = short_run.copy(tmp_path / "project")
    data, code, middle = EDITS[step]
    module = importlib.import_module(f"scripts.{step}")
    work = getattr(module, middle)

    def work_and_edit(*arguments, **options):
        done = work(*arguments, **options)
        for path in (data, code):
            with (project.path / path).open("ab") as file_:
                file_.write(b"\nMORE = 1\n")
        return done

    monkeypatch.setattr(module, middle, work_and_edit)
    before = digests(project)
    done = project.run_here(step, check=False, force=True)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and "Inputs were changed while the command ran" in words
    assert f"{data}: changed" in words and f"{code}: changed" in words
    after = digests(project)
    assert {name for name in before if after[name] != before[name]} <= {data}, "the edit itself"
    assert after.keys() == before.keys()


# What is not what it was, so that a command makes other outputs than those that lie there
OTHERWISE = {
    "preprocess": lambda project: project.edit("project.yml", "split_seed: 0", "split_seed: 1"),
    "fill-config": lambda project: project.edit("project.yml", "\n  seed: 0", "\n  seed: 1"),
    "train": lambda project: project.edit("training/config.cfg", "c1 = 0.02", "c1 = 0.05"),
    "evaluate": lambda project: project.write("assets/retention.jsonl", '{"text": "Call.", "spans": []}\n'),
    "cross-validate": lambda project: project.edit("training/config.cfg", "c1 = 0.02", "c1 = 0.05"),
    "report": lambda project: project.edit("assets/about.json", "calendar", "diary"),
    "package": lambda project: project.edit("assets/about.json", '"MIT"', '"ISC"'),
}


class Watched:
    """The outputs of a step as they lie there, at each moment at which this process changes anything on the disk."""

    def __init__(self, project, step):
        self.project, self.command = project, COMMANDS[step]
        self.active, self.known, self.moments, self.left = True, {}, [], set()

    def __call__(self, event, arguments):
        writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        if self.active and (writes or event in ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate")):
            self.look()

    def look(self):
        self.active = False
        moment = {path: self.read(self.project.path / path) for path in self.command["outputs"]}
        if not self.moments or moment != self.moments[-1]:
            self.moments.append(moment)
        self.active = True

    def read(self, path):
        """The contents of an output, read again where it has changed."""
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        found = []
        for file in files:
            with suppress(OSError):
                if file.is_file():
                    stat = file.stat()
                    key = (file.name, stat.st_ino, stat.st_size, stat.st_mtime_ns)
                    self.known.setdefault(key, hash(file.read_bytes()))
                    found.append((file.relative_to(path).as_posix(), self.known[key]))
        return tuple(found)


@contextmanager
def watching(watched):
    sys.addaudithook(watched)
    try:
        yield
    finally:
        watched.active = False  # there is no way to take a hook away


@pytest.mark.parametrize("step", MADE)
def test_at_every_moment_each_output_is_whole(short_run, tmp_path, step):
    """Whenever a kill came, it would leave the old output, the new one or, between two renames of a folder, none."""
    project = short_run.copy(tmp_path / "project")
    OTHERWISE[step](project)
    watched = Watched(project, step)
    watched.look()
    with watching(watched):
        project.run_here(step, force=True)
    watched.look()
    old, new = watched.moments[0], watched.moments[-1]
    assert len(watched.moments) > 1 and old != new
    for moment in watched.moments:
        for path, found in moment.items():
            allowed = [old[path], new[path], *([()] if (project.path / path).is_dir() else [])]
            assert found in allowed, f"{path} was half written"
    assert not [path for folder in ("corpus", "training", "metrics", "packages") for path in left_over(project, folder)]


def left_over(project, folder):
    return [path for path in (project.path / folder).iterdir() if path.name.startswith(".") or "unfinish" in path.name]


def start_command(project, step):
    """Start what `spacy project run <step>` starts, without what starts it."""
    (line,) = COMMANDS[step]["script"]
    return start_words(project, [sys.executable, *line.split()[1:]])


@pytest.mark.slow
@pytest.mark.parametrize("step", MADE)
def test_kill_9(short_run, tmp_path, step):
    """Twice, at random moments; then it is left alone, among what the killed ones left behind."""
    project = short_run.copy(tmp_path / "project")
    rng = random.Random(step)
    for _ in range(2):
        (project.path / ".run.json").unlink(missing_ok=True)
        process = start_command(project, step)
        wait_for(project.path / ".run.json", process)
        time.sleep(rng.random())
        kill(process)
    project.forget(step)
    assert step in project.would_run()
    project.run_all_here()
    assert digests(project) == digests(short_run)
    assert not [path for folder in ("corpus", "training", "metrics", "packages") for path in left_over(project, folder)]


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
        project.edit(
            "training/config.cfg", "max_steps = 1\neval_frequency = 2", "max_steps = 90000\neval_frequency = 1"
        )
        before = digests(project)
        process = start(project, "train")
        wait_for(project.path / "training/unfinished/log.jsonl", process)
        find_child(process, "scripts.train").send_signal(signal.SIGINT)
        words = process.communicate(timeout=60)[0]
        assert process.returncode == 130
        assert "train was stopped" in words and "Traceback" not in words
        assert digests(project) == before, "the old model is there"
        assert not left_over(project, "training"), "and nothing half made"
        with project.inside():
            assert check_rerun(Path(), COMMANDS["train"])


def test_a_killed_run_holds_nothing(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    project.forget("report")
    (project.path / ".run.json").unlink(missing_ok=True)
    process = start(project)
    wait_for(project.path / ".run.json", process)
    kill(process)
    assert (project.path / ".run.json").exists()
    project.run_all_here()
    assert digests(project) == digests(short_run)
