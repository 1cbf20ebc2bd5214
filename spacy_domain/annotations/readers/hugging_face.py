"""Token classification as the Hugging Face Hub has it: {"tokens": ["Zoë", ...], "ner_tags": ["B-PER", ...]}.

"words" for "tokens" and "tags", "labels" or "ner" for "ner_tags" are as usual. Tags may be numbers, whose names stand
in another file; -100 and null are no tag at all. One object may hold all texts, as columns. Traps: further columns with
a tag a token (pos_tags) are no entities; tokens may be blank; a text beside the tokens tells the white space.
"""

import json
from collections.abc import Iterator
from typing import Any

from ...project.errors import ProjectError
from ..formats import JsonFormat, formats
from ..gaps import find_gaps
from ..json_shapes import are_tags
from ..json_values import Value, as_object
from ..record import FileRecord
from ..tagged.tag_names import find_names
from ..tagged.tags import decode, tokens_to_record
from ..tagged.token_texts import REMARK, place_tokens

TOKENS = ("tokens", "words")
TAGS = ("ner_tags", "ner", "ner_labels", "ner_tag", "tags", "labels", "label", "entities", "fine_ner_tags", "bio_tags")
OF_SPANS = ("entities", "labels", "label")  # where an empty one is of a text without spans
TEXTS = ("text", "sentence", "raw", "raw_text", "original_text")
MISSING = -100  # what a loss leaves out


def fits(data: Any) -> bool:
    """Tell whether a JSON value is a text of this format, or a column of them.

    data (Any): The value.
    RETURNS (bool): Whether it has tokens that are texts, and as many tags.
    """
    if not isinstance(data, dict):
        return False
    if _is_table(data):
        return True
    key, columns = _tokens(data), _tags(data)
    if key is None or not columns:
        return False
    # Beside a text, labels of another number are about the whole of it, unless they are tags
    tags = data[columns[0]]
    return "text" not in data or len(tags) == len(data[key]) > 0 or ("O" in tags and are_tags(tags))


def _tokens(data: dict[str, Any]) -> str | None:
    return next((key for key in TOKENS if _holds(data.get(key), str)), None)


def _tags(data: dict[str, Any]) -> list[str]:
    found = [key for key in TAGS if _holds(data.get(key), (str, int, type(None)))]
    return [key for key in found if data[key] or key not in OF_SPANS or not data.get(_tokens(data) or "")]


def _holds(value: Any, kind: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, kind) for one in value)


def _is_table(data: dict[str, Any]) -> bool:
    lists = [next((data[key] for key in keys if key in data), None) for keys in (TOKENS, TAGS)]
    return all(isinstance(one, list) and one and all(isinstance(row, list) for row in one) for one in lists) and (
        _holds(lists[0][0], str) and _holds(lists[1][0], (str, int, type(None)))  # type: ignore[index]
    )


def read(value: Value) -> Iterator[FileRecord]:
    """Read a text, or all texts of a table.

    value (Value): The value.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If nothing names the numbers of tags.
    """
    data = as_object(value.data, value)
    if not _is_table(data):
        yield _read_row(data, value)
        return
    columns = {key: column for key, column in data.items() if isinstance(column, list)}
    for number in range(max(map(len, columns.values()))):
        row = {key: column[number] for key, column in columns.items() if number < len(column)}
        record = _read_row(row, value)
        record.raw = json.dumps(row, ensure_ascii=False)
        yield record


def _read_row(data: dict[str, Any], value: Value) -> FileRecord:
    key, columns = _tokens(data), _tags(data)
    if key is None or not columns:
        place = value.place(f"has {', '.join(data)}", data)
        error = ProjectError("Text without tokens or tags", "Give it a list of each, or delete it.", [place])
        return FileRecord(None, [], value.line, error=error)
    tokens, tags = data[key], _with_names(data[columns[0]], columns[0], value)
    unnamed = [tag for tag in tags if tag.isdecimal()]
    if len(tokens) != len(tags) or unnamed:
        title = f"Tag {unnamed[0]} has no name" if unnamed else "Each token needs one tag"
        place = value.place(f"{len(tokens)} tokens, {len(tags)} {columns[0]}", data)
        error = ProjectError(title, "Mend the record.", [place])
        dropped = [f"{label} from token {start} to {end}" for start, end, label in decode(tags)[0]]
        return FileRecord(None, [], value.line, dropped=dropped, error=error)
    text, borders = place_tokens(tokens, (data.get(name) for name in TEXTS))
    record = tokens_to_record(tags, borders, text, value.line)
    if all(text != data.get(name) for name in TEXTS):
        record.gaps = find_gaps(tokens, borders)
    for span in record.spans:
        span.surface = text[span.start : span.end]  # tells what the offsets count, wherever the row comes from
    blank = [span for span in record.spans if not span.surface.strip()]
    record.spans = [span for span in record.spans if span not in blank]
    record.dropped += [f"{span.label} at {span.start} is white space alone" for span in blank]
    record.unknown = [(start, end) for start, end in record.unknown if start < end]
    for name, column in data.items():
        if name not in (key, columns[0]) and tokens and _holds(column, (str, int)) and len(column) == len(tokens):
            record.unread[f"value(s) for tokens under {name}"] += len(column)
    return record


def _with_names(tags: list[Any], column: str, value: Value) -> list[str]:
    """The tags as texts: "-" where there is none, and the number itself where it has no name."""
    texts = ["-" if tag is None or tag == MISSING else str(tag) for tag in tags]
    names = find_names(value.path, column, value.line) if any(map(str.isdecimal, texts)) else {}
    return [names.get(int(text), text) if text.isdecimal() else text for text in texts]


formats.register(
    "hugging_face",
    func=JsonFormat('"tokens" and "ner_tags", as on the Hugging Face Hub', fits, read, certain=True, remark=REMARK),
)
