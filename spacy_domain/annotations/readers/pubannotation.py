"""PubAnnotation's JSON: {"text", "denotations": [{"span": {"begin", "end"}, "obj"}]}, of which "span" may be a list.
https://www.pubannotation.org/docs/annotation-format/

BERN2 has "annotations" for "denotations", and the text of each as its "mention".
"""

from collections.abc import Iterator
from typing import Any

from ..formats import JsonFormat, formats
from ..json_values import Value, as_list, as_object
from ..record import FileRecord, FileSpan
from ..surfaces import join_pieces
from ..unread import borders_of


def fits(data: Any) -> bool:
    """Tell whether a JSON value is such a record.

    data (Any): The value.
    RETURNS (bool): Whether it has a text and denotations.
    """
    return isinstance(data, dict) and isinstance(data.get("text"), str) and _list_of(data) is not None


def _list_of(data: dict[str, Any]) -> list[Any] | None:
    found = data.get("denotations")
    if isinstance(found, list):
        return found
    found = data.get("annotations")
    if (
        isinstance(found, list)
        and found
        and all(isinstance(one, dict) and {"span", "obj"} <= one.keys() for one in found)
    ):
        return found
    return None


def read(value: Value) -> Iterator[FileRecord]:
    """Read a record.

    value (Value): The record.
    YIELDS (FileRecord): The same.
    RAISES (ProjectError): If something in it is not what it should be.
    """
    data = as_object(value.data, value)
    record = FileRecord(data["text"], [], value.line, data.get("sourceid") or "")
    for one in (as_object(one, value) for one in _list_of(data) or []):
        span, label = one.get("span"), one.get("obj")
        found = [as_object(piece, value) for piece in (span if isinstance(span, list) else [span])]
        pieces = [borders for piece in found if (borders := borders_of(piece))]
        if len(pieces) == len(found) == 1:
            record.spans.append(FileSpan(*pieces[0], label, one.get("mention")))
        elif len(pieces) == len(found) and (whole := join_pieces(pieces, record.text, None)):
            record.spans.append(FileSpan(*whole, label))
        else:
            record.dropped.append(
                f"{label} at {span} {'has gaps, which entities cannot have' if pieces else 'is nowhere'}"
            )
    for name in ("relations", "attributes", "modifications"):
        record.unread[name] += len(as_list(data.get(name), value, name))
    record.unread = +record.unread
    yield record


formats.register("pubannotation", func=JsonFormat("PubAnnotation's JSON", fits, read))
