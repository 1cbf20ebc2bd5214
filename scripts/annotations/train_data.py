"""spaCy v2's TRAIN_DATA: [["text", {"entities": [[start, end, label]]}]], as JSON or as Python.

And what ner-annotator makes of it: {"classes": [], "annotations": [["text", {"entities": [...]}], null]}.
"""

import ast
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import Place, ProjectError
from .formats import Format, formats
from .json_values import read_items
from .record import FileRecord, FileSpan
from .text import read_lines

LIST = re.compile(r"\s*\[")
ANNOTATIONS = re.compile(r'\s*\{.*?"annotations"\s*:\s*\[', re.DOTALL)
ENTITIES = re.compile(r"""["']entities["']\s*:""")
PYTHON = re.compile(r"\s*(#[^\n]*\s+|import[^\n]*\s+|from[^\n]*\s+)*(\w+\s*(:[^=\n]*)?=\s*)?[\[(]\s*[(\[]\s*[ru]?[\"']")
PYTHON_ONLY = re.compile(
    r"""[(\]},]\s*'|\(\s*["']|'\s*:|^\s*(\w+\s*=|#|import|from)|\)\s*[,\]]|,\s*[\])]""", re.MULTILINE
)


def sniff_json(head: str) -> bool:
    """Tell whether a file begins like TRAIN_DATA in JSON.

    head (str): The beginning of the file.
    RETURNS (bool): Whether it does.
    """
    return bool(re.match(r'\s*\[\s*\[\s*"', head)) and bool(ENTITIES.search(head)) and not sniff_python(head)


def sniff_python(head: str) -> bool:
    """Tell whether a file begins like TRAIN_DATA in Python.

    head (str): The beginning of the file.
    RETURNS (bool): Whether it does.
    """
    if not PYTHON.match(head) or not ENTITIES.search(head):
        return False
    outside_strings = re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', head)
    return bool(PYTHON_ONLY.search(outside_strings))


def sniff_ner_annotator(head: str) -> bool:
    """Tell whether a file begins like ner-annotator's JSON.

    head (str): The beginning of the file.
    RETURNS (bool): Whether it does.
    """
    return bool(re.match(r'\s*\{\s*"(classes|annotations)"\s*:\s*\[', head)) and '"examples"' not in head


def read_json(path: Path) -> Iterator[FileRecord]:
    """Read TRAIN_DATA in JSON.

    path (Path): The file.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If the file is broken.
    """
    for line, item in read_items(path, LIST):
        yield _record(item, path, line)


def read_ner_annotator(path: Path) -> Iterator[FileRecord]:
    """Read ner-annotator's JSON. A null stands for a text that was deleted there, and each text may end in a stray CR.

    path (Path): The file.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If the file is broken.
    """
    for line, item in read_items(path, ANNOTATIONS):
        if item is not None:
            record = _record(item, path, line)
            if isinstance(record.text, str):
                record.text = record.text.rstrip("\r\n")
            yield record


def read_python(path: Path) -> Iterator[FileRecord]:
    """Read TRAIN_DATA in Python, without running anything: literals alone are taken.

    path (Path): The file.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If it is no Python, or there is no list of literals.
    """
    text = "\n".join(line for _, line in read_lines(path))
    try:
        with warnings.catch_warnings():
            # What Python thinks of a text's backslashes is no concern of its annotator
            warnings.simplefilter("ignore")
            body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        number = getattr(error, "lineno", None) or 1
        place = Place(str(path), number, str(getattr(error, "msg", error)), _line(text, number))
        raise ProjectError("Broken Python", "Mend the line, or export the data as JSON.", [place]) from None
    values = [node.value for node in body if isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr))]
    lists = [value for value in values if isinstance(value, (ast.List, ast.Tuple)) and value.elts]
    if len(lists) != 1:
        place = Place(str(path), 1, f"found {len(lists)} lists", text[:80])
        raise ProjectError("Cannot tell which list holds the data", "Leave one in the file.", [place])
    for node in lists[0].elts:
        try:
            item = ast.literal_eval(node)
        except ValueError:
            place = Place(str(path), node.lineno, "not a literal", _line(text, node.lineno))
            raise ProjectError("Not a record", "Each is a text and a dict, written out.", [place]) from None
        yield _record(item, path, node.lineno)


def _line(text: str, number: int) -> str:
    # Python counts lines in its own way, and may name one past the end
    return next(iter(text.split("\n")[number - 1 :]), "")[:80]


def _record(item: Any, path: Path, line: int) -> FileRecord:
    if not isinstance(item, (list, tuple)) or len(item) != 2 or not isinstance(item[1], dict):
        remedy = 'Each is a text and {"entities": [[start, end, label]]}.'
        raise ProjectError("Not a record", remedy, [Place(str(path), line, "found", str(item)[:80])])
    entities = item[1].get("entities") or []
    if not isinstance(entities, (list, tuple)):
        raise ProjectError('"entities" is no list', "Mend it.", [Place(str(path), line, "found", str(entities)[:80])])
    spans = []
    for entity in entities:
        if not isinstance(entity, (list, tuple)) or len(entity) < 3:
            remedy = "Each is start, end and label."
            raise ProjectError("Not a span", remedy, [Place(str(path), line, "found", str(entity)[:80])])
        spans.append(FileSpan(*entity[:3]))
    return FileRecord(item[0], spans, line)


formats.register("train_data", func=Format("TRAIN_DATA of spaCy v2 as JSON", sniff_json, read_json, certain=True))
formats.register(
    "train_data_py", func=Format("TRAIN_DATA of spaCy v2 as Python", sniff_python, read_python, certain=True)
)
formats.register("ner_annotator", func=Format("JSON of ner-annotator", sniff_ner_annotator, read_ner_annotator))
