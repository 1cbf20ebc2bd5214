"""JSON in LightTag's manner, as the voice assistant tutorial writes it: inclusive ends and "tag_name".

{"examples": [{"content", "annotations": [{"start", "end", "tag_name"}]}]}
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import Place, ProjectError, excerpt
from .formats import Format, formats
from .record import AnnotatedText, make_record
from .text import read_lines

EXAMPLES = re.compile(r'"examples"\s*:\s*\[')
BETWEEN = re.compile(r"[\s,]*")


def sniff(head: str) -> bool:
    """Tell whether a file begins like this format.

    head (str): The beginning of the file.
    RETURNS (bool): Whether it does.
    """
    return head.startswith("{") and bool(EXAMPLES.search(head))


def read(path: Path) -> Iterator[AnnotatedText]:
    """Read a file.

    path (Path): The file.
    YIELDS (AnnotatedText): The records.
    RAISES (ProjectError): If the file is broken or an example is no record.
    """
    for line, example in read_examples(path):
        if not isinstance(example, dict):
            raise ProjectError(
                "Not a record",
                'Each example is an object with "content" and "annotations".',
                [Place(str(path), line, f"found a {type(example).__name__}", str(example)[:80])],
            )
        spans = example.get("annotations") or []
        if isinstance(spans, list):
            spans = [{**span, "label": span.get("tag_name")} if isinstance(span, dict) else span for span in spans]
        yield make_record(example.get("content"), spans, file=str(path), line=line, inclusive=True)


def read_examples(path: Path) -> Iterator[tuple[int, Any]]:
    """Read the items of the list under "examples", each with its place.

    path (Path): The file.
    YIELDS (Tuple[int, Any]): Line number from 1, and the item.
    RAISES (ProjectError): If the JSON is broken.
    """
    lines = dict(read_lines(path))
    text = "\n".join(lines.get(number, "") for number in range(1, max(lines) + 1))
    found = EXAMPLES.search(text)
    position = found.end() if found else 0
    decoder = json.JSONDecoder()
    while not text.startswith("]", position := BETWEEN.match(text, position).end()):  # type: ignore[union-attr]
        try:
            example, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            at = getattr(error, "pos", position)
            reason = str(getattr(error, "msg", "nested too deeply"))
            raise ProjectError(
                "Broken JSON",
                "Mend the file, or export it again.",
                [Place(str(path), text.count("\n", 0, at) + 1, reason, excerpt(text, at, at + 1))],
            ) from None
        yield text.count("\n", 0, position) + 1, example
        position = end


formats.register("lighttag", func=Format('JSON with "examples" and "annotations" (LightTag)', sniff, read))
