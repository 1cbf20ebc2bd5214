"""What is wrong with vars, assets or environment is said before anything runs, with a place and a remedy."""

import json

import pytest

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
    lines = project.read("assets/events.jsonl").splitlines()
    lines[16] = '{"text": "oops'
    project.write("assets/mine.jsonl", "\n".join(lines))
    done = project.run("all", "--vars.annotations=assets/mine.jsonl", check=False)
    check(done, "Broken JSON", "assets/mine.jsonl:17", "Mend the line")
