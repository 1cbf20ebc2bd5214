"""What is wrong with vars, assets or environment is said before anything runs, with a place and a remedy."""

import json
from pathlib import Path

import pytest
import srsly
from conftest import ROOT

from scripts.preflight import check_workflow, preflight
from spacy_domain.project.errors import ProjectError
from spacy_domain.project.typed_vars import check_typed, typed_vars

# What the user does, title, place, remedy
FAULTS = {
    "missing annotations": (
        ["--vars.annotations=assets/none.jsonl"],
        "Annotations not found",
        "assets/none.jsonl",
        "Put the file",
    ),
    "unknown recipe": (["--vars.recipe=nope"], "Unknown recipe 'nope'", "configs/nope.cfg", "one of: cnn"),
    "capitals in the name": (["--vars.name=Event"], "Bad package name 'Event'", "project.yml", "lower-case"),
    "hyphen in the name": (["--vars.name=event-x"], "Bad package name 'event-x'", "project.yml", "lower-case"),
    "double underscore": (["--vars.name=a__b"], "Bad package name 'a__b'", "project.yml", "single underscores"),
    "space in the name": (["--vars.name=my events"], "Wrong arguments for preflight", "events", "spaces"),
    "no name": (["--vars.name="], "Bad package name ''", "project.yml", "lower-case"),
    "bad version": (["--vars.version=one"], "Bad package version 'one'", "project.yml", "--vars.version=1.0.0"),
    "a version that is read as a number": (
        ["--vars.version=1.10"],
        "version was typed as 1.10 and arrived as 1.1",
        "",
        """--vars.version='"1.10"'""",
    ),
    "a GPU that is not there": (
        ["--vars.gpu_id=99"],
        "GPU 99 cannot be used",
        "vars.gpu_id is 99",
        "--vars.gpu_id=-1",
    ),
    "version pip would rewrite": (["--vars.version=1.0.0-alpha.1"], "Bad package version", "project.yml", "=1.0.0a1"),
    "unknown base": (
        ["--vars.base_model=no_such_model"],
        "No pipeline 'no_such_model'",
        "no such package or folder",
        "python -m pip install no_such_model",
    ),
    "base of spaCy's that is not installed": (
        ["--vars.base_model=en_core_web_sm"],
        "No pipeline 'en_core_web_sm'",
        "no such package or folder",
        "python -m spacy download en_core_web_sm",
    ),
    "a folder that is no pipeline": (["--vars.base_model=assets"], "No pipeline 'assets'", "meta.json", "nlp.to_disk"),
    "missing raw text": (["--vars.raw_text=none.txt"], "Raw text not found", "none.txt", "--vars.raw_text="),
    "missing retention": (["--vars.retention=none.txt"], "Retention not found", "none.txt", "--vars.retention="),
    "unknown language": (["--vars.lang=qq"], "Cannot build on 'blank:qq'", "project.yml", "en, es"),
    "two languages": (["--vars.base_model=blank:de"], "The base pipeline's language is 'de'", "project.yml", "=de"),
}


def check(done, title, place, remedy):
    output = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 1, output
    assert "Traceback" not in output
    assert title in output and place in output and "What to do:" in output
    assert remedy in output.split("What to do:")[1]


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_in_vars(project, fault):
    overrides, *expected = FAULTS[fault]
    check(project.run("all", *overrides, check=False), *expected)
    assert not (project.path / "corpus" / "environment.json").exists()


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


@pytest.mark.parametrize("var", ["annotations", "raw_text", "retention"])
def test_a_var_that_names_no_file(monkeypatch, var):
    """An empty path is the project folder for Python."""
    monkeypatch.chdir(ROOT)
    paths = {name: Path(f"assets/{name}.jsonl") for name in ("raw_text", "retention")}
    texts = {"name": "a", "version": "1.0.0", "lang": "en", "base_model": "blank:en", "encoder": "a"}
    given = {
        "annotations": Path("assets"),
        **paths,
        **texts,
        "previous_model": "none",
        "recipe": Path("configs/cnn.cfg"),
    }
    with pytest.raises(ProjectError, match=f"The var {var} is empty"):
        preflight(Path("environment.json"), **{**given, var: Path()}, gpu_id=-1)


