"""What a search scores its trials on: the dev texts, or all parts of the training texts in turn."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import spacy
from spacy.tokens import DocBin
from spacy.training import Corpus, Example

from ..scoring.intervals import find_groups
from .folds import split_folds
from .subsets import leave_out


class Part(NamedTuple):
    """A training of each trial, and what it is scored on.

    overrides (dict[str, Any]): Values of the config to replace, by dotted name.
    more (tuple[Path, set[str]]): The corpus to score on, and the labels that were annotated.
    """

    overrides: dict[str, Any]
    more: tuple[Path, set[str]]


def list_parts(
    config: Path, train: Path, dev: Path, folder: Path, folds: int, seed: int
) -> tuple[list[Part], np.ndarray]:
    """Say what each trial trains with, and is scored on.

    config (Path): The complete training config.
    train (Path): The training corpus.
    dev (Path): The dev corpus.
    folder (Path): An empty folder to write corpora to.
    folds (int): How many parts of the training texts to score on, each left out in turn; 0 for the dev texts.
    seed (int): Seed of the choice of the parts.
    RETURNS (tuple[list[Part], np.ndarray]): The trainings; and the groups of the texts that are scored, in the order in
        which they are, as `find_groups` gives them.
    """
    nlp = spacy.blank("xx")
    examples, gold = list(Corpus(train)(nlp)), list(Corpus(dev)(nlp))
    annotated = {ent.label_ for example in [*examples, *gold] for ent in example.reference.ents}
    if not folds:
        return [Part({}, (dev, annotated))], find_groups(gold)
    parts, scored = [], list[Example]()
    groups = {eg.text: eg.reference.user_data.get("group") or "" for eg in examples}
    for number, texts in enumerate(split_folds(groups, groups, folds, seed)):
        held_out = [example for example in examples if example.text in texts]
        overrides = leave_out(config, texts, folder / str(number))
        corpus = folder / f"{number}.spacy"
        DocBin(store_user_data=True, docs=[example.reference for example in held_out]).to_disk(corpus)
        parts.append(Part(overrides, (corpus, annotated)))
        scored += held_out
    return parts, find_groups(scored)
