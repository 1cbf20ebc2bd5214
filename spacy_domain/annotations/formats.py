"""The formats that can be read and written: a registry of readers, each with a test for what it knows, and one of
writers under the same names.

Most formats are JSON. There a reader takes one value, a record or an object that wraps all of them, and tells by marks
of its own whether it is one of its kind; a file may hold values of several kinds. All others take a whole file.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import catalogue

from ..project.errors import Place, ProjectError
from .json_values import Value
from .offsets import Reading
from .record import AnnotatedText, FileRecord
from .text import Beginning

LISTED = "docs/formats.md lists all formats"
SIMPLEST = (
    'Three that any script can write: JSON lines like {"text": "Ana left", "spans": [{"start": 0, "end": 3, "label": '
    '"PERSON"}]}; a CSV with the columns text, start, end, label; CoNLL, a token, a tab and its tag (B-PERSON, '
    "I-PERSON, O) a line, a blank line between texts."
)
formats = catalogue.create("annotations", "formats")
writers = catalogue.create("annotations", "writers")


@dataclass(frozen=True)
class Format:
    """A file format.

    title (str): What a person calls it.
    fits (Callable[[Beginning], bool]): Whether a file that begins like this is one.
    read (Callable[[Path], Iterator[FileRecord]]): Reads a file.
    reading (Reading): How its offsets are read where no surface text tells.
    certain (bool): Whether every tool that writes it counts so.
    remark (str): What to know about records that come from it.
    last (bool): Whether a file is one only if no other format fits.
    before_json (bool): Whether it is JSON that makes sense as a whole file alone.
    """

    title: str
    fits: Callable[[Beginning], bool]
    read: Callable[[Path], Iterator[FileRecord]]
    reading: Reading = field(default_factory=Reading)
    certain: bool = False
    remark: str = ""
    last: bool = False
    before_json: bool = False


@dataclass(frozen=True)
class JsonFormat:
    """A kind of JSON value.

    title (str): What a person calls it.
    fits (Callable[[Any], bool]): Whether a value has the marks of this format, and not just "an object with text".
    read (Callable[[Value], Iterator[FileRecord]]): Reads a record: as often as there are annotators, say.
    wraps (tuple[str, ...]): The keys that lead to the list of records, where one value holds them all.
    reading (Reading): How its offsets are read where no surface text tells.
    certain (bool): Whether every tool that writes it counts so.
    remark (str): What to know about records that come from it.
    not_gold (tuple[str, ...]): Keys of what a machine proposed: named, not read.
    """

    title: str
    fits: Callable[[Any], bool]
    read: Callable[[Value], Iterator[FileRecord]]
    wraps: tuple[str, ...] = ()
    reading: Reading = field(default_factory=Reading)
    certain: bool = False
    remark: str = ""
    not_gold: tuple[str, ...] = ("predictions", "prediction", "suggestions")


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


@cache  # asked for with each record
def known_formats(*kinds: type) -> dict[str, Any]:
    """RETURNS (dict[str, Any]): The formats of some kinds, by name, in the order in which they were registered."""
    return {name: format_ for name, format_ in formats.get_all().items() if isinstance(format_, kinds)}


def find_named(name: str) -> Format | JsonFormat:
    """Find a format by its name.

    name (str): The name.
    RETURNS (Union[Format, JsonFormat]): The format.
    RAISES (ProjectError): If there is none of that name.
    """
    known = formats.get_all()
    if name not in known:
        near = get_close_matches(name, known)
        meant = f"Is {' or '.join(near)} meant? " if near else ""
        raise ProjectError(f"Unknown format {name!r}", f"{meant}{LISTED} with their names.")
    return known[name]


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


def refuse_format(path: Path, seen: str, around: str, line: int | None = 1) -> ProjectError:
    """RETURNS (ProjectError): That no reader, or more than one, takes a file."""
    remedy = f"{LISTED}: if it is one of them, --vars.format says which. {SIMPLEST}"
    return ProjectError(
        "Cannot tell the format of the annotations", remedy, [Place(str(path), line, seen, around[:80])]
    )
