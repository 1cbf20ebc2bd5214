"""An example of Rasa's with its entities in brackets -> a text with spans.

[SF](city), [SF](city:San Francisco) with a value, [SF]{"entity": "city", "value": ..., "role": ..., "group": ...}, or
several of these objects in a list. Traps: brackets may be text (\\[ and \\] always are, and so are pairs with nothing
behind them); brackets in brackets, or with a space before the label, are a slip; a value is not what is in the text.
The syntax is that of https://rasa.com/docs/rasa/training-data-format/#entities.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...project.errors import Place, ProjectError
from ..record import FileRecord, FileSpan

ENTITY = re.compile(
    r"(?<!\\)\[(?P<text>(?:\\.|[^\[\]\\])+)\]"
    r"(?:\((?P<label>[^():]*)(?::(?P<value>[^()]*))?\)|(?P<object>\{[^{}]*\})|(?P<objects>\[\s*\{[^\[\]]*\}\s*\]))"
)
# What is left of an entity where the brackets are not as they should be
SLIP = re.compile(r"\]\s*\([^()]*\)?|\]\s*\[?\s*\{[^{}]*\}?|\[[^\[\]]*\([^()]*\)|\{\s*\"entity\"[^{}]*\}?")
ESCAPED = re.compile(r"\\([\[\](){}])")
HIDDEN = re.compile(r"\\[\[\](){}]")
MORE = {"role": "role(s) of entities", "group": "group(s) of entities", "value": "value(s) of entities"}


def read_example(example: str, path: Path, line: int) -> FileRecord:
    """Read an example.

    example (str): It, without the dash before it.
    path (Path): The file.
    line (int): The line that it is on.
    RETURNS (FileRecord): Its record; with an error and all that looks like an entity, if the brackets make no sense.
    """
    record = FileRecord("", [], line, raw=example)
    outside: list[str] = []
    position = 0
    try:
        for found in ENTITY.finditer(example):
            outside.append(example[position : found.start()])
            record.text += _unescape(outside[-1])
            start, covered = len(record.text), _unescape(found["text"])
            record.text += covered
            for entity in _entities(found):
                record.spans.append(FileSpan(start, len(record.text), entity.get("entity"), covered))
                record.unread.update(MORE[key] for key in MORE if entity.get(key))
            position = found.end()
        outside.append(example[position:])
        record.text += _unescape(outside[-1])
        slips = [slip[0] for part in outside for slip in SLIP.finditer(HIDDEN.sub("", part))]
        if slips:
            raise _broken(path, line, f"what is {slips[0]!r}?", example)
    except ValueError as error:
        return _set_aside(example, line, _broken(path, line, f"an entity is no JSON object: {error}", example))
    except ProjectError as error:
        return _set_aside(example, line, error)
    return record


def _entities(found: re.Match[str]) -> Iterator[dict[str, Any]]:
    if found["label"] is not None:
        yield {"entity": found["label"].strip(), "value": found["value"]}
        return
    data = json.loads(found["object"] or found["objects"])
    for entity in data if isinstance(data, list) else [data]:
        if not isinstance(entity, dict):
            raise ValueError(f"found {entity!r}")
        yield entity


def _unescape(text: str) -> str:
    return ESCAPED.sub(r"\1", text)


def _broken(path: Path, line: int, message: str, example: str) -> ProjectError:
    remedy = 'An entity is [text](label) or [text]{"entity": "label"}; a bracket that is text is written \\[.'
    return ProjectError("Broken entity", remedy, [Place(str(path), line, message, example[:80])])


def _set_aside(example: str, line: int, error: ProjectError) -> FileRecord:
    hidden = HIDDEN.sub("", example)
    dropped = [found[0] for found in ENTITY.finditer(hidden)]
    dropped += [found[0] for found in SLIP.finditer(ENTITY.sub("", hidden))]
    return FileRecord(None, [], line, dropped=dropped, error=error, raw=example)
