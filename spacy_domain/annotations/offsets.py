"""What offsets count: tools disagree on units, ends and line ends, and the surface texts in a file tell which it is."""

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

import numpy as np

from ..project.errors import ProjectError
from .record import FileRecord, FileSpan

ENOUGH = 100  # spans that tell whether ends are inclusive; fewer are shown to whoever wrote them
MOST, NEARLY_NONE = 0.7, 0.05  # of them, that end inside of words
FEW, RARELY = 10, 0.1  # spans behind characters of two units, and those that are cut all the same
INVISIBLE = re.compile(r"(?:[\s\u00ad\u200b-\u200f\u2060\ufeff]|\\[nrt])+")  # Label Studio writes \n for a line end


class Unit(StrEnum):
    """What an offset counts."""

    characters = "characters"  # Unicode code points, as Python does
    utf16 = "utf-16"  # UTF-16 code units, as JavaScript, Java and C# do
    utf8 = "utf-8"  # bytes, as Go, Rust and C do


def find_unit(name: str) -> Unit | None:
    """Find a unit by the name that the user gives.

    name (str): Its name, or "auto".
    RETURNS (Optional[Unit]): The unit; None for "auto".
    RAISES (ProjectError): If there is none of that name.
    """
    names = [unit.value for unit in Unit]
    if name not in ("auto", *names):
        raise ProjectError(f"Unknown unit of offsets {name!r}", f"Set --vars.offsets to auto, {' or '.join(names)}.")
    return None if name == "auto" else Unit(name)


