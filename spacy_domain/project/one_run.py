"""One run at a time in a project folder. A killed run leaves no lock behind.

A command holds a lock of the operating system's while it works, which ends with its process, however that ends. Nobody
holds such a lock for the whole `spacy project run` that started it, whose process is not ours: a note says which run it
is, written by whoever holds the lock, and counts as long as that run is alive. So nobody comes between its commands.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

from .errors import Place, ProjectError
from .project_run import command_line, find_run

PATIENCE = 2.0  # seconds; others hold the lock for much less to see that they may not work here


@contextmanager
def one_run(folder: Path) -> Iterator[None]:
    """Hold a project folder for this run.

    The holder is the `spacy project run` that started this command, or this process if there is none.

    folder (Path): The project folder.
    RAISES (ProjectError): If another run, which is alive, holds it.
    """
    me, note = find_run() or psutil.Process(), folder / ".run.json"
    lock = FileLock(str(folder / ".run.lock"))
    _acquire(lock, note, me)
    try:
        holder = _read(note, "run")
        if holder and holder.pid != me.pid:
            raise _held_by(holder, note)
        about = {"run": _describe(me), "command": _describe(psutil.Process())}
        note.write_text(json.dumps(about), encoding="utf-8")
        try:
            yield
        finally:
            if me.pid == os.getpid():
                with suppress(PermissionError):  # Windows keeps what somebody reads; it no longer counts anyway
                    note.unlink(missing_ok=True)
    finally:
        lock.release()


def _acquire(lock: FileLock, note: Path, me: psutil.Process) -> None:
    patience = time.monotonic() + PATIENCE
    while True:
        try:
            lock.acquire(timeout=0)
            return
        except Timeout:
            holder = _read(note, "run")
        if not holder or holder.pid == me.pid:
            if time.monotonic() < patience:
                time.sleep(0.02)
                continue
            holder = _read(note, "command")  # its run may have been killed, and it works on
        raise _held_by(holder, note)


def _describe(process: psutil.Process) -> dict[str, Any]:
    return {"pid": process.pid, "started": process.create_time()}


def _read(note: Path, which: str) -> psutil.Process | None:
    """A process that a note names; None if it is no longer alive, or the note is missing or just being written."""
    try:
        held = json.loads(note.read_bytes())[which]
        process = psutil.Process(held["pid"])
        # A number is given again to other processes; one that has ended keeps it until somebody asks how it ended
        same = abs(process.create_time() - held["started"]) < 1 and process.status() != psutil.STATUS_ZOMBIE
        return process if same else None
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None


def _held_by(holder: psutil.Process | None, note: Path) -> ProjectError:
    who = f"process {holder.pid} holds it" if holder else "a process holds it"
    words = " ".join(command_line(holder)) if holder else ""
    return ProjectError(
        "Another run works in this project folder",
        "Wait until it has ended, or stop it.",
        [Place(str(note), None, who, words)],
    )
