"""A span found by the text that its record holds for it, where its offsets lead elsewhere."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise

from .offsets import has_offsets, has_surface
from .record import FileRecord, FileSpan

MOST = 1000  # places that are looked at


class Surfaces:
    """Finds spans of a record by their texts.

    record (FileRecord): The record.
    """

    def __init__(self, record: FileRecord):
        self.record = record

    def find(self, span: FileSpan) -> tuple[int, int] | None:
        """Find a span: at the one place that has its text, or, of several, at the only one that is as far from its
        offsets as the spans around it are from theirs whose texts are there once.

        Characters that got lost, or came in, after a text was annotated shift all that follows: how far, grows or
        shrinks from span to span, so it is something between what it is before and behind.

        span (FileSpan): The span, with a surface.
        RETURNS (Optional[tuple[int, int]]): Start and end in code points; None if that leaves no place, or a choice.
        """
        places = find_places(self.record.text, span.surface, MOST)
        if len(places) < 2:
            return places[0] if places else None
        if not self._shifts or not has_offsets(span) or len(places) == MOST:
            return None
        after = bisect_left(self._shifts, (span.start,))
        around = [shift for _, shift in self._shifts[max(0, after - 1) : after + 1]]
        fitting = [place for place in places if min(around) <= place[0] - span.start <= max(around)]
        return fitting[0] if len(fitting) == 1 else None

    @cached_property
    def _shifts(self) -> list[tuple[int, int]]:
        """Where the texts that are there once are as the file says, in order, and how far from there they are."""
        shifts = []
        for span in self.record.spans:
            if has_surface(span.surface) and has_offsets(span):
                places = find_places(self.record.text, span.surface, 2)
                shifts += [(span.start, places[0][0] - span.start)] if len(places) == 1 else []
        return sorted(shifts)


def find_places(text: str, surface: str, most: int) -> list[tuple[int, int]]:
    """Find where a text holds another one, white space aside: as whole words, or else anywhere.

    text (str): The text.
    surface (str): The other one.
    most (int): After how many places to stop.
    RETURNS (list[tuple[int, int]]): Start and end of each place.
    """
    whole, others = [], []
    for start, end in _matches(text, surface):
        if _is_inside(text, start) or _is_inside(text, end):
            others.append((start, end))
        else:
            whole.append((start, end))
            if len(whole) == most:
                break
    return whole or others[:most]


def join_pieces(pieces: Sequence[tuple[int, int]], text: str, surface: str | None) -> tuple[int, int] | None:
    """Make one span of pieces, as tools write one over a line break.

    pieces (Sequence[tuple[int, int]]): Start and end of each.
    text (str): The text that they are in.
    surface (Optional[str]): The span's text, as the file says; None where it does not.
    RETURNS (Optional[tuple[int, int]]): Start and end, if nothing but white space is between them; else None.
    """
    between = [text[end:start] for (_, end), (start, _) in pairwise(pieces)]
    start, end = pieces[0][0], pieces[-1][1]
    whole = surface is None or "".join(text[start:end].split()) == "".join(surface.split())
    return (start, end) if whole and all(gap.isspace() for gap in between) else None


def _matches(text: str, surface: str) -> Iterator[tuple[int, int]]:
    if len(surface.split()) > 1:
        yield from (found.span() for found in _pattern(surface).finditer(text))
        return
    surface = surface.strip()
    start = text.find(surface)
    while start >= 0:
        yield start, start + len(surface)
        start = text.find(surface, start + 1)


def _is_inside(text: str, border: int) -> bool:
    """Whether there is a letter or digit on either side."""
    return 0 < border < len(text) and text[border - 1].isalnum() and text[border].isalnum()


def _pattern(surface: str) -> re.Pattern[str]:
    return re.compile(r"\s+".join(map(re.escape, surface.split())))
