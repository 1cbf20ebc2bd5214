"""The account of every record and every span, in which all counts add up."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spacy.tokens import Doc

from ..annotations import SPLITS, AnnotatedText
from ..errors import Place, ProjectError, excerpt
from .align import AlignedSpan, Outcome


@dataclass
class Audit:
    """Counts of records and spans, and a row for each that was not used as it was.

    records = used + set aside. Spans = used as they were + repaired + missing + dropped; those used and repaired are
    the entities of the splits.
    """

    records_read: int = 0
    records_set_aside: int = 0
    spans: Counter = field(default_factory=Counter)
    problems: list[dict[str, Any]] = field(default_factory=list)
    splits: dict[str, Counter] = field(default_factory=lambda: {split: Counter() for split in SPLITS})
    labels: dict[str, Counter] = field(default_factory=lambda: {split: Counter() for split in SPLITS})

    def set_aside(self, record: AnnotatedText, kind: str, message: str) -> None:
        """Count a record that is not used; its spans count as dropped.

        record (AnnotatedText): The record.
        kind (str): Why, in a word or two.
        message (str): Why, in words.
        """
        self.records_read += 1
        self.records_set_aside += 1
        spans = len(record.spans) + len(record.dropped)
        self.spans[Outcome.dropped] += spans
        self._add_problem(record, kind, f"record with {spans} span(s) set aside: {message}", 0, 0)

    def add(self, record: AnnotatedText, split: str, doc: Doc, account: list[AlignedSpan]) -> None:
        """Count a record that is used.

        record (AnnotatedText): The record.
        split (str): Its split.
        doc (Doc): What became of it.
        account (List[AlignedSpan]): What became of its spans.
        """
        self.records_read += 1
        self.splits[split]["records"] += 1
        self.splits[split]["tokens"] += len(doc)
        self.splits[split]["spans"] += len(doc.ents)
        self.labels[split].update(ent.label_ for ent in doc.ents)
        for message in record.dropped:
            self.spans[Outcome.dropped] += 1
            self._add_problem(record, "dropped", message, 0, 0)
        for message in record.notes:
            self._add_problem(record, "note", message, 0, 0)
        for aligned in account:
            self.spans[aligned.outcome] += 1
            if aligned.kind:
                message = f"{aligned.outcome.value}: {aligned.message}"
                self._add_problem(record, aligned.kind, message, aligned.span.start, aligned.span.end)

    def _add_problem(self, record: AnnotatedText, kind: str, message: str, start: int, end: int) -> None:
        around = excerpt(record.text, start, end)
        row = {"file": record.file, "line": record.line, "kind": kind, "message": message, "text": around}
        self.problems.append(row)

    def places(self, kind: str) -> list[Place]:
        """List where problems of one kind were found.

        kind (str): The kind.
        RETURNS (List[Place]): The places.
        """
        return [Place(p["file"], p["line"], p["message"], p["text"]) for p in self.problems if p["kind"] == kind]

    def to_dict(self) -> dict[str, Any]:
        """RETURNS (Dict[str, Any]): The audit as written to corpus/audit.json."""
        total = sum(self.labels.values(), Counter())
        return {
            "records": {
                "read": self.records_read,
                "used": self.records_read - self.records_set_aside,
                "set_aside": self.records_set_aside,
            },
            "spans": {
                "read": sum(self.spans.values()),
                **{outcome.value: self.spans[outcome] for outcome in Outcome},
            },
            "problems": self.problems,
            "labels": {label: total[label] for label in sorted(total)},
            "splits": {
                split: {
                    "records": counts["records"],
                    "tokens": counts["tokens"],
                    "spans": counts["spans"],
                    "labels": {label: self.labels[split][label] for label in sorted(total)},
                }
                for split, counts in self.splits.items()
            },
        }


def refuse_lost_spans(audit: Audit) -> None:
    """Refuse to go on when a span cannot be used.

    audit (Audit): What became of every span.
    RAISES (ProjectError): With all places.
    """
    places = [place for kind in ("misaligned", "blank span", "overlap") for place in audit.places(kind)]
    if places:
        raise ProjectError(
            f"{len(places)} span(s) cannot be used as they are",
            "Mend the offsets, or choose what to do with such spans: --vars.on_misaligned=snap widens them to whole "
            "tokens, missing tells training that these tokens are unknown, drop leaves them out.",
            places,
        )


def refuse_empty_splits(audit: Audit, annotations: Path) -> None:
    """Refuse to go on when a split has no entity to learn from or to measure with.

    audit (Audit): The counts.
    annotations (Path): Where the records came from.
    RAISES (ProjectError): With the counts of all splits.
    """
    empty = [split for split, counts in audit.splits.items() if not counts["spans"]]
    if empty:
        raise ProjectError(
            f"No entities in the {' and the '.join(empty)} split",
            "Annotate more texts (80 % go to train, 10 % to dev, 10 % to test, drawn by group), draw the splits anew "
            "with another --vars.split_seed, or give a folder with your own train.*, dev.* and test.*.",
            [
                Place(str(annotations), None, f"{split}: {counts['records']} records, {counts['spans']} entities")
                for split, counts in audit.splits.items()
            ],
        )
