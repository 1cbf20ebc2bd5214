"""Annotated texts that a pipeline reads otherwise, which never saw them: where it is sure, the annotation may be wrong.

(Northcutt et al. 2021, Confident Learning, JAIR 70, find label errors by out-of-sample probabilities in the same way.)

Entities that a pipeline is sure of count. That it misses one says little: with errors planted in the shipped example
(entities dropped, relabelled and cut), 2 % of the missed ones were planted, and 14 % of the others.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from ..scoring.calibration import fit_temperature, judge
from ..scoring.mistakes import find_mistakes


def find_doubts(nlp: Language, examples: Sequence[Example]) -> list[dict[str, Any]]:
    """List where a pipeline reads texts otherwise than their annotators.

    nlp (Language): The pipeline.
    examples (Sequence[Example]): What it found in texts that it has not seen, and what is annotated.
    RETURNS (list[dict[str, Any]]): Each as `find_mistakes` has it, predicted entities with their confidence.
    """
    judge(nlp, examples, fit_temperature(nlp, examples))
    return [mistake for example in examples for mistake in find_mistakes(example)]


def tell_doubt(doubt: dict[str, Any]) -> str:
    """RETURNS (str): Both readings of a doubt in words."""
    gold, predicted = (
        f"{ent['label']} {ent['text']!r}" if ent else "nothing" for ent in (doubt["gold"], doubt["predicted"])
    )
    sure = (doubt["predicted"] or {}).get("confidence")
    return f"annotated {gold}, read as {predicted}" + (f" ({100 * sure:.0f} % sure)" if sure is not None else "")


def list_corrections(doubts: list[dict[str, Any]], docs: Mapping[str, Doc]) -> list[dict[str, Any]]:
    """Put doubted records in the form that annotations are read in, the surest doubt first.

    doubts (list[dict[str, Any]]): The doubts, sorted.
    docs (Mapping[str, Doc]): The annotated Docs, by text.
    RETURNS (list[dict[str, Any]]): "text", "spans" as annotated, "source", and "doubts" in words.
    """
    rows: dict[str, dict[str, Any]] = {}
    for doubt in doubts:
        ents = docs[doubt["text"]].ents
        spans = [{"start": ent.start_char, "end": ent.end_char, "label": ent.label_} for ent in ents]
        row = rows.setdefault(
            doubt["text"], {"text": doubt["text"], "spans": spans, "source": doubt["source"], "doubts": []}
        )
        row["doubts"].append(tell_doubt(doubt))
    return list(rows.values())
