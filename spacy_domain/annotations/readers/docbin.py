"""spaCy's own DocBin (.spacy)."""

from collections.abc import Iterator
from pathlib import Path

from ...project.errors import Place, ProjectError
from ..formats import Format, formats
from ..record import FileRecord, FileSpan
from ..text import Beginning

ZLIB = b"x\x9c"  # its first bytes


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it is compressed as a DocBin is.
    """
    return beginning.start.startswith(ZLIB)


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file. Its tokens are given up: the base pipeline makes new ones.

    path (Path): The file.
    YIELDS (FileRecord): The records; "line" is the number of the Doc.
    RAISES (ProjectError): If it is no DocBin.
    """
    from spacy.tokens import DocBin  # all other formats do without spaCy, which takes a second to import
    from spacy.vocab import Vocab

    try:
        docs = DocBin().from_disk(path).get_docs(Vocab())
        for number, doc in enumerate(docs, 1):
            spans = [FileSpan(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]
            unknown = [(token.idx, token.idx + len(token)) for token in doc if token.ent_iob == 0]
            record = FileRecord(doc.text, spans, number, unknown=unknown)
            seen = set(doc.ents)
            for key, group in doc.spans.items():
                left = [span for span in group if span not in seen]
                seen.update(left)
                record.dropped += [f"{s.text!r} ({s.label_}) in doc.spans[{key!r}] was not read" for s in left]
                record.unread[f"span(s) in doc.spans[{key!r}]"] += len(left)
            record.unread["categories in doc.cats"] += len(doc.cats)
            record.unread = +record.unread
            yield record
    except (ValueError, KeyError, TypeError, IndexError) as error:
        place = Place(str(path), None, str(error).splitlines()[0][:200])
        raise ProjectError("Broken DocBin", "Make the file anew.", [place]) from None


formats.register("docbin", func=Format("DocBin of spaCy", fits, read, certain=True))
