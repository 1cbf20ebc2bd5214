"""Parts of the annotated texts, each left out in turn."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from spacy.language import Language
from spacy.training import Example
from spacy.util import registry, resolve_dot_names

from ..recipes.crf import CRF

FEW = 100  # entities in dev: where to move a threshold to by fewer is luck (cross-validated on four corpora)
FOLDS = {100: 5, 500: 3}  # up to so many texts: of few, little is to be left out; of more, to learn again takes long


class Fold(NamedTuple):
    """A recognizer that has learned from a part of the training corpus.

    recognizer (CRF): The recognizer, in no pipeline.
    examples (list[Example]): The other texts.
    """

    recognizer: CRF
    examples: list[Example]


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


def learn_in_folds(nlp: Language, component: str, dev: Sequence[Example]) -> Iterator[Fold]:
    """Have a recognizer that learns at once learn again from parts of its training corpus, if dev has few entities.

    nlp (Language): The trained pipeline.
    component (str): Name of the recognizer.
    dev (Sequence[Example]): The dev texts.
    YIELDS (Fold): What has learned without each fold; nothing where dev has enough entities, the recognizer takes long
        to learn, or there are many texts.
    """
    trained = nlp.get_pipe(component)
    if not isinstance(trained, CRF) or trained.model or sum(len(example.reference.ents) for example in dev) >= FEW:
        return
    settings = nlp.config.interpolate()
    (corpus,) = resolve_dot_names(settings, [settings["training"]["train_corpus"]])
    train = list(corpus(nlp))
    folds = next((folds for most, folds in FOLDS.items() if len(train) <= most), 0)
    if not folds:
        return
    groups = {example.text: str(example.reference.user_data.get("group") or "") for example in train}
    initialize = registry.resolve({"of": settings["initialize"]["components"].get(component, {})})["of"]
    for texts in split_folds(groups, groups, min(folds, len(groups)), seed=0):
        recognizer = CRF(nlp.vocab, component, features=trained.features)
        rest = [example for example in train if example.text not in texts]
        recognizer.initialize(partial(iter, rest), nlp=nlp, **initialize)
        yield Fold(recognizer, [example for example in train if example.text in texts])
