"""A clone that was made one's own takes later versions of the template, without conflicts outside of its vars."""

import json
import subprocess

import pytest
from projects import Project, copy_template

IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
OWN_FUNCTION = '''

from spacy.language import Language


@Language.component("shout")
def shout(doc):
    """Does nothing; it is here to be kept."""
    return doc
'''


def git(project, *arguments):
    done = subprocess.run(["git", *IDENTITY, *arguments], cwd=project.path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def commit(project, message):
    git(project, "add", "-A")
    git(project, "commit", "-qm", message)


@pytest.fixture
def template(tmp_path):
    template = copy_template(tmp_path / "template")
    git(template, "init", "-q", "-b", "main")
    commit(template, "The template")
    return template


@pytest.fixture
def own(template, tmp_path):
    """A clone with an owner's annotations, vars, recipe and functions, committed."""
    template.python("-m", "weasel", "clone", ".", str(tmp_path / "own"), "--repo", str(template.path), "-b", "main")
    own = Project(tmp_path / "own")
    row = {"text": "two ramen please", "spans": [{"start": 4, "end": 9, "label": "DISH"}]}
    own.write("assets/menus.jsonl", json.dumps(row) + "\n")
    own.edit("project.yml", 'name: "event_scheduling"', 'name: "menus"')
    own.edit("project.yml", 'annotations: "assets/events.jsonl"', 'annotations: "assets/menus.jsonl"')
    own.write("configs/mine.cfg", '[recipe]\nextends = "cnn"\n\n[training]\ndropout = 0.2\n')
    own.write("scripts/functions.py", own.read("scripts/functions.py") + OWN_FUNCTION)
    commit(own, "Our own domain")
    return own


def test_a_later_version_merges(template, own):
    template.edit("spacy_domain/scoring/__init__.py", "Numbers", "All numbers")
    template.edit("scripts/export.py", "Write annotations", "Write all annotations")
    template.edit("configs/cnn.cfg", "dropout = 0.3", "dropout = 0.25")
    template.write(
        "spacy_domain/annotations/readers/new_format.py", '"""A format that the template learned to read."""\n'
    )
    template.edit("project.yml", 'help: "Write what was measured', 'help: "Write all that was measured')
    template.edit("README.md", "\n\n", "\n\nA later version.\n\n")
    commit(template, "A later version")
    git(own, "pull", "-q", "--no-rebase", "--no-edit", str(template.path), "main")
    assert not git(own, "status", "--porcelain")
    vars_ = own.read("project.yml")
    assert 'name: "menus"' in vars_ and "Write all that was measured" in vars_
    assert "shout" in own.read("scripts/functions.py") and "All numbers" in own.read("spacy_domain/scoring/__init__.py")
    own.run("preflight", "--vars.recipe=mine")
    own.run("fill-config", "--vars.recipe=mine")
    config = own.read("training/config.cfg")
    assert "dropout = 0.2\n" in config and '"seen_entities"' in config


def test_a_change_of_the_same_var_is_a_conflict_of_vars_alone(template, own):
    template.edit("project.yml", 'annotations: "assets/events.jsonl"', 'annotations: "assets/more_events.jsonl"')
    template.edit("spacy_domain/scoring/__init__.py", "Numbers", "All numbers")
    commit(template, "Another example")
    git(own, "fetch", "-q", str(template.path), "main")
    merge = ["git", *IDENTITY, "merge", "--no-edit", "FETCH_HEAD"]
    done = subprocess.run(merge, cwd=own.path, capture_output=True, text=True, check=False)
    assert done.returncode and git(own, "diff", "--name-only", "--diff-filter=U").split() == ["project.yml"]
    conflict = own.read("project.yml").partition("<<<<<<<")[2].partition(">>>>>>>")[0]
    assert "annotations:" in conflict and "commands:" not in conflict
