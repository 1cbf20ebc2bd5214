"""BioC, as XML and as JSON: documents of passages with annotations, whose offsets are those of the document.

A passage has its own offset and its text, or sentences that have theirs. {"documents": [{"id", "passages": [{"offset",
"text", "annotations": [{"infons": {"type"}, "text", "locations": [{"offset", "length"}]}]}]}]}; XML has elements of
these names, "infon" with a key, and one "location" beside the other. Each passage is a record, and those of a document
stay in one split. PubTator has JSON with a document a line, too.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from ...project.errors import ProjectError
from ..formats import Format, JsonFormat, formats
from ..json_values import Value, as_list, as_object
from ..record import FileRecord, FileSpan, as_number
from ..surfaces import join_pieces
from ..text import Beginning
from ..unread import labels_of
from ..xml_elements import read_elements

LISTS = {"passage": "passages", "sentence": "sentences", "annotation": "annotations", "relation": "relations"}


def fits_document(data: Any) -> bool:
    """Tell whether a JSON value is a document.

    data (Any): The value.
    RETURNS (bool): Whether it has passages with offsets.
    """
    passages = data.get("passages") if isinstance(data, dict) else None
    if not isinstance(passages, list) or not (passages or "infons" in data):
        return False
    return all(isinstance(one, dict) and "offset" in one for one in passages)


def fits_collection(data: Any) -> bool:
    """Tell whether a JSON value is a collection of documents.

    data (Any): The value.
    RETURNS (bool): Whether it has documents with passages.
    """
    documents = data.get("documents") if isinstance(data, dict) else None
    return isinstance(documents, list) and bool(documents) and any(map(fits_document, documents))


def fits_xml(beginning: Beginning) -> bool:
    """Tell whether a file is BioC's XML.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it has a collection of documents with passages.
    """
    text = beginning.text
    return text.lstrip().startswith("<") and "<collection" in text and "<document" in text and "<passage" in text


def read_xml(path: Path) -> Iterator[FileRecord]:
    """Read a file.

    path (Path): The file.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If it is no XML.
    """
    for line, element in read_elements(path, "document"):
        value = Value(_as_json(element), path, line, "")
        try:
            records = list(read(value))
        except ProjectError as error:
            records = [FileRecord(None, [], line, error=error, raw="".join(element.itertext())[:1000])]
        yield from records


def _as_json(element: Element) -> dict[str, Any]:
    """An element as BioC's JSON has it."""
    found: dict[str, Any] = {"infons": {}, "locations": []}
    for child in element:
        if child.tag == "infon":
            found["infons"][child.get("key", "")] = child.text or ""
        elif child.tag == "location":
            found["locations"].append(dict(child.attrib))
        elif child.tag in LISTS:
            found.setdefault(LISTS[child.tag], []).append(_as_json(child))
        else:
            found[child.tag] = child.text or ""
    return found


def read(value: Value) -> Iterator[FileRecord]:
    """Read a document.

    value (Value): The document.
    YIELDS (FileRecord): A record for each passage.
    RAISES (ProjectError): If something in it is not what it should be.
    """
    data = as_object(value.data, value)
    records: list[tuple[int, FileRecord]] = []
    for passage in _objects(data, value, "passages"):
        sentences = _objects(passage, value, "sentences")
        offset = as_number(passage.get("offset"))
        if offset is None:
            remedy = "Offsets are whole numbers: mend it."
            raise ProjectError("Passage without offset", remedy, [value.place("", passage.get("text"))])
        record = FileRecord(_text_of(passage, sentences, offset), [], value.line, data.get("id") or "")
        for part in (passage, *sentences):
            _add(record, part, offset, value)
        records.append((offset, record))
    for annotation in _objects(data, value, "annotations"):  # rare: of the document
        starts = [as_number(one.get("offset")) or 0 for one in _objects(annotation, value, "locations")]
        near = [one for one in records if one[0] <= min(starts, default=0)] or records[:1]
        for offset, record in near[-1:]:
            _add(record, {"annotations": [annotation]}, offset, value)
    relations = len(_objects(data, value, "relations"))
    for _, record in records[:1] if relations else ():
        record.unread["relation(s)"] += relations
    yield from (one for _, one in records if one.text.strip() or one.spans or one.dropped or one.unread)


def _text_of(passage: dict[str, Any], sentences: list[dict[str, Any]], offset: int) -> str:
    """A passage's text; of its sentences, each where its offset says, with spaces between."""
    text = str(passage.get("text") or "")
    for sentence in sentences if not text.strip() else ():
        start = as_number(sentence.get("offset"))
        text = text.ljust((len(text) + 1 if text else 0) if start is None else start - offset)
        text += str(sentence.get("text") or "")
    return text


def _add(record: FileRecord, part: dict[str, Any], offset: int, value: Value) -> None:
    """Add the annotations of a passage or a sentence."""
    for one in _objects(part, value, "annotations"):
        infons, surface = as_object(one.get("infons") or {}, value), one.get("text")
        label = str(infons.get("type") or next(iter(labels_of(infons)), ""))
        pieces = [piece for at in _objects(one, value, "locations") if (piece := _piece(at, offset))]
        borders = pieces[0] if len(pieces) == 1 else join_pieces(pieces, record.text, surface) if pieces else None
        if label and borders:
            record.spans.append(FileSpan(*borders, label, surface))
            record.unread["infon(s) of entities beside their type"] += len(infons) - 1
        else:
            lacks = "has gaps, which entities cannot have" if pieces else "is nowhere"
            record.dropped.append(f"{surface!r} ({label}) {lacks if label else 'has no type'}")
    record.unread["relation(s)"] += len(_objects(part, value, "relations"))
    record.unread = +record.unread


def _piece(location: dict[str, Any], offset: int) -> tuple[int, int] | None:
    start, size = as_number(location.get("offset")), as_number(location.get("length"))
    return None if start is None or size is None else (start - offset, start - offset + size)


def _objects(data: dict[str, Any], value: Value, name: str) -> list[dict[str, Any]]:
    return [as_object(one, value) for one in as_list(data.get(name), value, name)]


formats.register("bioc", func=Format("BioC's XML: documents of passages with annotations", fits_xml, read_xml))
formats.register("bioc_json", func=JsonFormat("BioC's JSON: a collection", fits_collection, read, wraps=("documents",)))
formats.register("bioc_document", func=JsonFormat("BioC's JSON: a document", fits_document, read))
