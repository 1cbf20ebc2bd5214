"""The formats that can be read and written: a registry of readers, each with a test for the files it knows, and one of
writers under the same names."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import catalogue

from ..errors import Place, ProjectError
from .offsets import Reading
from .record import AnnotatedText, FileRecord
from .text import read_head

formats = catalogue.create("annotations", "formats")
writers = catalogue.create("annotations", "writers")


@dataclass(frozen=True)
class Format:
    """A file format.

    title (str): What a person calls it.
    sniff (Callable[[str], bool]): Whether the beginning of a file looks like it.
    read (Callable[[Path], Iterator[FileRecord]]): Reads a file; where each line is a record, it takes a Stretch too.
    reading (Reading): How its offsets are read where no surface text tells.
    certain (bool): Whether every tool that writes it counts so.
    remark (str): What to know about records that come from it.
    by_line (bool): Whether each line is a record.
    """

    title: str
    sniff: Callable[[str], bool]
    read: Callable[..., Iterator[FileRecord]]
    reading: Reading = field(default_factory=Reading)
    certain: bool = False
    remark: str = ""
    by_line: bool = False


@dataclass(frozen=True)
class Writer:
    """How to write a file format.

    write (Callable[[Iterable[AnnotatedText]], Iterator[str]]): Makes a file's content, piece by piece.
    suffix (str): How names of its files end.
    rejects (bool): Whether it can say that an annotator rejected a record.
    """

    write: Callable[[Iterable[AnnotatedText]], Iterator[str]]
    suffix: str
    rejects: bool = False


def fits_none(path: Path) -> bool:
    """RETURNS (bool): Whether a file begins like no format."""
    head = read_head(path)
    return not any(format_.sniff(head) for format_ in formats.get_all().values())


def find_format(path: Path, name: str = "") -> Format:
    """Find out a file's format from its content.

    path (Path): The file.
    name (str): Name of the format, if the user says so.
    RETURNS (Format): The format.
    RAISES (ProjectError): If the file is empty, or not exactly one format fits.
    """
    known: dict[str, Format] = formats.get_all()
    supported = "Formats that can be read: " + "; ".join(f"{key} ({known[key].title})" for key in sorted(known)) + "."
    head = read_head(path)
    if not head.strip() and path.suffix == ".ann" and path.with_suffix(".txt").is_file():
        return known["brat"]  # a text in which nobody found anything
    if not head.strip():
        raise ProjectError("Empty file", supported, [Place(str(path), None, "nothing but white space, or nothing")])
    if name:
        if name not in known:
            raise ProjectError(f"Unknown format {name!r}", supported)
        return known[name]
    fitting = [key for key, format_ in known.items() if format_.sniff(head)]
    if len(fitting) != 1:
        seen = " and ".join(fitting) or "no format"
        raise ProjectError(
            "Cannot tell the format of the annotations",
            f"{supported} Say which it is with --vars.format, or export the data anew.",
            [Place(str(path), 1, f"{seen} fits what the file begins with", head.splitlines()[0][:80])],
        )
    return known[fitting[0]]


def find_writer(name: str) -> Writer:
    """Find how to write a format.

    name (str): Name of the format.
    RETURNS (Writer): The writer.
    RAISES (ProjectError): If there is none of that name.
    """
    known: dict[str, Writer] = writers.get_all()
    if name not in known:
        raise ProjectError(f"Cannot write {name!r}", f"Formats that can be written: {', '.join(sorted(known))}.")
    return known[name]
