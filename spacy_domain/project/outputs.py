"""Outputs appear whole or not at all: written under a temporary name, then moved into place."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to; move it to `path` if all went well, else remove it.

    path (Path): The file to replace.
    YIELDS (Path): Where to write, in the same folder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        yield temporary
        flush(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """Give a folder to work in, without what a killed run left there, and leave nothing of it behind.

    folder (Path): The folder. What is finished is moved out of it.
    YIELDS (Path): The same.
    """
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def flush(path: Path) -> None:
    """Wait until the disk holds a file, so that no later power cut empties it.

    path (Path): The file.
    """
    with path.open("rb+") as file_:
        os.fsync(file_.fileno())


def write_text(path: Path, text: str) -> None:
    """Write a text file, UTF-8 with LF line ends, whole or not at all.

    path (Path): The file to write.
    text (str): Its content.
    """
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, data: Any) -> None:
    """Write a JSON file, UTF-8 with an indent of two, whole or not at all.

    path (Path): The file to write.
    data (Any): JSON-serializable data.
    """
    import srsly  # and with it numpy: what starts processes that do the work does without

    write_text(path, srsly.json_dumps(data, indent=2) + "\n")


def write_jsonl(path: Path, rows: Iterable[Any]) -> None:
    """Write a file with a JSON object a line, whole or not at all.

    path (Path): The file to write.
    rows (Iterable[Any]): JSON-serializable objects.
    """
    import srsly

    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file_:
        for row in rows:
            file_.write(srsly.json_dumps(row) + "\n")


def move(source: Path, target: Path) -> None:
    """Put a finished file or folder in the place of an old one, be it a file or a folder.

    No system call replaces a folder that is not empty: between the two renames there is, for a moment, none.

    source (Path): The finished file or folder, on the same disk.
    target (Path): Its final place.
    """
    if source.is_file():
        flush(source)
    if source.is_file() and not target.is_dir():
        source.replace(target)
        return
    old = target.with_name(f".{target.name}.old")
    _remove(old)
    if target.exists():
        target.replace(old)
    source.replace(target)
    _remove(old)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
