"""Annotated texts and those that a teacher labelled, as one corpus; recipes name this reader with `@`."""

from collections.abc import Callable, Iterator
from pathlib import Path

from spacy.language import Language
from spacy.training import Corpus, Example
from spacy.util import registry


@registry.readers("template.gold_and_silver.v1")
def create_gold_and_silver(gold: Path, silver: Path, share: float) -> Callable[[Language], Iterator[Example]]:
    """Read annotated texts and those that a teacher labelled.

    gold (Path): The annotated texts.
    silver (Path): A folder of DocBins with the others.
    share (float): Share of the words that is of annotated texts, above 0 and below 1: they are repeated until it is
        reached.
    RETURNS (Callable[[Language], Iterator[Example]]): What reads them.
    """

    def read(nlp: Language) -> Iterator[Example]:
        golds, words = list(Corpus(gold)(nlp)), 0
        for example in Corpus(silver)(nlp):
            words += len(example.reference)
            yield example
        once = sum(len(example.reference) for example in golds)
        for _ in range(max(1, round(words / once * share / (1 - share)))):
            yield from golds

    return read
