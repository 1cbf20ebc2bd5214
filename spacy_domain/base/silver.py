"""Silver: raw texts that a teacher labelled, for a smaller network to learn beside the annotated ones.

(Kim and Rush 2016, Sequence-Level Knowledge Distillation, arXiv:1606.07947.)
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from .docbin_folder import write_docbins


def write_silver(folder: Path, teacher: Language, raw_texts: Iterable[str]) -> int:
    """Have a teacher label raw texts, and write them as a folder of DocBins.

    folder (Path): A new folder.
    teacher (Language): The pipeline that labels them.
    raw_texts (Iterable[str]): The texts, none of which is in dev or test.
    RETURNS (int): How many they were.
    """
    return write_docbins(folder, _label(teacher, raw_texts), "Labelling")


def _label(teacher: Language, raw_texts: Iterable[str]) -> Iterator[Doc]:
    rest = iter(raw_texts)
    # spaCy's batches are of texts as they come; an encoder computes all of a batch at the length of the longest
    while texts := list(islice(rest, 1_000)):
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        docs = dict(zip(order, teacher.pipe(texts[number] for number in order), strict=True))
        yield from (docs[number] for number in range(len(texts)))
