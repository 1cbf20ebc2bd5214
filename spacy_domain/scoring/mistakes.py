"""Which predictions are wrong, and how."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import Any

from spacy.tokens import Span
from spacy.training import Example

LONG, AROUND = 5000, 500  # characters of a text, and of what is around a mistake in one that is longer


def compare(example: Example) -> tuple[list[Span], list[Span], list[Span]]:
    """Hold predicted entities against gold ones: same characters, same label.

    Predictions on tokens whose annotation is missing are neither right nor wrong and left out, as spaCy's scorer does.

    example (Example): Predicted and gold Doc.
    RETURNS (Tuple[List[Span], List[Span], List[Span]]): Correct (predicted), missed (gold) and spurious (predicted).
    """
    gold = {_key(ent): ent for ent in example.reference.ents}
    predicted = {_key(ent): ent for ent in example.predicted.ents if _is_annotated(example, ent)}
    correct = [ent for key, ent in predicted.items() if key in gold]
    missed = [ent for key, ent in gold.items() if key not in predicted]
    spurious = [ent for key, ent in predicted.items() if key not in gold]
    return correct, missed, spurious


def find_mistakes(example: Example) -> Iterator[dict[str, Any]]:
    """List what is wrong in a prediction; a missed entity and the spurious one that overlaps with it are one mistake.

    example (Example): Predicted and gold Doc.
    YIELDS (Dict[str, Any]): "kind" ("missed", "spurious", "label", "boundary", "label and boundary"), "gold" and
        "predicted" (each an entity with text, label, start and end in code points, or null; predicted ones with their
        confidence, if that was set), "text" and "source".
    """
    text = example.text  # spaCy puts it together each time
    for gold, predicted in _pair(example):
        yield {
            "kind": _kind(gold, predicted),
            "gold": describe(gold) if gold is not None else None,
            "predicted": {**describe(predicted), **_confidence(predicted)} if predicted is not None else None,
            "text": text,
            "source": example.reference.user_data.get("source"),
        }


def cut(mistake: dict[str, Any]) -> dict[str, Any]:
    """Leave of a long text what is around a mistake: a book with thousands of them would be written thousands of times.

    mistake (Dict[str, Any]): As `find_mistakes` has it.
    RETURNS (Dict[str, Any]): The same; of a long text, "text" is the passage, in which starts and ends count, and
        "text_start" where in the text it begins.
    """
    if len(mistake["text"]) <= LONG:
        return mistake
    ents = [ent for ent in (mistake["gold"], mistake["predicted"]) if ent]
    start = max(0, min(ent["start"] for ent in ents) - AROUND)
    end = max(ent["end"] for ent in ents) + AROUND
    moved = {
        side: ent and {**ent, "start": ent["start"] - start, "end": ent["end"] - start}
        for side, ent in mistake.items()
        if side in ("gold", "predicted")
    }
    return {**mistake, **moved, "text": mistake["text"][start:end], "text_start": start}


def count_confusions(examples: Iterable[Example]) -> dict[str, dict[str, int]]:
    """Count which label was predicted where another, or none, was annotated.

    examples (Iterable[Example]): Predicted and gold Docs.
    RETURNS (dict[str, dict[str, int]]): By gold label, by predicted label, how often; "" stands for none. What
        overlaps counts as found, wrong boundaries or not.
    """
    counts: dict[str, dict[str, int]] = {}
    for example in examples:
        pairs = [(ent.label_, ent.label_) for ent in compare(example)[0]]
        pairs += [
            (gold.label_ if gold is not None else "", predicted.label_ if predicted is not None else "")
            for gold, predicted in _pair(example)
        ]
        for gold, predicted in pairs:
            row = counts.setdefault(gold, {})
            row[predicted] = row.get(predicted, 0) + 1
    return {gold: dict(sorted(row.items())) for gold, row in sorted(counts.items())}


def describe(ent: Span) -> dict[str, Any]:
    """Put an entity in plain data.

    ent (Span): The entity.
    RETURNS (Dict[str, Any]): Its text and label, and its start and end in code points.
    """
    return {"text": ent.text, "label": ent.label_, "start": ent.start_char, "end": ent.end_char}


def _pair(example: Example) -> list[tuple[Span | None, Span | None]]:
    """Missed and spurious entities, those that overlap together. Neither overlap among themselves."""
    _, missed, spurious = compare(example)
    starts, ends = [ent.start_char for ent in spurious], [ent.end_char for ent in spurious]
    left = dict(enumerate(spurious))
    pairs: list[tuple[Span | None, Span | None]] = []
    for ent in missed:
        places = range(bisect_right(ends, ent.start_char), bisect_left(starts, ent.end_char))
        overlapping = [place for place in places if place in left]
        same = (place for place in overlapping if left[place].label == ent.label)
        place = next(same, next(iter(overlapping), None))
        pairs.append((ent, None if place is None else left.pop(place)))
    return [*pairs, *((None, predicted) for predicted in left.values())]


def _confidence(ent: Span) -> dict[str, float]:
    value = ent._.confidence if Span.has_extension("confidence") else None
    return {} if value is None else {"confidence": round(value, 4)}


def _key(ent: Span) -> tuple[int, int, str]:
    return ent.start_char, ent.end_char, ent.label_


def _is_annotated(example: Example, ent: Span) -> bool:
    tokens = example.reference.char_span(ent.start_char, ent.end_char, alignment_mode="expand")
    return tokens is None or all(token.ent_iob for token in tokens)


def _kind(gold: Span | None, predicted: Span | None) -> str:
    if gold is None:
        return "spurious"
    if predicted is None:
        return "missed"
    same_place = _key(gold)[:2] == _key(predicted)[:2]
    wrong = [
        name for name, right in (("label", gold.label_ == predicted.label_), ("boundary", same_place)) if not right
    ]
    return " and ".join(wrong)
