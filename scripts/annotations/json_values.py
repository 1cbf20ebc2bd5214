"""JSON read piece by piece: one value a line, or the items of one long list, with the line each starts on."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from ..errors import Place, ProjectError, excerpt
from .text import Stretch, read_chunks, read_lines

BETWEEN_ITEMS = re.compile(r"[\s,]*")
LONGEST_ITEM = 2**10  # chunks


def read_jsonl(path: Path, stretch: Stretch = Stretch()) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read a file with a JSON object a line.

    path (Path): The file.
    stretch (Stretch): Which lines.
    YIELDS (tuple[int, dict[str, Any]]): Line number from 1, and the object.
    RAISES (ProjectError): If a line is no JSON object.
    """
    for number, line in read_lines(path, stretch):
        if line.strip():
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise _broken(path, number, line, error) from None
            yield number, as_object(value, path, number)


def read_items(path: Path, start: re.Pattern[str]) -> Iterator[tuple[int, Any]]:
    """Read the items of a list in a JSON file, however long, holding few at a time.

    path (Path): The file.
    start (re.Pattern[str]): Matches up to and including the list's opening bracket, near the beginning of the file.
    YIELDS (tuple[int, Any]): Number of the line it starts on, and the item.
    RAISES (ProjectError): If the JSON is broken.
    """
    chunks = read_chunks(path)
    buffer = next(chunks, "")
    found = start.search(buffer)
    position, line, ended = found.end() if found else 0, 1, False
    line += buffer.count("\n", 0, position)
    decoder, wanted = json.JSONDecoder(), 1
    while True:
        skipped = BETWEEN_ITEMS.match(buffer, position)
        assert skipped is not None
        line += buffer.count("\n", position, skipped.end())
        position = skipped.end()
        if buffer.startswith("]", position):
            return
        problem: Exception = ValueError("the list does not end")
        try:
            item, end = decoder.raw_decode(buffer, position)
        except (ValueError, RecursionError) as error:
            problem = error if position < len(buffer) else problem
        else:
            if end < len(buffer) or ended:
                yield line, item
                line += buffer.count("\n", position, end)
                position, wanted = end, 1
                continue
        # The item may go on behind the buffer: read twice as much each time, so that a long one costs no more than two.
        more = "".join(islice(chunks, wanted))
        if ended or wanted > LONGEST_ITEM:
            raise _broken(path, line, buffer[position:], problem, position)
        ended, wanted = not more, 2 * wanted
        buffer, position = buffer[position:] + more, 0


def as_object(value: Any, path: Path, line: int) -> dict[str, Any]:
    """Make sure that a value is a JSON object.

    value (Any): The value.
    path (Path): Its file.
    line (int): Its line.
    RETURNS (dict[str, Any]): The same.
    RAISES (ProjectError): If it is something else.
    """
    if not isinstance(value, dict):
        raise ProjectError(
            "Not a record",
            "Each record is a JSON object: mend or delete what is there instead.",
            [Place(str(path), line, f"found a {type(value).__name__}", str(value)[:80])],
        )
    return value


def as_list(value: Any, path: Path, line: int, name: str) -> list[Any]:
    """Make sure that a value is a list; null and nothing are an empty one.

    value (Any): The value.
    path (Path): Its file.
    line (int): Its line.
    name (str): What it is called in the file.
    RETURNS (list[Any]): The list.
    RAISES (ProjectError): If it is something else.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise ProjectError(
            f'"{name}" is no list', "Write [] where there are none.", [Place(str(path), line, "", str(value)[:80])]
        )
    return value


def _broken(path: Path, line: int, text: str, error: Exception, offset: int = 0) -> ProjectError:
    at = getattr(error, "pos", offset) - offset
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    reason = f"{getattr(error, 'msg', None) or error or 'nested too deeply'} in column {column}"
    place = Place(str(path), line + text.count("\n", 0, at), reason, excerpt(text, at, at + 1))
    return ProjectError("Broken JSON", "Mend the line, or export the data again.", [place])
