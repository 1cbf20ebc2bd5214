"""JSON and JSON-MIN as Label Studio writes it; the names of the text and of the labels in it are the user's choice.

JSON: [{"data": {"text"}, "annotations": [{"was_cancelled", "completed_by", "result": [{"value": VALUE}]}]}]. JSON-MIN:
[{"text", "label": [VALUE]}]. VALUE is {"start", "end", "text", "labels": []}, with offsets as JavaScript counts, and
white space folded in "text"; a result's "to_name" is mostly the field that it is in. In hypertext, "start" and "end"
are paths in HTML and "globalOffsets" count; in a dialogue, a list of paragraphs, they are numbers of paragraphs and
"startOffset" and "endOffset" count in them. Predictions are not gold. A storage that Label Studio writes to has an
annotation a file: {"result", "completed_by", "task": {"data"}}.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from ...project.errors import ProjectError
from ..formats import JsonFormat, Writer, formats, writers
from ..json_values import Value, as_list, as_object
from ..offsets import Reading, Unit
from ..record import AnnotatedText, FileRecord, FileSpan

MARKS_OF_MIN = ("annotation_id", "lead_time")
TIMES = ("created_at", "updated_at")  # that it writes itself, beside the fields of a task


def fits(data: Any) -> bool:
    """Tell whether a JSON value is a task of this format.

    data (Any): The value.
    RETURNS (bool): Whether it has "data" and annotations with results, or the marks of JSON-MIN.
    """
    if not isinstance(data, dict):
        return False
    if isinstance(data.get("data"), dict):
        return any(isinstance(data.get(key), list) for key in ("annotations", "completions", "predictions"))
    if isinstance(data.get("result"), list) and "task" in data:
        return True
    return any(key in data for key in MARKS_OF_MIN) or any(map(_is_spans, data.values()))


def read(value: Value) -> Iterator[FileRecord]:
    """Read a task: one record for each annotator, and each paragraph.

    value (Value): The task.
    YIELDS (FileRecord): The records, cancelled ones included.
    RAISES (ProjectError): If it is not as it should be, or no text can be found in it.
    """
    task = as_object(value.data, value)
    if isinstance(task.get("data"), dict):
        yield from _read_task(task, value)
        return
    if isinstance(task.get("result"), list) and "task" in task:
        yield from _read_task(_task_of(task, value), value)
        return
    results = [one for found in task.values() if _is_spans(found) for one in found]
    paragraphs = _paragraphs(task)
    if paragraphs:
        yield from _read_paragraphs(paragraphs, results, value, FileRecord("", [], 0, annotator=task.get("annotator")))
    else:
        spans = [span for one in results for span in _spans(one)]
        yield FileRecord(_text(task, spans, value), spans, value.line, annotator=task.get("annotator"))


def _task_of(annotation: dict[str, Any], value: Value) -> dict[str, Any]:
    """The task of an annotation, with this one alone."""
    task = annotation["task"]
    if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
        remedy = "Export the project as JSON: there the texts are beside their annotations."
        raise ProjectError("Annotation without text", remedy, [value.place(f"its task is {task!r}"[:80])])
    return {**task, "annotations": [annotation]}


def _read_task(task: dict[str, Any], value: Value) -> Iterator[FileRecord]:
    annotations = as_list(task.get("annotations", task.get("completions")), value, "annotations")
    group = as_object(task.get("meta") or {}, value).get("group", "")
    paragraphs = _paragraphs(task["data"])
    for annotation in annotations:
        data = as_object(annotation, value)
        if "result" not in data:
            remedy = 'Write "result": [] where there are none.'
            raise ProjectError("Annotation without result", remedy, [value.place(f"has {', '.join(data)}", data)])
        results = [as_object(result, value) for result in as_list(data.get("result"), value, "result")]
        found = [result for result in results if _is_span(result.get("value"))]
        annotator = data.get("completed_by")
        about = FileRecord(
            None,
            [],
            value.line,
            annotator=annotator.get("email", annotator.get("id")) if isinstance(annotator, dict) else annotator,
            rejected="the annotator skipped it" if data.get("was_cancelled") else "",
            group=group,
        )
        about.unread.update(f"result(s) of type {r.get('type')}" for r in results if not _is_span(r.get("value")))
        if paragraphs:
            yield from _read_paragraphs(paragraphs, [result["value"] for result in found], value, about)
        else:
            yield from _read_fields(task["data"], found, value, about)
    if not annotations:
        yield FileRecord(_text(task["data"], [], value), [], value.line, group=group, rejected="nobody annotated it")


def _read_fields(
    data: dict[str, Any], results: list[dict[str, Any]], value: Value, about: FileRecord
) -> Iterator[FileRecord]:
    """A record for each field that was annotated: the one that a result names, if it holds what the result does."""
    fields: dict[str, list[FileSpan]] = {}
    for result in results:
        spans, name = _spans(result["value"]), str(result.get("to_name"))
        named = isinstance(data.get(name), str) and bool(_holding({name: data[name]}, spans))
        fields.setdefault(name if named else "", []).extend(spans)
    if len(fields.keys() - {""}) < 2:  # then all are of one text, though some may not say which
        every = [span for result in results for span in _spans(result["value"])]
        fields = {next(iter(fields)) if len(fields) == 1 else "": every}
    first = about
    for name, spans in fields.items():
        first.text, first.spans = data[name] if name else _text(data, spans, value), spans
        yield first
        first = replace(about, text=None, spans=[], unread=Counter(), dropped=[], notes=[])


def _paragraphs(data: dict[str, Any]) -> list[Any]:
    """The paragraphs of a dialogue; none if it is a text."""
    lists = [found for found in data.values() if isinstance(found, list) and found and not _is_spans(found)]
    dialogues = [found for found in lists if all(isinstance(one, dict) and _said(one) for one in found)]
    return dialogues[0] if len(dialogues) == 1 else []


def _said(paragraph: dict[str, Any]) -> str:
    found = paragraph.get("text", paragraph.get("dialogue", paragraph.get("phrase")))
    return found if isinstance(found, str) else ""


def _read_paragraphs(
    paragraphs: list[Any], values: list[dict[str, Any]], value: Value, about: FileRecord
) -> Iterator[FileRecord]:
    group = about.group or f"{value.path.name}:{value.line}"
    records = [
        FileRecord(
            _said(one), [], value.line, group, about.annotator, rejected=about.rejected, unread=about.unread.copy()
        )
        for one in paragraphs
    ]
    for record in records[1:]:
        record.unread.clear()
    for one in values:
        at = str(one["start"])
        if at == str(one["end"]) and at.isdecimal() and int(at) < len(records):
            labels, start, end = _labels(one), one.get("startOffset"), one.get("endOffset")
            records[int(at)].spans += [FileSpan(start, end, label, one.get("text")) for label in labels]
        else:
            records[0].dropped += [
                f"{one.get('text')!r} ({label}) lies in several paragraphs" for label in _labels(one)
            ]
    yield from (record for record in records if record.text.strip() or record.spans)


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
    return isinstance(value, dict) and "start" in value and "end" in value and any(map(_names_labels, value))


def _names_labels(key: str) -> bool:
    return key.endswith("labels")


def _is_spans(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_span, value))


def _labels(value: dict[str, Any]) -> list[Any]:
    found = next(value[key] for key in value if _names_labels(key))
    return found if isinstance(found, list) and found else [None]


def _spans(value: dict[str, Any]) -> list[FileSpan]:
    offsets = value.get("globalOffsets", value)
    start, end = (offsets.get("start"), offsets.get("end")) if isinstance(offsets, dict) else (None, None)
    return [FileSpan(start, end, label, value.get("text")) for label in _labels(value)]


def _holding(texts: dict[str, str], spans: list[FileSpan]) -> dict[str, str]:
    """Those of some texts that hold all surfaces of some spans, white space aside; none where no span has one."""
    surfaces = ["".join(span.surface.split()) for span in spans if isinstance(span.surface, str)]
    whole = {key: _without_space(text) for key, text in texts.items()} if surfaces else {}
    return {key: texts[key] for key, text in whole.items() if all(one in text for one in surfaces)}


@lru_cache(maxsize=8)  # a text with many spans is asked for again and again
def _without_space(text: str) -> str:
    return "".join(text.split())


def _text(data: dict[str, Any], spans: list[FileSpan], value: Value) -> str | None:
    """Find the text among a task's fields: the only one, else the one that holds all spans, else the one named text."""
    texts = {key: found for key, found in data.items() if isinstance(found, str) and key not in TIMES}
    for choice in (texts, _holding(texts, spans)):
        if len(choice) == 1:
            return next(iter(choice.values()))
    if "text" in texts:
        return texts["text"]
    if not texts:
        return None
    message = f"which of {', '.join(texts)} is it?"
    remedy = 'Name the field that was annotated "text".'
    raise ProjectError("Cannot tell the text of a task", remedy, [value.place(message, data)])


formats.register(
    "label_studio",
    func=JsonFormat("JSON or JSON-MIN of Label Studio", fits, read, reading=Reading(Unit.utf16)),
)
writers.register("label_studio", func=Writer(write, ".json", rejects=True))
