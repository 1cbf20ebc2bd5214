"""What was typed behind `spacy project run` arrives as it was typed, or is refused."""

import pytest
from projects import ROOT

from spacy_domain.project.errors import ProjectError
from spacy_domain.project.typed_vars import check_known, check_typed, typed_vars

# What is typed, what arrives, part of the error
TYPED = {
    "a number": (["--vars.name=007"], "7", """--vars.name='"007"'"""),
    "a number behind a space": (["--vars.name", "1e3"], "1000.0", "typed as 1e3 and arrived as 1000.0"),
    "a backslash": ([r"--vars.name=assets\\mine.jsonl"], "assetsmine.jsonl", "--vars.name=assets"),
    "the same": (["--force", "--vars.name=mine"], "mine", None),
    "the same as a text": (['--vars.name="1.10"'], "1.10", None),
    "the same path": (["--vars.name=./assets//mine"], "assets/mine", None),
    "what is made of another var": (["--vars.name=blank:${vars.lang}"], "blank:en", None),
    "another var": (["--vars.version=1.10"], "mine", None),
}


@pytest.mark.parametrize("case", TYPED)
def test_texts_arrive_as_they_were_typed(case):
    words, arrived, error = TYPED[case]
    words = ["all", ".", *words]
    if error is None:
        check_typed(typed_vars(words), {"name": arrived}, {})
        return
    with pytest.raises(ProjectError) as found:
        check_typed(typed_vars(words), {"name": arrived}, {})
    assert error in found.value.title + found.value.remedy


def test_vars_of_the_environment_win(monkeypatch):
    monkeypatch.setenv("WEASEL_CONFIG_OVERRIDES", "--vars.name=b --vars.lang de")
    assert typed_vars(["all", "--vars.name=a"]) == {"name": "b", "lang": "de"}


def test_a_version_that_project_yml_has_as_a_number():
    with pytest.raises(ProjectError, match=r"version is no text, and arrived as 1\.1"):
        check_typed({}, {"version": "1.1"}, {"vars": {"version": 1.10}})


@pytest.mark.parametrize(
    ("word", "remedy"),
    [
        ("--vars.anotations=assets/mine.jsonl", "Did you mean --vars.annotations?"),
        ("--var.annotations=assets/mine.jsonl", "Did you mean --vars.annotations?"),
        ("--vars.colour", "See vars in project.yml, where all of them are."),
    ],
)
def test_a_var_that_there_is_not(monkeypatch, word, remedy):
    """weasel takes it without a word, and would train on the shipped example."""
    monkeypatch.chdir(ROOT)
    with pytest.raises(ProjectError) as found:
        check_known(["all", ".", word, "blue"])
    assert found.value.remedy == remedy and "There is no " in found.value.title
    check_known(["all", ".", "--vars.base-model=x", "--vars.name", "a.b", "--force", "--title=x.y"])


def test_a_var_that_there_is_not_ends_any_command(project):
    done = project.run("publish", "--vars.hubrepo=ana/menus", check=False)
    assert done.returncode == 1 and "There is no var 'hubrepo'" in done.stdout
    assert "Did you mean --vars.hub_repo?" in " ".join(done.stdout.split())
