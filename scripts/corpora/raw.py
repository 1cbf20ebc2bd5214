"""Texts without annotations, none of which is in the dev or the test corpus."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from spacy.language import Language
from spacy.training import Corpus

from ..annotations import read_annotations
from ..errors import Place, ProjectError
from .store import normal_form


def read_raw_texts(path: Path, held_out: Iterable[Path], nlp: Language) -> Iterator[str]:
    """Read texts without annotations, in any format that annotations can have, holding few at a time.

    path (Path): A file or a folder; an empty file holds none.
    held_out (Iterable[Path]): DocBins whose texts are left out, as are those that differ from them by case,
        punctuation and white space alone.
    nlp (Language): The pipeline whose tokenizer the model will use.
    YIELDS (str): The texts, each of them once.
    RAISES (ProjectError): If the file cannot be read.
    """
    if path.is_file() and not path.stat().st_size:
        return
    seen = {_key(example.text) for corpus in held_out for example in Corpus(corpus)(nlp)}
    for record in read_annotations(path):
        key = _key(record.text)
        if key not in seen and len(record.text) <= nlp.max_length:
            seen.add(key)
            yield record.text


def _key(text: str) -> int:
    # Formats that hold tokens leave white space where there was none: "7 : 00" for "7:00"
    return hash("".join(normal_form(text).split()))


def require_raw_texts(path: Path, held_out: Iterable[Path], nlp: Language) -> Iterator[str]:
    """Read texts without annotations, as `read_raw_texts` does, for what cannot do without any.

    RAISES (ProjectError): If there are none.
    """
    texts = read_raw_texts(path, held_out, nlp)
    first = next(texts, None)
    if first is None:
        raise ProjectError(
            "No raw texts",
            "Set --vars.raw_text to some thousand texts without annotations, of the kind that the model will read. "
            "Those that are also in the dev or the test corpus do not count.",
            [Place(str(path), None, "holds none")],
        )
    return chain([first], texts)
