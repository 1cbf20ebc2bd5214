"""Write annotations in the format of another tool."""

from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from spacy_domain.annotations import AnnotatedText, find_unit, list_files, read_file
from spacy_domain.annotations.formats import find_writer
from spacy_domain.project.outputs import replacing
from spacy_domain.project.terminal import Arg, Opt, msg, run


def export(
    annotations: Path = Arg(..., help="Annotated texts: a file, or a folder"),
    output_dir: Path = Arg(..., help="Where to write: a file for each that is read"),
    to: str = Opt(..., help="Format to write: prodigy, doccano, label_studio, iob or table"),
    format_name: str = Opt("auto", "--format", help="Format of the annotations, auto to see it from their content"),
    offsets: str = Opt(
        "auto", help="What offsets count: characters, utf-16 or utf-8, auto to see it from surface texts"
    ),
) -> None:
    """Write annotations in the format of another tool."""
    writer = find_writer(to)
    files = list_files(annotations).read
    names = name_outputs([Path(file.name) for file in files], annotations, writer.suffix)
    for file, name in zip(files, names, strict=True):
        records = read_file(file, "" if format_name == "auto" else format_name, find_unit(offsets))
        progress = tqdm(records, desc=name.name, unit=" records", disable=None, leave=False)
        left_out: list[str] = []
        path = output_dir / name
        with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as output:
            output.writelines(writer.write(_sayable(progress, writer.rejects, left_out)))
        msg.good(f"{file.name} -> {path}")
        if left_out:
            msg.warn(f"{len(left_out)} thing(s) that {to} cannot say were left out")
            for line in left_out:
                print(f"  {line}")


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


def _sayable(records: Iterator[AnnotatedText], rejects: bool, left_out: list[str]) -> Iterator[AnnotatedText]:
    """Leave out what the format cannot say, and say so."""
    for record in records:
        left_out += [f"{record.file}:{record.line}: {message}" for message in record.dropped]
        if record.rejected and not rejects:
            left_out.append(f"{record.file}:{record.line}: the record, for {record.rejected}")
        else:
            yield record


if __name__ == "__main__":
    run(export)
