"""What a search scores its trials on: the dev texts, or all parts of the training texts in turn."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import spacy
from spacy.training import Corpus, Example

from ..base.folds import split_folds
from ..project.errors import ProjectError
from ..scoring.few import FEWEST
from ..scoring.intervals import can_tell, find_groups
from .held_out import HeldOut, refuse_learned


class Part(NamedTuple):
    """A training of each trial.

    without (frozenset[str]): Texts to leave out of all corpora.
    what (HeldOut): What it is scored on.
    """

    without: frozenset[str]
    what: HeldOut


def list_parts(train: Path, dev: Path, folds: int, seed: int) -> tuple[list[Part], np.ndarray]:
    """Say what each trial trains with, and is scored on.

    train (Path): The training corpus.
    dev (Path): The dev corpus.
    folds (int): How many parts of the training texts to score on, each left out in turn; 0 for the dev texts.
    seed (int): Seed of the choice of the parts.
    RETURNS (tuple[list[Part], np.ndarray]): The trainings; and the groups of the texts that are scored, in the order in
        which they are, as `find_groups` gives them.
    RAISES (ProjectError): If these are too few to choose by, or training has all of them.
    """
    if not folds:
        refuse_learned(train, dev)
    parts, groups = _list_parts(train, dev, folds, seed)
    if not can_tell(groups):
        raise ProjectError(
            f"{len(groups)} text(s) to score on are too few to choose by",
            f"Annotate more: with fewer than {FEWEST} dev texts, what does best is luck.",
        )
    return parts, groups


def _list_parts(train: Path, dev: Path, folds: int, seed: int) -> tuple[list[Part], np.ndarray]:
    nlp = spacy.blank("xx")
    examples, gold = list(Corpus(train)(nlp)), list(Corpus(dev)(nlp))
    annotated = {ent.label_ for example in [*examples, *gold] for ent in example.reference.ents}
    if not folds:
        return [Part(frozenset(), HeldOut(dev, annotated))], find_groups(gold)
    parts, scored = [], list[Example]()
    groups = {eg.text: eg.reference.user_data.get("group") or "" for eg in examples}
    for texts in map(frozenset, split_folds(groups, groups, folds, seed)):
        parts.append(Part(texts, HeldOut(train, annotated, texts)))
        scored += [example for example in examples if example.text in texts]
    return parts, find_groups(scored)
