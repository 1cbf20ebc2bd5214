"""Every text read by a pipeline that never saw it: trained on all folds but the one that the text is in."""

import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Corpus, Example

from ..project.errors import ProjectError
from ..scoring.intervals import count_by_doc, score_f, score_intervals
from ..scoring.scores import score
from .subsets import leave_out
from .trainings import Measure, Study, Training, train_all


def split_folds(texts: Iterable[str], groups_of: Mapping[str, str], number: int, seed: int) -> list[set[str]]:
    """Deal out texts to folds; those of one group stay in one.

    texts (Iterable[str]): The texts.
    groups_of (Mapping[str, str]): Their groups, by text; empty for one of its own.
    number (int): How many folds.
    seed (int): Seed of the shuffling.
    RETURNS (list[set[str]]): The texts of each fold.
    """
    groups: dict[str, list[str]] = {}
    for text in texts:
        groups.setdefault(groups_of.get(text) or f"text {text}", []).append(text)
    names = list(groups)
    random.Random(seed).shuffle(names)
    folds: list[set[str]] = [set() for _ in range(number)]
    for place, name in enumerate(names):
        folds[place % number].update(groups[name])
    return folds


def train_folds(
    study: Study, corpora: Sequence[Path], groups: Mapping[str, str], folds: int, seed: int, measure: Measure
) -> tuple[list[Doc], list[dict[str, Any]]]:
    """Train a pipeline for each fold, without the texts in it.

    study (Study): What the trainings have in common.
    corpora (Sequence[Path]): The corpora that the folds are made of.
    groups (Mapping[str, str]): As for `split_folds`.
    folds (int): How many.
    seed (int): Seed of the choice of texts.
    measure (Callable[[Path, Any], dict[str, Any]]): Measures a pipeline on what `read_fold` takes.
    RETURNS (tuple[list[Doc], list[dict[str, Any]]]): The annotated Docs, and what was measured, by fold.
    RAISES (ProjectError): If there are fewer than two folds, or a training fails.
    """
    if folds < 2:
        raise ProjectError(f"{folds} fold(s) leave nothing to train on", "Set --vars.folds to 2 or more.")
    docs = [example.reference for path in corpora for example in Corpus(path)(spacy.blank("xx"))]
    annotated = {ent.label_ for doc in docs for ent in doc.ents}
    with TemporaryDirectory() as folder:
        trainings = []
        for number, texts in enumerate(split_folds([doc.text for doc in docs], groups, folds, seed)):
            overrides = leave_out(study.config, texts, Path(folder) / str(number))
            trainings.append(Training(str(number), overrides, (corpora, texts, annotated)))
        return docs, [found for _, found in train_all(study, trainings, measure)]


def count_fold(model: Path, what: tuple[Sequence[Path], set[str], set[str]]) -> dict[str, Any]:
    """Count what is right and wrong in the texts that a pipeline has not seen.

    model (Path): Its folder.
    what (tuple[Sequence[Path], set[str], set[str]]): As for `read_fold`.
    RETURNS (dict[str, Any]): "texts", in order, and "counts": by label, and for all under "", correct, missed and
        spurious entities of each.
    """
    _, examples = read_fold(model, what)
    counts = {label: rows.tolist() for label, rows in count_by_doc(examples).items()}
    return {"texts": [example.text for example in examples], "counts": counts}


def read_fold(model: Path, what: tuple[Sequence[Path], set[str], set[str]]) -> tuple[Language, list[Example]]:
    """Have a pipeline read the texts that it has not seen.

    model (Path): Its folder.
    what (tuple[Sequence[Path], set[str], set[str]]): Corpora, their texts that it has not seen, and the labels that
        were annotated.
    RETURNS (tuple[Language, list[Example]]): The pipeline, and what it found beside what is annotated.
    """
    corpora, texts, annotated = what
    nlp = spacy.load(model)
    examples = [example for path in corpora for example in Corpus(path)(nlp) if example.text in texts]
    score(nlp, examples, annotated)
    return nlp, examples


def sum_up_folds(folds: Iterable[dict[str, Any]], groups: dict[str, str]) -> dict[str, Any]:
    """Put the counts of all folds together.

    folds (Iterable[dict[str, Any]]): What `count_fold` found in each.
    groups (dict[str, str]): The group of each text that has one.
    RETURNS (dict[str, Any]): "texts", "f", its 95 % "interval", and "labels", each with the two.
    """
    folds = list(folds)
    labels = sorted(set().union(*(one["counts"] for one in folds)))
    blank = {id(one): np.zeros((len(one["texts"]), 3)) for one in folds}
    counts = {
        label: np.concatenate([np.array(one["counts"].get(label, blank[id(one)])).reshape(-1, 3) for one in folds])
        for label in labels
    }
    numbers: dict[str, int] = {}
    texts = [text for one in folds for text in one["texts"]]
    group = np.array([numbers.setdefault(groups.get(text) or f"text {text}", len(numbers)) for text in texts])
    intervals = score_intervals(counts, group)
    rows = {
        label: {
            "f": float(np.nan_to_num(score_f(*counts[label].sum(axis=0)))),
            "interval": intervals[label]["f"],
            "gold": int(counts[label][:, :2].sum()),
        }
        for label in labels
    }
    return {"texts": len(texts), **rows.pop(""), "labels": rows}
