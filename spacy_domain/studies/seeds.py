"""Pipelines that differ in their seed alone: how much of a score is luck."""

from pathlib import Path
from statistics import mean, stdev
from typing import Any

import spacy
from spacy.training import Corpus

from ..project.errors import ProjectError
from .held_out import HeldOut, refuse_learned, score_held_out
from .trainings import Study, Training, train_all

SCORES = ("dev", "p", "r", "f")


def train_seeds(study: Study, train: Path, test: Path, first: int, number: int) -> dict[str, Any]:
    """Train a pipeline with each of some seeds, and score it.

    study (Study): What the trainings have in common.
    train (Path): The training corpus.
    test (Path): The test corpus.
    first (int): The first seed: that of the model that is packaged.
    number (int): How many seeds.
    RETURNS (dict[str, Any]): "trials", each with its "seed" and scores, their "mean" and "sd", "packaged_seed", and
        "best_seed_on_dev".
    RAISES (ProjectError): If there are fewer than two seeds, training has the texts of the test corpus, or it fails.
    """
    if number < 2:
        raise ProjectError(f"{number} trial(s) have no spread", "Set --vars.trials to 2 or more.")
    refuse_learned(train, test)
    nlp = spacy.blank("xx")
    annotated = {ent.label_ for path in (train, test) for eg in Corpus(path)(nlp) for ent in eg.reference.ents}
    what = HeldOut(test, annotated)
    trainings = [Training(str(seed), {"system.seed": seed}, what) for seed in range(first, first + number)]
    rows: list[dict[str, Any]] = [
        {"seed": int(name), **{key: found[key] for key in SCORES}}
        for name, found in train_all(study, trainings, score_held_out)
    ]
    return {
        "trials": rows,
        "mean": {key: mean(row[key] for row in rows) for key in SCORES},
        "sd": {key: stdev(row[key] for row in rows) for key in SCORES},
        "packaged_seed": first,
        "best_seed_on_dev": max(rows, key=lambda row: row["dev"])["seed"],
    }