@dataclass(frozen=True)
class Reading:
    """One way to read a file's offsets.

    unit (Unit): What they count.
    inclusive (bool): Whether an end is the offset of the last unit, rather than of the one behind it.
    joined (bool): Whether CR LF counts as one.
    doubled (bool): Whether LF counts as two: it was CR LF when the text was annotated, and Git has changed it since.
    first (int): The offset of the first character: 1 where a byte order mark before it counts.
    """

    unit: Unit = Unit.characters
    inclusive: bool = False
    joined: bool = False
    doubled: bool = False
    first: int = 0

    def __str__(self) -> str:
        ends = f"{self.unit.value}, ends {'inclusive' if self.inclusive else 'exclusive'}"
        lines = ", CR LF as one" if self.joined else ", LF as two" if self.doubled else ""
        return ends + lines + (f", from {self.first}" if self.first else "")

    def to_characters(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """Convert offsets to code points with an exclusive end.

        text (str): The text.
        start (int): Start, in this reading.
        end (int): End, in this reading.
        RETURNS (Optional[tuple[int, int]]): Start and end; None if they are outside of the text or inside a character.
        """
        start, end = start - self.first, end - self.first + self.inclusive
        joined = self.joined and _has_crlf(text)
        if joined or self.doubled or (self.unit is not Unit.characters and not text.isascii()):
            borders = _borders(text, self.unit, joined, self.doubled)
            if not 0 <= start < end <= borders[-1]:
                return None
            found = np.searchsorted(borders, (start, end))
            if borders[found[0]] != start or borders[found[1]] != end:
                return None
            start, end = found.tolist()
        return (start, end) if 0 <= start < end <= len(text) else None


READINGS = [
    Reading(unit, inclusive, joined) for joined in (False, True) for inclusive in (False, True) for unit in Unit
]
# What a whole file may be like, and no single span
CHANGED = [Reading(first=1), Reading(doubled=True), Reading(doubled=True, first=1)]


@lru_cache(maxsize=8)  # a text with many spans is asked for again and again
def _has_crlf(text: str) -> bool:
    return "\r\n" in text


@lru_cache(maxsize=8)
def _borders(text: str, unit: Unit, joined: bool, doubled: bool = False) -> np.ndarray:
    """RETURNS (np.ndarray): The offset of each border between characters, in a unit; with CR LF as one, a CR has no
    length, and with LF as two, one without a CR has two."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    sizes = np.ones(len(codes), dtype=np.int64)
    if unit is not Unit.characters:
        for limit in (0x10000,) if unit is Unit.utf16 else (0x80, 0x800, 0x10000):
            sizes += codes >= limit
    if joined:
        sizes[:-1][(codes[:-1] == 13) & (codes[1:] == 10)] = 0
    if doubled:
        sizes[codes == 10] += 1
        sizes[1:][(codes[:-1] == 13) & (codes[1:] == 10)] -= 1
    return np.concatenate([[0], np.cumsum(sizes)])


def infer_readings(records: Sequence[FileRecord], preferred: Reading) -> list[Reading]:
    """Find the readings that agree with the most surface texts.

    records (Sequence[FileRecord]): Records of one file.
    preferred (Reading): How the format is usually read; it comes first among equals.
    RETURNS (list[Reading]): All readings that explain as many spans as the best one, best first; if no span tells its
        surface text, all of them, or those with the other kind of ends, where that is how spans end with words.
    """
    order = sorted(
        [*READINGS, *CHANGED],
        key=lambda one: (
            one != preferred,
            one in CHANGED,
            one.joined,
            one.inclusive != preferred.inclusive,
            one.unit != preferred.unit,
        ),
    )
    support, loosely = dict.fromkeys(order, 0), dict.fromkeys(order, 0)
    for record in records:
        if isinstance(record.text, str):
            for span in record.spans:
                if has_surface(span.surface) and has_offsets(span):
                    found = fitting(record.text, span.start, span.end, span.surface, order)
                    for reading in found:
                        support[reading] += 1
                    for reading in (
                        () if found else fitting(record.text, span.start, span.end, span.surface, order, loosely=True)
                    ):
                        loosely[reading] += 1
    support = support if any(support.values()) else loosely
    if not any(support.values()) and _cuts_words(records, preferred):
        return [reading for reading in order if reading.inclusive != preferred.inclusive]
    return [reading for reading in order if support[reading] == max(support.values())]


def _cuts_words(records: Sequence[FileRecord], preferred: Reading) -> bool:
    """Whether most spans end inside of words, and nearly none does if ends are read the other way."""
    other = replace(preferred, inclusive=not preferred.inclusive)
    spans = [
        (one.text, span) for one in records if isinstance(one.text, str) for span in one.spans if has_offsets(span)
    ]
    cut = [sum(_ends_inside(text, span, reading) for text, span in spans) for reading in (preferred, other)]
    return len(spans) >= ENOUGH and cut[0] >= MOST * len(spans) and cut[1] <= NEARLY_NONE * len(spans)


def find_miscopied(records: Sequence[FileRecord], preferred: Reading) -> Reading | None:
    """Tell whether the texts of spans were cut out of their text by offsets of another unit, as scripts do with what a
    JavaScript tool wrote. Then they tell nothing: behind characters of two units, most begin or end inside of words.

    records (Sequence[FileRecord]): Records of one file.
    preferred (Reading): How the format is usually read.
    RETURNS (Optional[Reading]): The reading in which spans are of whole words; None if the texts can be trusted.
    """
    copied, meant = replace(preferred, unit=Unit.characters), replace(preferred, unit=Unit.utf16)
    total = cut = still_cut = 0
    for record in records:
        text = record.text if isinstance(record.text, str) else ""
        for span in record.spans if max(text, default="") > "\uffff" else ():
            borders = copied.to_characters(text, span.start, span.end) if has_offsets(span) else None
            if borders and text[slice(*borders)] == span.surface:
                others = meant.to_characters(text, span.start, span.end)
                if others != borders:
                    total += 1
                    cut += _cuts(text, *borders)
                    still_cut += others is None or _cuts(text, *others)
    return meant if total >= FEW and cut >= MOST * total and still_cut <= RARELY * total else None


def _cuts(text: str, start: int, end: int) -> bool:
    """Whether a span begins or ends inside of a word."""
    return any(0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum() for at in (start, end))


def _ends_inside(text: str, span: FileSpan, reading: Reading) -> bool:
    _, end = reading.to_characters(text, span.start, span.end) or (0, 0)
    return 0 < end < len(text) and text[end - 1].isalnum() and text[end].isalnum()


def fitting(
    text: str, start: int, end: int, surface: str, readings: Sequence[Reading], loosely: bool = False
) -> list[Reading]:
    """Choose the readings under which offsets cover a surface text.

    text (str): The text.
    start (int): Start as the file says.
    end (int): End as the file says.
    surface (str): The text that should be there.
    readings (Sequence[Reading]): The readings to choose from.
    loosely (bool): Whether white space does not count (tools fold it, and show line ends as spaces), nor what cannot be
        seen, nor how accents are written, nor case, nor HTML's
        entities.
    RETURNS (list[Reading]): Those that fit.
    """
    found = []
    wanted = plain(surface) if loosely else surface
    for reading in readings:
        borders = reading.to_characters(text, start, end)
        if borders:
            covered = text[slice(*borders)]
            if (plain(covered) if loosely else covered) == wanted:
                found.append(reading)
    return found


def plain(text: str) -> str:
    """RETURNS (str): A text without white space (be it written as a backslash and n), soft hyphens and what has no
    width, each accent in one way, in lower case, and with & for &amp;."""
    return unicodedata.normalize("NFC", INVISIBLE.sub("", html.unescape(text))).casefold()


def has_surface(surface: object) -> bool:
    """RETURNS (bool): Whether it is a text that can tell where a span is."""
    return isinstance(surface, str) and bool(surface.strip())


def has_offsets(span: FileSpan) -> bool:
    """RETURNS (bool): Whether both offsets are whole numbers."""
    return type(span.start) is int and type(span.end) is int
