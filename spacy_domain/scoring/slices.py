"""Scores on parts of a corpus: seen in training or new, short and long texts, one source and another."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from spacy.scorer import PRFScore
from spacy.tokens import Span
from spacy.training import Example

from .mistakes import compare

LENGTHS = (5, 10, 20, 50)  # longest texts of each part, in tokens


def score_seen(examples: Sequence[Example], known: set[tuple[str, str]]) -> dict[str, dict[str, Any]]:
    """Score entities apart that training has seen, in any case and with this label, and those that are new.

    examples (Sequence[Example]): Predicted and gold Docs.
    known (set[tuple[str, str]]): Text without case, and label, of each entity of the training corpus.
    RETURNS (dict[str, dict[str, Any]]): "seen" and "unseen", as `Part`.
    """

    def is_seen(ent: Span) -> bool:
        return (ent.text.casefold(), ent.label_) in known

    return {
        "seen": _score(examples, is_seen),
        "unseen": _score(examples, lambda ent: not is_seen(ent)),
    }


def score_lengths(examples: Sequence[Example]) -> list[dict[str, Any]]:
    """Score short and long texts apart.

    examples (Sequence[Example]): Predicted and gold Docs.
    RETURNS (list[dict[str, Any]]): Those with texts, from the shortest: "tokens" in words, and as `_score`.
    """
    parts: defaultdict[int, list[Example]] = defaultdict(list)
    for example in examples:
        parts[sum(len(example.reference) > length for length in LENGTHS)].append(example)
    starts = [1, *(length + 1 for length in LENGTHS)]
    names = [f"{start} to {end}" for start, end in zip(starts, LENGTHS, strict=False)] + [f"{starts[-1]} or more"]
    return [{"tokens": names[number], **_score(part)} for number, part in sorted(parts.items())]


def score_sources(examples: Sequence[Example]) -> list[dict[str, Any]]:
    """Score the texts of each annotated file apart.

    examples (Sequence[Example]): Predicted and gold Docs; the gold ones know their place.
    RETURNS (list[dict[str, Any]]): By name: "file", and as `_score`.
    """
    parts: defaultdict[str, list[Example]] = defaultdict(list)
    for example in examples:
        parts[str(example.reference.user_data.get("source", "")).rpartition(":")[0]].append(example)
    return [{"file": file, **_score(part)} for file, part in sorted(parts.items())]


def macro_average(per_type: dict[str, dict[str, float]]) -> dict[str, float]:
    """Average the scores of labels, so that a rare one counts as much as a frequent one.

    per_type (dict[str, dict[str, float]]): The scores by label, as spaCy's scorer gives them.
    RETURNS (dict[str, float]): The means of "p", "r" and "f".
    """
    return {name: sum(scores[name] for scores in per_type.values()) / max(1, len(per_type)) for name in "prf"}


def _score(examples: Iterable[Example], keep: Callable[[Span], bool] = lambda ent: True) -> dict[str, Any]:
    """ "texts", "gold" (how many entities), "p", "r" and "f"; None where there is nothing to divide by."""
    score, texts = PRFScore(), 0
    for example in examples:
        correct, missed, spurious = ([ent for ent in ents if keep(ent)] for ents in compare(example))
        score += PRFScore(tp=len(correct), fp=len(spurious), fn=len(missed))
        texts += 1
    gold, predicted = score.tp + score.fn, score.tp + score.fp
    return {
        "texts": texts,
        "gold": gold,
        "p": score.precision if predicted else None,
        "r": score.recall if gold else None,
        "f": score.fscore if gold or predicted else None,
    }
