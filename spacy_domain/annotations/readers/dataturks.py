"""Dataturks: {"content", "annotation": [{"label": ["X"], "points": [{"start", "end", "text"}]}], "extras"}.

Traps: ends are inclusive; "label" is a list, which may be empty or null, or hold several; "annotation" is null where
nobody found anything; "points" may hold several; what is marked often begins or ends with white space.
"""

from collections.abc import Iterator
from typing import Any

from ..formats import JsonFormat, formats
from ..json_values import Value, as_list, as_object
from ..offsets import Reading
from ..record import FileRecord, FileSpan

MARKS = ("extras", "metadata")


def fits(data: Any) -> bool:
    """Tell whether a JSON value is a record of this format.

    data (Any): The value.
    RETURNS (bool): Whether it has "content", and "annotation" with points, or beside what else Dataturks writes.
    """
    if not isinstance(data, dict) or not {"content", "annotation"} <= data.keys():
        return False
    found = data["annotation"]
    if found and isinstance(found, list):
        return any(isinstance(one, dict) and "points" in one for one in found)
    return not found and any(mark in data for mark in MARKS)


def read(value: Value) -> Iterator[FileRecord]:
    """Read a record.

    value (Value): The record.
    YIELDS (FileRecord): The same.
    RAISES (ProjectError): If it is not as it should be.
    """
    data = as_object(value.data, value)
    record = FileRecord(data["content"], [], value.line)
    for annotation in as_list(data["annotation"], value, "annotation"):
        one = as_object(annotation, value)
        labels = one.get("label")
        labels = labels if isinstance(labels, list) else [labels]
        for found in as_list(one.get("points"), value, "points"):
            point = as_object(found, value)
            start, end, surface = point.get("start"), point.get("end"), point.get("text")
            record.spans += [FileSpan(start, end, label, surface) for label in labels if label]
            if not any(labels):
                record.dropped.append(f"{surface!r} at {start} has no label")
    yield record


formats.register("dataturks", func=JsonFormat("JSON of Dataturks", fits, read, reading=Reading(inclusive=True)))
