"""Offsets that count in the tokens a record brings along, where these stand elsewhere in its text, and where they say
what its spans cover.

Prodigy writes {"text", "tokens": [{"text", "start", "end", "id"}], "spans"}. Where the text was cleaned after it had
been cut into tokens (a double space, a line end), offsets and tokens are those of the old text: 13-16 covers "na ",
while the token at 13-16 is "Ana". Its text decides. Pieces of words ("##ing") are not in a text one behind the other,
and tell nothing. A span that begins and ends where tokens are covers these: its own text may be that of a shorter one,
which was there before its annotator mended it.
"""

from typing import Any

from .offsets import has_surface
from .record import FileRecord
from .tagged.tags import find_in_text


def follow_tokens(record: FileRecord, data: Any) -> None:
    """Move spans to where the tokens that they begin and end with are.

    record (FileRecord): The record; changed in place.
    data (Any): What the file has of it.
    """
    tokens = data.get("tokens") if isinstance(data, dict) else None
    text = record.text
    if not record.spans or not isinstance(text, str) or not isinstance(tokens, list) or not all(map(_is_token, tokens)):
        return
    if all(text[token["start"] : token["end"]] == token["text"] for token in tokens):
        places = [(token["start"], token["end"]) for token in tokens]
    else:
        tokens = [token for token in tokens if token["text"].strip()]
        places = find_in_text([token["text"] for token in tokens], text) or []
    starts = {token["start"]: start for token, (start, _) in zip(tokens, places, strict=False)}
    ends = {token["end"]: end for token, (_, end) in zip(tokens, places, strict=False)}
    for span in record.spans:
        start, end = starts.get(span.start), ends.get(span.end)
        if start is None or end is None or start >= end:
            continue
        covered, part = text[start:end], span.surface if has_surface(span.surface) else ""
        if (start, end) != (span.start, span.end):
            record.notes.append(f"{covered!r} is at {start}-{end}, not at {span.start}-{span.end}, as the tokens show")
            span.start, span.end, span.surface = start, end, span.surface or covered
        elif part and part != covered and part in covered:
            record.notes.append(f"{covered!r} is at {start}-{end}, as the tokens show, not {part!r}")
            span.surface = covered


def _is_token(token: Any) -> bool:
    return (
        isinstance(token, dict)
        and isinstance(token.get("text"), str)
        and type(token.get("start")) is int
        and type(token.get("end")) is int
    )
