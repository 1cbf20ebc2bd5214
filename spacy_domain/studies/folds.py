"""Every text read by a pipeline that never saw it: trained on all folds but the one that the text is in."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import spacy
import srsly
from spacy.training import Corpus

from ..base.folds import split_folds
from ..project.errors import ProjectError
from ..project.freshness import is_fresh
from ..scoring.intervals import count_by_doc, score_f, score_intervals
from ..scoring.scores import score
from .doubts import find_doubts
from .trainings import Study, Training, train_all


def train_folds(
    study: Study, corpora: Sequence[Path], groups: Mapping[str, str], folds: int, seed: int
) -> list[dict[str, Any]]:
    """Train a pipeline for each fold, without the texts in it.

    study (Study): What the trainings have in common.
    corpora (Sequence[Path]): The corpora that the folds are made of.
    groups (Mapping[str, str]): As for `split_folds`.
    folds (int): How many, at most: with fewer texts, or groups, one is left out at a time.
    seed (int): Seed of the choice of texts.
    RETURNS (list[dict[str, Any]]): What `measure_fold` found in each.
    RAISES (ProjectError): If there are fewer than two folds, or a training fails.
    """
    if folds < 2:
        raise ProjectError(f"{folds} fold(s) leave nothing to train on", "Set --vars.folds to 2 or more.")
    docs = [example.reference for path in corpora for example in Corpus(path)(spacy.blank("xx"))]
    annotated = {ent.label_ for doc in docs for ent in doc.ents}
    folds = min(folds, count_groups(corpora, groups))
    trainings = [
        Training(str(number), more=(corpora, texts, annotated), without=frozenset(texts))
        for number, texts in enumerate(split_folds([doc.text for doc in docs], groups, folds, seed))
    ]
    return [found for _, found in train_all(study, trainings, measure_fold)]


def count_groups(corpora: Sequence[Path], groups: Mapping[str, str]) -> int:
    """RETURNS (int): How many groups the texts of corpora are of, as `split_folds` has them."""
    texts = {example.text for path in corpora for example in Corpus(path)(spacy.blank("xx"))}
    return len({groups.get(text) or f"text {text}" for text in texts})


def read_doubts(cross_validation: Path, folds: int, seed: int) -> list[dict[str, Any]] | None:
    """Read what a cross-validation doubted, to train nothing twice.

    cross_validation (Path): Its result.
    folds (int): How many folds are asked for.
    seed (int): The seed of the choice of texts that is asked for.
    RETURNS (Optional[list[dict[str, Any]]]): The doubts; None if there is no such result, or it is of something else
        than what lies in the project now.
    """
    if not is_fresh(cross_validation):
        return None
    result = srsly.read_json(cross_validation)
    return result["doubts"] if (result.get("folds"), result.get("seed")) == (folds, seed) else None


def list_doubts(folds: Iterable[dict[str, Any]], learned: Sequence[Path]) -> list[dict[str, Any]]:
    """List the annotations that folds doubt, for check-annotations. Whoever corrects test texts where the model
    disagrees makes its score too good.

    folds (Iterable[dict[str, Any]]): What `measure_fold` found in each.
    learned (Sequence[Path]): The corpora that are learned from: of others, nothing is listed.
    RETURNS (list[dict[str, Any]]): The doubts.
    """
    texts = {example.text for path in learned for example in Corpus(path)(spacy.blank("xx"))}
    return [doubt for one in folds for doubt in one["doubts"] if doubt["text"] in texts]


def measure_fold(model: Path, what: tuple[Sequence[Path], set[str], set[str]]) -> dict[str, Any]:
    """Have a pipeline read the texts of its fold, and count what is right and wrong.

    model (Path): Its folder.
    what (tuple[Sequence[Path], set[str], set[str]]): Corpora, their texts in the fold, which it has not seen, and the
        labels that were annotated.
    RETURNS (dict[str, Any]): "texts", in order; "counts": by label, and for all under "", correct, missed and spurious
        entities of each; and "doubts", as `find_doubts` gives them.
    """
    corpora, texts, annotated = what
    nlp = spacy.load(model)
    read = (example for path in corpora for example in Corpus(path)(nlp) if example.text in texts)
    examples = list({example.text: example for example in read}.values())  # few texts are in all corpora
    score(nlp, examples, annotated)
    counts = {label: rows.tolist() for label, rows in count_by_doc(examples).items()}
    return {"texts": [example.text for example in examples], "counts": counts, "doubts": find_doubts(nlp, examples)}


def sum_up_folds(folds: Iterable[dict[str, Any]], groups: dict[str, str]) -> dict[str, Any]:
    """Put the counts of all folds together.

    folds (Iterable[dict[str, Any]]): What `measure_fold` found in each.
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
