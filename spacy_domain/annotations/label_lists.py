"""Files beside annotations that say which labels there are, and hold no annotations: lists of names, be it with their
numbers, what doccano and Label Studio keep of a project's labels, patterns of spaCy and Prodigy."""

import json
import re
from pathlib import Path
from typing import Any

from .encoding import read_utf8

# Files of these names hold none where all that is in them is names
OF_LABELS = re.compile(
    r"(.*[_-])?(classes|labels?|label[_-]?(map|names|list|config|set)|tags?|tag[_-]?set|entit(y|ies)|categories|vocab)"
    r"\.(txt|json)$",
    re.IGNORECASE,
)
# Files of these names say what numbers of tags are called
NUMBERING = re.compile(
    r"(label|tag|ner|ner_tags?|class|entity)s?[_-]?(to|2)[_-]?(id|idx|index|int)s?\.(txt|json)"
    r"|(id|idx|index|int)[_-]?(to|2)[_-]?(label|tag|class|ner)(es|s)?\.(txt|json)"
    r"|(ner_|entity_)?(labels?|tags?|classes|(label|tag|class)_?(names?|map|list|set))\.(txt|json)",
    re.IGNORECASE,
)
LARGEST = 2**18  # bytes: settings are small
OF_DOCCANO = ("backgroundColor", "background_color")  # of a label
OF_LABEL_STUDIO = re.compile(rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<View[\s>]", re.DOTALL)
PATTERN = {"label", "pattern"}


def why_no_annotations(file: Path) -> str:
    """RETURNS (str): What a file of a folder has of labels in place of annotations; empty if it has not."""
    suffix = file.suffix.lower()
    if (OF_LABELS.fullmatch(file.name) or NUMBERING.fullmatch(file.name)) and _has_names_alone(file):
        return "holds names of labels"
    if suffix not in (".json", ".jsonl", ".xml") or file.stat().st_size > LARGEST:
        return ""
    content = read_utf8(file)
    if suffix == ".xml":
        return "holds the labels of Label Studio" if OF_LABEL_STUDIO.match(content) else ""
    if not (b'"pattern"' in content or any(key.encode() in content for key in OF_DOCCANO)):
        return ""
    items = _load(content)
    if items and all(isinstance(one, dict) and one.keys() >= PATTERN for one in items):
        return "holds patterns"
    if items and all(isinstance(one, dict) and not one.keys().isdisjoint(OF_DOCCANO) for one in items):
        return "holds the labels of doccano"
    return ""


def _load(content: bytes) -> list[Any]:
    """The items of a JSON list, or the values of lines; none if it is something else."""
    try:
        text = content.decode("utf-8-sig")
        if text.lstrip()[:1] != "[":
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        data = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return data if isinstance(data, list) else []


def _has_names_alone(file: Path) -> bool:
    """Whether a small file has one word a line, be it with a number of its own; or, as JSON, one value a label, or a
    list of labels."""
    content = read_utf8(file)[: LARGEST + 1]
    try:
        text = content.decode("utf-8-sig")
        if file.suffix.lower() == ".txt":
            lines = [line.split() for line in text.splitlines() if line.strip()]
            numbers = [cell for line in lines for cell in line if cell.isdecimal()]
            if len(numbers) == len(set(numbers)) == len(lines) and all(len(line) == 2 for line in lines):
                return True
            return len(content) <= LARGEST and all(len(line) < 2 and "," not in line[0] for line in lines)
        data = json.loads(text)
    except (ValueError, RecursionError):
        return False
    items = list(data.values()) if isinstance(data, dict) else data if isinstance(data, list) else [data]
    inner = [value for item in items for value in (item.values() if isinstance(item, dict) else [item])]
    return not any(isinstance(value, (dict, list)) or " " in str(value).strip() for value in inner)
