"""Where bulk annotation reads and writes: paths of this machine, or addresses of an object store such as s3://...

An address is a path as people type it, or one with a scheme, which pyarrow's file systems open. Nothing here keeps more
of a file than is asked for, and what is written is whole or not there.
"""

import io
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from ..project.errors import Place, ProjectError
from ..project.outputs import flush

BLOCK = 2**22  # bytes that are asked for at once
TRIES = 3  # of an upload
PATTERN = "*?["


@dataclass(frozen=True)
class Source:
    """A file to read.

    address (str): Where it is.
    size (int): Its size in bytes.
    changed (int): When it was changed last, in nanoseconds since 1970.
    """

    address: str
    size: int
    changed: int


def is_remote(address: str) -> bool:
    """RETURNS (bool): Whether an address is in an object store."""
    return "://" in address


def join(folder: str, name: str) -> str:
    """RETURNS (str): The address of something in a folder."""
    return f"{folder.rstrip('/')}/{name}"


def list_sources(address: str) -> list[Source]:
    """List files in the order of their addresses; in a folder, those whose names begin with a dot aside.

    address (str): A file, a folder (with all that is below), or a pattern with * or ?.
    RETURNS (list[Source]): The files.
    RAISES (ProjectError): If there are none.
    """
    found = sorted(_list_remote(address) if is_remote(address) else _list_local(address), key=lambda one: one.address)
    if not found:
        raise ProjectError(
            "No texts found",
            "Give a file, a folder, or a pattern such as texts/*.jsonl that some files fit.",
            [Place(address, None, "there is no such file, or nothing in it")],
        )
    return found


def _list_local(address: str) -> Iterator[Source]:
    paths = [Path(address)]
    if not paths[0].exists() and any(sign in address for sign in PATTERN):
        parts = paths[0].parts
        plain = next(number for number, part in enumerate(parts) if any(sign in part for sign in PATTERN))
        paths = list(Path(*parts[:plain]).glob("/".join(parts[plain:])))
    for path in paths:
        for file in [path] if path.is_file() else path.rglob("*"):
            if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts):
                stat = file.stat()
                yield Source(file.as_posix(), stat.st_size, stat.st_mtime_ns)


def _list_remote(address: str) -> Iterator[Source]:
    from pyarrow.fs import FileSelector

    pattern = any(sign in address for sign in PATTERN)
    above = address
    while any(sign in above for sign in PATTERN):
        above = above.rpartition("/")[0]
    system, path = _open_system(above)
    with _in_words(address):
        whole = system.get_file_info(path)
        found = [whole] if whole.is_file else system.get_file_info(FileSelector(path, recursive=True))
    root = above[: len(above) - len(path)]
    for one in found:
        if one.is_file and not one.base_name.startswith(".") and (not pattern or fnmatch(root + one.path, address)):
            yield Source(root + one.path, one.size, one.mtime_ns or 0)


def open_source(address: str) -> BinaryIO:
    """Open a file to read, from any place in it.

    address (str): Its address.
    RETURNS (BinaryIO): The file.
    RAISES (OSError): If it cannot be read.
    """
    if not is_remote(address):
        return Path(address).open("rb", buffering=2**18)
    system, path = _open_system(address)
    return io.BufferedReader(system.open_input_file(path), BLOCK)


def read(address: str) -> bytes | None:
    """RETURNS (Optional[bytes]): What a file holds; None if there is none."""
    if not is_remote(address):
        return Path(address).read_bytes() if Path(address).is_file() else None
    system, path = _open_system(address)
    return open_source(address).read() if system.get_file_info(path).is_file else None


def find_size(address: str) -> int | None:
    """RETURNS (Optional[int]): The size of a file in bytes; None if there is none."""
    if not is_remote(address):
        return Path(address).stat().st_size if Path(address).is_file() else None
    system, path = _open_system(address)
    info = system.get_file_info(path)
    return info.size if info.is_file else None


@contextmanager
def writing(address: str) -> Iterator[Path]:
    """Give a path to write to; if all went well, what is there comes to an address, whole. Several may do so at once
    with the same address: one of them is the last.

    address (str): Where it belongs. What was there is replaced.
    YIELDS (Path): Where to write.
    """
    remote = is_remote(address)
    folder = Path(tempfile.gettempdir()) if remote else Path(address).parent
    folder.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(".tmp", f".{address.rpartition('/')[2]}.", folder)
    os.close(number)
    temporary = Path(name)
    try:
        yield temporary
        if remote:
            _upload(temporary, address)
        else:
            temporary.chmod(0o666 & ~_umask())
            flush(temporary)
            temporary.replace(address)
    finally:
        temporary.unlink(missing_ok=True)


def write(address: str, data: bytes) -> None:
    """Write a file, whole or not at all.

    address (str): Where.
    data (bytes): What it holds.
    """
    with writing(address) as path:
        path.write_bytes(data)


def remove_unfinished(folder: str) -> None:
    """Remove what killed processes left in a folder.

    folder (str): Its address. (An object store has no halves: nothing is there before all is.)
    """
    if not is_remote(folder):
        for path in Path(folder).rglob(".*.tmp"):
            path.unlink(missing_ok=True)


def _upload(path: Path, address: str) -> None:
    system, target = _open_system(address)
    data = path.read_bytes()
    for number in range(1, TRIES + 1):
        try:
            # What is closed is there: it is closed when all has been taken, and not on the way out of an error
            stream = system.open_output_stream(target)
            stream.write(data)
            stream.close()
            return
        except OSError:
            if number == TRIES:
                raise
            time.sleep(number)


def _open_system(address: str) -> tuple[Any, str]:
    """The file system behind an address, and the path in it."""
    parts = urlsplit(address)
    return _connect(f"{parts.scheme}://{parts.netloc}"), address.partition("://")[2].rstrip("/")


@cache
def _connect(root: str) -> Any:
    try:
        from pyarrow.fs import FileSystem
    except ImportError:
        raise ProjectError(
            f"{root} takes pyarrow", 'Run: python -m pip install -e ".[scale]"', [Place(root, None, "an object store")]
        ) from None
    with _in_words(root):
        return FileSystem.from_uri(root)[0]


@contextmanager
def _in_words(address: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # pyarrow's
        said = " ".join(str(error).split())[:300]
        raise ProjectError(
            f"Cannot read {address}",
            "Check the address, and the credentials and AWS_ENDPOINT_URL in the environment, if it takes some.",
            [Place(address, None, said)],
        ) from None


@cache
def _umask() -> int:
    found = os.umask(0o077)
    os.umask(found)
    return found
