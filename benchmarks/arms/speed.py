"""Words per second of something that finds entities."""

import time
from collections.abc import Callable, Iterable

from spacy.tokens import Doc

ROUNDS = 5
SECONDS = 2.0


def words_per_second(pipe: Callable[[Iterable[str]], Iterable[Doc]], texts: list[str]) -> float:
    """Measure from text to entities: words by CPU seconds, which other work on the machine does not lengthen.

    pipe (Callable): From texts to Docs, with one thread; it has worked before, so that it is warm.
    texts (list[str]): The texts.
    RETURNS (float): That of the best round, of at least five rounds and two seconds.
    """
    words, rounds = 0, []
    while len(rounds) < ROUNDS or sum(rounds) < SECONDS:
        start = time.process_time()
        words = sum(len(doc) for doc in pipe(texts))
        rounds.append(time.process_time() - start)
    return words / min(rounds)
