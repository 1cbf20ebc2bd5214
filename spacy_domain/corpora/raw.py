"""Texts without annotations, none of which is in the dev or the test corpus."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from spacy.language import Language
from spacy.training import Corpus

from ..annotations import AnnotationFile, fits_none, list_files, read_file
from ..annotations.text import read_lines
from ..project.errors import Place, ProjectError
from .normal_form import normal_form

TEXT = "# text = "  # what a sentence begins with in a CoNLL-U file (https://universaldependencies.org/format.html)


def read_raw_texts(path: Path, held_out: Iterable[Path], nlp: Language) -> Iterator[str]:
    """Read texts without annotations, in any format that annotations can have or as plain text, holding few at a time.

    path (Path): A file or a folder of them, of which an empty one holds none. A .txt in no format of annotations
        has a text a line, a .conllu a sentence.
    held_out (Iterable[Path]): DocBins whose texts are left out, as are those that differ from them by case,
        punctuation and white space alone.
    nlp (Language): The pipeline whose tokenizer the model will use.
    YIELDS (str): The texts, each of them once.
    RAISES (ProjectError): If the file cannot be read.
    """
    files = [file for file in list_files(path, annotated=False).read if file.path.stat().st_size]
    if not files:
        return
    seen = {_key(example.text) for corpus in held_out for example in Corpus(corpus)(nlp)}
    for text in chain.from_iterable(map(_read_texts, files)):
        key = _key(text)
        if key not in seen and len(text) <= nlp.max_length:
            seen.add(key)
            yield text


def _read_texts(file: AnnotationFile) -> Iterator[str]:
    suffix = file.path.suffix.lower()
    # CoNLL files are often called .txt, too
    if suffix in (".txt", ".conllu") and fits_none(file.path):
        marked = TEXT if suffix == ".conllu" else ""
        lines = (line.removeprefix(marked).strip() for _, line in read_lines(file.path) if line.startswith(marked))
        yield from filter(None, lines)
    else:
        # What is wrong with a record's spans does not matter here; one without text has nothing to give
        yield from (record.text for record in read_file(file) if record.text.strip())


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
