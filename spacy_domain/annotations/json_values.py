"""JSON read piece by piece: the values of a file, be it one a line, the items of a list, or several lists and objects
one behind the other, with the line that each starts on."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from json.decoder import scanstring  # type: ignore[attr-defined]
from pathlib import Path
from typing import Any

from ..project.errors import Place, ProjectError, excerpt
from .text import Beginning, Stretch, read_chunks, read_lines

SPACE = re.compile(r"[\s\ufeff]*")  # a byte order mark stands where files were joined
BETWEEN_ITEMS = re.compile(r"[\s,]*")
PRINTED = ("{'", "['", "[('", "[[")  # what Python prints begins like this, and JSON does not, mostly
LONGEST_VALUE = 2**12  # chunks


def _to_dict(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Python's own would keep the last of two values of one key, and lose the first without a word."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} is there twice")
    return found


DECODER = json.JSONDecoder(object_pairs_hook=_to_dict)
LENIENT = json.JSONDecoder(object_pairs_hook=_to_dict, strict=False)  # takes a tab in a text, as scripts leave it


@dataclass(frozen=True)
class Value:
    """A JSON value and where it stands.

    data (Any): The value.
    path (Path): Its file.
    line (int): The line that it starts on, from 1.
    source (str): What the file has there.
    """

    data: Any
    path: Path
    line: int
    source: str

    def items(self, *keys: str) -> Iterator["Value"]:
        """Go through a list inside of the value; an object there counts as a list of one.

        keys (str): The keys that lead to it.
        YIELDS (Value): Its items, each with its own line.
        """
        items = self.data
        for key in keys:
            items = as_object(items, self).get(key)
        items = [items] if isinstance(items, dict) else as_list(items, self, keys[-1])
        places = list(_find_items(self.source, keys)) if "\n" in self.source and len(items) != 1 else []
        for number, item in enumerate(items):
            if len(places) == len(items):  # else the same key is there twice
                start, end = places[number]
                line = self.line + self.source.count("\n", places[number - 1][0] if number else 0, start)
                self = replace(self, line=line)
                yield replace(self, data=item, source=self.source[start:end])
            else:
                yield replace(self, data=item, source="")

    def place(self, message: str, around: object = None) -> Place:
        """RETURNS (Place): Where the value is."""
        return Place(str(self.path), self.line, message, str(self.data if around is None else around)[:80])


def begins_like_json(beginning: Beginning) -> bool:
    """Tell whether a file holds JSON.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether its first value, or the first item of a list, can be read.
    """
    text = beginning.text.lstrip()
    if not text.startswith(("{", "[")):
        return False
    if holds_lines(beginning):
        return True
    if re.match(r"\{\s*(\"|\}|\Z)|\[\s*(\{|\Z)", text):
        return True  # nothing else begins like this; what is wrong with it is told when it is read
    try:
        first = next(read_values(beginning.path), None)
    except ProjectError:
        return False
    # A token a line may begin with a bracket and a number, too
    return first is not None and isinstance(first.data, (dict, list, str))


def holds_lines(beginning: Beginning) -> bool:
    """Tell whether a file has a JSON object a line, as JSONL does; some of them may be broken.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it does.
    """
    lines = [line for line in beginning.lines if line.strip()]
    if lines and lines[0].lstrip().startswith("[") and (len(lines) == 1 or not _is_value(lines[0])):
        return False  # a list, with an item a line, say
    if 2 * sum(map(_is_value, lines)) <= len(lines):
        return False
    return _is_value(lines[0]) or not _goes_on(beginning.path)


def _goes_on(path: Path) -> bool:
    """Whether the first value of a file, indented, has more lines than one, most of which may be lists."""
    try:
        first = next(read_values(path), None)
    except ProjectError:
        return False
    return first is not None and "\n" in first.source.strip()


def _is_value(line: str) -> bool:
    line = line.strip().removesuffix(",")
    if line[:1] + line[-1:] not in ("{}", "[]"):
        return False
    try:
        _decode_line(line)
    except (ValueError, RecursionError):
        return False
    return True


def _decode_line(line: str) -> Any:
    """A line of JSONL; one of a list (a comma behind it), or as Python prints an object (no code is run), will do."""
    try:
        return DECODER.decode(line)
    except (ValueError, RecursionError):
        plain = line.strip().removesuffix(",")
        try:
            return LENIENT.decode(plain)
        except (ValueError, RecursionError):
            data = parse_cell(plain) if plain.startswith(PRINTED) else plain
            if isinstance(data, str):
                raise
            return data


def _decode_several(line: str) -> tuple[list[Any], str]:
    """The objects of a line that has more than one, with CR between them, say, and what is left of it."""
    found, position = [], 0
    try:
        while line.startswith("{", position):
            data, end = LENIENT.raw_decode(line, position)
            found.append(data)
            position = _skip(line, end)
    except (ValueError, RecursionError):
        pass
    left = line[position:]
    return (found, left) if left[:1] in ("", "{") else ([], line)


def read_jsonl(path: Path, stretch: Stretch = Stretch()) -> Iterator[Value | ProjectError]:
    """Read a file with a JSON value a line.

    path (Path): The file.
    stretch (Stretch): Which lines.
    YIELDS (Union[Value, ProjectError]): The values, and an error for each line that is none.
    RAISES (ProjectError): If the file is not UTF-8.
    """
    for number, line in read_lines(path, stretch):
        if line.strip():
            try:
                yield Value(_decode_line(line), path, number, line)
            except (ValueError, RecursionError) as error:
                several, left = _decode_several(line)
                yield from [Value(data, path, number, line) for data in several]
                if left:
                    behind = ValueError("no JSON, behind other objects of its line,")
                    yield _broken(path, number, left, behind if several else error)


def read_values(path: Path) -> Iterator[Value]:
    """Read the values of a JSON file, however long, holding few at a time; of a list, its items.

    path (Path): The file.
    YIELDS (Value): The values.
    RAISES (ProjectError): If the JSON is broken.
    """
    chunks = read_chunks(path)
    buffer = next(chunks, "")
    position, line, in_list, ended, wanted = 0, 1, False, False, 1
    while True:
        skipped = (BETWEEN_ITEMS if in_list else SPACE).match(buffer, position)
        assert skipped is not None
        line += buffer.count("\n", position, skipped.end())
        position = skipped.end()
        if in_list and buffer.startswith("]", position):
            in_list, position = False, position + 1
            continue
        if not in_list and buffer.startswith("[", position):
            in_list, position = True, position + 1
            continue
        problem: Exception = ValueError("the list does not end")
        if position == len(buffer) and ended and not in_list:
            return
        try:
            data, end = DECODER.raw_decode(buffer, position)
        except (ValueError, RecursionError) as error:
            problem = error if position < len(buffer) else problem
        else:
            if end < len(buffer) or ended:
                yield Value(data, path, line, buffer[position:end])
                line += buffer.count("\n", position, end)
                position, wanted = end, 1
                continue
        # The value may go on behind the buffer: read twice as much each time, so that a long one costs no more than
        # two.
        more = "".join(islice(chunks, wanted))
        if ended or wanted > LONGEST_VALUE:
            raise _broken(path, line, buffer[position:], problem, position)
        ended, wanted = not more, 2 * wanted
        buffer, position = buffer[position:] + more, 0


def _find_items(text: str, keys: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Find where the items of a list inside of an object start and end; the object can be read."""
    position = _skip(text, 0)
    for wanted in keys:
        position = _skip(text, position + 1)
        while True:
            key, position = scanstring(text, position + 1, False)
            position = _skip(text, _skip(text, position) + 1)
            if key == wanted:
                break
            position = _skip(text, DECODER.raw_decode(text, position)[1])
            position = _skip(text, position + 1)
    position = _skip(text, position + 1)
    while not text.startswith("]", position):
        start = position
        end = DECODER.raw_decode(text, start)[1]
        yield start, end
        position = _skip(text, end)
        position = _skip(text, position + 1) if text.startswith(",", position) else position


