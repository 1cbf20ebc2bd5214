"""How the pipelines of a study do on texts that none of them has seen."""

from pathlib import Path
from typing import Any

import spacy

from ..scoring.intervals import count_by_doc
from ..scoring.scores import load_examples, score


def score_held_out(model: Path, what: tuple[Path, set[str]]) -> dict[str, Any]:
    """Score a pipeline.

    model (Path): Its folder.
    what (tuple[Path, set[str]]): The corpus, and the labels that were annotated.
    RETURNS (dict[str, Any]): "p", "r" and "f", and "counts": correct, missed and spurious entities by document.
    """
    test, annotated = what
    nlp = spacy.load(model)
    examples = load_examples(nlp, test)
    scores = score(nlp, examples, annotated)
    return {**{key: scores[f"ents_{key}"] or 0.0 for key in "prf"}, "counts": count_by_doc(examples)[""].tolist()}
