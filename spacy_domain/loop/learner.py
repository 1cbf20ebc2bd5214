"""A recognizer that learns from what was decided so far, in seconds, again and again: the recipe `crf`, kept in memory.

Reading tables of words takes longer than learning from a few hundred texts: that is done once.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import registry

from ..base.config import derive_config
from ..base.strategy import Strategy
from ..project.errors import ProjectError
from ..scoring.intervals import count_by_doc, find_groups, score_f, score_intervals

FACTORY = "crf"


class Learner:
    """A pipeline that can be trained in seconds.

    recipe (Path): The recipe's config file; its recognizer is a conditional random field.
    base_model (str): The pipeline whose tokenizer and vectors it has.
    """

    def __init__(self, recipe: Path, base_model: str):
        config = derive_config(recipe, base_model, Strategy.separate, "", -1, 0)
        self.nlp: Language = spacy.util.load_model_from_config(config, auto_fill=True)
        names = [name for name in self.nlp.pipe_names if self.nlp.get_pipe_meta(name).factory == FACTORY]
        if not names:
            raise ProjectError(
                f"The recipe {recipe.stem} has no conditional random field", "Take configs/crf.cfg, or a copy of it."
            )
        self.recognizer: Any = self.nlp.get_pipe(names[0])
        settings = registry.resolve(self.nlp.config.interpolate()["initialize"]["components"].get(names[0], {}))
        self.nlp.config["initialize"]["components"] = {}
        blank = self.nlp.make_doc("-")
        self.nlp.initialize(lambda: [Example(blank, blank.copy())])  # vectors and strings of the base
        classes = settings.pop("classes", None)
        table = classes(self.nlp) if classes else None
        self.settings = {**settings, "classes": (lambda _: table) if table else None}

    def learn(self, docs: Sequence[Doc]) -> None:
        """Learn anew, from these alone.

        docs (Sequence[Doc]): Texts with their entities.
        """
        examples = [Example(doc, doc) for doc in docs]
        self.recognizer.initialize(lambda: examples, nlp=self.nlp, **self.settings)

    def read(self, docs: Sequence[Doc]) -> list[Doc]:
        """RETURNS (list[Doc]): The same texts, with the entities that it finds."""
        blank = [self.nlp.make_doc(doc.text) for doc in docs]
        return list(self.nlp.pipe(blank))


@dataclass(frozen=True)
class Score:
    """How well it did on texts that it had not seen.

    texts (int): How many texts.
    f (float): F of their entities.
    low (float): Where the interval begins in which F is with 95 %, texts being drawn by chance.
    high (float): Where it ends.
    """

    texts: int
    f: float
    low: float
    high: float


def cross_validate(learner: Learner, docs: Sequence[Doc], folds: int = 5, seed: int = 0) -> Score:
    """Score each text by what was learned from others.

    learner (Learner): What learns. In the end it has learned without the last part.
    docs (Sequence[Doc]): The texts with their entities.
    folds (int): In how many parts they are dealt out.
    seed (int): Seed of the shuffling before.
    RETURNS (Score): The score.
    """
    order = list(docs)
    random.Random(seed).shuffle(order)
    examples: list[Example] = []
    for number in range(folds):
        learner.learn([doc for place, doc in enumerate(order) if place % folds != number])
        held = order[number::folds]
        examples += map(Example, learner.read(held), held)
    counts = count_by_doc(examples)
    all_labels = {"": counts[""]}
    correct, missed, spurious = counts[""].sum(axis=0)
    interval = score_intervals(all_labels, find_groups(examples))[""]["f"] or (0.0, 0.0)
    return Score(len(docs), float(np.nan_to_num(score_f(correct, missed, spurious))), *interval)
