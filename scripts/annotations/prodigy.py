"""JSONL as Prodigy writes it, which is also this project's own: {"text", "spans": [{"start", "end", "label"}]}.

Optional: "group" keeps records in one split; "answer" puts a record aside unless it is "accept"; "_is_binary" asks
about one span and leaves the rest unknown, "unknown" names such stretches; a span's "text" tells what offsets count.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..errors import Place, ProjectError
from .formats import Format, Writer, formats, writers
from .json_values import as_list, as_object, read_jsonl
from .record import AnnotatedText, FileRecord, FileSpan
from .text import Stretch

OWN_KEYS = re.compile(r'"(text|spans)"\s*:')
KEYS_OF_OTHERS = re.compile(r'"(examples|common_examples|classes|annotations|label|labels|entities)"\s*:\s*(\[|null)')


def sniff(head: str) -> bool:
    """Tell whether a file begins like this format.

    head (str): The beginning of the file.
    RETURNS (bool): Whether it does.
    """
    first = head.lstrip().split("\n", 1)[0]
    others = KEYS_OF_OTHERS.search(first) and '"spans"' not in first
    return first.startswith("{") and bool(OWN_KEYS.search(first)) and not others


def read(path: Path, stretch: Stretch = Stretch()) -> Iterator[FileRecord]:
    """Read a file with one record a line.

    path (Path): The file.
    stretch (Stretch): Which of its lines.
    YIELDS (FileRecord): The records, rejected ones included.
    RAISES (ProjectError): If a line is no JSON object.
    """
    for line, record in read_jsonl(path, stretch):
        answer = record.get("answer", "accept")
        spans = [
            FileSpan(span.get("start"), span.get("end"), span.get("label"), span.get("text"))
            for span in (as_object(span, path, line) for span in as_list(record.get("spans"), path, line, "spans"))
        ]
        text = record.get("text")
        binary = bool(record.get("_is_binary")) and isinstance(text, str)
        yield FileRecord(
            text,
            spans,
            line,
            group=record.get("group"),
            annotator=_annotator(record),
            rejected="" if answer == "accept" else f"the annotator's answer is {answer!r}",
            unknown=[(0, len(str(text)))] if binary else _stretches(record.get("unknown"), path, line),
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


def _stretches(values: Any, path: Path, line: int) -> list[tuple[int, int]]:
    stretches = as_list(values, path, line, "unknown")
    for value in stretches:
        if not (isinstance(value, list) and len(value) == 2 and all(type(offset) is int for offset in value)):
            place = Place(str(path), line, "found", str(value)[:80])
            raise ProjectError("Not a stretch of text", "Each is its start and its end.", [place])
    return [(start, end) for start, end in stretches]


def _annotator(record: dict[str, Any]) -> Any:
    return record.get("_annotator_id") or record.get("_session_id") or ""


formats.register(
    "prodigy",
    func=Format('JSONL with "text" and "spans", as of Prodigy', sniff, read, certain=True, by_line=True),
)
writers.register("prodigy", func=Writer(write, ".jsonl", rejects=True))
