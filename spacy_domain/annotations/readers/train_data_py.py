"""spaCy v2's TRAIN_DATA in a script, without running anything: literals alone are taken, and what stands for one: a
name with one text or number (LABEL = "ANIMAL"), dict(entities=...), sums of these.

A list may be put together of several (TRAIN_DATA += ..., .append(...), .extend(...), [...] + [...]), be inside of a
function or class, and stand beside another one: what is called TRAIN_DATA and TEST_DATA are splits.
"""

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...project.errors import Place, ProjectError
from ..files import find_split
from ..formats import Format, formats
from ..json_records import read_value
from ..json_values import Value
from ..record import FileRecord
from ..text import Beginning, read_lines

ADDING = ("append", "extend")


class _Literals(ast.NodeTransformer):
    """Puts literals where something stands for one.

    constants (dict[str, ast.Constant]): Names, and what they stand for.
    """

    def __init__(self, constants: dict[str, ast.Constant]):
        self.constants = constants

    def visit_Name(self, node: ast.Name) -> ast.expr:
        known = self.constants.get(node.id) if isinstance(node.ctx, ast.Load) else None
        return ast.copy_location(ast.Constant(known.value), node) if known else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        keys = [ast.Constant(one.arg) for one in node.keywords]
        if (
            not isinstance(node.func, ast.Name)
            or node.func.id != "dict"
            or node.args
            or None in [k.value for k in keys]
        ):
            return node
        return ast.copy_location(ast.Dict([*keys], [one.value for one in node.keywords]), node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        sides = [one.value for one in (node.left, node.right) if isinstance(one, ast.Constant)]
        kinds = [type(one) for one in sides]
        if not isinstance(node.op, ast.Add) or kinds not in ([str, str], [int, int]):
            return node
        return ast.copy_location(ast.Constant(sides[0] + sides[1]), node)  # type: ignore[operator]


@dataclass
class _Found:
    """A list of records, of one piece or more.

    name (str): What it is called; empty if it has no name.
    line (int): Where it begins.
    items (list[ast.expr]): What is in it.
    """

    name: str
    line: int
    items: list[ast.expr] = field(default_factory=list)


def fits(beginning: Beginning) -> bool:
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


def read(path: Path) -> Iterator[FileRecord]:
    """Read TRAIN_DATA in Python.

    path (Path): The file.
    YIELDS (FileRecord): The records of the list that has any, or of those that are splits by their names.
    RAISES (ProjectError): If it is no Python, or there is no such list, or it is not clear which one is meant.
    """
    lists = _find_lists(path)
    splits = {find_split(found.name) for found in lists}
    if len(lists) != 1 and not (len(splits) == len(lists) and "train" in splits and "" not in splits):
        places = [
            Place(str(path), found.line, f"found {len(lists)} lists of records", found.name)
            for found in lists or [_Found("", 1)]
        ]
        remedy = "Leave one in the file, or call them train..., dev... and test...."
        raise ProjectError("Cannot tell which list holds the data", remedy, places)
    for found in lists:
        for node in found.items:
            for record in _read_item(path, node):
                record.split = record.split or (find_split(found.name) if len(lists) > 1 else "")
                yield record


def _read_item(path: Path, node: ast.expr) -> Iterator[FileRecord]:
    raw = ast.unparse(node)
    try:
        data = to_json(ast.literal_eval(node))
    except (ValueError, TypeError, MemoryError, RecursionError):
        place = Place(str(path), node.lineno, "not a literal", raw[:80])
        error = ProjectError("Not a record", "Each is a text and a dict, written out.", [place])
        yield FileRecord(None, [], node.lineno, error=error, raw=raw)
        return
    yield from (record for _, record in read_value(Value(data, path, node.lineno, raw)))


def to_json(value: Any) -> Any:
    """RETURNS (Any): Lists, tuples, sets and objects of Python, as JSON has them."""
    if isinstance(value, dict):
        return {str(key): to_json(inside) for key, inside in value.items()}
    return [to_json(one) for one in value] if isinstance(value, (list, tuple, set)) else value


def _find_lists(path: Path) -> list[_Found]:
    """Find the lists of records: those that are not inside of functions and classes, if there are any."""
    tree = _parse(path)
    tree = _Literals(_find_constants(tree)).visit(tree)
    inside = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    found = _collect(tree.body)
    return found or [one for one in _collect(inside) if any(map(_is_written_out, one.items))]


def _find_constants(tree: ast.Module) -> dict[str, ast.Constant]:
    """The names that stand for one text or number, and nothing else."""
    names = Counter(
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    found = {}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and type(node.value.value) in (str, int)
        ):
            found.update(
                {one.id: node.value for one in node.targets if isinstance(one, ast.Name) and names[one.id] == 1}
            )
    return found


def _parse(path: Path) -> ast.Module:
    text = "\n".join(line for _, line in read_lines(path))
    try:
        with warnings.catch_warnings():
            # What Python thinks of a text's backslashes is no concern of its annotator
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        number = getattr(error, "lineno", None) or 1
        # Python counts lines in its own way, and may name one past the end
        around = next(iter(text.split("\n")[number - 1 :]), "")[:80]
        place = Place(str(path), number, str(getattr(error, "msg", error)), around)
        raise ProjectError("Broken Python", "Mend the line, or export the data as JSON.", [place]) from None


def _collect(statements: list[ast.stmt]) -> list[_Found]:
    lists: list[_Found] = []
    for statement in statements:
        name, items, more = _pieces(statement)
        if not any(map(_is_item, items)):
            continue
        begun = next((found for found in reversed(lists) if more and found.name == name), None)
        if begun is None:
            begun = _Found(name, statement.lineno)
            lists.append(begun)
        begun.items += items
    return lists


def _pieces(statement: ast.stmt) -> tuple[str, list[ast.expr], bool]:
    """What a statement puts into which list, and whether the list may have more already."""
    if isinstance(statement, ast.Assign):
        return _name(statement.targets[0]), _elements(statement.value), False
    if isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
        return _name(statement.target), _elements(statement.value), isinstance(statement, ast.AugAssign)
    if not isinstance(statement, (ast.Expr, ast.Return)):
        return "", [], False
    call = statement.value
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ADDING:
        items = call.args if call.func.attr == "append" else [one for arg in call.args for one in _elements(arg)]
        return _name(call.func.value), items, True
    return "", _elements(call), False


def _name(target: ast.expr) -> str:
    return target.id if isinstance(target, ast.Name) else ""


def _elements(value: ast.expr | None) -> list[ast.expr]:
    """The elements of a list, or of several that are added."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        return _elements(value.left) + _elements(value.right)
    return value.elts if isinstance(value, (ast.List, ast.Tuple)) else []


def _is_item(node: ast.expr) -> bool:
    if isinstance(node, ast.Dict):
        return any(isinstance(key, ast.Constant) and key.value in ("text", "content") for key in node.keys)
    if not isinstance(node, (ast.List, ast.Tuple)) or len(node.elts) != 2:
        return False
    return not isinstance(node.elts[1], ast.Constant)


def _is_written_out(node: ast.expr) -> bool:
    """Whether an item begins with a text: in functions there are pairs of all kinds."""
    first = (
        node.values[0]
        if isinstance(node, ast.Dict)
        else node.elts[0]
        if isinstance(node, (ast.List, ast.Tuple))
        else node
    )
    return isinstance(first, ast.Constant) and isinstance(first.value, str) and " " in first.value


formats.register("train_data_py", func=Format("TRAIN_DATA of spaCy v2 as Python", fits, read, certain=True))
