"""The pipelines that a model is compared with, on the same texts."""

from collections.abc import Sequence
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.training import Example

from ..base.location import BLANK
from ..base.patterns import RULER
from ..base.pipeline import load_base
from .measure import predict, predict_without

NO_MODEL = "none"
PREVIOUS = "the previous model"
TEACHER = "the teacher"


def predict_others(
    nlp: Language, base: Language, base_model: str, previous_model: str, test: Path, annotated: set[str]
) -> dict[str, Sequence[Example]]:
    """Have the pipelines predict the test corpus that the model is compared with.

    nlp (Language): The model.
    base (Language): The pipeline that it builds on.
    base_model (str): Its name.
    previous_model (str): A pipeline to compare with; none for none.
    test (Path): The test corpus.
    annotated (set[str]): The labels that were annotated.
    RETURNS (dict[str, Sequence[Example]]): Their predictions by name, where there are any.
    """
    others: dict[str, Sequence[Example]] = {}
    if not base_model.startswith(BLANK):
        others[f"the base, {base_model}"] = predict(base, test, annotated)
    if previous_model != NO_MODEL:
        others[f"{PREVIOUS}, {previous_model}"] = predict(load_base(previous_model), test, annotated)
    others["the model without its patterns"] = predict_without(nlp, RULER, test, annotated)
    if teacher := nlp.meta["provenance"].get("teacher"):
        others[TEACHER] = predict(spacy.load(teacher), test, annotated)
    return {name: other for name, other in others.items() if other}
