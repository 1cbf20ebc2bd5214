"""spaCy v2's training JSON: [{"paragraphs": [{"raw", "sentences": [{"tokens": [{"orth", "ner"}]}]}]}]."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .formats import Format, formats
from .json_values import as_list, as_object, read_items
from .record import FileRecord
from .tags import join, tokens_to_record

LIST = re.compile(r"\s*\[")
PARAGRAPHS = re.compile(r'\s*\[\s*\{.*?"paragraphs"\s*:', re.DOTALL)


def sniff(head: str) -> bool:
    """Tell whether a file begins like this format.

    head (str): The beginning of the file.
    RETURNS (bool): Whether it does.
    """
    return bool(PARAGRAPHS.match(head))


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file: one record a paragraph, since "raw" is a paragraph's text.

    path (Path): The file.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If the file is broken.
    """
    for line, item in read_items(path, LIST):
        for paragraph in as_list(as_object(item, path, line).get("paragraphs"), path, line, "paragraphs"):
            data = as_object(paragraph, path, line)
            tokens: list[dict[str, Any]] = []
            for sentence in as_list(data.get("sentences"), path, line, "sentences"):
                found = as_list(as_object(sentence, path, line).get("tokens"), path, line, "tokens")
                tokens += [as_object(token, path, line) for token in found]
            words = [str(token.get("orth", "")) for token in tokens]
            tags = [str(token.get("ner", "-")) for token in tokens]
            borders = _find(words, data.get("raw"))
            text = data.get("raw")
            if borders is None:
                text, borders = join(words)
            yield tokens_to_record(tags, borders, str(text), line)


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


formats.register("spacy_json", func=Format("training JSON of spaCy v2", sniff, read, certain=True))
