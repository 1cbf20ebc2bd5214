"""Argilla. 1.x: {"text", "prediction", "annotation": [{"label", "start", "end"}], "status"}, one annotator a record.

2.x, and 1.x's feedback: {"fields": {"text"}, "responses": {QUESTION: [{"value": [SPAN], "user_id"}]}, "suggestions"},
or "responses": [{"user_id", "status", "values": {QUESTION: {"value": [SPAN]}}}], or all of it made flat:
{"text", "QUESTION.responses": [[SPAN]], "QUESTION.responses.users": [...], "QUESTION.suggestion": [SPAN]}. Traps:
predictions and suggestions are a machine's; a record that nobody answered is not one without entities; discarded ones
and drafts are not to be used; answers to other questions are in the same place.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from ...project.errors import ProjectError
from ..formats import JsonFormat, formats
from ..json_values import Value, as_list, as_object
from ..record import FileRecord, FileSpan
from ..unread import as_triple, borders_of

FLAT = ".responses"
MARKS = ("prediction", "prediction_agent", "annotation_agent")
REJECTED = {
    "discarded": "the annotator discarded it",
    "draft": "the answer is a draft",
    "pending": "nobody annotated it",
}
NOBODY = "nobody annotated it"
NOT_GOLD = ("prediction", "predictions", "suggestion", "suggestions")
Answers = dict[tuple[str, str], dict[str, Any]]  # of each annotator with a status: values by question


def fits_tokens(data: Any) -> bool:
    """Tell whether a JSON value is a record of Argilla 1.x for token classification.

    data (Any): The value.
    RETURNS (bool): Whether it has an annotation, a status, and what else such records have.
    """
    if not isinstance(data, dict) or not {"text", "annotation", "status"} <= data.keys():
        return False
    return any(mark in data for mark in MARKS)


def fits(data: Any) -> bool:
    """Tell whether a JSON value is a record with fields and questions.

    data (Any): The value.
    RETURNS (bool): Whether it has "fields" and answers, or such answers as a flat record has.
    """
    if not isinstance(data, dict):
        return False
    nested = isinstance(data.get("fields"), dict) and ("responses" in data or "suggestions" in data)
    return nested or any(key.endswith((FLAT, ".suggestion")) for key in data)


def read_tokens(value: Value) -> Iterator[FileRecord]:
    """Read a record of 1.x.

    value (Value): The record.
    YIELDS (FileRecord): The same.
    RAISES (ProjectError): If it is not as it should be.
    """
    data = as_object(value.data, value)
    status = str(data["status"]).rpartition(".")[2].lower()  # "TaskStatus.validated", too
    rejected = REJECTED.get(status, "") or ("" if data["annotation"] is not None else NOBODY)
    spans = [_span(span, value) for span in as_list(data["annotation"], value, "annotation")]
    if status == "default" and not spans:
        rejected = NOBODY
    yield FileRecord(data["text"], spans, value.line, annotator=data.get("annotation_agent"), rejected=rejected)


def read(value: Value) -> Iterator[FileRecord]:
    """Read a record: one for each annotator.

    value (Value): The record.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If it is not as it should be, or no text can be found in it.
    """
    data = as_object(value.data, value)
    fields = data["fields"] if isinstance(data.get("fields"), dict) else _flat_fields(data)
    text = _text(fields, value)
    answers = _answers(data, value)
    for (user, status), values in answers.items():
        record = FileRecord(text, [], value.line, annotator=user, rejected=REJECTED.get(status.lower(), ""))
        for question, answer in values.items():
            if isinstance(answer, list) and all(map(_is_span, answer)):
                record.spans += [_span(span, value) for span in answer]
            else:
                record.unread[f"answer(s) to {question}"] += 1
        yield record
    if not answers:
        yield FileRecord(text, [], value.line, rejected=NOBODY)


def _answers(data: dict[str, Any], value: Value) -> Answers:
    found: defaultdict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
    responses = data.get("responses")
    if isinstance(responses, list):  # an object for each annotator
        for one in responses:
            response = as_object(one, value)
            for question, answer in as_object(response.get("values") or {}, value).items():
                key = (str(response.get("user_id") or ""), str(response.get("status") or ""))
                found[key][question] = answer.get("value") if isinstance(answer, dict) else answer
    for question, given in responses.items() if isinstance(responses, dict) else ():
        for one in as_list(given, value, question):
            response = as_object(one, value)
            key = (str(response.get("user_id") or ""), str(response.get("status") or ""))
            found[key][question] = response.get("value")
    for name in [name for name in data if name.endswith(FLAT)]:
        given = as_list(data[name], value, name)
        users = as_list(data.get(f"{name}.users"), value, name)
        states = as_list(data.get(f"{name}.status"), value, name)
        for number, answer in enumerate(given):
            key = (_item(users, number), _item(states, number))
            found[key][name.removesuffix(FLAT)] = answer
    return dict(found)


def _item(values: list[Any], number: int) -> str:
    return str(values[number] or "") if number < len(values) else ""


def _flat_fields(data: dict[str, Any]) -> dict[str, Any]:
    return {key: one for key, one in data.items() if "." not in key and key not in ("id", "_server_id", "status")}


def _text(fields: dict[str, Any], value: Value) -> str:
    texts = {key: one for key, one in fields.items() if isinstance(one, str)}
    if len(texts) == 1 or "text" in texts:
        return texts.get("text", next(iter(texts.values())))
    message = f"which of {', '.join(texts)} is it?" if texts else f"has {', '.join(fields)}"
    raise ProjectError("Cannot tell the text of a record", 'Name its field "text".', [value.place(message)])


def _is_span(answer: Any) -> bool:
    return bool(as_triple(answer)) or (isinstance(answer, dict) and borders_of(answer) is not None)


def _span(span: Any, value: Value) -> FileSpan:
    triple = as_triple(span)
    if triple:
        return FileSpan(*triple)
    data = as_object(span, value)
    return FileSpan(data.get("start"), data.get("end"), data.get("label"), data.get("text"))


formats.register(
    "argilla", func=JsonFormat("token classification of Argilla 1.x", fits_tokens, read_tokens, not_gold=NOT_GOLD)
)
formats.register("argilla_questions", func=JsonFormat("fields and questions of Argilla", fits, read, not_gold=NOT_GOLD))
