"""project.yml is complete, and works on every system."""

import re

import pytest
import srsly
from projects import COMMANDS, CONFIG, GENERATED, ROOT
from weasel.schemas import ProjectConfigCommand


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_a_module_of_its_name_and_depends_on_what_that_is_made_of(name):
    command = COMMANDS[name]
    assert re.findall(r"-m ([\w.]+)", " ".join(command["script"])) == [f"scripts.{name.replace('-', '_')}"]
    assert (ROOT / "scripts" / f"{name.replace('-', '_')}.py").is_file()
    assert command.get("no_skip") or f"corpus/steps/{name}.json" in command["deps"]
    assert not [dep for dep in command["deps"] if dep.startswith(("scripts", "spacy_domain")) or dep.endswith(".py")]


# preflight is never skipped: what it looks at cannot go stale, and weasel would report it missing in poorer words.
@pytest.mark.parametrize("name", [name for name in COMMANDS if not COMMANDS[name].get("no_skip")])
def test_deps_are_the_files_that_the_script_names(name):
    command = COMMANDS[name]
    text_alone = {CONFIG["vars"]["annotations"]} if name in ("report", "package") else set()  # a source's name to them
    for line in command["script"]:
        for word in re.split(r"[\s=]", line):
            if (re.fullmatch(r"[\w./-]+\.\w+", word) and "/" in word) or word in ("training/model-best",):
                known = {*command["deps"], *command["outputs"], *text_alone}
                assert known & {word, word.partition("/")[0]}, f"{name} uses {word}"


@pytest.mark.parametrize("name", COMMANDS)
def test_script_lines_work_everywhere(name):
    """weasel gives lines to no shell, and on Windows leaves quotes in the arguments."""
    for line in COMMANDS[name]["script"]:
        assert line.startswith("python -m scripts.")
        assert not re.search(r"""[|&;<>`"'\\*?~]|\$[^{]""", line)
    assert set(COMMANDS[name]) <= set(ProjectConfigCommand.model_fields)


def test_no_two_commands_write_one_output():
    outputs = [path for command in COMMANDS.values() for path in command["outputs"]]
    assert len(outputs) == len(set(outputs))
    assert all(path.split("/")[0] in GENERATED for path in outputs)


def test_inputs_are_files_of_the_project_or_earlier_outputs():
    made = {f"corpus/steps/{name}.json" for name in COMMANDS}  # by preflight, which comes first
    for name in CONFIG["workflows"]["all"]:
        for dep in COMMANDS[name]["deps"]:
            given = (ROOT / dep).is_file() or dep in CONFIG["directories"]
            assert dep in made or given, f"{name} needs {dep}"
        made |= set(COMMANDS[name]["outputs"])


def test_all_is_the_one_workflow_and_begins_with_preflight():
    assert list(CONFIG["workflows"]) == ["all"]
    assert CONFIG["workflows"]["all"][0] == "preflight" and COMMANDS["preflight"]["no_skip"]


def test_top_level_keys_are_known():
    known = {"title", "description", "vars", "env", "directories", "assets", "workflows", "commands", "remotes"}
    assert set(srsly.read_yaml(ROOT / "project.yml")) <= known


def test_every_var_is_used_and_explained():
    lines = (ROOT / "project.yml").read_text(encoding="utf-8").splitlines()
    for name in CONFIG["vars"]:
        number = next(i for i, line in enumerate(lines) if line.startswith(f"  {name}:"))
        assert re.search(r"  # \w", lines[number]), name
        assert any(f"${{vars.{name}}}" in line for line in lines[number + 1 :])


def test_readme_tables_are_fresh(project):
    from weasel.cli.document import project_document

    before = project.read("README.md")
    project_document(project.path, project.path / "README.md")
    assert project.read("README.md") == before, "run: python -m weasel document --output README.md"
