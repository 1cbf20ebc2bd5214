"""Character spans -> entities of a Doc, and an account of every span on the way."""

from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter

from spacy.language import Language
from spacy.tokens import Doc, Span

from ..annotations import AnnotatedText, CharSpan

CUT_OFF = ": its last character is cut off"
NOBODY = CharSpan(0, 0, "")  # has the tokens whose annotation is missing


class OnMisaligned(StrEnum):
    """What to do with a span that does not fit the tokens.

    stop: end with an error that lists all of them.
    snap: widen the span to the tokens it touches.
    missing: tell training that it is not known what these tokens are.
    drop: leave the span out: its tokens then count as no entity.
    """

    stop = "stop"
    snap = "snap"
    missing = "missing"
    drop = "drop"


class Outcome(StrEnum):
    """What became of a span; the names are the audit's."""

    used = "used"
    repaired = "repaired"
    missing = "missing"
    dropped = "dropped"


@dataclass(frozen=True, slots=True)
class AlignedSpan:
    """An annotated span and what became of it.

    span (CharSpan): The span as annotated.
    outcome (Outcome): What became of it.
    kind (str): What was wrong with it; empty if nothing was.
    message (str): The same in words.
    suggestion (str): What was probably meant.
    """

    span: CharSpan
    outcome: Outcome
    kind: str = ""
    message: str = ""
    suggestion: str = ""


def align(record: AnnotatedText, nlp: Language, on_misaligned: OnMisaligned) -> tuple[Doc, list[AlignedSpan]]:
    """Make a Doc with the record's spans as entities.

    Spans cannot overlap in `Doc.ents`: those that fit the tokens go before those that do not, then the longest stays,
    then the first.

    record (AnnotatedText): The record.
    nlp (Language): The pipeline whose tokenizer the model will use.
    on_misaligned (OnMisaligned): What to do with spans that do not fit the tokens ("stop" is treated as "drop" here;
        it is for the caller to stop on what the account says).
    RETURNS (Tuple[Doc, List[AlignedSpan]]): The Doc, and the account of every span in the record's order.
    """
    doc = nlp.make_doc(record.text)
    if _fits_as_it_is(doc, record):
        return doc, [AlignedSpan(span, Outcome.used) for span in record.spans]
    entities: list[Span] = []
    unknown: list[Span] = []
    holders: list[CharSpan | None] = [None] * len(doc)  # by token: the span that has it
    text = record.text  # a Doc puts its own together from its tokens, each time that it is asked for it
    fits = [_fit(doc, text, given, on_misaligned) for given in record.spans]
    account = [aligned for _, aligned in fits]
    order = sorted(range(len(fits)), key=lambda i: (account[i].kind == "misaligned", -_length(account[i]), i))
    for i in order:
        span, given = fits[i][0], record.spans[i]
        if span is None:
            continue
        held = [holder for holder in holders[span.start : span.end] if holder is not None]
        if not held:
            holders[span.start : span.end] = [given] * len(span)
            (unknown if account[i].outcome is Outcome.missing else entities).append(span)
        elif held[0] == given:
            message = f"{_name(text, given)} is there twice"
            account[i] = AlignedSpan(given, Outcome.dropped, "repeated span", message)
        else:
            free = [token.i for token in span if holders[token.i] is None]
            outcome = Outcome.missing if free and on_misaligned is OnMisaligned.missing else Outcome.dropped
            if outcome is Outcome.missing:  # else training would learn that they are no entity
                unknown.extend(doc[token : token + 1] for token in free)
                holders[span.start : span.end] = [holder or given for holder in holders[span.start : span.end]]
            message = f"{_name(text, given)} overlaps with {_name(text, held[0])}"
            account[i] = AlignedSpan(given, outcome, "overlap", message, "Leave one of the two.")
    for start, end in record.unknown:
        stretch = doc.char_span(start, end, alignment_mode="expand")
        for token in stretch if stretch is not None else []:
            if holders[token.i] is None:
                holders[token.i] = NOBODY
                unknown.append(doc[token.i : token.i + 1])
    doc.set_ents(entities, missing=unknown, default="outside")
    return doc, account


def _fits_as_it_is(doc: Doc, record: AnnotatedText) -> bool:
    """Set the entities of a Doc if there is nothing to repair and nothing unknown, as it should be."""
    entities = []
    behind = 0
    for given in sorted(record.spans, key=attrgetter("start")):
        span = doc.char_span(given.start, given.end, given.label)
        if (
            given.start < behind
            or span is None
            or record.text[given.start].isspace()
            or record.text[given.end - 1].isspace()
        ):
            return False
        entities.append(span)
        behind = given.end
    if record.unknown:
        return False
    doc.set_ents(entities)
    return True


def _length(aligned: AlignedSpan) -> int:
    return aligned.span.end - aligned.span.start


def _fit(doc: Doc, text: str, given: CharSpan, on_misaligned: OnMisaligned) -> tuple[Span | None, AlignedSpan]:
    """Find the tokens of one span; None for the Span where it is left out."""
    surface = text[given.start : given.end]
    start = given.start + len(surface) - len(surface.lstrip())
    end = given.end - len(surface) + len(surface.rstrip())
    if start >= end:
        return None, AlignedSpan(given, Outcome.dropped, "blank span", f"{_name(text, given)} is white space alone")
    span = doc.char_span(start, end, given.label)
    if span is not None:
        if (start, end) == (given.start, given.end):
            return span, AlignedSpan(given, Outcome.used)
        # White space around an entity trains silently in short Docs and fails in long ones (E024).
        message = f"white space around {_name(text, given)} cut off"
        return span, AlignedSpan(given, Outcome.repaired, "white space", message)
    wide = doc.char_span(start, end, given.label, alignment_mode="expand")
    message = f"{_name(text, given)} cuts through {wide.text!r}" if wide else f"{_name(text, given)} fits no token"
    suggestion = f"{wide.text!r} ({wide.start_char}-{wide.end_char}) may be meant" if wide else ""
    if wide and (wide.start_char, wide.end_char) == (start, end + 1):
        suggestion += CUT_OFF
    if wide is None or on_misaligned in (OnMisaligned.stop, OnMisaligned.drop):
        return None, AlignedSpan(given, Outcome.dropped, "misaligned", message, suggestion)
    outcome = Outcome.repaired if on_misaligned is OnMisaligned.snap else Outcome.missing
    return wide, AlignedSpan(given, outcome, "misaligned", message, suggestion)


def _name(text: str, span: CharSpan) -> str:
    return f"{text[span.start : span.end]!r} ({span.start}-{span.end}, {span.label})"
