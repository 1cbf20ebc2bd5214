"""project.yml is complete, and its commands, run for real, do what depends on what changed and nothing else."""

import ast
import hashlib
import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
import srsly
from conftest import GENERATED, ROOT, STEPS, copy_template
from weasel.schemas import ProjectConfigCommand
from weasel.util import load_project_config

CONFIG = load_project_config(ROOT)
COMMANDS = {command["name"]: command for command in CONFIG["commands"]}
WHEEL = "packages/en_event_scheduling-1.0.0-py3-none-any.whl"
TEMPLATES = (".jinja", ".css", ".js")
OUTPUTS = [path for name in CONFIG["workflows"]["all"] for path in COMMANDS[name]["outputs"]]


def imported_files(module):
    """The files of this project that a module imports, itself included, directly or not."""
    found, queue = set(), [module]
    while queue:
        name = queue.pop()
        folder = ROOT / Path(*name.split("."))
        path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
        if not path.exists() or path in found:
            continue
        found.add(path)
        package = name if folder.is_dir() else name.rpartition(".")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                parts = package.split(".")[: len(package.split(".")) - node.level + 1]
                target = ".".join([*parts, *([node.module] if node.module else [])])
                queue += [target, *(f"{target}.{alias.name}" for alias in node.names)]
    # A package's face that is only a docstring changes nothing.
    return {path.relative_to(ROOT).as_posix() for path in found if len(ast.parse(path.read_text("utf-8")).body) > 1}


@pytest.mark.parametrize("name", COMMANDS)
def test_deps_are_the_code_that_runs(name):
    command = COMMANDS[name]
    modules = re.findall(r"-m (scripts\.[\w.]+)", " ".join(command["script"]))
    code = set().union(*(imported_files(module) for module in modules))
    # templates are named by the modules that fill them in, or by another template
    data = {path.relative_to(ROOT).as_posix() for path in (ROOT / "scripts").rglob("*") if path.suffix in TEMPLATES}
    used, texts = set(), [(ROOT / path).read_text(encoding="utf-8") for path in code]
    while new := {path for path in data - used if any(f'"{Path(path).name}"' in text for text in texts)}:
        used |= new
        texts += [(ROOT / path).read_text(encoding="utf-8") for path in new]
    assert modules and code | used == {dep for dep in command["deps"] if dep.startswith("scripts/")}


# preflight is never skipped: what it looks at cannot go stale, and weasel would report it missing in poorer words.
@pytest.mark.parametrize("name", [name for name in COMMANDS if not COMMANDS[name].get("no_skip")])
def test_deps_are_the_files_that_the_script_names(name):
    command = COMMANDS[name]
    for line in command["script"]:
        for word in re.split(r"[\s=]", line):
            if (re.fullmatch(r"[\w./-]+\.\w+", word) and "/" in word) or word in ("training/model-best",):
                assert word in command["deps"] + command["outputs"], f"{name} uses {word}"


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
    made = set()
    for name in CONFIG["workflows"]["all"]:
        for dep in COMMANDS[name]["deps"]:
            given = (ROOT / dep).is_file() or dep in CONFIG["directories"]
            assert dep in made or given, f"{name} needs {dep}"
        made |= set(COMMANDS[name]["outputs"])


def test_top_level_keys_are_known():
    known = {"title", "description", "vars", "env", "directories", "assets", "workflows", "commands", "remotes"}
    assert set(srsly.read_yaml(ROOT / "project.yml")) <= known


def test_every_var_is_used_and_explained():
    lines = (ROOT / "project.yml").read_text(encoding="utf-8").splitlines()
    for name in CONFIG["vars"]:
        number = next(i for i, line in enumerate(lines) if line.startswith(f"  {name}:"))
        assert lines[number - 1].startswith("  # ")
        assert any(f"${{vars.{name}}}" in line for line in lines[number + 1 :])


def test_readme_tables_are_fresh(project):
    before = project.read("README.md")
    project.python("-m", "weasel", "document", "--output", "README.md")
    assert project.read("README.md") == before, "run: python -m weasel document --output README.md"


# From here on, commands run for real.


