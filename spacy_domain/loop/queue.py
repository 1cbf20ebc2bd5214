"""What an annotator is shown, one text after another, and what becomes of it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import pairwise
from threading import RLock
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from ..annotations import CharSpan
from .forms import form_of
from .journal import Answer, Decision, Journal
from .suggestion import Suggestion

APART = 8  # of so many next texts, two annotators are likely to be shown two
LONGEST = 600.0  # seconds; whoever takes longer was elsewhere
Ents = list[tuple[int, int, str]]  # first token, token behind the last, label


class Outdated(Exception):
    """A decision on a text that is no longer on the screen: it was made elsewhere."""


class Refused(Exception):
    """A decision that makes no sense."""


@dataclass
class Task:
    """A text that is shown.

    doc (Doc): The text in tokens, with what is suggested, or was decided before, as entities.
    source (str): What suggests it; empty if nothing does.
    replaces (str): The id of the decision that is taken back; empty if it is shown for the first time.
    notes (list[str]): What to know about what is suggested.
    id (str): What names it.
    """

    doc: Doc
    source: str = ""
    replaces: str = ""
    notes: list[str] = field(default_factory=list)
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    def to_data(self) -> dict[str, Any]:
        """RETURNS (dict[str, Any]): What the page shows. Offsets count tokens: there is no other unit to get wrong."""
        return {
            "id": self.id,
            "tokens": [[token.text, token.whitespace_] for token in self.doc],
            "spans": [[ent.start, ent.end, ent.label_] for ent in self.doc.ents],
            "source": self.source,
            "again": bool(self.replaces),
            "notes": self.notes,
        }


class Queue:
    """The texts that an annotator has yet to see. Whatever changes them leaves the one on the screen alone.

    journal (Journal): What was decided, by whomever.
    nlp (Language): The pipeline whose tokens spans are made of.
    suggestions (dict[str, Suggestion]): The texts by form, in their order.
    share (float): Which share of the texts everybody is shown, from 0 to 1; nothing is suggested for these.
    """

    def __init__(self, journal: Journal, nlp: Language, suggestions: dict[str, Suggestion], share: float):
        self.journal, self.nlp, self.share = journal, nlp, share
        self.lock = RLock()
        self.waiting = list(reversed(suggestions))  # forms, the next one last
        self.by_form = dict(suggestions)
        self.given = {form: one for form, one in self.by_form.items() if one.source and not one.is_of_ours}
        self.task: Task | None = None

    def reorder(self, first: Sequence[Suggestion]) -> None:
        """Have texts come first, with what is suggested for them now; the others keep their order.

        first (Sequence[Suggestion]): These texts. What somebody else suggested for one, stays.
        """
        with self.lock:
            new = {form: self.given.get(form, one) for one in first for form in [form_of(one.text)]}
            rest = [form for form in self.waiting if form not in new]
            self.by_form |= new
            self.waiting = [*rest, *reversed(new)]

    def show(self) -> Task | None:
        """RETURNS (Optional[Task]): The text on the screen; None if there is none left."""
        with self.lock:
            self.journal.refresh()
            if self.task is None:
                self.task = self._next()
            return self.task

    def _next(self) -> Task | None:
        shared = self._find_shared()
        if shared:
            return self._make_task(shared)
        candidates: list[str] = []
        while self.waiting and len(candidates) < APART:
            form = self.waiting.pop()
            if self._may_show(self.by_form[form].text):
                candidates.append(form)
        if not candidates:
            return None
        # In its order for one alone; who are two begin at two places
        me = self.journal.annotator
        alone = self.journal.annotators <= {me}
        chosen = candidates[0] if alone else min(candidates, key=lambda form: _draw(me + form))
        self.waiting += [form for form in reversed(candidates) if form != chosen]
        return self._make_task(self.by_form[chosen])

    def _find_shared(self) -> Suggestion | None:
        """A text of the share that somebody else decided, and this annotator did not."""
        for form, text in self.journal.take_new_of_others():
            if self._is_shared(text) and self._may_show(text):
                return self.by_form.get(form) or Suggestion(text)
        return None

    def _may_show(self, text: str) -> bool:
        decided = self.journal.who_decided(text)
        return not decided or (self._is_shared(text) and self.journal.annotator not in decided)

    def _is_shared(self, text: str) -> bool:
        return _draw(form_of(text)) < self.share

    def _make_task(self, suggestion: Suggestion) -> Task:
        doc = self.nlp.make_doc(suggestion.text)
        if self._is_shared(suggestion.text):  # what two people accept is no agreement between them
            return Task(doc)
        return Task(set_ents(doc, suggestion.spans), suggestion.source, notes=suggestion.notes)

    def decide(self, task_id: str, answer: Answer, ents: Ents, seconds: float) -> None:
        """Keep a decision on the text that is on the screen. It is on disk when this returns.

        task_id (str): The text's id.
        answer (Answer): The decision.
        ents (list[tuple[int, int, str]]): First token, token behind the last, and label of its entities.
        seconds (float): How long it took.
        RAISES (Outdated): If another text is on the screen by now.
        RAISES (Refused): If these can be no entities of it.
        """
        with self.lock:
            task = self.task
            if task is None or task.id != task_id:
                raise Outdated
            spans = [_check(task.doc, ent) for ent in sorted(ents)]
            if any(span.start < before.end for before, span in pairwise(spans)):
                raise Refused("Two entities overlap")
            kept = [CharSpan(span.start_char, span.end_char, span.label_) for span in spans]
            suggested = {(ent.start, ent.end, ent.label_) for ent in task.doc.ents}
            given = {(span.start, span.end, span.label_) for span in spans}
            accepted = answer is Answer.accept
            self.journal.append(
                Decision(
                    task.doc.text,
                    kept if accepted else [],
                    answer,
                    self.journal.annotator,
                    task.replaces,
                    count_corrections(suggested, given) if accepted else 0,
                    min(max(seconds, 0.0), LONGEST),
                )
            )
            self.task = None

    def undo(self) -> bool:
        """Show the text again that was decided last. What is decided then replaces what was; until then, that counts.

        RETURNS (bool): Whether there is one.
        """
        with self.lock:
            before = self.task.replaces if self.task else ""
            ids = [one.id for one in self.journal.mine]
            place = ids.index(before) if before in ids else len(ids)
            if not place:
                return False
            if self.task and not before:
                self._put_back(self.task)
            decision = self.journal.mine[place - 1]
            self.task = Task(set_ents(self.nlp.make_doc(decision.text), decision.spans), "you", decision.id)
            return True

    def _put_back(self, task: Task) -> None:
        form = form_of(task.doc.text)
        self.by_form.setdefault(form, Suggestion(task.doc.text))
        self.waiting.append(form)


def set_ents(doc: Doc, spans: Sequence[CharSpan]) -> Doc:
    """Set entities as far as tokens allow: spans are widened to whole ones, and of two that overlap the longer stays.

    doc (Doc): The Doc, changed in place.
    spans (Sequence[CharSpan]): The spans.
    RETURNS (Doc): The same Doc.
    """
    found = []
    for start, end, label in spans:
        surface = doc.text[start:end]
        start, end = start + len(surface) - len(surface.lstrip()), end - len(surface) + len(surface.rstrip())
        span = doc.char_span(start, end, label, alignment_mode="expand") if start < end else None
        found += [span] if span is not None else []
    doc.set_ents(filter_spans(found))
    return doc


def _check(doc: Doc, ent: tuple[int, int, str]) -> Span:
    start, end, label = ent
    if not 0 <= start < end <= len(doc):
        raise Refused("An entity lies outside of the text")
    if not label.strip():
        raise Refused("An entity has no label")
    span = doc[start:end]
    if span[0].is_space or span[-1].is_space:
        raise Refused("An entity begins or ends in white space")
    return Span(doc, start, end, label)


def count_corrections(suggested: set[tuple[int, int, str]], given: set[tuple[int, int, str]]) -> int:
    """RETURNS (int): Spans that were added, removed or changed; one that changed its label or a border counts once."""
    added, removed = sorted(given - suggested), sorted(suggested - given)
    for start, end, _ in list(added):
        moved = next((one for one in removed if one[0] < end and start < one[1]), None)
        if moved:
            removed.remove(moved)
    return len(added) + len(removed)


def _draw(text: str) -> float:
    """A number from 0 to 1, the same for the same text."""
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") / 2**64