def _skip(text: str, position: int) -> int:
    found = SPACE.match(text, position)
    assert found is not None
    return found.end()


def parse_cell(cell: str) -> Any:
    """Read what a cell of a data frame holds.

    cell (str): The cell.
    RETURNS (Any): A list or an object, written as JSON or as Python writes it (no code is run), or the cell itself.
    """
    if cell.startswith(("[", "{")) and cell.rstrip().endswith(("]", "}")):
        for parse in (json.loads, ast.literal_eval):
            try:
                return json.loads(json.dumps(parse(cell)))
            except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                continue
    return cell


def as_object(data: Any, value: Value) -> dict[str, Any]:
    """Make sure that something is a JSON object.

    data (Any): It.
    value (Value): The value that it is in.
    RETURNS (dict[str, Any]): The same.
    RAISES (ProjectError): If it is something else.
    """
    if not isinstance(data, dict):
        raise ProjectError(
            "Not a record",
            "Each record is a JSON object: mend or delete what is there instead.",
            [value.place(f"found a {type(data).__name__}", data)],
        )
    return data


def as_list(data: Any, value: Value, name: str) -> list[Any]:
    """Make sure that something is a list; null and nothing are an empty one.

    data (Any): It.
    value (Value): The value that it is in.
    name (str): What it is called there.
    RETURNS (list[Any]): The list.
    RAISES (ProjectError): If it is something else.
    """
    if data is None:
        return []
    if not isinstance(data, list):
        raise ProjectError(f'"{name}" is no list', "Write [] where there are none.", [value.place("", data)])
    return data


def _broken(path: Path, line: int, text: str, error: Exception, offset: int = 0) -> ProjectError:
    at = getattr(error, "pos", offset) - offset
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    reason = f"{getattr(error, 'msg', None) or error or 'nested too deeply'} in column {column}"
    place = Place(str(path), line + text.count("\n", 0, at), reason, excerpt(text, at, at + 1))
    return ProjectError("Broken JSON", "Mend the line, or export the data again.", [place])
