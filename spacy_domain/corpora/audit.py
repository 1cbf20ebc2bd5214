"""The account of every record and every span, in which all counts add up."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from spacy.tokens import Doc

from ..annotations import SPLITS, AnnotatedText
from ..project.errors import excerpt
from .agreement import Agreement
from .align import AlignedSpan, Outcome

READ_AND_USED = {"read": 1, "used": 1}


def _by_file() -> defaultdict[str, Counter]:
    return defaultdict(Counter)


@dataclass
class Audit:
    """Counts of records and spans, and a row for each that was not used as it was.

    records = used + set aside. Spans = used as they were + repaired + missing + dropped; those used and repaired are
    the entities of the splits. What files hold beside records and spans, and was not read, is named in "unread".
    Where there are too few texts to split, all are in train, and no score of theirs is "evidence".
    """

    records_read: int = 0
    records_set_aside: int = 0
    files: dict[str, Counter] = field(default_factory=_by_file)
    spans: Counter = field(default_factory=Counter)
    unread: dict[str, Counter] = field(default_factory=_by_file)
    problems: list[dict[str, Any]] = field(default_factory=list)
    evidence: bool = True
    splits: dict[str, Counter] = field(default_factory=lambda: {split: Counter() for split in SPLITS})
    labels: dict[str, Counter] = field(default_factory=lambda: {split: Counter() for split in SPLITS})
    agreement: Agreement = field(default_factory=Agreement)

    def read(self, record: AnnotatedText) -> None:
        """Note what a record's file holds there that was not read.

        record (AnnotatedText): The record.
        """
        if record.unread:
            self.unread[record.file].update(record.unread)

    def unread_by_kind(self) -> dict[str, tuple[int, list[str]]]:
        """RETURNS (dict[str, tuple[int, list[str]]]): How much of each kind of thing was not read, and in which files;
        the most frequent first."""
        kinds: dict[str, tuple[int, list[str]]] = {}
        for file, numbers in self.unread.items():
            for what, number in numbers.items():
                count, files = kinds.get(what, (0, []))
                files.append(file)
                kinds[what] = count + number, files
        return dict(sorted(kinds.items(), key=lambda item: -item[1][0]))

    def set_aside(
        self, record: AnnotatedText, kind: str, message: str, spans: int | None = None, suggestion: str = ""
    ) -> None:
        """Count a record that is not used; its spans count as dropped.

        record (AnnotatedText): The record.
        kind (str): Why, in a word or two.
        message (str): Why, in words.
        spans (Optional[int]): How many spans go with it; None for all it has.
        suggestion (str): What to do about it.
        """
        self.records_read += 1
        self.records_set_aside += 1
        self.files[record.file]["read"] += 1
        lost = len(record.spans) + len(record.dropped) if spans is None else spans
        self.spans[Outcome.dropped] += lost
        self._add_problem(record, kind, f"record with {lost} span(s) set aside: {message}", 0, 0, suggestion)

    def note(self, record: AnnotatedText, kind: str, message: str) -> None:
        """Add a row about a record as a whole.

        record (AnnotatedText): The record.
        kind (str): What it is about, in a word or two.
        message (str): The same in words.
        """
        self._add_problem(record, kind, message, 0, 0)

    def add(self, record: AnnotatedText, split: str, doc: Doc, account: list[AlignedSpan]) -> None:
        """Count a record that is used.

        record (AnnotatedText): The record.
        split (str): Its split.
        doc (Doc): What became of it.
        account (List[AlignedSpan]): What became of its spans.
        """
        self.records_read += 1
        counts, labels, ents = self.splits[split], self.labels[split], doc.ents
        self.files[record.file].update(READ_AND_USED)
        counts["records"] += 1
        counts["tokens"] += len(doc)
        counts["spans"] += len(ents)
        for ent in ents:
            labels[ent.label_] += 1
        for message in record.dropped:
            self.spans[Outcome.dropped] += 1
            self.note(record, "dropped", message)
        for message in record.notes:
            self.note(record, "note", message)
        for aligned in account:
            self.spans[aligned.outcome] += 1
            if aligned.kind:
                message = f"{aligned.outcome.value}: {aligned.message}"
                start, end = aligned.span.start, aligned.span.end
                self._add_problem(record, aligned.kind, message, start, end, aligned.suggestion)

    def _add_problem(
        self, record: AnnotatedText, kind: str, message: str, start: int, end: int, suggestion: str = ""
    ) -> None:
        around = excerpt(record.text, start, end)
        row = {"file": record.file, "line": record.line, "kind": kind, "message": message, "text": around}
        self.problems.append({**row, "suggestion": suggestion} if suggestion else row)

    def update(self, part: "Audit") -> None:
        """Add the counts and rows of another part of the data.

        part (Audit): The other part's audit.
        """
        self.records_read += part.records_read
        self.records_set_aside += part.records_set_aside
        self.spans.update(part.spans)
        self.problems += part.problems
        for file, numbers in part.unread.items():
            self.unread[file].update(numbers)
        for file, numbers in part.files.items():
            self.files[file].update(numbers)
        for split in SPLITS:
            self.splits[split].update(part.splits[split])
            self.labels[split].update(part.labels[split])

    def to_dict(self) -> dict[str, Any]:
        """RETURNS (dict[str, Any]): The counts and the rows."""
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
            "files": {file: {name: numbers[name] for name in READ_AND_USED} for file, numbers in self.files.items()},
            "unread": {file: dict(numbers) for file, numbers in self.unread.items()},
            "evidence": self.evidence,
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
            "agreement": self.agreement.to_dict(),
        }
