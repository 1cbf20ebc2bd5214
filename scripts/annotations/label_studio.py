"""JSON and JSON-MIN as Label Studio writes it; the names of the text and of the labels in it are the user's choice.

JSON: [{"data": {"text"}, "annotations": [{"was_cancelled", "completed_by", "result": [{"value": VALUE}]}]}]. JSON-MIN:
[{"text", "label": [VALUE]}]. VALUE is {"start", "end", "text", "labels": []}, with offsets as JavaScript counts.
Predictions are not gold.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..errors import Place, ProjectError
from .formats import Format, Writer, formats, writers
from .json_values import as_list, as_object, read_items
from .offsets import Reading, Unit
from .record import AnnotatedText, FileRecord, FileSpan

LIST = re.compile(r"\s*\[")
JSON = re.compile(r'\s*\[\s*\{.*"(data|annotations|completions)"\s*:', re.DOTALL)
JSON_MIN = re.compile(r'\s*\[\s*\{.*"(annotation_id|lead_time|annotator|labels)"\s*:', re.DOTALL)


def sniff(head: str) -> bool:
    """Tell whether a file begins like this format.

    head (str): The beginning of the file.
    RETURNS (bool): Whether it does.
    """
    return bool(JSON.match(head) or JSON_MIN.match(head)) and '"paragraphs"' not in head


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file: one record for each annotator of a task.

    path (Path): The file.
    YIELDS (FileRecord): The records, cancelled ones included.
    RAISES (ProjectError): If the file is broken, or no text can be found in a task.
    """
    for line, item in read_items(path, LIST):
        task = as_object(item, path, line)
        if isinstance(task.get("data"), dict):
            yield from _read_task(task, path, line)
        else:
            results = [value for value in task.values() if _is_spans(value)]
            spans = [span for values in results for value in values for span in _spans(value)]
            text = _text(task, spans, path, line)
            yield FileRecord(text, spans, line, annotator=task.get("annotator"))


def _read_task(task: dict[str, Any], path: Path, line: int) -> Iterator[FileRecord]:
    annotations = as_list(task.get("annotations", task.get("completions")), path, line, "annotations")
    group = as_object(task.get("meta") or {}, path, line).get("group", "")
    for annotation in annotations:
        data = as_object(annotation, path, line)
        results = [as_object(r, path, line) for r in as_list(data.get("result"), path, line, "result")]
        spans = [span for result in results if _is_span(result.get("value")) for span in _spans(result["value"])]
        annotator = data.get("completed_by")
        yield FileRecord(
            _text(task["data"], spans, path, line),
            spans,
            line,
            annotator=annotator.get("email", annotator.get("id")) if isinstance(annotator, dict) else annotator,
            rejected="the annotator skipped it" if data.get("was_cancelled") else "",
            group=group,
        )
    if not annotations:
        yield FileRecord(_text(task["data"], [], path, line), [], line, group=group, rejected="nobody annotated it")


def write(records: Iterable[AnnotatedText]) -> Iterator[str]:
    """Write records as Label Studio imports them, for a project with a Text named "text" and Labels named "label".

    records (Iterable[AnnotatedText]): The records.
    YIELDS (str): The pieces of a JSON list.
    """
    begin = "["
    for record in records:
        result = [
            {
                "type": "labels",
                "from_name": "label",
                "to_name": "text",
                "value": {
                    "start": _utf16(record.text[: span.start]),
                    "end": _utf16(record.text[: span.end]),
                    "text": record.text[span.start : span.end],
                    "labels": [span.label],
                },
            }
            for span in record.spans
        ]
        annotation = {"result": result, "was_cancelled": bool(record.rejected)}
        if record.annotator:
            annotation["completed_by"] = {"email": record.annotator}
        task: dict[str, Any] = {"data": {"text": record.text}, "annotations": [annotation]}
        if record.group:
            task["meta"] = {"group": record.group}
        yield begin + "\n" + json.dumps(task, ensure_ascii=False)
        begin = ","
    yield "\n]\n" if begin == "," else "[]\n"


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _is_span(value: Any) -> bool:
    return isinstance(value, dict) and "start" in value and "end" in value and "labels" in value


def _is_spans(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_span(item) for item in value)


def _spans(value: dict[str, Any]) -> list[FileSpan]:
    labels = value["labels"] if isinstance(value["labels"], list) and value["labels"] else [None]
    return [FileSpan(value["start"], value["end"], label, value.get("text")) for label in labels]


def _text(data: dict[str, Any], spans: list[FileSpan], path: Path, line: int) -> str | None:
    """Find the text among a task's fields: the only one, else the one that holds all spans, else the one named text."""
    texts = {key: value for key, value in data.items() if isinstance(value, str)}
    surfaces = [span.surface for span in spans if isinstance(span.surface, str)]
    holding = {key: text for key, text in texts.items() if all(surface in text for surface in surfaces)}
    for choice in (texts, holding if surfaces else {}):
        if len(choice) == 1:
            return next(iter(choice.values()))
    if "text" in texts:
        return texts["text"]
    if not texts:
        return None
    message = f"which of {', '.join(texts)} is it?"
    remedy = 'Name the field that was annotated "text".'
    raise ProjectError("Cannot tell the text of a task", remedy, [Place(str(path), line, message, str(data)[:80])])


formats.register(
    "label_studio",
    func=Format("JSON or JSON-MIN of Label Studio", sniff, read, reading=Reading(Unit.utf16)),
)
writers.register("label_studio", func=Writer(write, ".json", rejects=True))
