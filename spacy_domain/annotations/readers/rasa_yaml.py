"""Rasa's NLU training data in YAML: nlu: [{"intent", "examples": "- lines with [entities](label)"}].

Examples may be a list of {"text"} as well. Traps: a line of "examples" that does not begin with a dash is no example to
Rasa, unless none of them does, as in its first versions; synonyms, lookups, regular expressions, responses, stories and
rules may stand in the same file, or be all that is in it. Intents are named, not read.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from srsly.ruamel_yaml import SafeLoader
from srsly.ruamel_yaml.error import MarkedYAMLError, YAMLError
from srsly.ruamel_yaml.main import compose
from srsly.ruamel_yaml.nodes import MappingNode, ScalarNode, SequenceNode

from ...project.errors import Place, ProjectError
from ..formats import Format, formats
from ..record import FileRecord
from ..text import Beginning, read_chunks
from .rasa_examples import read_example

SECTION = re.compile(r"^(nlu|stories|rules|responses)[ \t]*:", re.MULTILINE)
NLU = re.compile(r"^nlu[ \t]*:", re.MULTILINE)
VERSION = re.compile(r"^version[ \t]*:", re.MULTILINE)
KINDS = ("synonym", "lookup", "regex")
INTENT = "text(s) with an intent"


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it has a section of Rasa's training data.
    """
    text = beginning.text
    return bool(NLU.search(text) or (VERSION.search(text) and SECTION.search(text)))


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file.

    path (Path): The file.
    YIELDS (FileRecord): A record for each example.
    RAISES (ProjectError): If it is no YAML.
    """
    unread: Counter[str] = Counter()
    records = _read_sections(path, unread)
    first = next(records, None)
    rest = list(records)  # only then all is known that is not read
    if first is None:
        place = Place(str(path), None, f"found {', '.join(unread) or 'nothing'}")
        error = ProjectError("No examples of intents", "Move the file elsewhere.", [place])
        first = FileRecord(None, [], 1, error=error)
    first.unread.update(unread)
    yield first
    yield from rest


def _read_sections(path: Path, unread: Counter[str]) -> Iterator[FileRecord]:
    for key, value in _pairs(_compose(path)):
        if key != "nlu":
            unread[f"item(s) under {key}"] += len(value.value) if isinstance(value.value, list) else 0
            continue
        for item in value.value if isinstance(value, SequenceNode) else ():
            parts = dict(_pairs(item))
            examples = parts.get("examples")
            if "intent" in parts:
                yield from _read_examples(examples, path)
            else:
                kind = next((kind for kind in KINDS if kind in parts), "an unknown kind")
                unread[f"line(s) of {kind}"] += sum(1 for _ in _lines(examples))
    unread["item(s) under version"] = 0
    for nothing in [name for name, count in unread.items() if not count]:
        del unread[nothing]


def _read_examples(examples: Any, path: Path) -> Iterator[FileRecord]:
    if isinstance(examples, SequenceNode):
        for item in examples.value:
            text = dict(_pairs(item)).get("text", item)
            for line, example in [(_first_line(text), str(text.value))] if isinstance(text, ScalarNode) else ():
                # A text in a block may have a dash of its own
                yield from _read_line(example.strip().removeprefix("- "), path, line)
        return
    lines = list(_lines(examples))
    dashes = any(text.startswith("-") for _, text in lines)
    for line, text in lines:
        if text.startswith("-") or not dashes:
            yield from _read_line(text.removeprefix("-").strip(), path, line)
        else:
            message = "it does not begin with a dash, as others do"
            place = Place(str(path), line, message, text[:80])
            record = read_example(text, path, line)
            error = ProjectError("Not an example", "Write a dash before it, or delete the line.", [place])
            dropped = record.dropped or [str(span.surface) for span in record.spans]
            yield FileRecord(None, [], line, dropped=dropped, error=error, raw=text)


def _read_line(example: str, path: Path, line: int) -> Iterator[FileRecord]:
    if example:
        record = read_example(example, path, line)
        record.unread[INTENT] += 1
        yield record


def _lines(examples: Any) -> Iterator[tuple[int, str]]:
    """The lines of a block that are not blank, with their numbers."""
    if isinstance(examples, ScalarNode):
        for number, line in enumerate(str(examples.value).split("\n"), _first_line(examples)):
            if line.strip():
                yield number, line.strip()


def _first_line(node: Any) -> int:
    return node.start_mark.line + (2 if node.style in ("|", ">") else 1)


def _pairs(node: Any) -> Iterator[tuple[str, Any]]:
    for key, value in node.value if isinstance(node, MappingNode) else ():
        yield str(key.value), value


def _compose(path: Path) -> Any:
    try:
        return compose("".join(read_chunks(path)), Loader=SafeLoader)
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        message = getattr(error, "problem", None) or str(error).splitlines()[0]
        place = Place(str(path), mark.line + 1 if mark else None, message)
        raise ProjectError("Broken YAML", "Mend the line, or export the data again.", [place]) from None


formats.register("rasa_yaml", func=Format("NLU YAML of Rasa", fits, read, certain=True))
