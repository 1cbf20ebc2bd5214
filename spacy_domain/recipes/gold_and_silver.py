"""Annotated texts and those that a teacher labelled, as one corpus; recipes name this reader with `@`."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from spacy.language import Language
from spacy.training import Corpus, Example
from spacy.util import registry


@registry.readers("template.gold_and_silver.v2")
def create_gold_and_silver(gold: Path, silver: Path) -> Callable[[Language], Iterator[Example]]:
    """Read annotated texts and those that a teacher labelled.

    gold (Path): The annotated texts.
    silver (Path): A folder of DocBins with the others.
    RETURNS (Callable[[Language], Iterator[Example]]): What reads them.
    """
    return lambda nlp: chain(Corpus(gold)(nlp), Corpus(silver)(nlp))
