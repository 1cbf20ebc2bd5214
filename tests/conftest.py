"""Copies of the project to run commands in, as a user would."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import srsly
from filelock import FileLock

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is fetched from a hub
ROOT = Path(__file__).resolve().parent.parent
GENERATED = ("corpus", "training", "metrics", "packages")
STEPS = ("preprocess", "fill-config", "train", "evaluate", "report", "package")


class Project:
    """A copy of the project in a folder of its own."""

    def __init__(self, path):
        self.path = path

    def python(self, *arguments, check=True, **env):
        """Run this interpreter in the project; no colours, no terminal."""
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=self.path,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        if check and done.returncode:
            raise AssertionError(f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def run(self, command, *overrides, check=True, **env):
        """`weasel run <command>`, which is what `spacy project run` calls, without importing spaCy for it."""
        return self.python("-m", "weasel", "run", command, ".", *overrides, check=check, **env)

    def run_all(self, *overrides, **env):
        """`spacy project run all`; returns the names of the steps that were run and not skipped."""
        output = self.run("all", *overrides, **env).stdout
        skipped = set(re.findall(r"Skipping '([\w-]+)': nothing changed", output))
        return {step for step in STEPS if step not in skipped}

    def read(self, path):
        return (self.path / path).read_text(encoding="utf-8")

    def write(self, path, text):
        (self.path / path).parent.mkdir(parents=True, exist_ok=True)
        (self.path / path).write_text(text, encoding="utf-8", newline="\n")

    def edit(self, path, old, new):
        text = self.read(path)
        assert old in text
        self.write(path, text.replace(old, new))

    def forget(self, step):
        """Have weasel run a command again that it believes to be fresh."""
        lock = srsly.read_yaml(self.path / "project.lock")
        del lock[step]
        srsly.write_yaml(self.path / "project.lock", lock)

    def copy(self, path):
        shutil.copytree(self.path, path, symlinks=True)
        return Project(path)


def copy_template(path):
    """Copy what a clone holds, without what commands generated here."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).exists():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, path / name)
    return Project(path)


@pytest.fixture
def project(tmp_path):
    """A fresh copy of the project."""
    return copy_template(tmp_path / "project")


def readme_command(part):
    """The arguments of the one `spacy project run` command of the README with something in it."""
    lines = re.findall(
        r"^(?:.*&& )?spacy (project run .*)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    (line,) = [line for line in lines if part in line.split()]
    return line.split()


def made_once(tmp_path_factory, name, make):
    """A project that is made once for all processes that run tests."""
    folder = tmp_path_factory.getbasetemp()
    folder = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / name
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            unfinished = folder.with_name(f"{name} unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            make(unfinished)
            unfinished.rename(folder)
    return Project(folder)


WORD_CLASSES = '[initialize.before_init]\n@callbacks = "template.word_classes.v1"\n'


def limit_steps(project, steps, every, recipe="cnn"):
    """Have a recipe train for a few steps, tens of them, without the rule that would find most of what these do not,
    and without the classes of words, whose tables take longer to read than these steps."""
    settings = {"max_steps": steps, "at_least": steps, "epochs": 0.0, "eval_frequency": every, "warmup_steps": every}
    for path in {f"configs/{recipe}.cfg", "configs/cnn.cfg"}:  # which others extend
        text = project.read(path).replace(',"seen_entities"]', "]").replace(WORD_CLASSES, "")
        for name, value in settings.items():
            text = re.sub(rf"^{name} = [\d.]+", f"{name} = {value}", text, flags=re.MULTILINE)
        project.write(path, text)


@pytest.fixture(scope="session")
def short_run(tmp_path_factory):
    """A project that ran to its end with a few training steps; tests work on copies of it."""

    def make(path):
        project = copy_template(path)
        limit_steps(project, 30, 15)
        assert project.run_all() == set(STEPS)

    return made_once(tmp_path_factory, "short", make)


@pytest.fixture(scope="session")
def full_run(tmp_path_factory):
    """The project as it comes, run to its end; what ran in this checkout and has not changed since is skipped."""

    def make(path):
        project = copy_template(path)
        for folder in GENERATED:
            if (ROOT / folder).exists():
                ignored = shutil.ignore_patterns("studies", ".gitkeep")
                shutil.copytree(ROOT / folder, path / folder, ignore=ignored, dirs_exist_ok=True)
        if (ROOT / "project.lock").exists():
            shutil.copyfile(ROOT / "project.lock", path / "project.lock")
        project.run("all")

    return made_once(tmp_path_factory, "full", make)


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium: the system's, or the one that `playwright install chromium` fetched."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


def pytest_collection_modifyitems(items):
    """Slow tests first, so that no process is left with one of them when the others are done."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
