"""JSON in LightTag's manner: {"examples": [{"content", "annotations": [{"start", "end", "tag", "value"}]}]}.

A variant, which the voice assistant tutorial uses, has "tag_name" for "tag" and inclusive ends.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from .formats import Format, formats
from .json_values import as_list, as_object, read_items
from .offsets import Reading
from .record import FileRecord, FileSpan

EXAMPLES = re.compile(r'\s*\{.*?"examples"\s*:\s*\[', re.DOTALL)


def sniff(head: str) -> bool:
    """Tell whether a file begins like this format.

    head (str): The beginning of the file.
    RETURNS (bool): Whether it does.
    """
    return bool(EXAMPLES.match(head)) and '"common_examples"' not in head and not sniff_variant(head)


def sniff_variant(head: str) -> bool:
    """Tell whether a file begins like the variant.

    head (str): The beginning of the file.
    RETURNS (bool): Whether it does.
    """
    return bool(EXAMPLES.match(head)) and '"tag_name"' in head


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file.

    path (Path): The file.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If the file is broken.
    """
    for line, item in read_items(path, EXAMPLES):
        example = as_object(item, path, line)
        record = FileRecord(example.get("content"), [], line)
        for annotation in as_list(example.get("annotations"), path, line, "annotations"):
            span = as_object(annotation, path, line)
            label = span.get("tag_name", span.get("tag"))
            if span.get("correct") is False:
                record.dropped.append(f"{span.get('value')!r} ({label}) was marked as not correct in review")
            else:
                record.spans.append(FileSpan(span.get("start"), span.get("end"), label, span.get("value")))
        yield record


formats.register("lighttag", func=Format('JSON with "examples" and "tag", as of LightTag', sniff, read))
formats.register(
    "lighttag_inclusive",
    func=Format('JSON with "examples" and "tag_name", ends inclusive', sniff_variant, read, Reading(inclusive=True)),
)
