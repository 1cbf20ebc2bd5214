"""spaCy's own DocBin (.spacy)."""

from collections.abc import Iterator
from pathlib import Path

from spacy.tokens import DocBin
from spacy.vocab import Vocab

from ..errors import Place, ProjectError
from .formats import Format, formats
from .record import FileRecord, FileSpan

ZLIB = "x\ufffd"  # its first bytes, 78 9C, read as UTF-8


def sniff(head: str) -> bool:
    """Tell whether a file begins like this format.

    head (str): The beginning of the file.
    RETURNS (bool): Whether it does.
    """
    return head.startswith(ZLIB)


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file. Its tokens are given up: the base pipeline makes new ones.

    path (Path): The file.
    YIELDS (FileRecord): The records; "line" is the number of the Doc.
    RAISES (ProjectError): If it is no DocBin.
    """
    try:
        docs = DocBin().from_disk(path).get_docs(Vocab())
        for number, doc in enumerate(docs, 1):
            spans = [FileSpan(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]
            unknown = [(token.idx, token.idx + len(token)) for token in doc if token.ent_iob == 0]
            yield FileRecord(doc.text, spans, number, unknown=unknown)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        place = Place(str(path), None, str(error).splitlines()[0][:200])
        raise ProjectError("Broken DocBin", "Make the file anew.", [place]) from None


formats.register("docbin", func=Format("DocBin of spaCy", sniff, read, certain=True))
