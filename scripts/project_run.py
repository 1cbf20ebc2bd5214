"""The `spacy project run` that started a command: its process, its command, and the vars as they were typed there."""

import os
import shlex
from itertools import pairwise
from pathlib import Path

import psutil

RUNNERS = ("spacy", "weasel")
MORE_VARS = "WEASEL_CONFIG_OVERRIDES"  # an environment variable; what it holds wins
VAR = "--vars."


def find_run() -> psutil.Process | None:
    """Find the `spacy project run` that started this command.

    RETURNS (Optional[psutil.Process]): Its process; None if the command was started by itself.
    """
    for ancestor in psutil.Process().parents()[:2]:  # Windows puts a launcher in between
        words = command_line(ancestor)
        if "run" in words and {Path(word).stem for word in words} & set(RUNNERS):
            return ancestor
    return None


def command_line(process: psutil.Process) -> list[str]:
    """RETURNS (list[str]): The words that a process was started with; none if it has ended, or is not ours to see."""
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def typed_words() -> list[str]:
    """RETURNS (list[str]): What was typed behind `spacy project run`; nothing if the command was started by itself."""
    run = find_run()
    words = command_line(run) if run else []
    return words[words.index("run") + 1 :] if "run" in words else []


def typed_command(words: list[str]) -> str:
    """RETURNS (str): The command or workflow among the words behind `spacy project run`; empty if there is none."""
    return next((word for word in words if not word.startswith("-")), "")


def typed_vars(words: list[str]) -> dict[str, str]:
    """Find the vars that were set for a run, before weasel read their values as JSON.

    words (list[str]): The words behind `spacy project run`.
    RETURNS (dict[str, str]): The values, by name of the var.
    """
    found: dict[str, str] = {}
    for word, following in pairwise([*words, *shlex.split(os.environ.get(MORE_VARS, "")), ""]):
        if word.startswith(VAR):
            name, given, value = word.removeprefix(VAR).partition("=")
            found[name.replace("-", "_")] = value if given else following
    return found
