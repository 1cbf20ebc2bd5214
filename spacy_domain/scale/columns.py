"""What columns the input has, as far as a sample tells."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from ..project.errors import Place, ProjectError
from .plan import Format, Piece, Settings, cut
from .records import PieceReader
from .storage import Source
from .writers import added_columns, find_type

FILES, RECORDS = 20, 500  # that are looked at: so many of each of so many files
SAMPLE = 2**20  # bytes of a file that are looked at


def sample_pieces(sources: Sequence[Source], files: int, size: int) -> Iterator[Piece]:
    """Take the beginnings of some files, at even distances in the list of all.

    sources (Sequence[Source]): The files.
    files (int): How many to take.
    size (int): About how many bytes of each.
    YIELDS (Piece): A piece of each.
    """
    step = max(1, len(sources) // files)
    for source in sources[::step][:files]:
        first = next(cut([source], size), None)
        if first:
            yield first.pieces[0]


def sample_columns(sources: Sequence[Source], settings: Settings) -> dict[str, str]:
    """Look at some records, before anything takes long.

    sources (Sequence[Source]): The files.
    settings (Settings): How texts are annotated.
    RETURNS (dict[str, str]): For Parquet made of something else, the types of columns.
    RAISES (ProjectError): If none of the records has a text, or they have a column that would be added.
    """
    values: dict[str, list[Any]] = {}
    parquet, texts, wrong = False, 0, list[Place]()
    for piece in sample_pieces(sources, FILES, SAMPLE):
        parquet = parquet or piece.kind == "parquet"
        for record in islice(PieceReader(piece, settings.column), RECORDS):
            texts += not record.wrong
            if record.wrong:
                wrong.append(Place(piece.file, None, record.wrong, record.raw[:80].decode("utf-8", "replace")))
            for name, value in record.columns.items():
                values.setdefault(name, []).append(value)
    if wrong and not texts:
        raise ProjectError(
            "No texts found", "Name the column, or key, that holds the text: --vars.text_column=...", wrong
        )
    clash = [name for name in added_columns(settings.prefix) if name in values]
    if clash:
        place = Place(settings.texts, None, f"has {', '.join(clash)}")
        raise ProjectError(
            "The texts have columns that would be added",
            "Rename them. Or run the line that `spacy project run annotate` prints with --prefix=... behind it, which "
            "is put before the names of those that are added.",
            [place],
        )
    types = {name: find_type(found) for name, found in values.items()}
    return {name: kind for name, kind in types.items() if kind} if settings.to is Format.parquet and not parquet else {}
