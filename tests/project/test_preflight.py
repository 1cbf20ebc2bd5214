"""What is wrong with vars, assets or environment is said before anything runs, with a place and a remedy."""

import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest
from projects import COMMANDS, ROOT, copy_template

from scripts.preflight import preflight
from spacy_domain.project import freshness
from spacy_domain.project.errors import ProjectError

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
    # What only evaluate, report and package read, after hours of training
    "missing about": (["--vars.about=none.json"], "About not found", "none.json", "--vars.about="),
    "an about that is no object": (["--vars.about=project.yml"], "Broken JSON", "project.yml", "Mend the file"),
    "a recipe with its folder": (["--vars.recipe=configs/crf.cfg"], "Unknown recipe 'crf.cfg'", "", "one of: cnn, crf"),
    "unknown language": (["--vars.lang=qq"], "Cannot build on 'blank:qq'", "project.yml", "en, es"),
    "two languages": (["--vars.base_model=blank:de"], "The base pipeline's language is 'de'", "project.yml", "=de"),
}


def check(done, title, place, remedy):
    output = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 1, output
    assert "Traceback" not in output
    assert title in output and place in output and "What to do:" in output
    assert remedy in output.split("What to do:")[1]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """A copy of the project in which nothing ever ran to its end."""
    return copy_template(tmp_path_factory.mktemp("untouched") / "project")


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_in_vars(untouched, fault):
    overrides, *expected = FAULTS[fault]
    check(untouched.run_here("all", *overrides, check=False), *expected)
    assert not (untouched.path / "corpus" / "steps").exists()


def test_a_version_that_is_read_as_a_number(untouched):
    """A real run: what was typed is on its command line."""
    done = untouched.run("all", "--vars.version=1.10", check=False)
    check(done, "version was typed as 1.10 and arrived as 1.1", "", """--vars.version='"1.10"'""")


@pytest.mark.parametrize("var", ["annotations", "raw_text", "retention", "about"])
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
        "about": Path("assets/about.json"),
    }
    with pytest.raises(ProjectError, match=f"The var {var} is empty"):
        preflight(**{**given, var: Path()}, gpu_id=-1)


def test_a_var_of_no_use_to_the_recipe_is_no_fault(project):
    """Raw texts are empty as the example comes, and only recipes that learn from them need some."""
    done = project.run_here("preflight", "--vars.recipe=distil", check=False)
    check(done, "No raw texts", "assets/raw_text.jsonl", "--vars.raw_text")
    project.run_here("preflight")


# What [recipe] extends, and what is said of it
EXTENDS = {
    "an unknown recipe": ({"mine": "nope"}, "Unknown recipe 'nope'", "configs/nope.cfg", "one of: cnn"),
    "itself": ({"mine": "mine"}, "The recipe mine extends itself", "configs/mine.cfg", "or none"),
    "one that extends it": (
        {"mine": "yours", "yours": "mine"},
        "The recipe mine extends itself",
        "configs/yours.cfg: extends mine",
        "or none",
    ),
}


@pytest.mark.parametrize("case", EXTENDS)
def test_recipes_that_extend(project, case):
    parents, *expected = EXTENDS[case]
    for name, parent in parents.items():
        project.write(f"configs/{name}.cfg", f'[recipe]\nextends = "{parent}"\n')
    check(project.run_here("all", "--vars.recipe=mine", check=False), *expected)


def test_a_recipe_that_cannot_be_read(project):
    project.write("configs/broken.cfg", "[training\nseed = 1")
    for command in ("all", "fill-config"):
        if command == "fill-config":
            project.run_here("preflight")
        done = project.run_here(command, "--vars.recipe=broken", check=False)
        assert done.returncode == 1 and "Recipe configs/broken.cfg cannot be read" in " ".join(done.stdout.split())


def test_missing_asset(project):
    (project.path / "assets" / "utterances.jsonl").unlink()
    check(project.run_here("all", check=False), "Missing asset", "assets/utterances.jsonl", "Put it there")
    (project.path / "assets" / "about.json").unlink()  # a var names it
    check(project.run_here("all", check=False), "About not found", "assets/about.json", "or set the var: --vars.about")


