"""spaCy v2's TRAIN_DATA: [["text", {"entities": [[start, end, label]]}]], as JSON or as Python; the spans may also
follow the text without "entities".

And what ner-annotator makes of it: {"classes": [], "annotations": [["text", {"entities": [...]}], null]}.
"""

import ast
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...project.errors import Place, ProjectError
from ..formats import Format, JsonFormat, formats
from ..json_records import read_value
from ..json_values import Value
from ..record import FileRecord, FileSpan
from ..text import Beginning, read_lines
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


def fits_python(beginning: Beginning) -> bool:
    """Tell whether a file is Python with a list of records.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it is.
    """
    if beginning.path.suffix != ".py" and not re.search(r"[\[(]\s*[(\[{]\s*[ru]?[\"']", beginning.text):
        return False
    try:
        return bool(_find_lists(beginning.path))
    except ProjectError:
        return beginning.path.suffix == ".py"


def read_python(path: Path) -> Iterator[FileRecord]:
    """Read TRAIN_DATA in Python, without running anything: literals alone are taken.

    path (Path): The file.
    YIELDS (FileRecord): The records of the list that has any, be there others.
    RAISES (ProjectError): If it is no Python, or there is no such list, or more than one.
    """
    lists = _find_lists(path)
    if len(lists) != 1:
        places = [Place(str(path), number, f"found {len(lists)} lists of records", "") for number in lists or [1]]
        raise ProjectError("Cannot tell which list holds the data", "Leave one in the file.", places)
    for node in next(iter(lists.values())):
        raw = ast.unparse(node)
        try:
            data = to_json(ast.literal_eval(node))
        except (ValueError, TypeError, MemoryError, RecursionError):
            place = Place(str(path), node.lineno, "not a literal", raw[:80])
            error = ProjectError("Not a record", "Each is a text and a dict, written out.", [place])
            yield FileRecord(None, [], node.lineno, error=error, raw=raw)
            continue
        yield from (record for _, record in read_value(Value(data, path, node.lineno, raw)))


def to_json(value: Any) -> Any:
    """RETURNS (Any): Lists, tuples, sets and objects of Python, as JSON has them."""
    if isinstance(value, dict):
        return {str(key): to_json(inside) for key, inside in value.items()}
    return [to_json(one) for one in value] if isinstance(value, (list, tuple, set)) else value


def _find_lists(path: Path) -> dict[int, list[ast.expr]]:
    """Find the lists of records, by their lines."""
    text = "\n".join(line for _, line in read_lines(path))
    try:
        with warnings.catch_warnings():
            # What Python thinks of a text's backslashes is no concern of its annotator
            warnings.simplefilter("ignore")
            body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        number = getattr(error, "lineno", None) or 1
        # Python counts lines in its own way, and may name one past the end
        around = next(iter(text.split("\n")[number - 1 :]), "")[:80]
        place = Place(str(path), number, str(getattr(error, "msg", error)), around)
        raise ProjectError("Broken Python", "Mend the line, or export the data as JSON.", [place]) from None
    values = [node.value for node in body if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr))]
    lists = [value for value in values if isinstance(value, (ast.List, ast.Tuple)) and any(map(_is_item, value.elts))]
    return {found.lineno: found.elts for found in lists}


def _is_item(node: ast.expr) -> bool:
    if isinstance(node, ast.Dict):
        return any(isinstance(key, ast.Constant) and key.value in ("text", "content") for key in node.keys)
    if not isinstance(node, (ast.List, ast.Tuple)) or len(node.elts) != 2:
        return False
    return not isinstance(node.elts[1], ast.Constant)


formats.register("train_data", func=JsonFormat("TRAIN_DATA of spaCy v2 as JSON", fits, read, certain=True))
formats.register(
    "train_data_py", func=Format("TRAIN_DATA of spaCy v2 as Python", fits_python, read_python, certain=True)
)
formats.register(
    "ner_annotator",
    func=JsonFormat("JSON of ner-annotator", fits_ner_annotator, read_ner_annotator, wraps=("annotations",)),
)
