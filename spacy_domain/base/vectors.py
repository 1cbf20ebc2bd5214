"""Vectors of words, made of texts without annotations."""

from collections.abc import Iterable
from pathlib import Path

from spacy.language import Language
from spacy.training.initialize import convert_vectors
from tqdm import tqdm

from ..project.errors import ProjectError

DIMENSIONS = 100
ROWS = 20_000  # of the table that all parts of words share: 8 MB
EPOCHS = 20


def train_vectors(texts: Iterable[str], nlp: Language, folder: Path) -> int:
    """Train floret vectors: skip-grams over words and their parts of 3 to 5 letters, hashed into a small table.

    (Boyd and Warmerdam 2022, floret: lightweight, robust word vectors; Bojanowski et al. 2017, Enriching Word Vectors
    with Subword Information.) A word that no text had gets a vector from its parts.

    texts (Iterable[str]): The texts.
    nlp (Language): The pipeline whose tokenizer to use; it gets the vectors, for the lower-case form of a token.
    folder (Path): An empty folder to work in.
    RETURNS (int): How many texts there were.
    RAISES (ProjectError): If floret is not installed.
    """
    try:
        import floret
    except ImportError:
        raise ProjectError("floret is not installed", 'Run: pip install -e ".[pretrain]"') from None
    count = 0
    with (folder / "words.txt").open("w", encoding="utf-8") as file_:
        for text in tqdm(texts, desc="Reading", unit=" texts", disable=None, leave=False):
            file_.write(" ".join(token.lower_ for token in nlp.make_doc(text) if not token.is_space) + "\n")
            count += 1
    # One thread: with more, no two runs would give the same vectors
    settings = {"hashCount": 2, "bucket": ROWS, "minn": 3, "maxn": 5, "minCount": 2, "thread": 1, "verbose": 0}
    model = floret.train_unsupervised(
        str(folder / "words.txt"), model="skipgram", mode="floret", dim=DIMENSIONS, epoch=EPOCHS, **settings
    )
    model.save_floret_vectors(str(folder / "words.floret"))
    convert_vectors(nlp, folder / "words.floret", truncate=0, prune=-1, mode="floret", attr="LOWER")
    return count
