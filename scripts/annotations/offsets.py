"""What offsets count: tools disagree on units and ends, and the surface texts in a file tell which it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate

from .record import FileRecord


class Unit(str, Enum):
    """What an offset counts."""

    characters = "characters"  # Unicode code points, as Python does
    utf16 = "utf-16"  # UTF-16 code units, as JavaScript, Java and C# do
    utf8 = "utf-8"  # bytes, as Go, Rust and C do


@dataclass(frozen=True)
class Reading:
    """One way to read a file's offsets.

    unit (Unit): What they count.
    inclusive (bool): Whether an end is the offset of the last unit, rather than of the one behind it.
    """

    unit: Unit = Unit.characters
    inclusive: bool = False

    def __str__(self) -> str:
        return f"{self.unit.value}, ends {'inclusive' if self.inclusive else 'exclusive'}"

    def to_characters(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """Convert offsets to code points with an exclusive end.

        text (str): The text.
        start (int): Start, in this reading.
        end (int): End, in this reading.
        RETURNS (Optional[tuple[int, int]]): Start and end; None if they are outside of the text or inside a character.
        """
        end += self.inclusive
        if self.unit is not Unit.characters and not text.isascii():
            borders = _borders(text, self.unit)
            if start not in borders or end not in borders:
                return None
            start, end = borders[start], borders[end]
        return (start, end) if 0 <= start < end <= len(text) else None


READINGS = [Reading(unit, inclusive) for inclusive in (False, True) for unit in Unit]


def _borders(text: str, unit: Unit) -> dict[int, int]:
    """Map the offset of each border between characters, in a unit, to code points."""
    size = _utf16_size if unit is Unit.utf16 else _utf8_size
    return {offset: i for i, offset in enumerate(accumulate(map(size, text), initial=0))}


def _utf16_size(character: str) -> int:
    return 2 if character > "\uffff" else 1


def _utf8_size(character: str) -> int:
    return 1 if character < "\x80" else 2 if character < "\u0800" else 3 if character < "\U00010000" else 4


def infer_readings(records: Iterable[FileRecord], preferred: Reading) -> list[Reading]:
    """Find the readings that agree with the most surface texts.

    records (Iterable[FileRecord]): Records of one file.
    preferred (Reading): How the format is usually read; it comes first among equals.
    RETURNS (list[Reading]): All readings that explain as many spans as the best one, best first; all of them if no span
        tells its surface text.
    """
    order = sorted(READINGS, key=lambda reading: (reading != preferred, reading.inclusive != preferred.inclusive))
    support = dict.fromkeys(order, 0)
    for record in records:
        if isinstance(record.text, str):
            for span in record.spans:
                if has_surface(span.surface) and type(span.start) is int and type(span.end) is int:
                    for reading in fitting(record.text, span.start, span.end, span.surface, order):
                        support[reading] += 1
    return [reading for reading in order if support[reading] == max(support.values())]


def fitting(text: str, start: int, end: int, surface: str, readings: Sequence[Reading]) -> list[Reading]:
    """Choose the readings under which offsets cover a surface text.

    text (str): The text.
    start (int): Start as the file says.
    end (int): End as the file says.
    surface (str): The text that should be there.
    readings (Sequence[Reading]): The readings to choose from.
    RETURNS (list[Reading]): Those that fit.
    """
    found = []
    for reading in readings:
        borders = reading.to_characters(text, start, end)
        if borders and text[slice(*borders)] == surface:
            found.append(reading)
    return found


def has_surface(surface: object) -> bool:
    """RETURNS (bool): Whether it is a text that can tell where a span is."""
    return isinstance(surface, str) and surface != ""
