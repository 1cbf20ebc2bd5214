"""JSONL as Prodigy writes it, which is also this project's own: {"text", "spans": [{"start", "end", "label"}]}.

Optional: "group" keeps records in one split; "answer" puts a record aside unless it is "accept"; "_is_binary" asks
about one span and leaves the rest unknown, "unknown" names such stretches; a span's "text" tells what offsets count.
"_replaces" is the "_id" of an earlier record of the file, which its annotator took back by that (see REPLACES).
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ...project.errors import ProjectError
from ..formats import JsonFormat, Writer, formats, writers
from ..json_values import Value, as_list, as_object
from ..record import AnnotatedText, FileRecord, FileSpan
from ..unread import TEXTS, as_triple

MARKS = ("_input_hash", "_task_hash", "_view_id", "answer")


def fits(data: Any) -> bool:
    """Tell whether a JSON value is a record of this format.

    data (Any): The value.
    RETURNS (bool): Whether it has "spans" of objects, or Prodigy's own keys, and what spaCy v2 and others have not.
    """
    if not isinstance(data, dict) or "paragraphs" in data or "ents" in data or "ner_tags" in data:
        return False
    if "text" not in data and any(isinstance(data.get(key), str) for key in TEXTS):
        return False
    spans = data.get("spans")
    return ("spans" in data and not (isinstance(spans, list) and any(map(as_triple, spans)))) or (
        "text" in data and any(mark in data for mark in MARKS)
    )


def read(value: Value) -> Iterator[FileRecord]:
    """Read a record.

    value (Value): The record.
    YIELDS (FileRecord): The same; rejected ones, too.
    RAISES (ProjectError): If it is not as it should be.
    """
    data = as_object(value.data, value)
    answer = data.get("answer", "accept")
    spans = [
        FileSpan(span.get("start"), span.get("end"), span.get("label"), span.get("text"))
        for span in (as_object(span, value) for span in as_list(data.get("spans"), value, "spans"))
    ]
    text = data.get("text")
    binary = bool(data.get("_is_binary")) and isinstance(text, str)
    yield FileRecord(
        text,
        spans,
        value.line,
        group=data.get("group"),
        annotator=data.get("_annotator_id") or data.get("_session_id") or "",
        rejected="" if answer == "accept" else f"the annotator's answer is {answer!r}",
        unknown=[(0, len(str(text)))] if binary else _stretches(data.get("unknown"), value),
        id=str(data.get("_id") or ""),
    )


def write(records: Iterable[AnnotatedText]) -> Iterator[str]:
    """Write records in this format, which holds all that there is to say about them.

    records (Iterable[AnnotatedText]): The records.
    YIELDS (str): The lines.
    """
    for record in records:
        row = {
            "text": record.text,
            "spans": [{"start": span.start, "end": span.end, "label": span.label} for span in record.spans],
            "answer": "reject" if record.rejected else "accept",
            **({"group": record.group} if record.group else {}),
            **({"_annotator_id": record.annotator} if record.annotator else {}),
            **({"unknown": record.unknown} if record.unknown else {}),
        }
        yield json.dumps(row, ensure_ascii=False) + "\n"


def _stretches(values: Any, value: Value) -> list[tuple[int, int]]:
    stretches = as_list(values, value, "unknown")
    for one in stretches:
        if not (isinstance(one, list) and len(one) == 2 and all(type(offset) is int for offset in one)):
            raise ProjectError("Not a stretch of text", "Each is its start and its end.", [value.place("found", one)])
    return [(start, end) for start, end in stretches]


formats.register("prodigy", func=JsonFormat('JSONL with "text" and "spans", as of Prodigy', fits, read, certain=True))
writers.register("prodigy", func=Writer(write, ".jsonl", rejects=True))
