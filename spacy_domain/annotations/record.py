"""The shapes that every annotation format is read into: what the file says, and what it means once checked."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..project.errors import ProjectError

DECIMAL = re.compile(r"-?[0-9]{1,15}")


def as_number(value: Any) -> int | None:
    """RETURNS (Optional[int]): The whole number that a value is, be it written as 3, 3.0 or "3"; None if it is none."""
    if type(value) is int:
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return int(value) if isinstance(value, str) and DECIMAL.fullmatch(value) else None


class CharSpan(NamedTuple):
    """A labelled stretch of a text.

    start (int): Offset of its first character, in code points.
    end (int): Offset behind its last character, in code points.
    label (str): The entity label.
    """

    start: int
    end: int
    label: str


@dataclass(slots=True)
class AnnotatedText:
    """A text and its annotated spans, and where they come from.

    text (str): The text.
    spans (list[CharSpan]): The spans as annotated: they may overlap or cut through tokens.
    file (str): The file it was read from.
    line (int): The line it starts on, from 1.
    group (str): Records of one group stay in one split; empty if the data does not say.
    split (str): "train", "dev" or "test" if the data says so, two of them as "train+dev" if it is one of these, else
        empty.
    annotator (str): Who annotated it; empty if the data does not say.
    rejected (str): Why the record is not to be used; empty if it is.
    unknown (list[tuple[int, int]]): Stretches whose annotation is missing, as start and end in code points.
    dropped (list[str]): Spans that cannot be used, each in words.
    notes (list[str]): What was put right while reading.
    unread (dict[str, int]): What the file holds beside that and was not read, in words, and how much of it.
    broken (str): If the record makes no sense, the row that rejected.jsonl has of it, as JSON; else empty.
    """

    text: str
    spans: list[CharSpan]
    file: str
    line: int
    group: str = ""
    split: str = ""
    annotator: str = ""
    rejected: str = ""
    unknown: list[tuple[int, int]] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unread: dict[str, int] = field(default_factory=dict)
    broken: str = ""


@dataclass(slots=True)
class FileSpan:
    """A span as a file says it, unchecked.

    start (Any): Should be an offset, in the file's unit.
    end (Any): Should be an offset, in the file's unit.
    label (Any): Should be a label.
    surface (Any): The text that it covers, where the file says so; None where not.
    may_differ (bool): Whether the surface may be something else, such as a synonym.
    """

    start: Any
    end: Any
    label: Any
    surface: Any = None
    may_differ: bool = False

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            if type(getattr(self, name)) is not int:  # tables and their kin write 3.0 or "3"
                number = as_number(getattr(self, name))
                setattr(self, name, getattr(self, name) if number is None else number)


@dataclass(slots=True)
class FileRecord:
    """A record as a file says it, unchecked; the fields are those of AnnotatedText.

    error (Optional[ProjectError]): What is wrong with it, if a reader could not make sense of it.
    raw (str): What the file has there, if a reader could not make sense of it.
    id (str): What names it in its file; empty if nothing does.
    gaps (list[int]): Where the text has spaces that nobody wrote, between tokens of scripts without spaces.
    """

    text: Any
    spans: list[FileSpan]
    line: int
    group: Any = ""
    annotator: Any = ""
    split: str = ""
    rejected: str = ""
    unknown: list[tuple[int, int]] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    error: ProjectError | None = None
    raw: str = ""
    id: str = ""
    gaps: list[int] = field(default_factory=list)