def digests(project):
    """The bytes of each output."""
    found = {}
    for path in OUTPUTS:
        target = project.path / path
        files = sorted(target.rglob("*")) if target.is_dir() else [target]
        for file in files:
            if file.is_file():
                found[file.relative_to(project.path).as_posix()] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def test_all_outputs_exist_and_nothing_else_is_left(short_run):
    for path in OUTPUTS:
        assert (short_run.path / path).exists(), path
    left = [path for folder in GENERATED for path in (short_run.path / folder).iterdir()]
    assert not [path for path in left if path.name.startswith(".") or "unfinished" in path.name]
    names = {path.name for path in (short_run.path / "packages").iterdir()}
    assert names == {Path(WHEEL).name, f"{Path(WHEEL).name}.sha256"}


def test_second_run_skips_every_step(short_run):
    assert short_run.run_all() == set()


def test_generated_files_are_ignored_by_git(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    git(project, "init", "-q")
    git(project, "add", ".")
    tracked = git(project, "ls-files").splitlines()
    assert "project.yml" in tracked
    assert not [path for path in tracked if path.startswith(GENERATED) or path == "project.lock"]


def git(project, *arguments):
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    done = subprocess.run(["git", *identity, *arguments], cwd=project.path, capture_output=True, text=True, check=True)
    return done.stdout


def change_record(project):
    """Relabel the first span of the first record of the training split."""
    path = "assets/events.jsonl"
    audit_lines = project.read(path).splitlines()
    record = json.loads(audit_lines[0])
    record["text"] = record["text"] + " please"
    project.write(path, "\n".join([json.dumps(record, ensure_ascii=False), *audit_lines[1:]]) + "\n")
    checksum = hashlib.md5((project.path / path).read_bytes()).hexdigest()
    project.write("project.yml", re.sub(r"checksum: .*", f'checksum: "{checksum}"', project.read("project.yml")))


def add_comment(path):
    return lambda project: project.write(path, project.read(path) + "# a comment\n")


AFTER_MODEL = {"evaluate", "report", "package"}
AFTER_CORPUS = {"preprocess", "train", *AFTER_MODEL}
AFTER_CONFIG = {"fill-config", "train", *AFTER_MODEL}
# What is changed, how, the overrides to run with, the steps that have to run
CHANGES = {
    "a record": (change_record, [], AFTER_CORPUS),
    "what the package says about itself": (
        lambda project: project.edit("assets/about.json", '"MIT"', '"ISC"'),
        [],
        {"report", "package"},
    ),
    "the recipe": (lambda project: project.edit("configs/cnn.cfg", "dropout = 0.3", "dropout = 0.2"), [], AFTER_CONFIG),
    "another recipe": (
        lambda project: project.write("configs/mine.cfg", project.read("configs/cnn.cfg") + "\n"),
        ["--vars.recipe=mine"],
        {"fill-config"},
    ),
    "var on_misaligned": (None, ["--vars.on_misaligned=snap"], {"preprocess"}),
    "var split_seed": (None, ["--vars.split_seed=1"], AFTER_CORPUS),
    "var seed": (None, ["--vars.seed=1"], AFTER_CONFIG),
    "var name": (None, ["--vars.name=other"], {"report", "package"}),
    "var version": (None, ["--vars.version=1.0.1"], {"report", "package"}),
    "var base_model": (None, ["--vars.lang=xx"], set(STEPS)),
    "script of preflight": (add_comment("scripts/preflight.py"), [], set()),
    "script of preprocess": (add_comment("scripts/preprocess.py"), [], {"preprocess"}),
    "script of fill-config": (add_comment("spacy_domain/base/config.py"), [], {"fill-config"}),
    "script of train": (add_comment("scripts/train.py"), [], {"train"}),
    "script of evaluate": (add_comment("spacy_domain/scoring/mistakes.py"), [], {"evaluate"}),
    "script of report": (add_comment("spacy_domain/report/charts.py"), [], {"report"}),
    "how the report looks": (
        lambda project: project.edit("spacy_domain/report/report.css", "max-width: 60rem", "max-width: 50rem"),
        [],
        {"report"},
    ),
    "script of package": (add_comment("spacy_domain/wheel/proof.py"), [], {"package"}),
    "a reader of annotations": (
        add_comment("spacy_domain/annotations/readers/prodigy.py"),
        [],
        {"preprocess", "evaluate"},
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_runs_what_depends_on_it(short_run, tmp_path, change):
    edit, overrides, expected = CHANGES[change]
    project = short_run.copy(tmp_path / "project")
    if edit:
        edit(project)
    assert project.run_all(*overrides) == expected
    assert project.run_all(*overrides) == set()


def test_another_installed_version_runs_everything(short_run, tmp_path):
    project = short_run.copy(tmp_path / "project")
    version = json.loads(project.read("corpus/environment.json"))["packages"]["srsly"]
    other = version + ".1"
    project.write(f"other/srsly-{other}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: srsly\nVersion: {other}\n")
    path = str(project.path / "other")
    assert project.run_all(PYTHONPATH=path) == set(STEPS)
    assert json.loads(project.read("corpus/environment.json"))["packages"]["srsly"] == other
    assert project.run_all(PYTHONPATH=path) == set()
    assert project.run_all() == set(STEPS)


@pytest.mark.parametrize("missing", OUTPUTS)
def test_a_deleted_output_comes_back(short_run, tmp_path, missing):
    project = short_run.copy(tmp_path / "project")
    target = project.path / missing
    for file in sorted(target.rglob("*"), reverse=True) if target.is_dir() else []:
        file.rmdir() if file.is_dir() else file.unlink()
    target.rmdir() if target.is_dir() else target.unlink()
    project.run_all()
    assert digests(project) == digests(short_run)


def test_same_inputs_give_the_same_outputs(short_run, tmp_path):
    again = copy_template(tmp_path / "a folder with späces")
    again.write("configs/cnn.cfg", short_run.read("configs/cnn.cfg"))
    assert again.run_all() == set(STEPS)
    assert digests(again) == digests(short_run)


def kill(process):
    """kill -9, children too."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], check=False, capture_output=True)
    else:
        import os
        import signal

        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_clone_serves_another_domain(short_run, tmp_path):
    source = copy_template(tmp_path / "template")
    git(source, "init", "-q", "-b", "main")
    git(source, "add", ".")
    git(source, "commit", "-q", "-m", "template")
    source.python("-m", "weasel", "clone", ".", str(tmp_path / "mine"), "--repo", str(source.path), "--branch", "main")
    project = type(source)(tmp_path / "mine")
    project.write("configs/cnn.cfg", short_run.read("configs/cnn.cfg"))
    dishes = ["ramen", "pho", "dal makhani", "jollof rice", "pierogi", "tacos al pastor", "injera", "käsespätzle"]
    rows = []
    for number in range(160):
        dish = dishes[number % len(dishes)]
        text = f"table {number} would like {dish} today"
        start = text.index(dish)
        rows.append({"text": text, "spans": [{"start": start, "end": start + len(dish), "label": "DISH"}]})
    project.write("assets/menu.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    overrides = ["--vars.annotations=assets/menu.jsonl", "--vars.name=menu"]
    assert project.run_all(*overrides) == set(STEPS)
    (wheel,) = (project.path / "packages").glob("*.whl")
    assert wheel.name == "en_menu-1.0.0-py3-none-any.whl"
    meta = wheel_meta(wheel)
    assert (meta["name"], meta["labels"]["ner"], meta["description"]) == ("menu", ["DISH"], "Finds DISH.")
    assert meta["sources"] == [{"name": "assets/menu.jsonl"}]  # nothing is said of data that it was not told of


def wheel_meta(wheel):
    import zipfile

    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if re.fullmatch(r"[^/]+/meta\.json", name)]
        return json.loads(archive.read(name))


def test_wheel_tells_about_itself(short_run):
    meta = wheel_meta(short_run.path / WHEEL)
    about = json.loads(short_run.read("assets/about.json"))
    for key in ("description", "author", "license", "sources"):
        assert meta[key] == about[key] and meta[key]
    metrics = json.loads(short_run.read("metrics/metrics.json"))
    assert meta["performance"]["ents_f"] == metrics["ents_f"]
    assert meta["performance"]["ents_per_type"] == metrics["ents_per_type"]
    labels = defaultdict(int)
    for record in map(json.loads, short_run.read("assets/events.jsonl").splitlines()):
        for span in record["spans"]:
            labels[span["label"]] += 1
    assert meta["labels"]["ner"] == sorted(labels)
    assert any(requirement.startswith("spacy>=") for requirement in meta["requirements"])
