"""Archives and compressed files -> a folder with what is in them."""

import bz2
import gzip
import lzma
import shutil
import tarfile
import zipfile
import zlib
from contextlib import ExitStack
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..project.errors import Place, ProjectError

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
ZSTD = b"\x28\xb5\x2f\xfd"
COMPRESSED: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
TAR_AT = 257  # where a TAR archive says that it is one
NO_ARCHIVES = (".whl", ".docx", ".xlsx", ".odt", ".ods", ".npz")  # are ZIP, too
SUFFIXES = {".tgz": ".tar", ".tbz2": ".tar", ".txz": ".tar", ".gz": "", ".bz2": "", ".xz": "", ".zst": ""}
BROKEN = (
    *(zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error),
    *(RuntimeError, NotImplementedError, EOFError, gzip.BadGzipFile),
)
unpacked = ExitStack()  # archives stay unpacked while the process lives


def is_archive(path: Path) -> bool:
    """RETURNS (bool): Whether a file is an archive (ZIP, TAR) or compressed (gzip, bzip2, xz, Zstandard), whatever it
    is called."""
    if not path.is_file() or path.suffix.lower() in NO_ARCHIVES:
        return False
    with path.open("rb") as file_:
        start = file_.read(TAR_AT + 5)
    return start.startswith((*ZIP, ZSTD, *COMPRESSED)) or start[TAR_AT:] == b"ustar"


@cache
def unpack(path: Path) -> Path:
    """Unpack an archive or a compressed file.

    path (Path): The file.
    RETURNS (Path): The folder with what is in it.
    RAISES (ProjectError): If it is broken, or asks for a password.
    """
    # One folder further down, so that looking above what was unpacked finds nothing
    folder = Path(unpacked.enter_context(TemporaryDirectory(ignore_cleanup_errors=True))) / path.stem
    folder.mkdir()
    try:
        _unpack_into(path, folder)
    except BROKEN as error:
        raise _refuse(path, "Broken archive", str(error)) from None
    except OSError as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # a full disk, say
        raise _refuse(path, "Broken archive", str(error)) from None
    return folder


def _unpack_into(path: Path, folder: Path) -> None:
    with path.open("rb") as file_:
        start = file_.read(TAR_AT + 5)
    if start.startswith(ZIP):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
    elif start[TAR_AT:] == b"ustar":
        if not hasattr(tarfile, "data_filter"):
            raise _refuse(path, "A TAR archive", "Python 3.11.4 is the first that keeps its files inside of the folder")
        with tarfile.open(path) as tar:
            tar.extractall(folder, filter="data")
    else:
        suffix = SUFFIXES.get(path.suffix.lower(), "")
        inside = folder / (path.stem + suffix if path.suffix.lower() in SUFFIXES else f"{path.name}.content")
        with _open(path, start) as source, inside.open("wb") as target:
            shutil.copyfileobj(source, target)
        if is_archive(inside):  # a compressed TAR: what is in it lies where it would
            whole = inside.rename(folder.parent / "whole")
            _unpack_into(whole, folder)
            whole.unlink()


def _open(path: Path, start: bytes) -> Any:
    for magic, opener in COMPRESSED.items():
        if start.startswith(magic):
            return opener(path)
    for name in ("compression.zstd", "zstandard"):
        try:
            return import_module(name).open(path, "rb")
        except ImportError:
            continue
    raise _refuse(path, "zstandard is not installed", "is compressed with Zstandard", "python -m pip install zstandard")


def _refuse(path: Path, title: str, message: str, install: str = "") -> ProjectError:
    remedy = f"Install it ({install}), or" if install else "Export the data again, or"
    return ProjectError(title, f"{remedy} unpack it and give the folder.", [Place(str(path), None, message[:200])])
