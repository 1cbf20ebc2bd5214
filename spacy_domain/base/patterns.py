"""One's own patterns, as spaCy's entity_ruler reads them: for suggestions, and in the model if that is wanted."""

import json
import re
from enum import StrEnum
from pathlib import Path
from typing import Any

from confection import Config
from spacy.matcher import Matcher
from spacy.vocab import Vocab

from ..project.errors import Place, ProjectError
from .location import BLANK, RECOGNIZERS
from .strategy import NO_PATTERNS

RULER = "entity_ruler"
REMEDY = 'A line each, as spaCy\'s entity_ruler reads them: {"label": "DISH", "pattern": [{"LOWER": "soup"}]}'


class PatternsInModel(StrEnum):
    """Where in the model patterns are.

    none: nowhere.
    before: before the recognizer, which leaves alone what they match.
    behind: behind it: they add what it did not find.
    """

    none = "none"
    before = "before"
    behind = "behind"


def read_patterns(path: Path) -> list[dict[str, Any]]:
    """Read patterns.

    path (Path): The file; there may be none.
    RETURNS (list[dict[str, Any]]): The patterns.
    RAISES (ProjectError): If one is none, or spaCy does not take it.
    """
    matcher = Matcher(Vocab(), validate=False)  # as the ruler has it
    found: list[dict[str, Any]] = []
    text = path.read_text(encoding="utf-8-sig", errors="replace") if path.is_file() else ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            good = isinstance(row["label"], str) and row["label"].strip() and row["pattern"]
        except (ValueError, KeyError, TypeError):
            good = False
        wrong = _find_fault(row["pattern"], matcher) if good else "is none"
        if wrong:
            raise ProjectError("Not a pattern", REMEDY, [Place(str(path), number, wrong, line[:120])])
        found.append(row)
    return found


def _find_fault(pattern: Any, matcher: Matcher) -> str:
    """Why spaCy does not take a pattern; empty if it does."""
    if isinstance(pattern, str):
        return "" if pattern.strip() else "is none"
    try:
        matcher.add("pattern", [pattern])
    except re.error as error:
        return f"broken regular expression: {error}"
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return str(error).splitlines()[0]
    return ""


def add_patterns(config: Config, path: Path, place: PatternsInModel, base_model: str) -> None:
    """Put patterns into a training config, and so into the model.

    config (Config): The config, changed in place; it holds the patterns themselves.
    path (Path): The file.
    place (PatternsInModel): Where they go.
    base_model (str): The pipeline to build on.
    RAISES (ProjectError): If there are none, or the model would not be ours to put them in.
    """
    if place is PatternsInModel.none:
        return
    patterns = read_patterns(path)
    if not patterns:
        raise ProjectError("No patterns to put into the model", REMEDY, [Place(str(path), None, "holds none")])
    if not base_model.startswith(BLANK):
        raise ProjectError(*NO_PATTERNS)
    names = list(config["nlp"]["pipeline"])
    at = next(i for i, name in enumerate(names) if config["components"][name].get("factory") in RECOGNIZERS)
    names.insert(at + (place is PatternsInModel.behind), RULER)
    config["nlp"]["pipeline"] = names
    config["components"][RULER] = {"factory": RULER}
    config.setdefault("initialize", {}).setdefault("components", {})[RULER] = {"patterns": patterns}
