"""LUIS: {"luis_schema_version", "utterances": [{"text", "intent", "entities": [{"entity", "startPos", "endPos"}]}]}.

Also the utterances alone, as in its batch tests, and with "entityLabels": [{"entityName", "startCharIndex",
"endCharIndex"}], as its API takes them. Traps: ends are inclusive; an entity may have children, which lie in it: it is
read, and they are not; roles, intents and patterns are not read; offsets are those of .NET, in UTF-16.
"""

from collections.abc import Iterator
from typing import Any

from ..formats import JsonFormat, formats
from ..json_values import Value, as_list, as_object
from ..offsets import Reading, Unit
from ..record import FileRecord, FileSpan

READING = Reading(Unit.utf16, inclusive=True)


def fits(data: Any) -> bool:
    """Tell whether a JSON value is an utterance.

    data (Any): The value.
    RETURNS (bool): Whether it has an entity as LUIS has them.
    """
    if not isinstance(data, dict) or "text" not in data:
        return False
    found = [one for key in ("entities", "entityLabels") for one in (data.get(key) or ()) if isinstance(one, dict)]
    return any("startPos" in one or "startCharIndex" in one for one in found)


def fits_app(data: Any) -> bool:
    """Tell whether a JSON value is an app.

    data (Any): The value.
    RETURNS (bool): Whether it has the version of LUIS's schema and utterances.
    """
    return isinstance(data, dict) and "luis_schema_version" in data and "utterances" in data


def read(value: Value) -> Iterator[FileRecord]:
    """Read an utterance.

    value (Value): The utterance.
    YIELDS (FileRecord): Its record.
    RAISES (ProjectError): If it is not as it should be.
    """
    data = as_object(value.data, value)
    record = FileRecord(data.get("text"), [], value.line)
    for found in as_list(data.get("entities", data.get("entityLabels")), value, "entities"):
        entity = as_object(found, value)
        start = entity.get("startPos", entity.get("startCharIndex"))
        end = entity.get("endPos", entity.get("endCharIndex"))
        record.spans.append(FileSpan(start, end, entity.get("entity", entity.get("entityName"))))
        record.dropped += _name_children(entity, value)
        record.unread["role(s) of entities"] += bool(entity.get("role"))
    record.unread["text(s) with an intent"] += bool(data.get("intent") or data.get("intentName"))
    record.unread = +record.unread
    yield record


def _name_children(entity: dict[str, Any], value: Value) -> Iterator[str]:
    for found in as_list(entity.get("children"), value, "children"):
        child = as_object(found, value)
        places = f"from {child.get('startPos')} to {child.get('endPos')}"
        yield f"{child.get('entity')} {places} is a child of {entity.get('entity')}, which was read"
        yield from _name_children(child, value)


formats.register("luis", func=JsonFormat("utterances of LUIS", fits, read, reading=READING))
formats.register("luis_app", func=JsonFormat("app of LUIS", fits_app, read, wraps=("utterances",), reading=READING))
