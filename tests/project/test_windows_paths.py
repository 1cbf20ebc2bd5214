"""Paths as Windows writes them, behind `weasel run` and `spacy project run`."""

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


@pytest.mark.parametrize("program", [["spacy", "project"], ["weasel"]])
def test_both_commands_take_them(project, program):
    done = project.python("-m", *program, "run", "preflight", ".", r"--vars.annotations=assets\events.jsonl", anew=True)
    assert "--annotations=assets/events.jsonl" in done.stdout and "are in order" in done.stdout
