"""What an output was made of is noted in it, and an edit is found: before a command, while it runs, and after."""

import json
import os

import pytest
import srsly
from projects import Project

from spacy_domain.project.errors import ProjectError
from spacy_domain.project.freshness import describe, digest, find_differences, is_fresh, made_of, step_file, write_step
from spacy_domain.project.outputs import write_json

MODULE = "scripts.speak"


@pytest.fixture
def project(tmp_path):
    """A project with one small command, `speak`, whose module imports another one."""
    project = Project(tmp_path)
    project.write("scripts/__init__.py", "")
    project.write("scripts/speak.py", "import spacy_domain.voice\n")
    project.write("spacy_domain/__init__.py", "")
    project.write("spacy_domain/voice.py", "PITCH = 1\n")
    project.write("text.txt", "old")
    project.write("base/meta.json", "{}")
    with project.inside():
        write_step("speak", MODULE, {})
        for path in tmp_path.rglob("*"):
            os.utime(path, (1e9, 1e9))
        yield project


def speak(project, edit=None):
    """Make an output, with an edit in the meantime."""
    with made_of("speak", tmp := project.path / "text.txt", watch=[project.path / "base"]) as files:
        if edit:
            edit()
    assert tmp.as_posix() in files
    write_json(project.path / "said.json", {"provenance": describe("speak", files)})
    return project.path / "said.json"


EDITS = {
    "data": ("text.txt", "new"),
    "data that is not noted": ("base/meta.json", "[]"),
    "the command's module": ("scripts/speak.py", "import spacy_domain.voice\nMORE = 1\n"),
    "a module behind it": ("spacy_domain/voice.py", "PITCH = 2\n"),
    "what it is made of": ("corpus/steps/speak.json", "{}"),
}


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_in_the_meantime(project, case):
    path, text = EDITS[case]
    with pytest.raises(ProjectError, match="changed while the command ran") as found:
        speak(project, lambda: project.write(path, text))
    (place,) = found.value.places
    assert place.file.endswith(path.removesuffix("/meta.json"))
    assert not (project.path / "said.json").exists(), "nothing was moved into place"


def test_what_is_deleted_in_the_meantime(project):
    for path in ("text.txt", "spacy_domain/voice.py"):
        with pytest.raises(ProjectError, match="changed while the command ran"):
            speak(project, (project.path / path).unlink)


def test_a_comment_in_the_meantime_is_no_edit(project):
    assert is_fresh(speak(project, lambda: project.write("spacy_domain/voice.py", '"""Speaks."""\nPITCH = 1  # low\n')))


def test_another_input_or_another_code_makes_it_stale(project):
    said = speak(project)
    assert is_fresh(said)
    project.write("text.txt", "new")
    assert find_differences(said) == [(project.path / "text.txt").as_posix()]
    project.write("text.txt", "old")
    assert is_fresh(said), "and it is what it was made of again"
    project.write("spacy_domain/voice.py", "PITCH = 2\n")
    assert write_step("speak", MODULE, {}) == ["spacy_domain/voice.py"]
    assert find_differences(said) == [step_file("speak").as_posix()]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"provenance": 1}', '{"provenance": {"files": 1}}'])
def test_an_output_that_does_not_say_is_stale(project, text):
    project.write("said.json", text)
    assert find_differences(project.path / "said.json") == ["?"] and not is_fresh(project.path / "said.json")


def test_an_output_that_is_not_there_is_stale(project):
    assert not is_fresh(project.path / "never.json")


def test_a_folder_knows_its_contents(project):
    folder = project.path / "model"
    project.write("model/weights", "1")
    about = describe("speak", {}, contents=digest(folder, leave_out="meta.json"))
    write_json(folder / "meta.json", {"provenance": about})
    assert is_fresh(folder)
    project.write("model/weights", "2")
    assert find_differences(folder) == [folder.as_posix()]


def test_a_digest_sees_names_and_contents_and_not_time_stamps(tmp_path):
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    (folder / "below" / "a").write_text("1")
    first = digest(folder)
    os.utime(folder / "below" / "a", (1e9, 1e9))
    assert digest(folder) == first
    (folder / "below" / "a").rename(folder / "below" / "b")
    assert digest(folder) != first
    (folder / "below" / "b").rename(folder / "below" / "a")
    assert digest(folder) == first != digest(tmp_path / "none") == ""
    for _ in range(20):  # as quick as time stamps cannot tell
        before = digest(folder)
        (folder / "below" / "a").write_text("2" if (folder / "below" / "a").read_text() == "1" else "1")
        assert digest(folder) != before


def test_a_step_says_code_packages_python_and_models(project):
    model = {"base_model": {"name": "blank:en", "digest": ""}}
    assert write_step("speak", MODULE, model) == ["base_model"]
    found = srsly.read_json(step_file("speak"))
    assert found["models"] == model and set(found["code"]) == {
        "scripts/__init__.py",
        "scripts/speak.py",
        "spacy_domain/__init__.py",
        "spacy_domain/voice.py",
    }
    assert found["packages"] == {} and found["python"]
    step_file("speak").write_text("{")  # somebody has edited it
    assert write_step("speak", MODULE, model) == []
    assert json.loads(step_file("speak").read_text()) == found