def test_a_workflow_for_another_recipe(project):
    """Before an hour goes into what the recipe would not use."""
    done = project.run("distil", check=False)
    title = "The recipe cnn does not use the teacher that the workflow distil makes"
    check(done, title, "vars.recipe is 'cnn'", "--vars.recipe=distil")


def test_workflows_and_their_recipes():
    project, configs = srsly.read_yaml(ROOT / "project.yml"), ROOT / "configs"
    check_workflow("distil", configs / "distil.cfg", project)
    check_workflow("pretrained", configs / "pretrained.cfg", project)
    check_workflow("all", configs / "distil.cfg", project)
    with pytest.raises(ProjectError, match="does not use the vectors") as found:
        check_workflow("pretrained", configs / "distil.cfg", project)
    assert "--vars.recipe=pretrained" in found.value.remedy


def test_missing_asset(project):
    (project.path / "assets" / "about.json").unlink()
    check(project.run("all", check=False), "Missing asset", "assets/about.json", "Put it there")


def test_wrong_checksum_names_the_right_one(project):
    project.write("assets/events.jsonl", project.read("assets/events.jsonl") + '{"text": "hello", "spans": []}\n')
    done = project.run("all", check=False)
    check(done, "Wrong checksum", "assets/events.jsonl", "write its new checksum in project.yml")
    checksum = " ".join(done.stdout.split()).split("new checksum in project.yml: ")[1][:32]
    old = project.read("project.yml").split('checksum: "')[1][:32]
    project.edit("project.yml", old, checksum)
    project.run("preflight")


def test_missing_package(project):
    project.write("requirements.txt", project.read("requirements.txt") + "no-such-package>=1\nsrsly>=99\n")
    done = project.run("preflight", check=False)
    check(done, "Packages are missing", "requirements.txt:", "python -m pip install -r requirements.txt")
    assert "no-such-package>=1: not installed" in done.stdout and "srsly>=99" in done.stdout


RECIPE = "--vars.recipe=transformer"


def test_packages_behind_an_encoder_that_are_missing(project):
    project.write("requirements-transformer.txt", "-r requirements.txt\nno-such-package>=1  # for the test\n")
    done = project.run("preflight", RECIPE, check=False)
    check(done, "Packages are missing", "no-such-package>=1: not installed", "install -r requirements-transformer.txt")
    project.run("preflight")


@pytest.mark.parametrize("encoder", ["no-such/encoder", "assets", "no_such_encoder!"])
def test_unknown_encoders(project, encoder):
    """Neither in the cache of what was fetched (tests fetch nothing), nor a folder with an encoder."""
    project.write("requirements-transformer.txt", "")
    done = project.run("preflight", RECIPE, f"--vars.encoder={encoder}", check=False)
    check(done, f"No encoder {encoder!r}", f"vars.encoder is {encoder!r}", "https://huggingface.co/models")


def test_environment_is_written_only_when_it_changes(project):
    project.run("preflight")
    path = project.path / "corpus" / "environment.json"
    first = path.stat().st_mtime_ns
    project.run("preflight")
    assert path.stat().st_mtime_ns == first
    assert json.loads(path.read_text())["packages"]["spacy"].startswith("3.8")


def test_fault_in_annotations_through_the_whole_command(project):
    lines = project.read("assets/events.jsonl").splitlines()[:100]
    lines[16:28] = ['{"text": "oops'] * 12
    project.write("assets/mine.jsonl", "\n".join(lines))
    done = project.run("all", "--vars.annotations=assets/mine.jsonl", check=False)
    check(done, "12 of 100 records make no sense", "assets/mine.jsonl:17", "--vars.max_broken")
    assert "Broken JSON" in done.stdout and "Mend the line" in done.stdout
