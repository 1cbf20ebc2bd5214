"""A search, ready to begin, and one that ran undisturbed."""

import re

import pytest
from projects import made_once
from searches import OPTIONS, SPACE


@pytest.fixture(scope="session")
def ready(short_run, tmp_path_factory):
    """A short run with a config of crf that trains in a moment: few iterations, and no tables of words."""

    def make(path):
        project = short_run.copy(path)
        recipe = re.sub(r"\[[\w.]*crf\.(features\.)?classes\]\n(\w.*\n|@.*\n)+", "", project.read("configs/crf.cfg"))
        project.write("configs/crf.cfg", recipe.replace("max_iterations = 60", "max_iterations = 8"))
        project.write("assets/mine.toml", SPACE)
        project.run_here("preflight", *OPTIONS)
        project.run_here("fill-config", *OPTIONS)

    return made_once(tmp_path_factory, "ready", make)


@pytest.fixture(scope="session")
def tuned(ready, tmp_path_factory):
    """The same, tuned undisturbed."""

    def make(path):
        project = ready.copy(path)
        project.write("said.txt", project.run_here("tune", *OPTIONS, "--vars.tries=5").stdout)

    return made_once(tmp_path_factory, "tuned", make)
