"""What people decide, as they decide it: a file for each of them that is only ever appended to.

Its lines are records as `preprocess` reads them. `_id` names a decision, and `_replaces` an earlier one that it takes
the place of. A line is on disk when `append` returns. One that was cut by a crash is the only one that can be lost, and
nobody was told that it was kept.
"""

import json
import os
import re
import secrets
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from ..annotations import CharSpan
from ..annotations.files import NAMES
from ..project.errors import ProjectError
from .forms import form_of

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,40}")
KEPT = 1_000  # last decisions that undo knows of
TIMED = 30  # last decisions that tell how long one takes


class Answer(StrEnum):
    """What somebody decides on a text; the names are Prodigy's.

    accept: its entities are as they stand.
    reject: it is not to be used.
    ignore: somebody else may decide.
    """

    accept = "accept"
    reject = "reject"
    ignore = "ignore"


@dataclass(frozen=True)
class Decision:
    """What somebody decided on a text.

    text (str): The text.
    spans (list[CharSpan]): Its entities; of what is not accepted, none.
    answer (Answer): The decision.
    annotator (str): Who decided.
    replaces (str): The id of an earlier decision that no longer counts; empty if there is none.
    corrections (int): How many spans of what was suggested were added, removed or changed.
    seconds (float): How long it took.
    id (str): What names it.
    """

    text: str
    spans: list[CharSpan]
    answer: Answer
    annotator: str
    replaces: str = ""
    corrections: int = 0
    seconds: float = 0.0
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    def to_line(self) -> bytes:
        """RETURNS (bytes): The line of the file, with its end."""
        row = {
            "text": self.text,
            "spans": [span._asdict() for span in self.spans],
            "answer": self.answer.value,
            "_annotator_id": self.annotator,
            "_timestamp": int(time.time()),
            "_id": self.id,
            **({"_replaces": self.replaces} if self.replaces else {}),
            "corrections": self.corrections,
            "seconds": round(self.seconds, 1),
        }
        return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def parse_line(line: bytes, annotator: str) -> Decision | None:
    """Read a line of such a file, or of any file of annotations in this project's own format.

    line (bytes): The line.
    annotator (str): Whose it is if it does not say.
    RETURNS (Optional[Decision]): The decision; None if the line is no record, or was cut.
    """
    try:
        row: dict[str, Any] = json.loads(line)
        return Decision(
            row["text"],
            [CharSpan(span["start"], span["end"], span["label"]) for span in row.get("spans") or []],
            Answer(row.get("answer", "accept")),
            row.get("_annotator_id") or annotator,
            row.get("_replaces", ""),
            row.get("corrections", 0),
            row.get("seconds", 0.0),
            row.get("_id") or secrets.token_hex(8),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def read_decisions(folder: Path) -> Iterator[Decision]:
    """YIELDS (Decision): The decisions in a folder, those that were replaced, too; none if there is no folder."""
    for path in sorted(folder.glob("*.jsonl")):
        yield from filter(None, (parse_line(line, path.stem) for line in path.read_bytes().splitlines()))


class Journal:
    """The decisions of all annotators in a folder, and the file to which one of them adds.

    folder (Path): The folder, made if there is none.
    annotator (str): Who adds.
    """

    def __init__(self, folder: Path, annotator: str):
        if not NAME.fullmatch(annotator) or annotator.casefold() in NAMES:
            raise ProjectError(
                f"{annotator!r} cannot be an annotator's name",
                "Set --vars.annotator to letters, digits, - and _; train, dev, test and the like name splits.",
            )
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.annotator = folder, annotator
        self.path = folder / f"{annotator}.jsonl"
        self.mine: list[Decision] = []  # the last that count, in their order
        self.counts: Counter[Answer] = Counter()
        self.seconds: deque[float] = deque(maxlen=TIMED)
        self.annotators: set[str] = set()
        self._new_of_others: deque[tuple[str, str]] = deque()
        self._read: dict[Path, int] = {}
        self._by_form: dict[str, dict[str, Decision]] = {}
        self._mend()
        self.refresh()

    def _mend(self) -> None:
        """Cut off a last line that a crash left without its end."""
        if not self.path.exists():
            return
        with self.path.open("rb+") as file_:
            content = file_.read()
            last = content.rpartition(b"\n")[2]
            if last and parse_line(last, self.annotator):
                file_.write(b"\n")
            elif last:
                file_.truncate(len(content) - len(last))

    def append(self, decision: Decision) -> None:
        """Add a decision. It is on disk when this returns.

        decision (Decision): The decision.
        """
        new = not self.path.exists()
        with self.path.open("ab", buffering=0) as file_:
            file_.write(decision.to_line())
            os.fsync(file_.fileno())
        if new and hasattr(os, "O_DIRECTORY"):  # the name of a new file is in the folder, which is another write
            folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        self.refresh()

    def refresh(self) -> None:
        """Read what was added since, by whomever."""
        for path in sorted(self.folder.glob("*.jsonl")):
            size, done = path.stat().st_size, self._read.get(path, 0)
            if size == done:
                continue
            with path.open("rb") as file_:
                file_.seek(done if size > done else 0)  # shorter: somebody edited it
                added = file_.read()
            whole = added[: added.rfind(b"\n") + 1]
            self._read[path] = (done if size > done else 0) + len(whole)
            for line in whole.splitlines():
                decision = parse_line(line, path.stem)
                if decision:
                    self._note(decision)

    def _note(self, decision: Decision) -> None:
        before = self._by_form.setdefault(form_of(decision.text), {})
        if decision.annotator == self.annotator:
            if self.annotator in before:
                self.counts[before[self.annotator].answer] -= 1
            self.counts[decision.answer] += 1
            self.seconds.append(decision.seconds)
            self.mine = [one for one in self.mine[-KEPT:] if one.id not in (decision.replaces, decision.id)]
            self.mine.append(decision)
        elif decision.annotator not in before:
            self._new_of_others.append((form_of(decision.text), decision.text))
        self.annotators.add(decision.annotator)
        before[decision.annotator] = decision

    def take_new_of_others(self) -> Iterator[tuple[str, str]]:
        """YIELDS (tuple[str, str]): Form and text of what others decided, each of them once."""
        while self._new_of_others:
            yield self._new_of_others.popleft()

    def who_decided(self, text: str) -> set[str]:
        """RETURNS (set[str]): The annotators who decided on a text, or on one that says the same."""
        return set(self._by_form.get(form_of(text), ()))
