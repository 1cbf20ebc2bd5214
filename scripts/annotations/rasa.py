"""Rasa's NLU JSON.

{"rasa_nlu_data": {"common_examples": [{"text", "entities": [{"start", "end", "value", "entity"}]}]}}
"""

import re
from collections.abc import Iterator
from pathlib import Path

from .formats import Format, formats
from .json_values import as_list, as_object, read_items
from .record import FileRecord, FileSpan

EXAMPLES = re.compile(r'\s*\{.*?"common_examples"\s*:\s*\[', re.DOTALL)


def sniff(head: str) -> bool:
    """Tell whether a file begins like this format.

    head (str): The beginning of the file.
    RETURNS (bool): Whether it does.
    """
    return bool(EXAMPLES.match(head))


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file. An entity's value may be a synonym of the text that it covers.

    path (Path): The file.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If the file is broken.
    """
    for line, item in read_items(path, EXAMPLES):
        example = as_object(item, path, line)
        entities = [as_object(e, path, line) for e in as_list(example.get("entities"), path, line, "entities")]
        spans = [
            FileSpan(entity.get("start"), entity.get("end"), entity.get("entity"), entity.get("value"), may_differ=True)
            for entity in entities
        ]
        yield FileRecord(example.get("text"), spans, line)


formats.register("rasa", func=Format("NLU JSON of Rasa", sniff, read))
