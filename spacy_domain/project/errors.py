"""The one error that rooms raise for what a user can put right."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where something was found: a line of a file and the text around it.

    file (str): The path as the user gave it.
    line (int | None): Line number from 1; None where the whole file is meant.
    message (str): What is wrong there.
    text (str): The text around it.
    """

    file: str
    line: int | None
    message: str
    text: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.message}" + (f"\n    {self.text}" if self.text else "")


class ProjectError(Exception):
    """Something is wrong with the project's data, settings or environment.

    title (str): What is wrong, in one line.
    remedy (str): What to do about it.
    places (Sequence[Place]): Where it was found.
    more (int): At how many other places it was found, too.
    """

    def __init__(self, title: str, remedy: str, places: Sequence[Place] = (), more: int = 0):
        super().__init__(title)
        self.title = title
        self.remedy = remedy
        self.places = list(places)
        self.more = more

    def __reduce__(self) -> tuple[type, tuple[str, str, Sequence[Place], int]]:
        return type(self), (self.title, self.remedy, self.places, self.more)  # it may come from another process


def excerpt(text: str, start: int, end: int, width: int = 40) -> str:
    """Cut out the part of a text around a span, on one line.

    text (str): The text.
    start (int): Start of the span, in code points.
    end (int): End of the span, exclusive, in code points.
    width (int): How many code points to keep on either side.
    RETURNS (str): The excerpt, with "…" where something was cut off.
    """
    start = max(0, min(start, len(text)))
    end = max(start, min(end, len(text), start + 2 * width))
    left, right = max(0, start - width), min(len(text), end + width)
    middle = text[left:right].replace("\n", "⏎").replace("\r", "⏎").replace("\t", " ")
    return ("…" if left else "") + middle + ("…" if right < len(text) else "")
