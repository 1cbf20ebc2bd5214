"""One run at a time in a project folder. A killed run leaves no lock behind: what counts is whether it is alive."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import srsly

from .errors import Place, ProjectError

RUNNERS = ("spacy", "weasel")


@contextmanager
def one_run(folder: Path) -> Iterator[None]:
    """Hold a project folder for this run.

    The holder is the `spacy project run` that started this command, so that nobody comes between its commands, or this
    process if there is none.

    folder (Path): The project folder.
    RAISES (ProjectError): If another run, which is alive, holds it.
    """
    me, path = _holder(), folder / ".run.json"
    _take(path, me)
    try:
        yield
    finally:
        if me.pid == os.getpid():
            path.unlink(missing_ok=True)


def _holder() -> psutil.Process:
    process = psutil.Process()
    for ancestor in process.parents()[:2]:  # Windows puts a launcher in between
        try:
            words = {Path(word).stem for word in ancestor.cmdline()}
        except psutil.Error:
            continue
        if "run" in words and words & set(RUNNERS):
            return ancestor
    return process


def _take(path: Path, me: psutil.Process) -> None:
    while True:
        try:
            with path.open("x", encoding="utf-8") as file_:
                file_.write(srsly.json_dumps({"pid": me.pid, "started": me.create_time()}))
            return
        except FileExistsError:
            holder = _read(path)
        if holder and holder.pid == me.pid:
            return
        if holder:
            words = " ".join(holder.cmdline())
            raise ProjectError(
                "Another run works in this project folder",
                "Wait until it has ended, or stop it.",
                [Place(str(path), None, f"process {holder.pid} holds it", words)],
            )
        path.unlink(missing_ok=True)


def _read(path: Path) -> psutil.Process | None:
    """The process that holds the folder; None if it is no longer alive."""
    for _ in range(10):
        try:
            held = srsly.read_json(path)
            process = psutil.Process(held["pid"])
            # A number is given again to other processes
            return process if abs(process.create_time() - held["started"]) < 1 else None
        except (ValueError, KeyError, TypeError):
            time.sleep(0.05)  # it is being written
        except (OSError, psutil.Error):
            return None
    return None
