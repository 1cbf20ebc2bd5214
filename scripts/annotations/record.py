"""The one shape that every annotation format is read into."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from ..errors import Place, ProjectError, excerpt


@dataclass(frozen=True)
class CharSpan:
    """A labelled stretch of a text.

    start (int): Offset of its first character, in code points.
    end (int): Offset behind its last character, in code points.
    label (str): The entity label.
    """

    start: int
    end: int
    label: str


@dataclass
class AnnotatedText:
    """A text and its annotated spans, and where they come from.

    text (str): The text.
    spans (List[CharSpan]): The spans as annotated: they may overlap or cut through tokens.
    file (str): The file it was read from.
    line (int): The line it starts on, from 1.
    group (str): Records of one group stay in one split; empty if the data does not say.
    split (str): "train", "dev" or "test" if the data says so, else empty.
    rejected (str): Why an annotator put the record aside; empty if none did.
    """

    text: str
    spans: list[CharSpan]
    file: str
    line: int
    group: str = ""
    split: str = ""
    rejected: str = ""


def make_record(
    text: Any,
    spans: Any,
    *,
    file: str,
    line: int,
    group: Any = "",
    rejected: str = "",
    inclusive: bool = False,
) -> AnnotatedText:
    """Check what a file says and make a record of it.

    text (Any): What should be a text.
    spans (Any): What should be a list of objects with "start", "end" and "label".
    file (str): The file, for messages.
    line (int): The line, for messages.
    group (Any): The record's group, if any.
    rejected (str): Why the record was put aside by an annotator.
    inclusive (bool): Whether the ends are offsets of last characters.
    RETURNS (AnnotatedText): The record.
    RAISES (ProjectError): If it is not what it should be, with the place.
    """

    def refuse(message: str, remedy: str, around: str = "") -> NoReturn:
        raise ProjectError(message, remedy, [Place(file, line, message, around)])

    if not isinstance(text, str) or not text.strip():
        refuse("Record without text", "Give it a text, or delete the record.", excerpt(str(text or ""), 0, 60))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        refuse(
            "Half of a surrogate pair in the text",
            "The text was cut in the middle of a character when it was exported: mend or delete the record.",
            excerpt(text.encode("utf-8", "replace").decode("utf-8"), error.start, error.end),
        )
    if not isinstance(spans, Sequence) or isinstance(spans, str):
        refuse(f"The record's spans are no list but {spans!r}", "Write [] where there are none.", excerpt(text, 0, 60))
    checked = []
    for span in spans:
        if not isinstance(span, dict):
            refuse(f"A span is no object but {span!r}", 'Write {"start": ..., "end": ..., "label": ...}.')
        start, end, label = span.get("start"), span.get("end"), span.get("label")
        name = f"start {start!r}, end {end!r}, label {label!r}"
        if type(start) is not int or type(end) is not int:
            refuse(f"Offsets must be whole numbers ({name})", "Mend the span.", excerpt(text, 0, 60))
        end += inclusive
        if not isinstance(label, str) or not label.strip():
            refuse(f"Empty label ({name})", "Give the span a label, or delete it.", excerpt(text, start, end))
        if start < 0 or start > len(text) or end > len(text):
            refuse(
                f"Offset outside of the text, which has {len(text)} characters ({name})",
                "Offsets count Unicode code points from 0 and ends are exclusive: mend the span, or see whether the "
                "tool that wrote the file counts otherwise (bytes, UTF-16 units).",
                excerpt(text, start, end),
            )
        if end <= start:
            refuse(
                f"Span ends where it starts or before ({name})",
                "Ends are exclusive: mend the span.",
                excerpt(text, end, start),
            )
        checked.append(CharSpan(start, end, label.strip()))
    return AnnotatedText(text, checked, file, line, str(group if group is not None else ""), rejected=rejected)
