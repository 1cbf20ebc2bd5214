"""Scores that forgive: an entity may be right in part (by nervaluate, after SemEval 2013 task 9.1)."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from nervaluate import Evaluator
from spacy.tokens import Span
from spacy.training import Example

from .mistakes import compare

PlainEntity = dict[str, Any]
SCORES = {"p": "precision", "r": "recall", "f": "f1"}
IS_OLD = sys.version_info < (3, 11)  # nervaluate 0.2 is the last for Python 3.10
TOGETHER = 50  # entities
# Its names for what counts: both ends and label, both ends, half for an overlap, the label of whatever overlaps
MATCHES = {"strict": "strict", "exact": "exact", "partial": "partial", "type": "ent_type"}


def score_matches(examples: Sequence[Example]) -> dict[str, dict[str, float]]:
    """Score entities by four ways of counting one as right.

    examples (Sequence[Example]): Predicted and gold Docs.
    RETURNS (dict[str, dict[str, float]]): "strict", "exact", "partial" and "type", each with "p", "r" and "f".
    """
    gold, predicted = [], []
    for example in examples:
        correct, missed, spurious = compare(example)
        for of_gold, of_predicted in _part(_plain([*correct, *missed]), _plain([*correct, *spurious])):
            gold.append(of_gold)
            predicted.append(of_predicted)
    return match_plain(gold, predicted)


def _part(
    gold: list[PlainEntity], predicted: list[PlainEntity]
) -> Iterator[tuple[list[PlainEntity], list[PlainEntity]]]:
    """A document's entities in parts, where none of one overlaps with any of another: nervaluate holds each against
    each, which takes hours for a book."""
    part: tuple[list[PlainEntity], list[PlainEntity]] = ([], [])
    reach = -1
    both = [(ent["start"], which, ent) for which, ents in enumerate((gold, predicted)) for ent in ents]
    for start, which, ent in sorted(both, key=itemgetter(0, 1)):
        if start > reach and len(part[0]) + len(part[1]) >= TOGETHER:
            yield part
            part = ([], [])
        part[which].append(ent)
        reach = max(reach, ent["end"])
    yield part


def match_plain(gold: list[list[PlainEntity]], predicted: list[list[PlainEntity]]) -> dict[str, dict[str, float]]:
    """Score entities in nervaluate's own form.

    gold (list[list[dict[str, Any]]]): For each document, its entities, with "label", "start" and an inclusive "end".
    predicted (list[list[dict[str, Any]]]): The same as predicted.
    RETURNS (dict[str, dict[str, float]]): As `score_matches`.
    """
    labels = sorted({ent["label"] for ents in (*gold, *predicted) for ent in ents})
    evaluator = Evaluator(gold, predicted, tags=labels, loader="default" if IS_OLD else "dict")
    overall = evaluator.evaluate()[0 if IS_OLD else "overall"]
    results = {match: overall[name] if IS_OLD else vars(overall[name]) for match, name in MATCHES.items()}
    return {match: {short: result[name] for short, name in SCORES.items()} for match, result in results.items()}


def _plain(ents: Iterable[Span]) -> list[PlainEntity]:
    return sorted(
        ({"label": ent.label_, "start": ent.start_char, "end": ent.end_char - 1} for ent in ents),
        key=lambda ent: ent["start"],
    )
