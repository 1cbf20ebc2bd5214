"""Silver: raw texts that a teacher labelled, for a smaller network to learn beside the annotated ones.

(Kim and Rush 2016, Sequence-Level Knowledge Distillation, arXiv:1606.07947.)
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from ..project.errors import Place, ProjectError
from ..project.freshness import refuse_stale
from .docbin_folder import write_docbins

TEACHER = "teacher"  # its folder beside the model's


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


def find_silver(silver: str | None, output_dir: Path) -> list[Path]:
    """Find what a teacher labelled, for recipes that learn from one.

    silver (Optional[str]): A folder of DocBins; None if the recipe has no teacher.
    output_dir (Path): Where the teacher is.
    RETURNS (list[Path]): The folder, if there is a teacher.
    RAISES (ProjectError): If it is empty, of other texts, or of a teacher that was trained on something else.
    """
    if not silver:
        return []
    if not any(Path(silver).glob("*.spacy")):
        remedy = "Run: spacy project run all . --vars.recipe=distil"
        raise ProjectError("No teacher has labelled texts", remedy, [Place(silver, None, "is empty")])
    refuse_stale(output_dir / TEACHER, "teach")
    refuse_stale(Path(silver), "label-raw-text")
    return [Path(silver)]
