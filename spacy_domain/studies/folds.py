"""Annotated texts that a pipeline reads otherwise, which never saw them: where it is sure, the annotation may be wrong.

(Northcutt et al. 2021, Confident Learning, JAIR 70, find label errors by out-of-sample probabilities in the same way.)

Entities that a pipeline is sure of count. That it misses one says little: with errors planted in the shipped example
(entities dropped, relabelled and cut), 2 % of the missed ones were planted, and 14 % of the others.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from spacy.language import Language
from spacy.training import Corpus, Example

from ..scoring.calibration import fit_temperature, judge
from ..scoring.intervals import count_by_doc, score_f, score_intervals
from ..scoring.mistakes import find_mistakes
from ..scoring.scores import score


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


def find_doubts(model: Path, what: tuple[Sequence[Path], set[str], set[str]]) -> dict[str, Any]:
    """List where a pipeline reads texts otherwise than their annotators.

    model (Path): Its folder.
    what (tuple[Sequence[Path], set[str], set[str]]): Corpora, their texts that the pipeline has not seen, and the
        labels that were annotated.
    RETURNS (dict[str, Any]): "doubts", each as `find_mistakes` has it, predicted entities with their confidence.
    """
    nlp, examples = _read_fold(model, what)
    judge(nlp, examples, fit_temperature(nlp, examples))
    return {"doubts": [mistake for example in examples for mistake in find_mistakes(example)]}


def count_fold(model: Path, what: tuple[Sequence[Path], set[str], set[str]]) -> dict[str, Any]:
    """Count what is right and wrong in the texts that a pipeline has not seen.

    model (Path): Its folder.
    what (tuple[Sequence[Path], set[str], set[str]]): As for `find_doubts`.
    RETURNS (dict[str, Any]): "texts", in order, and "counts": by label, and for all under "", correct, missed and
        spurious entities of each.
    """
    _, examples = _read_fold(model, what)
    counts = {label: rows.tolist() for label, rows in count_by_doc(examples).items()}
    return {"texts": [example.text for example in examples], "counts": counts}


def _read_fold(model: Path, what: tuple[Sequence[Path], set[str], set[str]]) -> tuple[Language, list[Example]]:
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
