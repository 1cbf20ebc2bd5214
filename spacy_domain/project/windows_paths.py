r"""Paths as Windows writes them, among the vars behind `weasel run` and `spacy project run`.

weasel pastes a value into JSON as it stands, where `assets\events.jsonl` is no valid text: it ends in a traceback. It
loads nothing of ours before that, but its schemas are pydantic models, and pydantic imports what packages name as its
plugins when the first model is made. This plugin watches no model: to be imported that early is all it is for.
"""

import json
import sys
from typing import Any

VAR = "--vars."
BACKSLASH = "\\"


def with_slashes(words: list[str]) -> list[str]:
    """Write the paths among vars with slashes, which every system takes.

    words (list[str]): A command line.
    RETURNS (list[str]): The same, where a value of a var was no valid JSON text for its backslashes with slashes.
    """
    return [
        word.replace(BACKSLASH, "/") if _is_value(words[at - 1] if at else "", word) and not _is_text(word) else word
        for at, word in enumerate(words)
    ]


def _is_value(before: str, word: str) -> bool:
    return BACKSLASH in word and (word.startswith(VAR) or (before.startswith(VAR) and "=" not in before))


def _is_text(word: str) -> bool:
    value = word.partition("=")[2] if word.startswith(VAR) else word
    try:
        json.loads(value if value.startswith('"') else f'"{value}"')
    except ValueError:
        return False
    return value.startswith('"')


class _Plugin:
    def new_schema_validator(self, *args: Any, **kwargs: Any) -> tuple[None, None, None]:
        return None, None, None  # nothing to watch while Python values, JSON and strings are validated


plugin = _Plugin()

if sys.argv[1:2] == ["run"] or sys.argv[1:3] == ["project", "run"]:
    sys.argv[:] = with_slashes(sys.argv)
