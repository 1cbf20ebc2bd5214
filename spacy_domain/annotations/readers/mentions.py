"""What language models write: {"text", "entities": [{"text", "label"}]}, entities as text without offsets.

Also {"text", "entities": {LABEL: [TEXT, ...]}}; either as the answer to a text ({"text", "response": "... {...} ..."}),
in a code fence or with words around it. Each entity is located in the text:

- there once, as whole words: that is it. There several times: all of these are.
- in another case, if not in its own.
- inside of a longer entity: where it stands alone; if it does so nowhere, it is dropped, and told.
- not there: dropped, and told with the nearest that is. Nothing is learned of that stretch: it may be meant.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from ...project.errors import ProjectError
from ..formats import JsonFormat, formats
from ..json_values import Value, as_object
from ..record import FileRecord, FileSpan
from ..surfaces import find_places
from ..unread import TEXTS, borders_of

LISTS = ("entities", "mentions", "named_entities", "annotations", "ents", "labels", "entity")
SURFACES = ("text", "mention", "surface", "span", "value", "entity", "name", "word")
LABELS = ("label", "type", "tag", "category", "class", "entity_type", "label_name")
BY_LABEL = ("entities", "mentions", "named_entities")  # what may have texts by label
ANSWERS = ("response", "completion", "output", "answer", "content")
QUESTIONS = ("text", "input", "sentence", "context", "source", "query", "prompt", "instruction")
OTHERS = ("spans", "paragraphs", "_input_hash", "tokens")  # marks of other formats
FENCE = re.compile(r"```[\w-]*\s*\n(.*?)```", re.DOTALL)
MOST = 1_000  # places of one entity
TRIES = 30  # brackets of an answer at which JSON may begin
NEAR = 60  # per cent: what is less alike is not named
DECODER = json.JSONDecoder()
Mention = tuple[str, str]  # text and label


def fits(data: Any) -> bool:
    """Tell whether a JSON value is a record of this format.

    data (Any): The value.
    RETURNS (bool): Whether it has a text, and entities of which none has offsets.
    """
    if not isinstance(data, dict) or any(key in data for key in OTHERS):
        return False
    if find_text(data) and read_mentions(data):
        return True
    return bool(find_question(data)) and find_answer(data) is not None


def find_text(data: dict[str, Any]) -> str:
    """RETURNS (str): The text of a record; empty if it has none."""
    return next((data[key] for key in TEXTS if isinstance(data.get(key), str)), "")


def find_question(data: dict[str, Any]) -> str:
    """RETURNS (str): What a model was asked about: beside an instruction, the input; empty if there is none."""
    return next((data[key] for key in QUESTIONS if isinstance(data.get(key), str) and data[key].strip()), "")


def find_answer(data: dict[str, Any]) -> Any:
    """RETURNS (Any): What a model answered about a text: an object or a list with entities; None if there is none."""
    said = next((data[key] for key in ANSWERS if data.get(key)), "")
    return parse_answer(said if isinstance(said, str) else json.dumps(said)) if said else None


def parse_answer(said: str) -> Any:
    """Find the JSON in what a language model says: in a code fence, or behind and before whatever words.

    said (str): The answer.
    RETURNS (Any): An object that has entities; None if there is none.
    """
    for piece in [*FENCE.findall(said), said]:
        for start in islice((found.start() for found in re.finditer(r"[{\[]", piece)), TRIES):
            try:
                value, _ = DECODER.raw_decode(piece, start)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, list) and (not value or _as_mentions(value)):
                return {"entities": value}
            if isinstance(value, dict) and any(key in value for key in LISTS):
                return value
            if isinstance(value, dict) and value and all(isinstance(one, list) for one in value.values()):
                return {"entities": value}
    return None


def read(value: Value) -> Iterator[FileRecord]:
    """Read a record.

    value (Value): The record.
    YIELDS (FileRecord): The same, its entities located.
    RAISES (ProjectError): If an entity has no text or no label.
    """
    data = as_object(value.data, value)
    own = read_mentions(data)
    holder = data if own else find_answer(data) or {}
    mentions = read_mentions(holder)
    held = [holder.get(key) for key in LISTS]
    if not mentions and any(any(one.values()) if isinstance(one, dict) else one for one in held):
        raise ProjectError("Entities without text or label", "Mend the record.", [value.place("found", holder)])
    yield locate(
        find_text(data) if own else find_question(data), mentions, value.line, data.get("group"), data.get("annotator")
    )


def locate(text: str, mentions: list[Mention], line: int, group: Any = "", annotator: Any = "") -> FileRecord:
    """Find entities in a text, each of them or an account of why not.

    text (str): The text.
    mentions (list[tuple[str, str]]): Texts and labels of the entities.
    line (int): The line of the record.
    group (Any): Its group.
    annotator (Any): Who annotated it.
    RETURNS (FileRecord): The record.
    """
    record = FileRecord(text, [], line, group, annotator)
    taken = bytearray(len(text))  # which characters are in an entity
    for surface, label in sorted(dict.fromkeys(mentions), key=lambda one: -len(one[0])):
        places = find_places(text, surface, MOST) if surface.strip() else []
        if not places and surface.strip() and len(text.casefold()) == len(text):
            places = find_places(text.casefold(), surface.casefold(), MOST)
        free = [(start, end) for start, end in places if not any(taken[start:end])]
        if free:
            for start, end in free:
                taken[start:end] = b"\1" * (end - start)
            record.spans += [FileSpan(start, end, label, text[start:end]) for start, end in free]
            if len(free) > 1:
                record.notes.append(f"{surface!r} is there {len(free)} times, and each is {label}")
        elif places:
            record.dropped.append(f"{surface!r} ({label}) lies in a longer entity, or is there with two labels")
        else:
            record.dropped.append(f"{surface!r} ({label}) is not in the text{_name_nearest(record, surface)}")
    record.spans.sort(key=lambda span: span.start)
    return record


def _name_nearest(record: FileRecord, surface: str) -> str:
    near = fuzz.partial_ratio_alignment(surface.casefold(), record.text.casefold(), score_cutoff=NEAR)
    if near is None or near.dest_start == near.dest_end or not surface.strip():
        return ""
    start, end = near.dest_start, min(near.dest_end, len(record.text))
    while start < end and record.text[start].isspace():
        start += 1
    while start > 0 and record.text[start - 1].isalnum() and record.text[start].isalnum():
        start -= 1
    while end < len(record.text) and record.text[end - 1].isalnum() and record.text[end].isalnum():
        end += 1
    found = record.text[start:end].rstrip()
    record.unknown.append((start, start + len(found)))
    return (
        f"; the nearest is {found!r} at {start}-{start + len(found)}, {Levenshtein.distance(surface, found)} edits away"
    )


def read_mentions(data: dict[str, Any]) -> list[Mention]:
    """RETURNS (list[tuple[str, str]]): The texts and labels of a record's entities, or of an answer's."""
    found = (_as_mentions(data.get(key)) for key in LISTS if isinstance(data.get(key), list) or key in BY_LABEL)
    return next(filter(None, found), [])


def _as_mentions(value: Any) -> list[Mention]:
    """Texts and labels, if that is what all of it is; none if not."""
    if isinstance(value, dict):
        if all(isinstance(texts, list) and all(isinstance(one, str) for one in texts) for texts in value.values()):
            return [(text, label) for label, texts in value.items() for text in texts]
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) and borders_of(one) is None for one in value):
        return []
    found = [(_first(one, SURFACES), _first(one, LABELS)) for one in value]
    return [(text, label) for text, label in found] if all(text and label for text, label in found) else []


def _first(data: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((data[name] for name in names if isinstance(data.get(name), str)), "")


TITLE = "records whose entities are text without offsets, as language models write them"
formats.register("mentions", func=JsonFormat(TITLE, fits, read, certain=True, not_gold=(*LISTS, *ANSWERS)))
