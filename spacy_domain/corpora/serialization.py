"""A record as a row of the store, and back."""

import hashlib
from typing import Any

import srsly

from ..annotations import AnnotatedText, CharSpan

Row = tuple[Any, ...]


def to_row(record: AnnotatedText, split: str, set_aside: str) -> Row:
    """Prepare a record for the store.

    record (AnnotatedText): The record.
    split (str): Its split.
    set_aside (str): Why it is not used; empty if it is.
    RETURNS (Row): Its row.
    """
    return (
        split,
        set_aside,
        digest(record.text),
        record.split,
        record.group,
        len(record.text),
        len(record.spans),
        dump_record(record),
    )


def dump_record(record: AnnotatedText) -> str:
    """RETURNS (str): A record, as the store holds it."""
    about = (record.group, record.split, record.annotator, record.rejected, record.broken)
    place = (record.file, record.line, *about)
    return srsly.json_dumps((record.text, record.spans, place, record.unknown, record.dropped, record.notes))


def load_record(data: str) -> AnnotatedText:
    """RETURNS (AnnotatedText): The record that a chunk holds."""
    text, spans, place, unknown, dropped, notes = srsly.json_loads(data)
    file, line, group, split, annotator, rejected, broken = place
    stretches = [(start, end) for start, end in unknown]
    spans = [CharSpan(*span) for span in spans]
    return AnnotatedText(
        text, spans, file, line, group, split, annotator, rejected, stretches, dropped, notes, broken=broken
    )


def digest(text: str) -> int:
    """RETURNS (int): A number of 64 bits, the same for the same text."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest(), "big", signed=True)
