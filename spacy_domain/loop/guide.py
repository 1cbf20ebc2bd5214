"""An annotation guide, and what it says of each label."""

import re
from collections.abc import Iterable
from pathlib import Path

HEADING = re.compile(r"(#+)\s+(.*?)\s*#*")
LABEL = re.compile(r"[A-Z][A-Z0-9_-]*")
WRAPPED = re.compile(r"(?<!\n)\n(?![\n|*+-])")  # the end of a line that is none of a paragraph, list or table


def read_rules(guide: Path, labels: Iterable[str] = ()) -> dict[str, str]:
    """Read the rules of labels: what stands below a heading that is a label.

    guide (Path): A Markdown file; there may be none.
    labels (Iterable[str]): The labels. Without any, a heading is one if it is a word in capitals.
    RETURNS (dict[str, str]): The rules by label, in the order of the guide, in Markdown.
    """
    if not guide.is_file():
        return {}
    known = {label.casefold(): label for label in labels}
    rules: dict[str, list[str]] = {}
    label = ""
    for line in guide.read_text(encoding="utf-8-sig", errors="replace").splitlines():
        heading = HEADING.fullmatch(line)
        if heading:
            title = heading[2].strip("`*_")
            label = known.get(title.casefold(), "") if known else title if LABEL.fullmatch(title) else ""
            if label:
                rules[label] = []
        elif label:
            rules[label].append(line)
    return {label: WRAPPED.sub(" ", "\n".join(lines).strip()) for label, lines in rules.items()}
