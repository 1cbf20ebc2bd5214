"""Spans whose labels are tags of tokens: a span a word, labelled B-PER, I-PER or even O.

Scripts make such records of tables of words ({"label": ["B-geo"], "points": [...]}), services of their tokens
({"tokens": [{"text", "start", "end", "tag"}]}), and tags of another scheme (PER_B) come as labels of single words. A
label that only looks like a tag (B-cell) has no I-cell beside it.
"""

from collections.abc import Collection

from ..record import FileRecord, FileSpan
from .tags import GOES_ON, SCHEMES, Scheme, Tag

NEAR = 2  # a space between two words, and one more where ends are inclusive


def find_span_tags(labels: Collection[str]) -> Scheme | None:
    """Tell whether labels are tags of tokens.

    labels (Collection[str]): The labels of many spans.
    RETURNS (Optional[Scheme]): The scheme in which each is a tag, and some label begins and goes on; None if there is
        none.
    """
    for scheme in SCHEMES:
        tags = [scheme.parse(label) for label in labels]
        begun = {tag.label for tag in tags if tag and tag.mark == "B"}
        going_on = {tag.label for tag in tags if tag and tag.mark in GOES_ON}
        if None not in tags and scheme.marked and begun & going_on:
            return scheme
    return None


def join_tags(record: FileRecord, scheme: Scheme) -> None:
    """Make one span of those that go on where another ends, and none of O.

    record (FileRecord): The record; changed in place.
    scheme (Scheme): The scheme of its labels.
    """
    joined: list[FileSpan] = []
    words = 0
    in_order = all(type(span.start) is int for span in record.spans)
    for span in sorted(record.spans, key=lambda span: span.start) if in_order else record.spans:
        tag = scheme.parse(span.label) if isinstance(span.label, str) else None
        if tag is None:
            joined.append(span)
        elif tag.label and joined and scheme.marked and _goes_on(joined[-1], span, tag):
            last = joined[-1]
            last.end, words = span.end, words + 1
            both = isinstance(last.surface, str) and isinstance(span.surface, str)
            last.surface = f"{last.surface} {span.surface}" if both else None
        elif tag.label:
            span.label = tag.label
            joined.append(span)
    if len(joined) < len(record.spans):
        outside = len(record.spans) - len(joined) - words
        record.notes.append(f"Labels are tags of words: {words} went on, {outside} meant no entity")
    record.spans = joined


def _goes_on(last: FileSpan, span: FileSpan, tag: Tag) -> bool:
    if tag.mark not in GOES_ON or tag.label != last.label or type(last.end) is not int or type(span.start) is not int:
        return False
    return 0 <= span.start - last.end <= NEAR
