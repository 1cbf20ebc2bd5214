"""The `spacy project run` that started a command."""

from pathlib import Path

import psutil

RUNNERS = ("spacy", "weasel")


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
