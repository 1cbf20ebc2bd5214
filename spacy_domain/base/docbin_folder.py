"""Many Docs on disk, in DocBins of bounded size."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from spacy.tokens import Doc, DocBin
from tqdm import tqdm

CHUNK = 2_000  # texts in a DocBin
ATTRIBUTES = ["ENT_IOB", "ENT_TYPE"]


def write_docbins(folder: Path, docs: Iterator[Doc], title: str) -> int:
    """Write Docs and their entities to a new folder of DocBins, which `spacy.training.Corpus` reads.

    folder (Path): The folder.
    docs (Iterator[Doc]): The Docs.
    title (str): What the progress bar says.
    RETURNS (int): How many they were.
    """
    folder.mkdir(parents=True)
    count = number = 0
    with tqdm(desc=title, unit=" texts", disable=None, leave=False) as progress:
        while number == 0 or count == number * CHUNK:
            chunk = list(islice(docs, CHUNK))
            DocBin(ATTRIBUTES, docs=chunk).to_disk(folder / f"{number:05}.spacy")
            number += 1
            count += len(chunk)
            progress.update(len(chunk))
    return count
