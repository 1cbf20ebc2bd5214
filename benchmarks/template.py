"""Copies of the template to run its commands in."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from weasel.cli.run import run_commands
from weasel.util import load_project_config, working_dir

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("project.yml", "pyproject.toml", "requirements.txt", "assets", "configs", "scripts", "spacy_domain")


@contextmanager
def template_copy() -> Iterator[Path]:
    """Copy what the template's commands need.

    YIELDS (Path): The copy, removed in the end.
    """
    with TemporaryDirectory() as folder:
        for name in PARTS:
            source, target = ROOT / name, Path(folder) / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)
        yield Path(folder)


def steps(folder: Path, variables: dict[str, Any]) -> dict[str, list[str]]:
    """Look up in project.yml what `spacy project run all` runs.

    folder (Path): A copy of the template.
    variables (dict[str, Any]): Values for its vars; those that it does not have are left out.
    RETURNS (dict[str, list[str]]): The lines of each command, in order.
    """
    known = load_project_config(folder)["vars"]
    project = load_project_config(
        folder, overrides={f"vars.{name}": value for name, value in variables.items() if name in known}
    )
    scripts = {command["name"]: command["script"] for command in project["commands"]}
    return {name: scripts[name] for name in project["workflows"]["all"]}


def run(folder: Path, lines: list[str]) -> None:
    """Run lines of commands as `spacy project run` does, without its importing spaCy for itself.

    folder (Path): A copy of the template.
    lines (list[str]): The lines.
    """
    with working_dir(folder):
        run_commands(lines)
