"""Tokens with spans that count tokens, as corpora of relations have them.

SpERT and CoNLL04: {"tokens", "entities": [{"type", "start", "end"}]}, ends exclusive where no "text" of an entity says
otherwise, nor all spans of the file (see _count_last). W2NER: {"sentence": [token], "ner": [{"index": [3], "type"}]}.
SciERC and DyGIE++: {"sentences": [[token, ...], ...], "ner": [[[first, last, label], ...], ...]}, counted
over the whole document, ends inclusive. DocRED: {"sents", "vertexSet": [[{"pos": [start, end], "sent_id", "type"}]]},
counted in each sentence, ends exclusive. Traps: SciERC has the entities of each sentence in a list of their own; DocRED
has an entity's mentions together, with a type each. A document is one text, its sentences joined by a space.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from ...project.errors import ProjectError
from ..formats import JsonFormat, formats
from ..json_values import Value, as_object, read_values
from ..record import FileRecord, FileSpan
from ..tagged.token_texts import REMARK, place_tokens
from ..unread import TEXTS

SAMPLE = 2000  # values of a file
RATHER = 0.1  # of its spans: those without a length are no mere faults
Found = tuple[Any, Any, Any]  # first token, the one behind the last, label


def fits(data: Any) -> bool:
    """Tell whether a JSON value is a text of this kind.

    data (Any): The value.
    RETURNS (bool): Whether it has tokens, and spans as one of these corpora has them.
    """
    return isinstance(data, dict) and _read(data) is not None


def _read(data: dict[str, Any], inclusive: bool = False) -> tuple[list[str], list[Found]] | None:
    """The tokens and the spans of a text, whose ends may be inclusive; None if it is none."""
    tokens: Any = data.get("tokens")
    objects: Any = data.get("entities")
    if _are_texts(tokens) and _are_objects(objects, ("start", "end", "type")):
        if any(isinstance(data.get(name), str) for name in TEXTS):
            return None  # of which the offsets are
        last = _are_last(tokens, objects, inclusive)
        return tokens, [
            (one["start"], one["end"] + last if type(one["end"]) is int else None, one["type"]) for one in objects
        ]
    words: Any = data.get("sentence")
    indexed: Any = data.get("ner")
    if _are_texts(words) and _are_objects(indexed, ("index", "type")):
        return words, [(*_borders_of(one["index"]), one["type"]) for one in indexed]
    sentences = data.get("sentences", data.get("sents"))
    if not isinstance(sentences, list) or not sentences or not all(map(_are_texts, sentences)):
        return None
    tokens = [token for sentence in sentences for token in sentence]
    spans = data.get("ner")
    if isinstance(spans, list) and len(spans) == len(sentences) and all(isinstance(one, list) for one in spans):
        found = [span for one in spans for span in one]
        if all(isinstance(span, list) and len(span) >= 3 for span in found):
            return tokens, [(start, end + 1 if type(end) is int else end, label) for start, end, label, *_ in found]
    groups = data.get("vertexSet")
    if isinstance(groups, list) and all(_are_objects(group, ("pos", "sent_id", "type")) for group in groups):
        starts = [0, *accumulate(map(len, sentences))]
        return tokens, [_in_sentence(one, starts) for group in groups for one in group]
    return None


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def _are_objects(value: Any, keys: tuple[str, ...]) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and one.keys() >= set(keys) for one in value)


def _borders_of(index: Any) -> tuple[Any, Any]:
    """The first of some tokens and the one behind the last; nothing behind it if there are gaps."""
    whole = isinstance(index, list) and index and all(type(one) is int for one in index)
    return (
        (index[0], index[-1] + 1)
        if whole and index == list(range(index[0], index[-1] + 1))
        else (tuple(index) if whole else index, None)
    )


def _count_last(path: Path) -> bool:
    """Whether the ends of a file's spans are inclusive: then those of one token end where they start, and none behind
    the last token of its text."""
    stat = path.stat()
    return _find_last(path, (stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=8)
def _find_last(path: Path, state: tuple[int, int]) -> bool:
    spans, without, behind = 0, 0, 0
    try:
        texts = [text for value in islice(read_values(path), SAMPLE) for text in _texts_in(value.data)]
    except ProjectError:
        return False  # where the file is broken is told when it is read
    for text in texts:
        ends = [one["end"] for one in text["entities"]]
        spans += len(ends)
        without += sum(one["start"] == one["end"] for one in text["entities"])
        behind += ends.count(len(text["tokens"]))
    return without > behind and without >= RATHER * spans


def _texts_in(data: Any) -> Iterator[dict[str, Any]]:
    """The texts with entities in a value that may wrap them."""
    if fits(data):
        yield from [data] if "entities" in data else ()
    elif isinstance(data, (dict, list)):
        for inside in data.values() if isinstance(data, dict) else data:
            yield from _texts_in(inside)


def _are_last(tokens: list[str], spans: list[dict[str, Any]], inclusive: bool) -> bool:
    """Whether ends are inclusive, by the texts of spans, where they have any, else as it is in the file."""
    counts = [(one["start"], one["end"], "".join(one["text"].split())) for one in spans if _has_text(one)]
    exclusive, counted = (sum("".join(tokens[a : b + more]) == text for a, b, text in counts) for more in (0, 1))
    return counted > exclusive if counts else inclusive


def _has_text(span: dict[str, Any]) -> bool:
    return isinstance(span.get("text"), str) and type(span["start"]) is type(span["end"]) is int


def _in_sentence(mention: dict[str, Any], starts: list[int]) -> Found:
    number, place = mention["sent_id"], mention["pos"]
    if type(number) is not int or not 0 <= number < len(starts) - 1 or not isinstance(place, list) or len(place) != 2:
        return None, None, mention["type"]
    start, end = (starts[number] + one if type(one) is int else None for one in place)
    return start, end, mention["type"]


def read(value: Value) -> Iterator[FileRecord]:
    """Read a text.

    value (Value): The text.
    YIELDS (FileRecord): The record; a span outside of the tokens is dropped.
    RAISES (ProjectError): If it is of another kind.
    """
    data = as_object(value.data, value)
    read_ = _read(data, "entities" in data and _count_last(value.path))
    if read_ is None:
        raise ProjectError("Text without tokens or spans", "Mend the record.", [value.place(f"has {', '.join(data)}")])
    tokens, found = read_
    text, borders = place_tokens(tokens, (data.get(name) for name in TEXTS))
    record = FileRecord(text, [], value.line)
    for start, end, label in dict.fromkeys(found):
        if type(start) is int and type(end) is int and 0 <= start < end <= len(tokens):
            first, last = borders[start][0], borders[end - 1][1]
            record.spans.append(FileSpan(first, last, label, text[first:last]))
        elif isinstance(start, tuple):
            record.dropped.append(f"{label} of the tokens {start} has gaps")
        else:
            record.dropped.append(f"{label} from token {start} to {end} is outside of the {len(tokens)} tokens")
    yield record


TITLE = "tokens with spans of tokens, as of SpERT, SciERC and DocRED"
formats.register("token_spans", func=JsonFormat(TITLE, fits, read, certain=True, remark=REMARK))