def test_wrong_checksum_names_the_right_one(project):
    project.write("assets/events.jsonl", project.read("assets/events.jsonl") + '{"text": "hello", "spans": []}\n')
    done = project.run_here("all", check=False)
    check(done, "Wrong checksum", "assets/events.jsonl", "write its new checksum in project.yml")
    checksum = " ".join(done.stdout.split()).split("new checksum in project.yml: ")[1][:32]
    old = project.read("project.yml").split('checksum: "')[1][:32]
    project.edit("project.yml", old, checksum)
    project.run_here("preflight")


def test_missing_package(project):
    project.edit(
        "pyproject.toml", "dependencies = [\n", 'dependencies = [\n    "no-such-package>=1",\n    "srsly>=99",\n'
    )
    done = project.run_here("preflight", check=False)
    check(done, "Packages are missing", "pyproject.toml:", "python -m pip install -r requirements.txt")
    assert "no-such-package>=1: not installed" in done.stdout and "srsly>=99" in done.stdout


RECIPE = "--vars.recipe=transformer"


def need_for_encoders(project, packages):
    text = re.sub(
        r"^transformer = \[.*?^\]", f"transformer = {packages}", project.read("pyproject.toml"), flags=re.M | re.S
    )
    project.write("pyproject.toml", text)


def test_packages_behind_an_encoder_that_are_missing(project):
    need_for_encoders(project, '["no-such-package>=1"]')
    done = project.run_here("preflight", RECIPE, check=False)
    check(done, "Packages are missing", "no-such-package>=1: not installed", 'install -e ".[transformer]"')
    project.run_here("preflight")


@pytest.mark.parametrize("encoder", ["no-such/encoder", "assets", "no_such_encoder!"])
def test_unknown_encoders(project, encoder):
    """Neither in the cache of what was fetched (tests fetch nothing), nor a folder with an encoder."""
    need_for_encoders(project, "[]")
    done = project.run_here("preflight", RECIPE, f"--vars.encoder={encoder}", check=False)
    check(done, f"No encoder {encoder!r}", f"vars.encoder is {encoder!r}", "https://huggingface.co/models")


def test_what_commands_are_made_of_is_written_only_when_it_changes(project):
    project.run_here("preflight")
    folder = project.path / "corpus" / "steps"
    assert {path.stem for path in folder.iterdir()} == set(COMMANDS)
    first = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    project.write("spacy_domain/scoring/matching.py", project.read("spacy_domain/scoring/matching.py") + "\nMORE = 1\n")
    said = " ".join(project.run_here("preflight").stdout.split())
    assert "spacy_domain/scoring/matching.py has changed, which is part of evaluate" in said
    assert {path.stem for path, when in first.items() if path.stat().st_mtime_ns != when} == {"evaluate"}
    made_of = json.loads((folder / "train.json").read_text())
    assert made_of["packages"]["spacy"].startswith("3.8") and made_of["models"]["base_model"]["name"] == "blank:en"
    assert "scripts/train.py" in made_of["code"] and made_of["python"]


def test_what_has_not_changed_is_read_once(short_run, tmp_path, monkeypatch):
    """However many outputs say that they were made of it."""
    project = short_run.copy(tmp_path / "project")
    for path in project.path.rglob("*"):
        os.utime(path, (1e9, 1e9))
    read, read_digest = Counter(), freshness._read_digest

    def count(path):
        read[Path(path).resolve().relative_to(project.path.resolve()).as_posix()] += 1
        return read_digest(path)

    monkeypatch.setattr(freshness, "_read_digest", count)
    assert project.would_run() == set()
    assert {"corpus/train.spacy", "training/model-best/crf/weights", "metrics/metrics.json"} <= set(read)
    assert set(read.values()) == {1}


def test_fault_in_annotations_through_the_whole_command(project):
    lines = project.read("assets/events.jsonl").splitlines()[:100]
    lines[16:28] = ['{"text": "oops'] * 12
    project.write("assets/mine.jsonl", "\n".join(lines))
    done = project.run_here("all", "--vars.annotations=assets/mine.jsonl", check=False)
    check(done, "12 of 100 records make no sense", "assets/mine.jsonl:17", "--vars.max_broken")
    assert "Broken JSON" in done.stdout and "Mend the line" in done.stdout
