"""The formats that can be read: a registry of readers, each with a test for the files it knows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import catalogue

from ..errors import Place, ProjectError
from .record import AnnotatedText
from .text import read_head

formats = catalogue.create("annotations", "formats")


@dataclass(frozen=True)
class Format:
    """A file format.

    title (str): What a person calls it.
    sniff (Callable[[str], bool]): Whether the beginning of a file looks like it.
    read (Callable[[Path], Iterator[AnnotatedText]]): Reads a file.
    """

    title: str
    sniff: Callable[[str], bool]
    read: Callable[[Path], Iterator[AnnotatedText]]


def detect_format(path: Path) -> Format:
    """Find out a file's format from its content.

    path (Path): The file.
    RETURNS (Format): The format.
    RAISES (ProjectError): If the file is empty, or not exactly one format fits.
    """
    known: dict[str, Format] = formats.get_all()
    supported = "Formats that can be read: " + "; ".join(sorted(format_.title for format_ in known.values())) + "."
    head = read_head(path)
    if not head:
        raise ProjectError("Empty file", supported, [Place(str(path), None, "nothing but white space, or nothing")])
    fitting = [format_ for format_ in known.values() if format_.sniff(head)]
    if len(fitting) != 1:
        seen = " and ".join(format_.title for format_ in fitting) or "no format"
        raise ProjectError(
            "Cannot tell the format of the annotations",
            supported,
            [Place(str(path), 1, f"{seen} fits what the file begins with", head.splitlines()[0][:80])],
        )
    return fitting[0]
