"""The locks in requirements/ have what pyproject.toml asks for, with each Python that is supported."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from projects import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ASKED = {"main": PROJECT["dependencies"], "serve": ["spacy", *PROJECT["optional-dependencies"]["serve"]]}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def locked(name):
    """The requirements that a lock pins, one for each package and marker."""
    lines = (ROOT / f"requirements/{name}.lock").read_text(encoding="utf-8").splitlines()
    return [Requirement(line.rstrip("\\ ")) for line in lines if line and not line.startswith(("#", " "))]


def versions(name, python):
    """The version that a lock has of each package, for a version of Python on Linux."""
    where = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    fitting = [one for one in locked(name) if not one.marker or one.marker.evaluate(where)]
    found = {one.name: str(one.specifier).removeprefix("==") for one in fitting}
    assert len(found) == len(fitting)  # one version of each
    return found


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("python", PYTHONS)
def test_lock_has_what_is_asked_for(name, python):
    found = versions(name, python)
    for line in ASKED[name]:
        requirement = Requirement(line)
        assert requirement.specifier.contains(found[requirement.name.lower()]), line


def test_supported_versions_of_python_are_the_same_everywhere():
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"
    stated = [one.rpartition(" ")[2] for one in PROJECT["classifiers"] if one.startswith("Programming Language")]
    assert stated == list(PYTHONS)
    assert f"Python {PYTHONS[0]} to {PYTHONS[-1]}" in (ROOT / "README.md").read_text(encoding="utf-8")
    workflow = (ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8")
    assert re.findall(r'"(3\.\d+)"', workflow) == list(PYTHONS)
