"""JSONL as doccano writes it: {"text", "label": [[start, end, label]]}, and the shapes of its other versions.

Newer versions also write {"text", "entities": [{"start_offset", "end_offset", "label"}]}, older ones "labels", or
"annotations" with numbers for labels. What this project writes has "surfaces" too, the texts of the spans.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .formats import Format, Writer, formats, writers
from .json_values import as_list, as_object, read_jsonl
from .record import AnnotatedText, FileRecord, FileSpan
from .text import Stretch

KEYS = ("label", "labels", "entities", "annotations")
SHAPE = re.compile(r'\{[^\n]*"(label|labels|entities|annotations)"\s*:\s*\[(?!\s*\])', re.DOTALL)
EMPTY = re.compile(r'\{[^\n]*"(label|labels|entities|annotations)"\s*:\s*(\[\s*\]|null)')


def sniff(head: str) -> bool:
    """Tell whether a file begins like this format.

    head (str): The beginning of the file.
    RETURNS (bool): Whether it does.
    """
    first = head.lstrip().split("\n", 1)[0]
    others = any(key in first for key in ('"spans"', '"classes"', '_examples"', '"examples"', '"paragraphs"'))
    return '"text"' in first and not others and bool(SHAPE.match(first) or EMPTY.match(first))


def read(path: Path, stretch: Stretch = Stretch()) -> Iterator[FileRecord]:
    """Read a file with one record a line.

    path (Path): The file.
    stretch (Stretch): Which of its lines.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If a line is no JSON object, or a span no list or object.
    """
    for line, record in read_jsonl(path, stretch):
        spans = []
        for key in KEYS:
            spans += [_span(span, path, line) for span in as_list(record.get(key), path, line, key)]
        surfaces = as_list(record.get("surfaces"), path, line, "surfaces")
        for span, surface in zip(spans, surfaces, strict=False):
            span.surface = surface
        yield FileRecord(record.get("text"), spans, line, group=record.get("group"), annotator=record.get("annotator"))


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


def _span(span: Any, path: Path, line: int) -> FileSpan:
    if isinstance(span, list):
        start, end, label = (*span, None, None, None)[:3]
    else:
        data = as_object(span, path, line)
        start, end, label = data.get("start_offset"), data.get("end_offset"), data.get("label")
    # Versions before 1.0 write the number of a label that only the server knows.
    return FileSpan(start, end, str(label) if type(label) is int else label)


formats.register(
    "doccano",
    func=Format('JSONL with "text" and "label", as of doccano', sniff, read, by_line=True),
)
writers.register("doccano", func=Writer(write, ".jsonl"))
