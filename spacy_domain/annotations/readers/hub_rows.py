"""Rows as the Hugging Face Hub's viewer answers: {"features": [...], "rows": [{"row": {...}}]}.

Traps: an answer has 100 rows at most, of how many it says; long cells may be cut off ("truncated_cells"); numbers of
classes have their names under "features".
"""

import json
from collections.abc import Iterator
from typing import Any

from ...project.errors import ProjectError
from ..formats import JsonFormat, formats
from ..json_values import Value, as_object
from ..record import FileRecord
from ..tagged.tag_names import name_classes
from ..tagged.token_texts import REMARK
from . import hugging_face, records


def fits(data: Any) -> bool:
    """Tell whether a JSON value is an answer of the viewer.

    data (Any): The value.
    RETURNS (bool): Whether it has rows, and one of them has something to read.
    """
    rows = data.get("rows") if isinstance(data, dict) else None
    return isinstance(rows, list) and any(isinstance(one, dict) and _reader(one.get("row")) for one in rows)


def _reader(row: Any) -> Any:
    return next((kind.read for kind in (hugging_face, records) if kind.fits(row)), None)


def read(value: Value) -> Iterator[FileRecord]:
    """Read all rows.

    value (Value): The answer.
    YIELDS (FileRecord): Their records.
    RAISES (ProjectError): If nothing names the numbers of tags.
    """
    data = as_object(value.data, value)
    features = {one.get("name"): one.get("type") for one in data.get("features") or () if isinstance(one, dict)}
    notes = []
    total = data.get("num_rows_total")
    if type(total) is int and total > len(data["rows"]):
        notes.append(f"{value.path.name} holds {len(data['rows'])} of {total} rows of the data set.")
    if any(isinstance(one, dict) and hugging_face.fits(one.get("row")) for one in data["rows"]):
        notes.append(REMARK)
    for item in value.items("rows"):
        for record in _read_row(item, features):
            record.notes, notes = notes + record.notes, []
            yield record


def _read_row(item: Value, features: dict[Any, Any]) -> Iterator[FileRecord]:
    try:
        data = as_object(item.data, item)
        row = name_classes(data.get("row"), features)
        reader = _reader(row)
        if reader is None or data.get("truncated_cells"):
            message = "cells are cut off" if reader else "it has no text with spans or tags"
            raise ProjectError("Broken row", "Fetch it anew, or delete it.", [item.place(message)])
        yield from list(reader(Value(row, item.path, item.line, "")))
    except ProjectError as error:
        yield FileRecord(None, [], item.line, error=error, raw=json.dumps(item.data))


formats.register("hub_rows", func=JsonFormat("rows of the Hugging Face Hub's viewer", fits, read))
