"""Texts that lie in files beside their annotations."""

from functools import cache
from pathlib import Path, PurePosixPath

from ...project.errors import Place, ProjectError
from ..text import read_chunks


def read_beside(path: Path, name: str, line: int) -> str:
    """Read a text that annotations name, as it is, line ends included.

    path (Path): The file of annotations.
    name (str): The text's file, by its path or address; the last part of it counts.
    line (int): The line that names it.
    RETURNS (str): The text.
    RAISES (ProjectError): If there is no such file beside the annotations or in a folder there.
    """
    file = PurePosixPath(name.replace("\\", "/")).name
    for folder in _folders(path.parent):
        if file and (folder / file).is_file():
            return "".join(read_chunks(folder / file))
    remedy = "Put the text beside the annotations, or into a folder there."
    raise ProjectError("Annotations without text", remedy, [Place(str(path), line, f"there is no {file}", name[:80])])


@cache  # asked for with each text
def _folders(folder: Path) -> list[Path]:
    return [folder, *sorted(entry for entry in folder.iterdir() if entry.is_dir())]
