"""What was typed behind `spacy project run`, before weasel read it as JSON."""

import difflib
import json
import os
import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any

from .errors import Place, ProjectError
from .project_file import PROJECT_FILE, read_project
from .project_run import command_line, find_run

MORE_VARS = "WEASEL_CONFIG_OVERRIDES"  # an environment variable; what it holds wins
VAR = "--vars."
BACKSLASH = "\\"


def typed_words() -> list[str]:
    """RETURNS (list[str]): The words behind `spacy project run`; none if the command was started by itself."""
    run = find_run()
    words = command_line(run) if run else []
    return words[words.index("run") + 1 :] if "run" in words else []


def typed_vars(words: list[str]) -> dict[str, str]:
    """Find the vars that were set for a run.

    words (list[str]): The words behind `spacy project run`.
    RETURNS (dict[str, str]): The values as they were typed, by name of the var.
    """
    found: dict[str, str] = {}
    for word, following in pairwise([*words, *_more_words(), ""]):
        if word.startswith(VAR):
            name, given, value = word.removeprefix(VAR).partition("=")
            found[name.replace("-", "_")] = value if given else following
    return found


def check_known(words: list[str]) -> None:
    """Check that there is such a var: weasel takes any, and the command would run with what project.yml says.

    words (list[str]): The words behind `spacy project run`.
    RAISES (ProjectError): If project.yml has none of that name.
    """
    set_names = [word[2:].partition("=")[0] for word in [*words, *_more_words()] if word.startswith("--")]
    settings = [name.replace("-", "_") for name in set_names if "." in name]
    if not settings:
        return
    project = read_project()
    known = list(project.get("vars") or {})
    for name in settings:
        section, _, var = name.partition(".")
        if var in known if section == "vars" else section in project:
            continue
        near = difflib.get_close_matches(var, known, 1)
        raise ProjectError(
            f"There is no var {var!r}" if section == "vars" else f"There is no {name!r}",
            f"Did you mean --vars.{near[0]}?" if near else f"See vars in {PROJECT_FILE}, where all of them are.",
            [Place(str(PROJECT_FILE), None, f"has no {name}, and nothing would come of it")],
        )


def _more_words() -> list[str]:
    return shlex.split(os.environ.get(MORE_VARS, ""))


def check_typed(typed: dict[str, str], arrived: dict[str, str], project: dict[str, Any]) -> None:
    """Check that texts arrived as they were written: weasel reads what is typed as JSON and project.yml as YAML, and
    for both 1.10 is the number 1.1.

    typed (dict[str, str]): The vars that were set on the command line, as they were typed there.
    arrived (dict[str, str]): What came of the vars that hold texts.
    project (dict[str, Any]): What project.yml says, which has all other vars.
    RAISES (ProjectError): If one is another than was meant.
    """
    for var, found in arrived.items():
        if var in typed:
            meant = _unquote(typed[var])
            if _as_path(meant) != _as_path(found) and "${" not in meant:
                quoted = f"Write it in quotes in project.yml, or on the command line as --vars.{var}='\"{meant}\"'."
                slashes = f"Write paths with /: --vars.{var}={meant.replace(BACKSLASH, '/')}"
                raise ProjectError(
                    f"The var {var} was typed as {typed[var]} and arrived as {found}",
                    f"What is typed is read as JSON. {slashes if BACKSLASH in meant else quoted}",
                )
        elif not isinstance(project.get("vars", {}).get(var, ""), str):
            raise ProjectError(
                f"The var {var} is no text, and arrived as {found}",
                'Write it in quotes in project.yml: version: "1.10", say, for 1.10 is the number 1.1.',
                [Place("project.yml", None, f"vars.{var} has no quotes")],
            )


def _unquote(value: str) -> str:
    try:
        read = json.loads(value)
    except ValueError:
        return value
    return read if isinstance(read, str) else value


def _as_path(value: str) -> Path:
    return Path(value.replace(BACKSLASH, "/"))  # ./a is a, and so is .\a
