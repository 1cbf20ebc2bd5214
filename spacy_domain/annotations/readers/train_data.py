"""spaCy v2's TRAIN_DATA: [["text", {"entities": [[start, end, label]]}]], as JSON; the spans may also follow the text
without "entities". As Python: train_data_py.py.

And what ner-annotator makes of it: {"classes": [], "annotations": [["text", {"entities": [...]}], null]}.
"""

from collections.abc import Iterator
from typing import Any

from ...project.errors import ProjectError
from ..formats import JsonFormat, formats
from ..json_values import Value
from ..record import FileRecord, FileSpan
from ..unread import as_triple

REMEDY = 'Each is a text and {"entities": [[start, end, label]]}.'
OTHERS = ("cats", "spans", "tags", "heads", "deps", "links", "lemmas", "words", "sent_starts")  # of a text, with spaCy


def fits(data: Any) -> bool:
    """Tell whether a JSON value is an item of TRAIN_DATA.

    data (Any): The value.
    RETURNS (bool): Whether it is a text and its annotations.
    """
    return isinstance(data, (list, tuple)) and len(data) == 2 and isinstance(data[0], str) and _has_spans(data[1])


def _has_spans(annotations: Any) -> bool:
    if isinstance(annotations, dict):
        return "entities" in annotations or not annotations.keys().isdisjoint(OTHERS)
    return isinstance(annotations, (list, tuple)) and all(map(as_triple, annotations))


def read(value: Value) -> Iterator[FileRecord]:
    """Read an item of TRAIN_DATA.

    value (Value): The item.
    YIELDS (FileRecord): Its record.
    RAISES (ProjectError): If it is not as it should be.
    """
    item = value.data
    if not isinstance(item, (list, tuple)) or len(item) != 2 or not isinstance(item[1], (dict, list, tuple)):
        raise ProjectError("Not a record", REMEDY, [value.place("found")])
    entities = item[1].get("entities") or [] if isinstance(item[1], dict) else item[1]
    if not isinstance(entities, (list, tuple)):
        raise ProjectError('"entities" is no list', "Mend it.", [value.place("found", entities)])
    spans = []
    for entity in entities:
        if not isinstance(entity, (list, tuple)) or len(entity) < 3:
            raise ProjectError("Not a span", "Each is start, end and label.", [value.place("found", entity)])
        if len(entity) == 4 and [type(one) for one in entity] == [str, int, int, str]:  # its text, first
            surface, start, end, label = entity
            spans.append(FileSpan(start, end, label, surface))
        else:
            spans.append(FileSpan(*(as_triple(entity) or entity[:3])))
    record = FileRecord(item[0], spans, value.line)
    cats = item[1].get("cats") if isinstance(item[1], dict) else None
    record.unread.update({"categories under cats": len(cats)} if isinstance(cats, dict) and cats else {})
    yield record


def fits_ner_annotator(data: Any) -> bool:
    """Tell whether a JSON value wraps records of ner-annotator.

    data (Any): The value.
    RETURNS (bool): Whether its "annotations" are items of TRAIN_DATA and nothing.
    """
    items = data.get("annotations") if isinstance(data, dict) else None
    if not isinstance(items, list) or "text" in data:
        return False
    return "classes" in data or any(map(fits, items))


def read_ner_annotator(value: Value) -> Iterator[FileRecord]:
    """Read an item. A null stands for a text that was deleted there, and each text may end in a stray CR.

    value (Value): The item.
    YIELDS (FileRecord): Its record, if it was not deleted.
    RAISES (ProjectError): If it is not as it should be.
    """
    if value.data is not None:
        for record in read(value):
            if isinstance(record.text, str):
                record.text = record.text.rstrip("\r\n")
            yield record


formats.register("train_data", func=JsonFormat("TRAIN_DATA of spaCy v2 as JSON", fits, read, certain=True))
formats.register(
    "ner_annotator",
    func=JsonFormat("JSON of ner-annotator", fits_ner_annotator, read_ner_annotator, wraps=("annotations",)),
)
