"""Projects of Azure AI Language: conversations (CLU) and custom entities, as its studio exports them.

{"stringIndexType": "Utf16CodeUnit", "assets": {"projectKind": "Conversation", "utterances": [{"text", "entities":
[{"category", "offset", "length"}]}]}}, or "projectKind": "CustomEntityRecognition" with "documents": [{"location",
"entities": [{"regionOffset", "regionLength", "labels": [{"category", "offset", "length"}]}]}]. Traps: the texts of
documents lie in files beside; what is outside of all regions, nobody looked at; offsets count UTF-16 units from the
start of the text, which the file says (https://learn.microsoft.com/azure/ai-services/language-service/
custom-named-entity-recognition/concepts/data-formats); "dataset" is a split, which not all texts have.
"""

from collections.abc import Iterator
from typing import Any

from ...project.errors import ProjectError
from ..formats import JsonFormat, formats
from ..json_values import Value, as_list, as_object
from ..offsets import Reading, Unit
from ..record import FileRecord, FileSpan
from .beside import read_beside

READING = Reading(Unit.utf16)


def fits_conversations(data: Any) -> bool:
    """Tell whether a JSON value is a project of conversations.

    data (Any): The value.
    RETURNS (bool): Whether it is.
    """
    return _holds(data, "utterances")


def fits_documents(data: Any) -> bool:
    """Tell whether a JSON value is a project of custom entities.

    data (Any): The value.
    RETURNS (bool): Whether it is.
    """
    return _holds(data, "documents")


def _holds(data: Any, key: str) -> bool:
    assets = data.get("assets") if isinstance(data, dict) else None
    if not isinstance(assets, dict) or not isinstance(assets.get(key), list):
        return False
    # Other units than this one cannot be read
    return "projectFileVersion" in data and data.get("stringIndexType", "Utf16CodeUnit") == "Utf16CodeUnit"


def read_conversation(value: Value) -> Iterator[FileRecord]:
    """Read an utterance.

    value (Value): The utterance.
    YIELDS (FileRecord): Its record.
    RAISES (ProjectError): If it is not as it should be.
    """
    data = as_object(value.data, value)
    spans = [_span(one, value) for one in as_list(data.get("entities"), value, "entities")]
    record = FileRecord(data.get("text"), spans, value.line, split=_split(data))
    record.unread.update(["text(s) with an intent"] if data.get("intent") else [])
    yield record


def read_document(value: Value) -> Iterator[FileRecord]:
    """Read a document.

    value (Value): The document.
    YIELDS (FileRecord): Its record.
    RAISES (ProjectError): If it is not as it should be, or its text is not there.
    """
    data = as_object(value.data, value)
    text = read_beside(value.path, str(data.get("location")), value.line)
    record = FileRecord(text, [], value.line, split=_split(data))
    seen = []
    for found in as_list(data.get("entities"), value, "entities"):
        region = as_object(found, value)
        start, length = region.get("regionOffset"), region.get("regionLength")
        if type(start) is not int or type(length) is not int:
            raise ProjectError("Region without borders", "Mend or delete it.", [value.place("found", region)])
        seen.append((start, start + length))
        for label in as_list(region.get("labels"), value, "labels"):
            span = _span(label, value)
            if span.start < start or span.end > start + length:
                remedy = "Offsets count from the start of the text: mend the label."
                raise ProjectError("Label outside of its region", remedy, [value.place("found", label)])
            record.spans.append(span)
    record.unknown = _outside(text, seen)
    yield record


def _split(data: dict[str, Any]) -> str:
    return str(data.get("dataset") or "").casefold()


def _span(found: Any, value: Value) -> FileSpan:
    label = as_object(found, value)
    start, length = label.get("offset"), label.get("length")
    if type(start) is not int or type(length) is not int:
        raise ProjectError("Label without borders", "Mend or delete it.", [value.place("found", label)])
    return FileSpan(start, start + length, label.get("category"))


def _outside(text: str, regions: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What of a text lies outside of all regions, in characters; nothing if there is no region."""
    ends = [READING.to_characters(text, start, end) or (0, len(text)) for start, end in sorted(regions)]
    outside, position = [], 0
    for start, end in [*ends, (len(text), len(text))] if ends else []:
        if text[position:start].strip():
            outside.append((position, start))
        position = max(position, end)
    return outside


formats.register(
    "azure_conversations",
    func=JsonFormat(
        "conversations of Azure AI Language (CLU)",
        fits_conversations,
        read_conversation,
        wraps=("assets", "utterances"),
        reading=READING,
        certain=True,
    ),
)
formats.register(
    "azure_entities",
    func=JsonFormat(
        "custom entities of Azure AI Language",
        fits_documents,
        read_document,
        wraps=("assets", "documents"),
        reading=READING,
        certain=True,
    ),
)
