"""Silver: raw texts that a teacher labelled, for a smaller recognizer to learn beside the annotated ones.

(Kim and Rush 2016, Sequence-Level Knowledge Distillation, arXiv:1606.07947. That it learns what the teacher is sure of
alone is as old as Yarowsky 1995, Unsupervised Word Sense Disambiguation Rivaling Supervised Methods.)
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.tokens import Doc

from ..recipes.confidence import find_probability, find_recognizers, score_actions
from .docbin_folder import write_docbins

SURE = 0.7  # how likely a token's action has to be; cross-validated on three corpora (benchmarks/README.md)
AT_ONCE = 1_000  # texts


def write_silver(folder: Path, teacher: Language, raw_texts: Iterable[str]) -> tuple[int, int]:
    """Have a teacher label raw texts, and write those in which it finds an entity and is sure of each token.

    folder (Path): A new folder of DocBins.
    teacher (Language): The pipeline that labels them.
    raw_texts (Iterable[str]): The texts, none of which is in dev or test.
    RETURNS (tuple[int, int]): How many it wrote, and how many there were.
    """
    labelled = 0

    def label() -> Iterator[Doc]:
        nonlocal labelled
        rest = iter(raw_texts)
        while texts := list(islice(rest, AT_ONCE)):
            labelled += len(texts)
            yield from find_sure(teacher, texts)

    return write_docbins(folder, label(), "Labelling"), labelled


def find_sure(teacher: Language, texts: list[str]) -> list[Doc]:
    """Label texts, and keep those in which a pipeline finds an entity and is sure of each token.

    teacher (Language): The pipeline. What its recognizers are no network for, it is sure of.
    texts (list[str]): The texts.
    RETURNS (list[Doc]): The texts that it is sure of, in their order.
    """
    # spaCy's batches are of texts as they come; an encoder computes all of a batch at the length of the longest
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    labelled = dict(zip(order, teacher.pipe(texts[number] for number in order), strict=True))
    docs = [labelled[number] for number in range(len(texts)) if labelled[number].ents]
    for recognizer in find_recognizers(teacher):
        if isinstance(recognizer, EntityRecognizer):
            actions = [rows for _, rows in score_actions(recognizer, docs)]
            docs = [
                doc
                for doc, rows in zip(docs, actions, strict=True)
                if all(find_probability([row - row.max()], 1.0) >= SURE for row in rows)
            ]
    return docs
