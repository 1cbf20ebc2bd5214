"""What the numbers of tags are called: data sets of the Hugging Face Hub hold numbers, and the names elsewhere.

They may stand in the features that a Parquet file or an answer of the Hub brings along, in dataset_info.json,
dataset_infos.json or the front matter of README.md, as the library "datasets" writes them, or in a list of one's own.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import srsly

from ...project.errors import Place
from ..check import UnitError

CARDS = ("dataset_info.json", "dataset_infos.json", "README.md")
LISTS = ("labels.txt", "labels.json", "label.json", "label2id.json", "id2label.json")
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
        for name in (*CARDS, *LISTS):
            data = _load(place / name)
            found = [_numbered(data)] if name in LISTS else list(_find_column(data, column))
            distinct = list(dict.fromkeys(tuple(names.items()) for names in found if names))
            if distinct:
                return distinct
    return []


def _load(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".json":
            return json.loads(text)
        if path.suffix == ".md":
            _, front, _ = text.split("---\n", 2)
            return srsly.yaml_loads(front)
    except (OSError, ValueError):
        return None
    return [line.strip() for line in text.splitlines() if line.strip()]


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
