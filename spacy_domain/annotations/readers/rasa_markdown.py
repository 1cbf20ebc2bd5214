"""Rasa's NLU training data in Markdown, as its first versions have it: "## intent:name", and lines with entities.

An entity is [text](label), or [text](label:value). Traps: comments, which may go over lines; "## lookup" with the name
of a file; dashes, stars and plus signs alike begin an example; "# intent:" with one # is taken as well, though to Rasa
it is no heading, which makes its examples those of the intent before.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ..formats import Format, formats
from ..record import FileRecord
from ..text import Beginning, read_chunks
from .rasa_examples import read_example
from .rasa_yaml import INTENT
from .rasa_yaml import fits as fits_yaml

HEADING = re.compile(r"\s*#+\s*(?P<kind>[\w ]+?)\s*:(?P<name>.*)")
INTENT_HEADING = re.compile(r"^\s*#+\s*intent\s*:", re.MULTILINE)
ITEM = re.compile(r"\s*[-*+]\s*(.+)")
COMMENT = re.compile(r"<!--.*?--!*>", re.DOTALL)


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it has a heading for an intent, and an item.
    """
    items = any(map(ITEM.fullmatch, beginning.lines))
    return items and bool(INTENT_HEADING.search(beginning.text)) and not fits_yaml(beginning)


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file.

    path (Path): The file.
    YIELDS (FileRecord): A record for each example.
    RAISES (ProjectError): If the file is not UTF-8.
    """
    text = COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), "".join(read_chunks(path)))
    unread: Counter[str] = Counter()
    records: list[FileRecord] = []
    kind = ""
    for number, line in enumerate(text.split("\n"), 1):
        heading, item = HEADING.fullmatch(line), ITEM.fullmatch(line)
        if heading:
            kind = heading["kind"].lower()
        elif item and kind == "intent":
            record = read_example(item[1].strip(), path, number)
            record.unread[INTENT] += 1
            records.append(record)
        elif line.strip():
            unread[f"line(s) of {kind}" if kind else "line(s) before the first heading"] += 1
    for record in records[:1]:
        record.unread.update(unread)
    yield from records


formats.register("rasa_markdown", func=Format("NLU Markdown of Rasa", fits, read, certain=True))
