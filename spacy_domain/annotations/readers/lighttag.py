"""JSON in LightTag's manner: {"examples": [{"content", "annotations": [{"start", "end", "tag", "value"}]}]}.

A variant, which the voice assistant tutorial uses, has "tag_name" for "tag" and inclusive ends.
"""

from collections.abc import Iterator
from typing import Any

from ..formats import JsonFormat, formats
from ..json_values import Value, as_list, as_object
from ..offsets import Reading
from ..record import FileRecord, FileSpan


def fits(data: Any) -> bool:
    """Tell whether a JSON value wraps records of this format.

    data (Any): The value.
    RETURNS (bool): Whether it has "examples" with "content", and none of these is of the variant.
    """
    examples = data.get("examples") if isinstance(data, dict) else None
    if not isinstance(examples, list) or fits_variant(data):
        return False
    return not examples or any(isinstance(example, dict) and "content" in example for example in examples)


def fits_variant(data: Any) -> bool:
    """Tell whether a JSON value wraps records of the variant.

    data (Any): The value.
    RETURNS (bool): Whether it has "examples" with "tag_name".
    """
    examples = data.get("examples") if isinstance(data, dict) else None
    if not isinstance(examples, list):
        return False
    return any("tag_name" in annotation for example in examples for annotation in _annotations(example))


def _annotations(example: Any) -> list[dict[str, Any]]:
    found = example.get("annotations") if isinstance(example, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def read(value: Value) -> Iterator[FileRecord]:
    """Read an example.

    value (Value): The example.
    YIELDS (FileRecord): Its record.
    RAISES (ProjectError): If it is not as it should be.
    """
    example = as_object(value.data, value)
    record = FileRecord(example.get("content"), [], value.line)
    for annotation in as_list(example.get("annotations"), value, "annotations"):
        span = as_object(annotation, value)
        label = span.get("tag_name", span.get("tag"))
        if span.get("correct") is False:
            record.dropped.append(f"{span.get('value')!r} ({label}) was marked as not correct in review")
        else:
            record.spans.append(FileSpan(span.get("start"), span.get("end"), label, span.get("value")))
    yield record


formats.register(
    "lighttag", func=JsonFormat('JSON with "examples" and "tag", as of LightTag', fits, read, wraps=("examples",))
)
formats.register(
    "lighttag_inclusive",
    func=JsonFormat(
        'JSON with "examples" and "tag_name", ends inclusive',
        fits_variant,
        read,
        wraps=("examples",),
        reading=Reading(inclusive=True),
    ),
)
