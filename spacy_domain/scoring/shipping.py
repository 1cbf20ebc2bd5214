"""Whether to put a new model in the place of the one in use, by label too; and what it would take to tell."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from spacy.training import Example

from .intervals import compare_f, count_by_doc, find_groups

SAME = 0.002  # F: models that are so close will not be told apart


def decide(examples: Sequence[Example], previous: Sequence[Example]) -> dict[str, Any]:
    """Decide whether to ship a model.

    examples (Sequence[Example]): Its predictions, and gold Docs.
    previous (Sequence[Example]): Those of the one in use, on the same texts.
    RETURNS (dict[str, Any]): "decision" ("ship", "do not ship", "cannot tell"), "more_texts" (about how many more test
        texts it takes to tell; None where it can be told, or the two are the same), and "labels": by label, as
        `compare_f`.
    """
    groups, counts, others = find_groups(examples), count_by_doc(examples), count_by_doc(previous)
    whole = compare_f(counts[""], others[""], groups)
    decision = {"better": "ship", "worse": "do not ship"}.get(whole["verdict"], "cannot tell")
    none = np.zeros((len(examples), 3))
    labels = {
        label: compare_f(counts.get(label, none), others.get(label, none), groups)
        for label in sorted((counts.keys() | others.keys()) - {""})
    }
    more = _count_more(whole, len(examples)) if decision == "cannot tell" else None
    return {"decision": decision, "more_texts": more, "labels": labels}


def _count_more(whole: dict[str, Any], texts: int) -> int | None:
    """How many more texts make the interval, which shrinks by their square root, end short of 0."""
    difference, interval = abs(whole["difference"]), whole["interval"]
    if interval is None or difference < SAME:
        return None
    half = (interval[1] - interval[0]) / 2
    more = texts * max(0.0, (half / difference) ** 2 - 1)
    digits = max(0, math.floor(math.log10(max(more, 1))) - 1)
    return math.ceil(max(more, 1) / 10**digits) * 10**digits
