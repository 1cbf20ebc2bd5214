"""Numbers that no command can take are refused before the first one works, whichever command they are for."""

import pytest
from projects import ROOT

from spacy_domain.project.errors import ProjectError
from spacy_domain.project.numbers import check_numbers, read_ranges
from spacy_domain.project.project_file import read_project

# The var as it is typed, what is wrong
WRONG = {
    ("max_broken", "5"): "has to be a number from 0 to 1",
    ("max_broken", "-1"): "has to be a number from 0 to 1",
    ("outside", "-5"): "has to be a whole number from 0",
    ("rehearsal", "-1"): "has to be a number from 0",
    ("rehearsal", "nan"): "has to be a number from 0",
    ("shared", "7"): "has to be a number from 0 to 1",
    ("seed", "99999999999999999999"): "has to be a whole number to 2147483647",
    ("seed", "1.5"): "has to be a whole number to 2147483647",
    ("split_seed", "abc"): "has to be a whole number",
    ("min_agreement", "high"): "has to be a number from 0 to 1",
    ("max_retention_loss", "5"): "has to be a number from 0 to 1",
    ("max_outside", "-1"): "has to be a number from 0",
    ("jobs", "0"): "has to be a whole number from 1",
    ("port", "80800"): "has to be a whole number from 0 to 65535",
    ("workers", ""): "has to be a whole number from 1",
}


@pytest.mark.parametrize(("var", "value"), WRONG)
def test_a_number_that_its_command_cannot_take(monkeypatch, var, value):
    monkeypatch.chdir(ROOT)
    with pytest.raises(ProjectError) as found:
        check_numbers(read_project(), {var: value})
    assert found.value.title == f"The var {var} is {value or 'empty'}, but {WRONG[var, value]}"
    assert f"--vars.{var}=" in found.value.remedy


def test_numbers_that_commands_can_take(monkeypatch):
    monkeypatch.chdir(ROOT)
    typed = {"max_broken": "1e-3", "rehearsal": "2", "seed": "-1", "split_seed": "9" * 30, "shared": '"0.5"'}
    check_numbers(read_project(), typed)
    check_numbers(read_project(), {"seed": "${vars.split_seed}"})


def test_a_command_of_ones_own_says_what_its_numbers_may_be(tmp_path):
    module = tmp_path / "mine.py"
    module.write_text('def mine(name: str, deep: int = Opt(2, min=1, max=9, help="")) -> None:\n    """Do it."""\n')
    assert read_ranges(module)["deep"].tell() == "a whole number from 1 to 9"
    module.write_text("def mine(:\n")
    assert not read_ranges(module) and not read_ranges(tmp_path / "none.py"), "others say so"


def test_a_number_out_of_range_stops_a_run_at_once(project, monkeypatch):
    monkeypatch.setenv("WEASEL_CONFIG_OVERRIDES", "--vars.max_broken=5")
    done = project.run_here("all", check=False)
    assert done.returncode == 1 and "The var max_broken is 5, but has to be a number from 0 to 1" in done.stdout
    assert not (project.path / "corpus/audit.json").exists()
