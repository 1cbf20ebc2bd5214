"""weasel's project.lock: what it believes to be done, and what of that is not so."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import srsly

from .freshness import find_stale
from .outputs import replacing


def forget_stale(lock: Path, notes: list[tuple[str, Path]]) -> list[tuple[str, str]]:
    """Have commands run again whose output is missing, or was not made of what lies in the project, whatever weasel
    believes.

    lock (Path): weasel's project.lock.
    notes (list[tuple[str, Path]]): Names of commands, and an output of each that says what it was made of.
    RETURNS (list[tuple[str, str]]): The commands, and why, in words.
    """
    known = _read(lock) or {}
    stale = {step: why for step, why in [*find_missing(known), *find_stale(notes)] if step in known}
    if stale:
        with replacing(lock) as temporary:
            srsly.write_yaml(temporary, {step: entry for step, entry in known.items() if step not in stale})
    return list(stale.items())


def find_missing(known: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Find commands that weasel takes for done although an output of theirs is missing. It never looks whether one was
    made: if not, that is what it expects from then on.

    known (dict[str, Any]): What weasel believes.
    YIELDS (tuple[str, str]): Name of the command, and why, in words.
    """
    for step, entry in known.items():
        for output in entry.get("outs") or []:
            path = output.get("path") if isinstance(output, dict) else None  # half of an entry may have been written
            if not path or not output.get("md5") or not Path(path).exists():
                yield step, f"{path or 'an output'} is missing"


def remove_half_written(lock: Path) -> bool:
    """Remove what a kill left of a lock: weasel writes the file in place.

    lock (Path): weasel's project.lock.
    RETURNS (bool): Whether it was half written.
    """
    half = lock.exists() and _read(lock) is None
    if half:
        lock.unlink()
    return half


def _read(lock: Path) -> dict[str, Any] | None:
    """What each command was made of and made, by its name; None if that cannot be read."""
    try:
        known = srsly.read_yaml(lock) if lock.exists() else {}
    except ValueError:  # srsly's, for whatever is no YAML
        return None
    return known if isinstance(known, dict) and all(isinstance(entry, dict) for entry in known.values()) else None
