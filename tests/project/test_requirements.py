"""The locks fit what pyproject.toml asks for."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from projects import ROOT

LISTED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = {"main": LISTED["dependencies"], "serve": LISTED["optional-dependencies"]["serve"]}


def pinned(lock):
    """The versions that a lock file has of each package."""
    versions = {}
    for line in (ROOT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", " ")):
            requirement = Requirement(line.rstrip("\\ "))
            versions.setdefault(requirement.name, set()).add(str(requirement.specifier).removeprefix("=="))
    return versions


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_file_fits_the_requirements(lock):
    text = (ROOT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")
    text = text.partition("\n")[2].partition("\n")[2]  # without what makes it
    assert "://" not in text and not re.search(r"^-|--(?!hash=sha256:[0-9a-f]{64}\b)", text, re.MULTILINE)
    locked = pinned(lock)
    for line in LOCKS[lock]:
        requirement = Requirement(line)
        assert any(requirement.specifier.contains(version) for version in locked[requirement.name.lower()]), line
    # A model is served with what it was trained with
    trained = pinned("main")
    assert all(locked[package] == trained[package] for package in locked.keys() & trained.keys())


def test_what_a_clone_installs_is_the_engine_in_its_folder():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == ["-e ."]
