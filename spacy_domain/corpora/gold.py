"""Gold entities, from annotations in any format, to score on."""

from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from ..annotations import read_annotations
from .align import OnMisaligned, align


def read_gold(path: Path, nlp: Language) -> list[Doc]:
    """Read gold entities. Tokens of spans that do not fit them are neither right nor wrong.

    path (Path): A file or a folder; an empty file holds none.
    nlp (Language): The pipeline whose tokenizer to use.
    RETURNS (list[Doc]): The Docs.
    RAISES (ProjectError): If the file cannot be read.
    """
    if path.is_file() and not path.stat().st_size:
        return []
    return [align(record, nlp, OnMisaligned.missing)[0] for record in read_annotations(path) if not record.rejected]
