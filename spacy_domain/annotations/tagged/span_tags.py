"""Spans whose labels are tags of tokens: a span a word, labelled B-PER, I-PER or even O.

Scripts make such records of tables of words ({"label": ["B-geo"], "points": [...]}), services of their tokens
({"tokens": [{"text", "start", "end", "tag"}]}). A label that only looks like a tag (B-cell) has no I-cell beside it.
"""

from collections.abc import Collection

from ..record import FileRecord, FileSpan
from .tags import MARKED, Tag

GOES_ON = "ILE"
NEAR = 2  # a space between two words, and one more where ends are inclusive


def are_tags(labels: Collection[str]) -> bool:
    """Tell whether labels are tags of tokens.

    labels (Collection[str]): The labels of many spans.
    RETURNS (bool): Whether each is a tag, and some label begins and goes on.
    """
    tags = [MARKED.parse(label) for label in labels]
    begun = {tag.label for tag in tags if tag and tag.mark == "B"}
    going_on = {tag.label for tag in tags if tag and tag.mark in GOES_ON}
    return None not in tags and bool(begun & going_on)


def join_tags(record: FileRecord) -> None:
    """Make one span of those that go on where another ends, and none of O.

    record (FileRecord): The record; changed in place.
    """
    joined: list[FileSpan] = []
    words = 0
    in_order = all(type(span.start) is int for span in record.spans)
    for span in sorted(record.spans, key=lambda span: span.start) if in_order else record.spans:
        tag = MARKED.parse(span.label) if isinstance(span.label, str) else None
        if tag is None:
            joined.append(span)
        elif tag.label and joined and _goes_on(joined[-1], span, tag):
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
