"""Which text belongs to which file of annotations where they are apart, as brat has them: x.ann and x.txt.

They lie side by side, or in two folders: ann/x.ann and txt/x.txt, train/ann/x.ann and train/text/x.txt, ann/train/x.ann
and txt/train/x.txt. A text is only found if there is one of its name.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

SUFFIXES = (".ann", ".a1", ".a2")  # what brat and BioNLP's shared tasks have beside a text
TEXTS = (".txt", ".TXT")
MOST = 100  # folders that are looked into


def is_annotations(path: Path) -> bool:
    """RETURNS (bool): Whether a file is one of annotations, by its name."""
    return path.suffix.lower() in SUFFIXES


def find_texts(path: Path) -> list[Path]:
    """RETURNS (list[Path]): The texts that may belong to a file of annotations: one, or it is not clear which."""
    return _find(path, TEXTS)


def find_annotations(path: Path) -> list[Path]:
    """RETURNS (list[Path]): The files of annotations that belong to a text."""
    return [one for one in _of_name(path) if find_texts(one) == [path]]


def is_one_of_several(path: Path) -> bool:
    """RETURNS (bool): Whether a text is one of several that a file of annotations may belong to."""
    return any(path in texts and len(texts) > 1 for texts in map(find_texts, _of_name(path)))


def _of_name(path: Path) -> list[Path]:
    return _find(path, (*SUFFIXES, *(suffix.upper() for suffix in SUFFIXES)))


def has_annotations(folder: Path) -> bool:
    """RETURNS (bool): Whether some texts of a folder have annotations."""
    return _has_annotations(folder)


def _find(path: Path, suffixes: tuple[str, ...]) -> list[Path]:
    names = [f"{path.stem}{suffix}" for suffix in suffixes]
    near_to_far = ([found for one in folders for found in _existing(one, names)] for folders in _folders(path.parent))
    return next(filter(None, near_to_far), [])


def _existing(folder: Path, names: list[str]) -> list[Path]:
    found: dict[tuple[int, int], Path] = {}  # where case does not matter, one file has two names
    for name in names:
        file = folder / name
        if file.is_file():
            state = file.stat()
            found.setdefault((state.st_dev, state.st_ino), file)
    return list(found.values())


@cache
def _folders(folder: Path) -> list[list[Path]]:
    """From near to far, for what is far may belong to something else: the folder, those below it, the one it is in,
    those beside it, and those with its name in folders beside that."""
    beside = [one for one in _inside(folder.parent) if one != folder]
    further = [one / folder.name for one in _inside(folder.parent.parent) if one != folder.parent]
    return [[folder], list(_inside(folder)), [folder.parent], beside, [one for one in further if one.is_dir()]]


def _inside(folder: Path) -> Iterator[Path]:
    entries = sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    yield from entries if len(entries) <= MOST else ()


@cache
def _has_annotations(folder: Path) -> bool:
    if any(is_annotations(file) for file in folder.iterdir()):
        return True
    return any(find_annotations(file) for file in folder.iterdir() if file.suffix in TEXTS)


def forget() -> None:
    """Look anew: folders may have changed."""
    _folders.cache_clear()
    _has_annotations.cache_clear()
