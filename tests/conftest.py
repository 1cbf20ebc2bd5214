"""Copies of the project to run commands in, as a user would."""

import os
import shutil
import sys
from importlib.metadata import EntryPoints, entry_points

import catalogue
import hypothesis
import pytest
from projects import (
    GENERATED,
    IMPORTS,
    ROOT,
    STEPS,
    WORD_CLASSES,
    Project,
    change_record,
    copy_template,
    limit_steps,
    made_once,
    readme_command,
    shorten,
)

__all__ = [
    "GENERATED",
    "IMPORTS",
    "ROOT",
    "STEPS",
    "WORD_CLASSES",
    "Project",
    "copy_template",
    "limit_steps",
    "made_once",
    "readme_command",
    "shorten",
]

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is fetched from a hub
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes run the same modules: they are compiled once
sys.dont_write_bytecode = False
# spaCy goes through all of these for each function that it looks up, hundreds of times in a training
known = entry_points()
catalogue.AVAILABLE_ENTRY_POINTS = EntryPoints(
    point for group in known.groups if group.startswith(("spacy_", "thinc_")) for point in known.select(group=group)
)
# No test fails because the machine is busy
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


@pytest.fixture
def project(tmp_path):
    """A fresh copy of the project."""
    return copy_template(tmp_path / "project")


@pytest.fixture(scope="session")
def short_run(tmp_path_factory):
    """A project that ran to its end on a part of its texts, in processes as users have them; tests work on copies."""

    def make(path):
        project = copy_template(path)
        shorten(project)
        project.write("imports/sitecustomize.py", IMPORTS)
        assert project.run_all(anew=True, PYTHONPATH=str(path / "imports")) == set(STEPS)

    return made_once(tmp_path_factory, "short", make)


@pytest.fixture(scope="session")
def changed_run(short_run, tmp_path_factory):
    """What the short run makes of data that were edited, where there was nothing before."""

    def make(path):
        project = copy_template(path)
        for name in ("configs/crf.cfg", "assets/events.jsonl", "project.yml"):
            project.write(name, short_run.read(name))
        change_record(project)
        project.run_all_here()

    return made_once(tmp_path_factory, "changed", make)


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
