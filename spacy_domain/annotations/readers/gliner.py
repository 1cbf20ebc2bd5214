"""GLiNER's training data: {"tokenized_text": [TOKEN, ...], "ner": [[first token, last token, label], ...]}.

Traps: the last token belongs to the entity; entities may lie in one another; there may be names of labels that are not
in the text ("ner_negatives"), which are no annotations.
"""

from collections.abc import Iterator
from typing import Any

from ...project.errors import ProjectError
from ..formats import JsonFormat, formats
from ..json_values import Value, as_list, as_object
from ..record import FileRecord, FileSpan
from ..tagged.token_texts import REMARK, place_tokens


def fits(data: Any) -> bool:
    """Tell whether a JSON value is a text of this format.

    data (Any): The value.
    RETURNS (bool): Whether it has "tokenized_text".
    """
    return isinstance(data, dict) and isinstance(data.get("tokenized_text"), list)


def read(value: Value) -> Iterator[FileRecord]:
    """Read a text.

    value (Value): The text.
    YIELDS (FileRecord): Its record.
    RAISES (ProjectError): If it is not as it should be.
    """
    data = as_object(value.data, value)
    tokens = data["tokenized_text"]
    if not all(isinstance(token, str) for token in tokens):
        raise ProjectError("A token is no text", "Mend the record.", [value.place("found", tokens)])
    text, borders = place_tokens(tokens, [data.get("text")])
    spans = []
    for entity in as_list(data.get("ner"), value, "ner"):
        first, last, label = _check(entity, len(tokens), value)
        start, end = borders[first][0], borders[last][1]
        spans.append(FileSpan(start, end, label, text[start:end]))
    yield FileRecord(text, spans, value.line)


def _check(entity: Any, tokens: int, value: Value) -> tuple[int, int, Any]:
    good = isinstance(entity, list) and len(entity) >= 3 and all(type(number) is int for number in entity[:2])
    if not good or not 0 <= entity[0] <= entity[1] < tokens:
        remedy = "Each is its first token, its last and a label; tokens count from 0."
        raise ProjectError("Not an entity", remedy, [value.place(f"of {tokens} tokens", entity)])
    return entity[0], entity[1], entity[2]


formats.register("gliner", func=JsonFormat("training data of GLiNER", fits, read, certain=True, remark=REMARK))
