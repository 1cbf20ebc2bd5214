"""Paths as Windows writes them, behind `spacy project run`."""

import pytest

from spacy_domain.project.windows_paths import with_slashes


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ([r"--vars.annotations=assets\events.jsonl"], ["--vars.annotations=assets/events.jsonl"]),
        (["--vars.annotations", r"C:\data\new\x.jsonl"], ["--vars.annotations", "C:/data/new/x.jsonl"]),
        ([r'--vars.name="a\"b"'], [r'--vars.name="a\"b"']),  # JSON, and meant so
        (["--vars.annotations=assets/events.jsonl", "all"], ["--vars.annotations=assets/events.jsonl", "all"]),
        ([r"C:\projects\menus", "--dry"], [r"C:\projects\menus", "--dry"]),  # no var
        ([r"--vars.a=x", r"C:\projects\menus"], [r"--vars.a=x", r"C:\projects\menus"]),
    ],
)
def test_values_of_vars_get_slashes(typed, taken):
    assert with_slashes(typed) == taken


def test_spacy_takes_them(project):
    done = project.python("-m", "spacy", "project", "run", "preflight", ".", r"--vars.annotations=assets\events.jsonl")
    assert "--annotations=assets/events.jsonl" in done.stdout and "are in order" in done.stdout
