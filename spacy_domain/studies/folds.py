"""Annotated texts that a pipeline reads otherwise, which never saw them: where it is sure, the annotation may be wrong.

(Northcutt et al. 2021, Confident Learning, JAIR 70, find label errors by out-of-sample probabilities in the same way.)

Entities that a pipeline is sure of count. That it misses one says little: with errors planted in the shipped example
(entities dropped, relabelled and cut), 2 % of the missed ones were planted, and 14 % of the others.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import spacy
from spacy.training import Corpus

from ..scoring.calibration import fit_temperature, judge
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
    corpora, texts, annotated = what
    nlp = spacy.load(model)
    examples = [example for path in corpora for example in Corpus(path)(nlp) if example.text in texts]
    score(nlp, examples, annotated)
    judge(nlp, examples, fit_temperature(nlp, examples))
    return {"doubts": [mistake for example in examples for mistake in find_mistakes(example)]}
