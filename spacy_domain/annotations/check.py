"""What a file says -> what it means, or an error that says where it makes no sense."""

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from ..project.errors import Place, ProjectError, excerpt
from .offsets import READINGS, Reading, Unit, fitting, has_offsets, has_surface
from .record import AnnotatedText, CharSpan, FileRecord, FileSpan
from .surfaces import Surfaces, find_places


class UnitError(ProjectError):
    """Nothing tells what a file's offsets count, and it matters: a question about the file, not a bad record."""


def check_record(record: FileRecord, file: str, readings: Sequence[Reading], certain: bool) -> AnnotatedText:
    """Check a record and convert its offsets.

    record (FileRecord): The record as the file says it.
    file (str): The file.
    readings (Sequence[Reading]): How its offsets may be read, the likeliest first.
    certain (bool): Whether the first reading is right where no surface text tells.
    RETURNS (AnnotatedText): The record.
    RAISES (ProjectError): If it is not what it should be.
    """
    if record.error:
        raise record.error
    text = record.text
    if not isinstance(text, str) or not text.strip():
        _refuse(record, file, "Record without text", "Give it a text, or delete the record.", str(text or "")[:60])
    for what, value in (("text", text), *(("label", span.label) for span in record.spans)):
        if isinstance(value, str) and not value.isascii() and value != _whole(value):
            _refuse(
                record,
                file,
                f"Half of a surrogate pair in the {what}",
                "It was cut in the middle of a character when it was exported: mend or delete the record.",
                _whole(value)[:80],
            )
    checked, surfaces = _unchecked(record, file, text), Surfaces(record)
    for span in record.spans:
        start, end, note = _locate(record, span, file, readings, certain, surfaces)
        checked.spans.append(CharSpan(start, end, span.label.strip()))
        checked.notes += [note] if note else []
    return checked


def set_aside(record: FileRecord, file: str, error: ProjectError) -> AnnotatedText:
    """Make of a record that makes no sense one that is not used, with all that it holds.

    record (FileRecord): The record as the file says it.
    file (str): The file.
    error (ProjectError): What is wrong with it.
    RETURNS (AnnotatedText): The record; its spans are dropped ones.
    """
    place = error.places[0] if error.places else None
    detail = f": {place.message}" if place and place.message not in ("", error.title) else ""
    text = record.text if isinstance(record.text, str) else ""
    checked = _unchecked(record, file, _whole(text))
    checked.dropped += [_whole(f"{span.surface or ''} ({_name(span)})".strip()) for span in record.spans]
    checked.rejected = _whole(f"{error.title}{detail}")
    row: dict[str, Any] = {"raw": record.raw or (place.text if place else "")}
    if text.strip():
        spans = [{"start": s.start, "end": s.end, "label": s.label, "text": s.surface} for s in record.spans]
        about = {"group": checked.group, "_annotator_id": checked.annotator}
        row = {"text": text, "spans": spans, **{key: value for key, value in about.items() if value}}
    checked.broken = json.dumps(_without_nan({**row, "what_to_do": error.remedy}))
    return checked


def _without_nan(row: dict[str, Any]) -> Any:
    """The row with a text for what Python has and JSON has not: NaN, Infinity."""
    return json.loads(json.dumps(row), parse_constant=str)


def _unchecked(record: FileRecord, file: str, text: str) -> AnnotatedText:
    group, annotator = ("" if value is None else _whole(str(value)) for value in (record.group, record.annotator))
    checked = AnnotatedText(text, [], file, record.line, group, annotator=annotator, rejected=_whole(record.rejected))
    checked.unknown, checked.dropped = record.unknown, [_whole(message) for message in record.dropped]
    checked.notes, checked.unread = list(map(_whole, record.notes)), {_whole(k): n for k, n in record.unread.items()}
    return checked


