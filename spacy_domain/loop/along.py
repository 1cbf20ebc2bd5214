"""A model that learns along while somebody decides: in a process of its own, and after every so many decisions."""

import logging
import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock, RLock
from typing import Any

from spacy.tokens import Doc
from tqdm import tqdm

from .learner import Learner, Score, cross_validate
from .proposals import Proposers
from .suggesting import Sources, list_new_texts, make_docs, suggest
from .suggestion import Suggestion

FEWEST = 10  # texts with entities, to learn from
MOST = 5_000  # texts to learn from: the last ones
SCORED = {5: 300, 3: 1_000}  # into how many parts up to how many texts are dealt out, to be scored
CHOSEN = 200  # texts that are chosen at once
log = logging.getLogger("uvicorn.error")


@dataclass(frozen=True)
class Lesson:
    """What to learn from.

    sources (Sources): Where the texts are.
    recipe (Path): A recipe that trains in seconds.
    base_model (str): The pipeline to build on.
    patterns (Path): A file of patterns; there may be none.
    labels (tuple[str, ...]): The labels that can be given.
    """

    sources: Sources
    recipe: Path
    base_model: str
    patterns: Path
    labels: tuple[str, ...]


_make_learner = cache(Learner)
_make_proposers = cache(Proposers)


def choose_next(lesson: Lesson) -> list[Suggestion]:
    """Learn from what is annotated by now, and choose texts.

    lesson (Lesson): What to learn from.
    RETURNS (list[Suggestion]): The texts to annotate next.
    """
    _stand_back()
    proposers = _make_proposers(lesson.base_model, lesson.patterns, lesson.labels)
    known = lesson.sources.read_annotated()
    learner, docs = _prepare(lesson)
    if learner:
        learner.learn(docs)
    texts = list_new_texts(lesson.sources, known, proposers.nlp)
    return suggest(texts, learner.nlp if learner else None, proposers, CHOSEN)


def score(lesson: Lesson) -> Score | None:
    """RETURNS (Optional[Score]): How well it does on texts that it has not seen; None if there are too few or many."""
    _stand_back()
    learner, docs = _prepare(lesson)
    folds = next((folds for folds, most in SCORED.items() if len(docs) <= most), 0)
    return cross_validate(learner, docs, folds) if learner and folds else None


def _prepare(lesson: Lesson) -> tuple[Learner | None, Sequence[Doc]]:
    records = lesson.sources.read_annotated()[-MOST:]
    if sum(bool(record.spans) for record in records) < FEWEST:
        return None, []
    learner = _make_learner(lesson.recipe, lesson.base_model)
    return learner, make_docs(records, learner.nlp)


def _stand_back() -> None:
    """Whoever waits for the next text goes first."""
    tqdm.set_lock(RLock())  # its own is the system's, and stays there when the process is killed
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, 0, 10)


class Along:
    """Learns along.

    pool (Executor): A process to do it in.
    lesson (Lesson): What to learn from.
    every (int): After how many decisions; 0 for never.
    take (Callable[[Sequence[Suggestion]], None]): Takes the texts that come next.
    """

    def __init__(
        self, pool: Executor, lesson: Lesson, every: int, take: Callable[[Sequence[Suggestion]], None]
    ) -> None:
        self.pool, self.lesson, self.every, self.take = pool, lesson, every, take
        self.scores: list[Score] = []
        self.note = ""
        self.decided = 0
        self.lock = Lock()
        self.busy = False

    def begin(self, choosing: bool = True) -> None:
        """Learn from what there is, unless it is learning already.

        choosing (bool): Whether to choose what comes next by that, too.
        """
        with self.lock:
            if self.busy or not self.every:
                return
            self.busy, self.decided = True, 0
        if choosing:
            self._go_on(choose_next, self._chosen)
        else:
            self._go_on(score, self._scored)

    def count_one(self) -> None:
        """Learn again, if this is the decision to do it after."""
        self.decided += 1
        if self.every and self.decided >= self.every:
            self.begin()

    def end(self) -> None:
        """Drop what is being learned: nobody waits for it any more."""
        for process in multiprocessing.active_children():
            process.kill()

    def to_data(self) -> dict[str, Any]:
        """RETURNS (dict[str, Any]): What there is to tell: the scores so far, and a remark where there is none."""
        return {"scores": [vars(one) for one in self.scores], "note": self.note}

    def _go_on(self, job: Callable[[Lesson], Any], then: Callable[[Future[Any]], None]) -> None:
        try:
            self.pool.submit(job, self.lesson).add_done_callback(then)
        except RuntimeError:  # the server ends
            self.busy = False

    def _chosen(self, done: Future[Any]) -> None:
        if not done.cancelled() and not done.exception():
            self.take(done.result())
            self._go_on(score, self._scored)
        else:
            self._fail(done)

    def _scored(self, done: Future[Any]) -> None:
        if not done.cancelled() and not done.exception():
            if done.result():
                self.scores.append(done.result())
            self.note = "" if self.scores else f"It learns once {FEWEST} texts with entities are accepted."
            self.busy = False
        else:
            self._fail(done)

    def _fail(self, done: Future[Any]) -> None:
        """Whoever decides can go on: what is lost is the order of the texts."""
        if not done.cancelled():
            log.error("It could not be learned: %s", done.exception())
            self.note = f"It could not learn: {done.exception()}"
        self.busy = False
