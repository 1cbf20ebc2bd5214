"""A file or a folder of annotations -> records."""

from collections.abc import Iterator
from pathlib import Path

from ..errors import Place, ProjectError
from . import lighttag, prodigy  # noqa: F401  (each adds itself to the registry)
from .formats import detect_format
from .record import AnnotatedText

SPLITS = ("train", "dev", "test")


def read_annotations(path: Path) -> Iterator[AnnotatedText]:
    """Read all records of a file, or of the files in a folder.

    path (Path): The file or folder. Files named train.*, dev.* and test.* in a folder keep their splits.
    YIELDS (AnnotatedText): The records.
    RAISES (ProjectError): If a file cannot be read as annotations.
    """
    for split, file in list_files(path):
        for record in detect_format(file).read(file):
            record.split = split
            yield record


def list_files(path: Path) -> list[tuple[str, Path]]:
    """List the annotation files and the splits that their names give.

    path (Path): The file or folder.
    RETURNS (List[Tuple[str, Path]]): Split (empty if none is given) and file.
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
    given = [(file.name.split(".")[0], file) for file in files if file.name.split(".")[0] in SPLITS]
    if not files or (given and {split for split, _ in given} != set(SPLITS)):
        names = ", ".join(file.name for file in files) or "nothing"
        raise ProjectError(
            "Incomplete folder of annotations",
            "Give train.*, dev.* and test.* to keep your own splits, or files with other names to have them split.",
            [Place(str(path), None, f"holds {names}")],
        )
    if given and len(given) < len(files):
        others = ", ".join(file.name for file in files if file.name.split(".")[0] not in SPLITS)
        raise ProjectError(
            "Files beside the splits",
            "Move them out of the folder, or into one of the splits.",
            [Place(str(path), None, f"holds train.*, dev.*, test.* and {others}")],
        )
    return given or [("", file) for file in files]
