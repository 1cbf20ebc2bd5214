"""Texts that somebody is to look at, with the entities that somebody or something proposes."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..annotations import AnnotatedText, CharSpan, read_annotations
from ..annotations.text import read_lines
from ..project.errors import Place, ProjectError
from ..project.outputs import write_jsonl

OURS = {"patterns", "model", "base"}


@dataclass(frozen=True)
class Suggestion:
    """A text to look at.

    text (str): The text.
    spans (list[CharSpan]): Entities that are proposed; they may overlap and cut through tokens.
    source (str): What proposes them: "model", "patterns", "base" or a name; empty if nothing does.
    score (float): How much there is to learn from it, by whatever measure; 0 if nobody knows.
    notes (list[str]): What to know about what is proposed.
    """

    text: str
    spans: list[CharSpan] = field(default_factory=list)
    source: str = ""
    score: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def is_of_ours(self) -> bool:
        """RETURNS (bool): Whether what this project has proposes it, and can do so anew at any time."""
        return set(self.source.split(" and ")) <= OURS

    def to_row(self) -> dict[str, Any]:
        """RETURNS (dict[str, Any]): The row of a file. Its spans are no annotations: `preprocess` reads none of it."""
        return {
            "text": self.text,
            "suggestions": [span._asdict() for span in self.spans],
            "source": self.source,
            "score": round(self.score, 4),
            **({"notes": self.notes} if self.notes else {}),
        }


def write_suggestions(path: Path, suggestions: Iterable[Suggestion]) -> None:
    """Write suggestions, whole or not at all.

    path (Path): A JSONL file.
    suggestions (Iterable[Suggestion]): The suggestions.
    """
    write_jsonl(path, (suggestion.to_row() for suggestion in suggestions))


def to_records(suggestions: Iterable[Suggestion]) -> Iterator[AnnotatedText]:
    """YIELDS (AnnotatedText): Suggestions as records, to be written in another tool's format."""
    for number, one in enumerate(suggestions, 1):
        yield AnnotatedText(one.text, one.spans, "suggestions.jsonl", number)


def read_suggestions(path: Path) -> Iterator[Suggestion]:
    """Read suggestions, as `write_suggestions` writes them or, in any format of annotations, as others do.

    path (Path): The file.
    YIELDS (Suggestion): The suggestions.
    RAISES (ProjectError): If it cannot be read.
    """
    first = next((line for _, line in read_lines(path) if line.strip()), "")
    if '"suggestions"' not in first:
        for record in read_annotations(path):
            yield Suggestion(record.text, record.spans, record.annotator or path.stem, notes=record.dropped)
        return
    for number, line in read_lines(path):
        try:
            row = json.loads(line)
            spans = [CharSpan(span["start"], span["end"], span["label"]) for span in row["suggestions"]]
            yield Suggestion(row["text"], spans, row.get("source", ""), row.get("score", 0.0), row.get("notes", []))
        except (ValueError, KeyError, TypeError) as error:
            if line.strip():
                remedy = "Make it anew: spacy project run suggest"
                raise ProjectError("Not a suggestion", remedy, [Place(str(path), number, str(error))]) from None
