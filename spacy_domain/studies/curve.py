"""Pipelines trained with ever larger parts of the texts: a learning curve."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from spacy.training import Corpus

from ..project.errors import ProjectError
from ..scoring.intervals import find_groups, score_intervals
from .extrapolation import expect_gain
from .held_out import HeldOut, refuse_learned, score_held_out
from .trainings import Study, Training, train_all

SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)
FEWEST = 10  # texts


def train_parts(study: Study, train: Path, test: Path, seed: int) -> dict[str, Any]:
    """Train a pipeline with each part of the texts, the larger holding the smaller, and score it.

    study (Study): What the trainings have in common.
    train (Path): The training corpus.
    test (Path): The test corpus.
    seed (int): Seed of the choice of texts.
    RETURNS (dict[str, Any]): "points", each with its numbers of "texts" and "entities", scores and the "interval" of F;
        and "twice_as_many", as `expect_gain` has it.
    RAISES (ProjectError): If there are too few texts, training has those of the test corpus, or it fails.
    """
    nlp = spacy.blank("xx")
    docs = [example.reference for example in Corpus(train)(nlp)]
    tested = list(Corpus(test)(nlp))
    if len(docs) < FEWEST:
        raise ProjectError(f"{len(docs)} texts are too few for a learning curve", f"Annotate {FEWEST} or more.")
    refuse_learned(train, test)
    annotated = {ent.label_ for doc in [*docs, *(eg.reference for eg in tested)] for ent in doc.ents}
    random.Random(seed).shuffle(docs)
    sizes = [round(share * len(docs)) for share in SHARES]
    points: list[dict[str, Any]] = []
    groups, counts = find_groups(tested), []
    trainings = []
    for size, share in zip(sizes, SHARES, strict=True):
        left_out = frozenset(doc.text for doc in docs[size:])
        trainings.append(Training(f"{share:.0%}", more=HeldOut(test, annotated), without=left_out))
    for size, share, (_, found) in zip(sizes, SHARES, train_all(study, trainings, score_held_out), strict=True):
        counts.append(np.array(found["counts"]))
        entities = sum(len(doc.ents) for doc in docs[:size])
        interval = score_intervals({"": counts[-1]}, groups)[""]["f"]
        scores = {key: found[key] for key in ("dev", "p", "r", "f")}
        points.append({"share": share, "texts": size, "entities": entities, **scores, "interval": interval})
    return {"points": points, "twice_as_many": expect_gain(sizes, counts, groups)}
