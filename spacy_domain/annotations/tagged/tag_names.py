"""What the numbers of tags are called: data sets of the Hugging Face Hub hold numbers, and the names elsewhere.

They may stand in the features that a Parquet file or an answer of the Hub brings along, in dataset_info.json,
dataset_infos.json or the front matter of README.md, as the library "datasets" writes them, in a script of that library,
in the config.json of a model, or in a list of one's own.
"""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import srsly

from ...project.errors import Place
from ..check import UnitError
from ..encoding import read_utf8
from ..label_lists import NUMBERING

CARDS = ("dataset_info.json", "dataset_infos.json", "README.md")
SCRIPTS = "*.py"
CONFIGS = ("config.json",)
MAPS = ("id2label", "label2id", "label_names", "names", "labels", "tags", "id2tag", "tag2id")
WRITTEN = r"""(\{[^{}]*["'][^"'{}]+["']\s*:\s*0\s*,[^{}]*\})"""  # {"O": 0, "B-PER": 1}
CLASSES = r"names\s*=\s*(\[[^\]]*\])"  # ClassLabel(names=["O", "B-PER"])
REMEDY = (
    "Put the names into a file labels.txt beside it, one a line, the first for 0; or dataset_info.json or README.md of "
    "the data set, as the Hugging Face Hub has them."
)


class UnnamedTags(UnitError):
    """Nothing says what the numbers of tags mean: as with offsets, a question about the file, not a bad record."""


def find_names(path: Path, column: str, line: int) -> dict[int, str]:
    """Find the names of a column's numbers beside a file, or in the folder above.

    path (Path): The file.
    column (str): The column.
    line (int): The line of the record that asks.
    RETURNS (dict[int, str]): The name of each number.
    RAISES (UnnamedTags): If there is no file that tells, or one that tells two things.
    """
    found = _look_up(path.parent, column)
    if len(found) != 1:
        title = "What are the tags called?"
        message = f'"{column}" has numbers, and ' + ("two files beside it name them" if found else "no file names them")
        raise UnnamedTags(title, REMEDY, [Place(str(path), line, message)])
    return dict(found[0])


@cache  # asked for with each record
def _look_up(folder: Path, column: str) -> list[tuple[tuple[int, str], ...]]:
    for place in (folder, folder.parent):
        lists = sorted(file.name for file in place.iterdir() if NUMBERING.fullmatch(file.name))
        for name in (*CARDS, *lists, *CONFIGS):
            data = _load(place / name)
            found = list(_find_column(data, column)) if name in CARDS else [_numbered(_map_in(data))]
            distinct = list(dict.fromkeys(tuple(names.items()) for names in found if names))
            if distinct:
                return distinct
        written = [names for file in sorted(place.glob(SCRIPTS)) for names in _find_written(file, column)]
        for names in (written, list(_find_written(place / "README.md", column))):
            if names:
                return list(dict.fromkeys(names))
    return []


def _find_written(file: Path, column: str) -> Iterator[tuple[tuple[int, str], ...]]:
    """Names that a script of the library "datasets" gives a column, or an object with numbers in a README. No code is
    run."""
    try:
        text = read_utf8(file).decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, ValueError):
        return
    pattern = re.compile(rf"""["']{re.escape(column)}["']\s*:[^:]*?{CLASSES}""" if file.suffix == ".py" else WRITTEN)
    lists = list(re.finditer(CLASSES, text)) if file.suffix == ".py" else []
    for found in lists if len(lists) == 1 else pattern.finditer(text):
        try:
            names = _numbered(ast.literal_eval(found[1]))
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        if names:
            yield tuple(names.items())


def _load(path: Path) -> Any:
    try:
        text = read_utf8(path).decode("utf-8-sig").replace("\r\n", "\n")
        if path.suffix == ".json":
            return json.loads(text)
        if path.suffix == ".md":
            _, front, _ = text.split("---\n", 2)
            return srsly.yaml_loads(front)
    except (OSError, ValueError):
        return None
    return _of_lines([line.strip() for line in text.splitlines() if line.strip()])


def _of_lines(lines: list[str]) -> Any:
    """Names one a line; or by their numbers, where each line has one, before or behind the name."""
    pairs = [re.split(r"[\s,:=]+", line) for line in lines]
    for number, name in ((0, 1), (1, 0)):
        if lines and all(len(pair) == 2 and pair[number].isdecimal() for pair in pairs):
            return {pair[number]: pair[name] for pair in pairs}
    return lines if len(set(lines)) == len(lines) else None


def _map_in(data: Any) -> Any:
    """What leads from numbers to names, where it is in an object with more, as models have it in their config.json."""
    if isinstance(data, dict):
        return next((data[key] for key in MAPS if isinstance(data.get(key), (dict, list))), data)
    return data


def _find_column(data: Any, column: str) -> Iterator[dict[int, str]]:
    """All names that features give to the numbers of a column; several configurations of a data set may have it."""
    if isinstance(data, dict):
        own = data if data.get("name") == column else data.get(column)
        names = _numbered(_find_key(own, "names"))
        if names:
            yield names
        for value in data.values():
            yield from _find_column(value, column)
    elif isinstance(data, list):
        for value in data:
            yield from _find_column(value, column)


def _find_key(data: Any, key: str) -> Any:
    if isinstance(data, dict):
        return data[key] if key in data else next(filter(None, (_find_key(one, key) for one in data.values())), None)
    return None


def _numbered(names: Any) -> dict[int, str]:
    """Names by number, of a list, or an object that leads from one to the other."""
    if isinstance(names, list):
        return {number: str(name) for number, name in enumerate(names)}
    if isinstance(names, dict) and names and all(str(key).isdecimal() for key in names):
        return {int(key): str(name) for key, name in names.items()}
    if isinstance(names, dict) and all(type(number) is int for number in names.values()):
        return {number: str(name) for name, number in names.items()}
    return {}


def name_classes(value: Any, feature: Any) -> Any:
    """Put names where a value has numbers of classes, and a list of objects where "datasets" has an object of lists.

    value (Any): The value.
    feature (Any): Its feature, as "datasets" describes it.
    RETURNS (Any): The value with names.
    """
    if isinstance(feature, list):
        feature = {"feature": feature[0]} if feature else {}
    if not isinstance(feature, dict):
        return value
    names, inner = feature.get("names"), feature.get("feature")
    if isinstance(names, list) and type(value) is int:
        return names[value] if 0 <= value < len(names) else value
    if isinstance(value, list):
        return [name_classes(one, inner) for one in value]
    if isinstance(value, dict) and isinstance(inner, dict) and "_type" not in inner:
        columns = {key: name_classes(one, {"feature": inner.get(key)}) for key, one in value.items()}
        return [dict(zip(columns, row, strict=False)) for row in zip(*columns.values(), strict=False)]
    if isinstance(value, dict):
        return {key: name_classes(one, feature.get(key)) for key, one in value.items()}
    return value
