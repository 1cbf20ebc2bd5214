"""What goes where when annotations are written in another tool's format, and what that cannot say."""

from collections.abc import Iterator
from pathlib import Path

from .record import AnnotatedText


def name_outputs(files: list[Path], annotations: Path, suffix: str) -> list[Path]:
    """Name a file to write for each that is read, in the same folders below, and never one for two of them.

    files (list[Path]): The names of the files that are read.
    annotations (Path): The folder or archive that they are in, or the one file.
    suffix (str): How names end in the format that is written. It takes the place of the last suffix of a name or, where
        two names differ in that alone, comes behind it.
    RETURNS (list[Path]): What to write, relative to where it is written.
    """
    folder = annotations.parent if files == [annotations] else annotations
    places = [file.relative_to(folder) for file in files]
    short = [place.with_name(f"{place.stem}{suffix}") for place in places]
    if len({str(name).casefold() for name in short}) == len(files):  # Windows takes A and a for one
        return short
    return [place.with_name(f"{place.name}{suffix}") for place in places]


def leave_out_unsayable(
    records: Iterator[AnnotatedText], rejects: bool, left_out: list[str]
) -> Iterator[AnnotatedText]:
    """Leave out what a format cannot say.

    records (Iterator[AnnotatedText]): The records.
    rejects (bool): Whether it can say that a record was rejected.
    left_out (list[str]): Is added to: what was left out, with its place.
    YIELDS (AnnotatedText): The others.
    """
    for record in records:
        left_out += [f"{record.file}:{record.line}: {message}" for message in record.dropped]
        if record.rejected and not rejects:
            left_out.append(f"{record.file}:{record.line}: the record, for {record.rejected}")
        else:
            yield record
