"""JSONL as doccano writes it: {"text", "label": [[start, end, label]]}, and the shapes of its other versions.

Newer versions also write {"text", "entities": [{"start_offset", "end_offset", "label"}]}, older ones "labels", or
"annotations" with numbers for labels; some write "data" for "text". What this project writes has "surfaces" too, the
texts of the spans.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ..formats import JsonFormat, Writer, formats, writers
from ..json_values import Value, as_list, as_object
from ..record import AnnotatedText, FileRecord, FileSpan
from ..unread import as_triple

LISTS = ("label", "labels")  # of lists
OBJECTS = ("entities", "annotations")  # with start_offset


def fits(data: Any) -> bool:
    """Tell whether a JSON value is a record of this format.

    data (Any): The value.
    RETURNS (bool): Whether it has a text, and spans as lists or with "start_offset".
    """
    if not isinstance(data, dict) or not ("text" in data or "data" in data):
        return False
    return any(_is_list(data.get(key), as_triple) for key in LISTS) or any(
        _is_list(data.get(key), lambda span: isinstance(span, dict) and "start_offset" in span) for key in OBJECTS
    )


def _is_list(value: Any, holds: Any) -> bool:
    return isinstance(value, list) and any(map(holds, value))


def read(value: Value) -> Iterator[FileRecord]:
    """Read a record.

    value (Value): The record.
    YIELDS (FileRecord): The same.
    RAISES (ProjectError): If a span is no list or object.
    """
    data = as_object(value.data, value)
    spans = []
    for key in (*LISTS, *OBJECTS):
        spans += [_span(span, value) for span in as_list(data.get(key), value, key)]
    for span, surface in zip(spans, as_list(data.get("surfaces"), value, "surfaces"), strict=False):
        span.surface = surface
    text = data.get("text", data.get("data"))
    yield FileRecord(text, spans, value.line, group=data.get("group"), annotator=data.get("annotator"))


def write(records: Iterable[AnnotatedText]) -> Iterator[str]:
    """Write records as doccano imports them.

    records (Iterable[AnnotatedText]): The records.
    YIELDS (str): The lines.
    """
    for record in records:
        row = {
            "text": record.text,
            "label": [[span.start, span.end, span.label] for span in record.spans],
            "surfaces": [record.text[span.start : span.end] for span in record.spans],
            **({"group": record.group} if record.group else {}),
            **({"annotator": record.annotator} if record.annotator else {}),
        }
        yield json.dumps(row, ensure_ascii=False) + "\n"


def _span(span: Any, value: Value) -> FileSpan:
    if isinstance(span, list):
        start, end, label = as_triple(span) or (*span, None, None, None)[:3]  # the label may come first
    else:
        data = as_object(span, value)
        start, end, label = data.get("start_offset"), data.get("end_offset"), data.get("label")
    # Versions before 1.0 write the number of a label that only the server knows.
    return FileSpan(start, end, str(label) if type(label) is int else label)


formats.register("doccano", func=JsonFormat('JSONL with "text" and "label", as of doccano', fits, read))
writers.register("doccano", func=Writer(write, ".jsonl"))
