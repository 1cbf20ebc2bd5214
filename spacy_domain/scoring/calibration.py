"""Whether a confidence means what it says: of entities with 0.8, eight of ten should be right."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.training import Example

from ..recipes.confidence import EntityConfidence, find_probability, find_recognizers, score_entities
from .mistakes import compare

BINS = 10
TEMPERATURES = np.geomspace(0.25, 8, 41).tolist()


def fit_temperature(nlp: Language, dev: Sequence[Example]) -> float:
    """Find the temperature with which confidence fits best what is right, by its log loss.

    nlp (Language): The pipeline.
    dev (Sequence[Example]): Predicted and gold Docs that training did not see.
    RETURNS (float): The temperature; 1 if nothing is predicted.
    """
    rows = []
    dev = [example for example in dev if example.predicted.ents]
    for recognizer in find_recognizers(nlp):
        for example, own in zip(dev, score_entities(recognizer, (eg.predicted for eg in dev)), strict=True):
            correct, _, spurious = compare(example)
            for ents, right in ((correct, True), (spurious, False)):
                found = (own.get((ent.start, ent.end, ent.label)) for ent in ents)
                rows += [(choices, right) for choices in found if choices is not None]
    return round(float(min(TEMPERATURES, key=lambda temperature: _loss(rows, temperature))), 3) if rows else 1.0


def _loss(rows: list[tuple[list[np.ndarray], bool]], temperature: float) -> float:
    sure = np.clip([find_probability(choices, temperature) for choices, _ in rows], 1e-3, 1 - 1e-3)
    return float(-np.mean(np.log(np.where([right for _, right in rows], sure, 1 - sure))))


def judge(nlp: Language, examples: Sequence[Example], temperature: float) -> np.ndarray:
    """Set the confidence of all predicted entities, and see which are right.

    nlp (Language): The pipeline.
    examples (Sequence[Example]): Predicted and gold Docs.
    temperature (float): The temperature.
    RETURNS (np.ndarray): Confidence, and 1 for right, of each entity that has one, shape (entities, 2).
    """
    for _ in EntityConfidence(nlp, temperature).pipe(example.predicted for example in examples):
        pass
    rows = []
    for example in examples:
        correct, _, spurious = compare(example)
        rows += [(ent._.confidence, 1.0) for ent in correct]
        rows += [(ent._.confidence, 0.0) for ent in spurious]
    return np.array([row for row in rows if row[0] is not None]).reshape(-1, 2)


def reliability(judged: np.ndarray) -> dict[str, Any]:
    """Hold confidence against how often it was right.

    judged (np.ndarray): As `judge` gives it.
    RETURNS (dict[str, Any]): "bins" (of a tenth each, where there is any entity: "from", "to", "entities", mean
        "confidence", "right" as a share) and "error", the expected calibration error (Naeini et al. 2015): the mean
        distance of the two.
    """
    bins = []
    places = np.minimum((judged[:, 0] * BINS).astype(int), BINS - 1)
    for number in range(BINS):
        rows = judged[places == number]
        if len(rows):
            confidence, right = (float(mean) for mean in rows.mean(axis=0))
            bounds = {"from": number / BINS, "to": (number + 1) / BINS}
            bins.append({**bounds, "entities": len(rows), "confidence": confidence, "right": right})
    error = sum(row["entities"] * abs(row["confidence"] - row["right"]) for row in bins) / max(1, len(judged))
    return {"bins": bins, "error": error}