def _whole(text: str) -> str:
    """The text with a question mark for each half of a surrogate pair: no file can hold such."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _name(span: FileSpan) -> str:
    return f"start {span.start!r}, end {span.end!r}, label {span.label!r}"


def _locate(
    record: FileRecord,
    span: FileSpan,
    file: str,
    readings: Sequence[Reading],
    certain: bool,
    surfaces: Surfaces,
) -> tuple[int, int, str]:
    """Find a span's first character and the one behind its last, and a note on how if that was not as usual.

    The text that a record holds for a span decides: it is found at the offsets in one reading or another, white space
    aside, or else where it is in the text, if that leaves no choice.
    """
    text, start, end, label = record.text, span.start, span.end, span.label
    name = _name(span)
    if not has_offsets(span):
        _refuse(record, file, f"Offsets must be whole numbers ({name})", "Mend the span.", excerpt(text, 0, 60))
    if not isinstance(label, str) or not label.strip():
        remedy = "Give the span a label, or delete it."
        _refuse(record, file, f"Empty label ({name})", remedy, excerpt(text, start, end))
    if has_surface(span.surface):
        for loosely in (False, True):
            fits = fitting(text, start, end, span.surface, [*readings, *READINGS], loosely)
            if fits:
                found = fits[0].to_characters(text, start, end)
                assert found is not None
                return *found, "" if fits[0] in readings else f"{span.surface!r} found by reading offsets as {fits[0]}"
        if not span.may_differ:
            return _search(record, span, file, surfaces)
    found = readings[0].to_characters(text, start, end)
    other = Reading(Unit.characters if readings[0].unit is Unit.utf16 else Unit.utf16, inclusive=readings[0].inclusive)
    borders = None if certain or other not in readings else other.to_characters(text, start, end)
    if borders and borders != found:
        covered = {readings[0].unit: repr(text[slice(*found)]) if found else "nothing that exists"}
        covered[other.unit] = repr(text[slice(*borders)])
        message = f"What do offsets count? ({name})"
        raise UnitError(
            message,
            f"Read as Unicode characters they cover {covered[Unit.characters]}, as UTF-16 units "
            f"{covered[Unit.utf16]}. Say which is "
            "right: --vars.offsets=characters or --vars.offsets=utf-16.",
            [Place(file, record.line, message, excerpt(text, *borders))],
        )
    if found is None:
        _refuse_offsets(record, file, start, end, readings[0], name)
    return *found, ""


def _search(record: FileRecord, span: FileSpan, file: str, surfaces: Surfaces) -> tuple[int, int, str]:
    """Find a span by its text alone, where that leaves no choice."""
    found = surfaces.find(span)
    if found:
        return *found, f"{span.surface!r} is at {found[0]}-{found[1]}, not at {span.start}-{span.end} as the file says"
    there = bool(find_places(record.text, span.surface, 1))
    where = "is there several times, and nothing tells which is meant" if there else "is not in the text"
    _refuse(
        record,
        file,
        f"The text at the offsets is not {span.surface!r} ({_name(span)}), which {where}",
        "Mend the span: its text and its offsets tell two things, however the offsets are read.",
        excerpt(record.text, span.start, span.end),
    )


def _refuse_offsets(record: FileRecord, file: str, start: int, end: int, reading: Reading, name: str) -> NoReturn:
    last = end + reading.inclusive
    if last <= start:
        remedy = "Ends are exclusive: mend the span."
        message = f"Span ends where it starts or before ({name})"
        _refuse(record, file, message, remedy, excerpt(record.text, last, start))
    _refuse(
        record,
        file,
        f"Offset outside of the text, which has {len(record.text)} characters ({name})",
        f"Offsets are read as {reading}, from 0: mend the span, or say how the tool that wrote the file counts "
        "(--vars.offsets=characters, utf-16 or utf-8).",
        excerpt(record.text, start, last),
    )


def _refuse(record: FileRecord, file: str, message: str, remedy: str, around: str = "") -> NoReturn:
    raise ProjectError(message, remedy, [Place(file, record.line, message, around)])
