"""A file or a folder of annotations -> records."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ..errors import Place, ProjectError

# Each of these adds itself to the registry.
from . import (  # noqa: F401
    brat,
    docbin,
    doccano,
    iob,
    label_studio,
    lighttag,
    prodigy,
    rasa,
    spacy_json,
    table,
    train_data,
)
from .check import check_record
from .formats import Format, find_format
from .offsets import Reading, Unit, infer_readings
from .record import AnnotatedText
from .text import Stretch, cut_at_lines

SPLITS = ("train", "dev", "test")
SAMPLE = 2000  # records that tell how a file's offsets are to be read


@dataclass(frozen=True)
class Part:
    """A part of the annotations that can be read by itself: a file, or some lines of it.

    file (Path): The file.
    format (Format): Its format.
    readings (list[Reading]): How its offsets may be read, the likeliest first.
    certain (bool): Whether the first reading is right where no surface text tells.
    split (str): The split that its name gives.
    stretch (Optional[Stretch]): Which lines; None for the whole file.
    notes (list[str]): What to know about it.
    """

    file: Path
    format: Format
    readings: list[Reading]
    certain: bool
    split: str = ""
    stretch: Stretch | None = None
    notes: list[str] = field(default_factory=list)


def read_annotations(path: Path, format_name: str = "", unit: Unit | None = None) -> Iterator[AnnotatedText]:
    """Read all records of a file, or of the files in a folder, holding few at a time.

    path (Path): The file or folder. Files named train.*, dev.* and test.* in a folder keep their splits.
    format_name (str): Name of the format in the registry; empty to find out from the content.
    unit (Optional[Unit]): What offsets count; None to find out from the surface texts that the records hold.
    YIELDS (AnnotatedText): The records.
    RAISES (ProjectError): If a file cannot be read as annotations.
    """
    for part in list_parts(path, format_name, unit):
        yield from read_part(part)


def list_parts(path: Path, format_name: str = "", unit: Unit | None = None) -> Iterator[Part]:
    """Cut annotations into parts that can be read by themselves; arguments as in `read_annotations`."""
    for split, file in list_files(path):
        format_ = find_format(file, format_name)
        usual = Reading(unit, format_.reading.inclusive) if unit else format_.reading
        readings = [usual] if unit else infer_readings(islice(format_.read(file), SAMPLE), usual)
        notes = [format_.remark] if format_.remark else []
        if readings[0] != usual:
            notes.append(f"Offsets are read as {readings[0]}: so they cover the texts that the records hold for them.")
        if "+" in split:
            notes.append(f"{file.name} is split into {split.replace('+', ' and ')}: the folder holds no other.")
        certain = format_.certain or unit is not None
        for stretch in cut_at_lines(file) if format_.by_line else [None]:
            yield Part(file, format_, readings, certain, split, stretch, notes)
            notes = []


def read_part(part: Part) -> Iterator[AnnotatedText]:
    """Read the records of a part.

    part (Part): The part.
    YIELDS (AnnotatedText): The records.
    RAISES (ProjectError): If it cannot be read as annotations.
    """
    notes = part.notes
    file = str(part.file)
    for record in part.format.read(part.file, part.stretch) if part.stretch else part.format.read(part.file):
        checked = check_record(record, file, part.readings, part.certain)
        checked.split = part.split
        checked.notes[:0], notes = notes, []
        yield checked


def list_files(path: Path) -> list[tuple[str, Path]]:
    """List the annotation files and the splits that their names give.

    path (Path): The file or folder.
    RETURNS (list[tuple[str, Path]]): Split and file; the split is empty if none is given, and "train+dev" or
        "train+test" if the second one is to be drawn from the first.
    RAISES (ProjectError): If there is no file, or only some of the splits are given.
    """
    if path.is_file():
        return [("", path)]
    if not path.is_dir():
        raise ProjectError(
            "Annotations not found",
            "Put the file there, or set --vars.annotations.",
            [Place(str(path), None, "missing")],
        )
    files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    # brat keeps the text beside its annotations
    files = [file for file in files if file.suffix != ".txt" or file.with_suffix(".ann") not in files]
    given = [(file.name.split(".")[0], file) for file in files if file.name.split(".")[0] in SPLITS]
    missing = set(SPLITS) - {split for split, _ in given}
    if not files or (given and ("train" in missing or len(missing) > 1)):
        names = ", ".join(file.name for file in files) or "nothing"
        raise ProjectError(
            "Incomplete folder of annotations",
            "Give train.*, dev.* and test.* to keep your own splits, of which dev or test may be missing and is then "
            "drawn from train, or files with other names to have them split.",
            [Place(str(path), None, f"holds {names}")],
        )
    if given and len(given) < len(files):
        others = ", ".join(file.name for file in files if file.name.split(".")[0] not in SPLITS)
        raise ProjectError(
            "Files beside the splits",
            "Move them out of the folder, or into one of the splits.",
            [Place(str(path), None, f"holds train.*, dev.*, test.* and {others}")],
        )
    train = "+".join(["train", *missing])
    return [(train if split == "train" else split, file) for split, file in given] or [("", file) for file in files]
