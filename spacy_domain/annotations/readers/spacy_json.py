"""spaCy v2's training JSON: [{"paragraphs": [{"raw", "sentences": [{"tokens": [{"orth", "ner"}]}]}]}]."""

from collections.abc import Iterator
from typing import Any

from ..formats import JsonFormat, formats
from ..json_values import Value, as_list, as_object
from ..record import FileRecord
from ..tagged.tags import join, tokens_to_record


def fits(data: Any) -> bool:
    """Tell whether a JSON value is a document of this format.

    data (Any): The value.
    RETURNS (bool): Whether it has "paragraphs", with a text or sentences in them.
    """
    paragraphs = data.get("paragraphs") if isinstance(data, dict) else None
    if not isinstance(paragraphs, list):
        return False
    return not paragraphs or any(isinstance(one, dict) and ("raw" in one or "sentences" in one) for one in paragraphs)


def read(value: Value) -> Iterator[FileRecord]:
    """Read a document: one record a paragraph, since "raw" is a paragraph's text.

    value (Value): The document.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If it is not as it should be.
    """
    for paragraph in as_list(as_object(value.data, value).get("paragraphs"), value, "paragraphs"):
        data = as_object(paragraph, value)
        tokens: list[dict[str, Any]] = []
        for sentence in as_list(data.get("sentences"), value, "sentences"):
            found = as_list(as_object(sentence, value).get("tokens"), value, "tokens")
            tokens += [as_object(token, value) for token in found]
        words = [str(token.get("orth", "")) for token in tokens]
        tags = [str(token.get("ner", "-")) for token in tokens]
        borders = _find(words, data.get("raw"))
        text = data.get("raw")
        if borders is None:
            text, borders = join(words)
        record = tokens_to_record(tags, borders, str(text), value.line)
        untagged = sum("ner" not in token for token in tokens)
        record.unread.update({'token(s) without "ner"': untagged} if untagged else {})
        yield record


def _find(words: list[str], raw: Any) -> list[tuple[int, int]] | None:
    """Find the words in the raw text, one behind the other; None if they are not there."""
    borders, position = [], 0
    for word in words if isinstance(raw, str) else [""]:
        start = raw.find(word, position) if word else -1
        if start < 0 or raw[position:start].strip():
            return None
        position = start + len(word)
        borders.append((start, position))
    return borders


formats.register("spacy_json", func=JsonFormat("training JSON of spaCy v2", fits, read, certain=True))
