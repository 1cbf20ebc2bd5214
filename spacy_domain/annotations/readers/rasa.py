"""Rasa's NLU JSON.

{"rasa_nlu_data": {"common_examples": [{"text", "entities": [{"start", "end", "value", "entity"}]}]}}
"""

from collections.abc import Iterator
from typing import Any

from ..formats import JsonFormat, formats
from ..json_values import Value, as_list, as_object
from ..record import FileRecord, FileSpan

WRAPS = ("rasa_nlu_data", "common_examples")


def fits(data: Any) -> bool:
    """Tell whether a JSON value wraps records of this format.

    data (Any): The value.
    RETURNS (bool): Whether it has "rasa_nlu_data" with "common_examples".
    """
    inside = data.get(WRAPS[0]) if isinstance(data, dict) else None
    return isinstance(inside, dict) and WRAPS[1] in inside


def read(value: Value) -> Iterator[FileRecord]:
    """Read an example. An entity's value may be a synonym of the text that it covers.

    value (Value): The example.
    YIELDS (FileRecord): Its record.
    RAISES (ProjectError): If it is not as it should be.
    """
    example = as_object(value.data, value)
    entities = [as_object(entity, value) for entity in as_list(example.get("entities"), value, "entities")]
    spans = [
        FileSpan(entity.get("start"), entity.get("end"), entity.get("entity"), entity.get("value"), may_differ=True)
        for entity in entities
    ]
    yield FileRecord(example.get("text"), spans, value.line)


formats.register("rasa", func=JsonFormat("NLU JSON of Rasa", fits, read, wraps=WRAPS))
