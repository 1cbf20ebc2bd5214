"""A file, a folder with folders in it, or an archive of annotations -> the files to read, with the splits that their
names give, and those that are left."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePath

from ..project.errors import Place, ProjectError
from . import standoff
from .archives import is_archive, unpack
from .encoding import read_utf8
from .label_lists import why_no_annotations
from .parallel import find_tags, find_words

SPLITS = ("train", "dev", "test")
# fmt: off
NAMES = {
    **dict.fromkeys((
        "train", "training", "trn", "trainval", "entrenamiento", "entrainement", "entraînement", "treino",
        "обучение", "трейн", "训练", "训练集",
    ), "train"),
    **dict.fromkeys((
        "dev", "devel", "development", "val", "valid", "validation", "testa", "eval", "evaluation", "tune",
        "desarrollo", "validación", "validacion", "validação", "validacao", "валидация", "验证", "验证集", "开发集",
    ), "dev"),
    **dict.fromkeys((
        "test", "testing", "tst", "testb", "holdout", "heldout", "prueba", "pruebas", "teste", "тест", "测试", "测试集",
    ), "test"),
}
# fmt: on
OF_SET = re.compile(r".*?(train|training|dev|devel|development|val|valid|validation|test)(?:op)?(?:set|data|corpus)")
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")  # trainData
# Files that lie beside annotations and hold none
BESIDE = re.compile(
    r".*\.(conf|cfg|ini|toml|lock|log|bib|dtd|xsd|key|pdf|png|jpe?g|gif|svg|html?|css|js|sh|bat|bak|orig|swp|tmp|pyc|ipynb|gitkeep|docx?|pptx?|rst|tex)$|.*~$"
    r"|(readme|licen[cs]e|notice|changelog|citation|copying|authors|contributing|version)(\..*)?$"
    r"|makefile$|dockerfile$|requirements.*\.txt$|(config|dataset_dict|state|metadata|package|stats|settings)\.json$"
    r"|(config|environment|metadata|params)\.ya?ml$|(md5|sha(1|256))(sums?)?(\.txt)?$|.*\.(md5|sha1|sha256)$"
    r"|dataset_infos?\.json$|labels?\.txt$|(label|label2id|id2label)\.json$|project\.ya?ml$|cache-\w+\.arrow$|thumbs\.db$|desktop\.ini$|typesystem\.xml$",
    re.IGNORECASE,
)
# What annotations have in them that name their texts: Azure's, Ground Truth's, Comprehend's
NAMING = re.compile(rb'"regionOffset"|"source-ref"|\bbegin offset\b', re.IGNORECASE)
NAMING_SUFFIXES = (".json", ".jsonl", ".csv", ".manifest")
TEXT_NAME = re.compile(rb"(?:^|[\"/\\,])([^\"/\\,\r\n]{1,250}\.txt)(?=[\",]|\s*$)", re.MULTILINE)
# What lies beside examples of intents in a Rasa project: stories, rules, lookups, a domain
INTENTS = {
    **dict.fromkeys((".yml", ".yaml"), re.compile(rb"^(?:\xef\xbb\xbf)?nlu[ \t]*:(.*\n)*?.*\bintent\b", re.MULTILINE)),
    ".md": re.compile(rb"^\s*#+\s*intent\s*:", re.MULTILINE),
}
OF_DIALOGFLOW = re.compile(r".*_usersays_[\w-]+\.json")  # what users say, beside what intents and entities are
DATA_IN_PYTHON = re.compile(rb"[\"'](entities|text|content)[\"']\s*:|\[\s*[\[(]\s*\d+\s*,\s*\d+\s*,\s*[\"']")


@dataclass(frozen=True)
class AnnotationFile:
    """A file to read.

    path (Path): Where it is.
    name (str): What to call it: its path, or the archive's with the name in it.
    split (str): The split that its name gives; empty if none, and "train+dev" or "train+test" if the second one is to
        be drawn from the first.
    """

    path: Path
    name: str
    split: str = ""


@dataclass
class AnnotationFiles:
    """The files of a folder.

    read (list[AnnotationFile]): Those to read.
    left (dict[str, str]): Those that are not read, and why.
    note (str): What to know about their splits.
    """

    read: list[AnnotationFile] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    note: str = ""


def has_texts(path: Path) -> bool:
    """RETURNS (bool): Whether a file, or any in a folder, has something in it, white space aside. (The texts that a
    project comes without are an empty file.)"""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    for file in files:
        with file.open("rb") as opened:
            if opened.read(4096).strip():
                return True
    return False


def list_files(path: Path, annotated: bool = True) -> AnnotationFiles:
    """List the annotation files, and those beside them.

    path (Path): A file, a folder, or an archive. Files named train.*, dev.* and test.* in a folder keep their
        splits, and so do those whose names, or folders, have these words in them.
    annotated (bool): Whether all texts are annotated: then names give splits, and one without annotations is left.
    RETURNS (AnnotationFiles): The files.
    RAISES (ProjectError): If there is no file, or only some of the splits are given.
    """
    if not path.exists():
        raise ProjectError(
            "Annotations not found",
            "Put the file there, or set --vars.annotations.",
            [Place(str(path), None, "missing")],
        )
    standoff.forget()
    for cached in (_named_texts, _is_of_dialogflow):
        cached.cache_clear()  # the folder may have changed
    found = AnnotationFiles()
    whole = path.is_file() and not is_archive(path)
    for file, name in [(path, str(path))] if whole else sorted(_walk(path, str(path)), key=lambda pair: pair[1]):
        why = "" if whole else _why_not(file, path, annotated)
        if why:
            found.left[name] = why
        elif whole or not _is_read_with_another(file, path):
            found.read.append(AnnotationFile(file, name))
    return found if whole or not annotated else _with_splits(found, str(path))


def _is_read_with_another(file: Path, root: Path) -> bool:
    """Whether a file is read together with another one: brat has the text beside its annotations, and BioNLP's shared
    tasks those that were given (.a1) apart from those that were to be found (.a2); others name their texts."""
    suffix = file.suffix.lower()
    if find_words(file):
        return True
    if suffix == ".a2" and file.with_suffix(".a1").exists():
        return True
    return (suffix == ".txt" and bool(standoff.find_annotations(file))) or file.name in _texts_of_others(file, root)


def _why_not(file: Path, root: Path, annotated: bool) -> str:
    """Why a file of a folder is not read; empty if it is, or is read with another one."""
    if _is_read_with_another(file, root) or (standoff.is_annotations(file) and standoff.find_texts(file)):
        return ""
    if not standoff.is_annotations(file) and any(file.with_suffix(one).exists() for one in standoff.SUFFIXES):
        return "lies beside annotations of the same name"
    if file.suffix.lower() == ".txt" and standoff.is_one_of_several(file):
        return "is one of several texts that annotations may belong to"
    if annotated and file.suffix.lower() == ".txt" and standoff.has_annotations(file.parent):
        return "a text without .ann beside it"
    if find_tags(file):
        return ""
    if _texts_of_others(file, root):
        return "a text that the annotations beside it do not name"
    if BESIDE.fullmatch(file.name):
        return "holds no annotations, by its name"
    if file.suffix.lower() == ".py" and not DATA_IN_PYTHON.search(read_utf8(file)):
        return "is a script without records"
    if why := why_no_annotations(file):
        return why
    if annotated and _has_no_intents(file):
        return "holds no examples of intents"
    return "" if file.stat().st_size else "is empty"


def _has_no_intents(file: Path) -> bool:
    """Whether a file of a kind that only Rasa's, or Dialogflow's, examples are in has none."""
    if file.suffix.lower() == ".json" and not OF_DIALOGFLOW.fullmatch(file.name):
        return _is_of_dialogflow(file.parent)
    intents = INTENTS.get(file.suffix.lower())
    content = read_utf8(file) if intents else b""
    return bool(intents and content and not intents.search(content))


@cache
def _is_of_dialogflow(folder: Path) -> bool:
    """Whether a folder is of an agent of Dialogflow."""
    places = (folder, folder / "intents", folder.parent / "intents")
    return any(OF_DIALOGFLOW.fullmatch(file.name) for place in places if place.is_dir() for file in place.iterdir())


def _texts_of_others(file: Path, root: Path) -> set[str]:
    """If a file is a text, the names of texts in its folder that files of annotations have in them."""
    return _named_texts(file.parent, file.parent != root) if file.suffix.lower() == ".txt" else set()


@cache
def _named_texts(folder: Path, below: bool) -> set[str]:
    """The texts of a folder that annotations name, there or in the folder above."""
    places = (folder, folder.parent) if below else (folder,)
    beside = [file for place in places for file in place.iterdir() if file.is_file()]
    contents = (read_utf8(file) for file in beside if file.suffix.lower() in NAMING_SUFFIXES)
    naming = (content for content in contents if NAMING.search(content))
    named = {found[1].decode("utf-8", "replace") for content in naming for found in TEXT_NAME.finditer(content)}
    return {name for name in named if (folder / name).is_file()}


def _walk(path: Path, name: str) -> Iterator[tuple[Path, str]]:
    """Go through the files of a folder or archive and of the folders and archives in it; hidden ones aside, and what is
    no file: a link to a folder that it is in, a pipe."""
    if is_archive(path):
        path = unpack(path)
    for entry in sorted(path.iterdir()):
        inside = str(PurePath(name) / entry.name)
        if entry.name.startswith((".", "__MACOSX")):
            continue
        if entry.is_dir() and entry.is_symlink() and path.resolve().is_relative_to(entry.resolve()):
            continue
        if entry.is_dir() or is_archive(entry):
            yield from _walk(entry, inside)
        elif entry.is_file() or not entry.exists():  # a link to nothing is told when it is read
            yield entry, inside


def _with_splits(found: AnnotationFiles, folder: str) -> AnnotationFiles:
    exact = {file.name: _exact_split(file.name) for file in found.read}
    glued = _find_glued([file.name for file in found.read])
    loose = {file.name: find_split(file.name[len(folder) :]) or glued.get(file.name, "") for file in found.read}
    speaks = {"train"} < set(loose.values()) - {""}  # of train, and of dev or test
    given = loose if speaks and not all(exact[name] == loose[name] for name in exact) else exact
    if set(given.values()) - {""} == {"train"}:
        found.note = f"{_list([name for name in given if given[name]])}: no dev and no test beside, all are split anew"
        given = dict.fromkeys(given, "")
    names = [name for name, split in given.items() if split]
    speaking = [name for name, split in loose.items() if split]
    if set(loose.values()) & {"dev", "test"} and not names:
        found.note = (
            f"{_list(speaking)}: the names speak of splits, but not of train and another; all files are split anew"
        )
    missing = set(SPLITS) - set(given.values())
    if not found.read or (names and ("train" in missing or len(missing) > 1)):
        raise ProjectError(
            "Incomplete folder of annotations",
            "Give train.*, dev.* and test.* to keep your own splits, of which dev or test may be missing and is then "
            "drawn from train, or files with other names to have them split.",
            [Place(folder, None, f"holds {_list(given) or 'nothing'}")],
        )
    if names and len(names) < len(given):
        others = [name for name, split in given.items() if not split]
        raise ProjectError(
            "Files beside the splits",
            "Move them out of the folder, or into one of the splits: name them train..., dev... or test....",
            [Place(folder, None, f"holds train.*, dev.*, test.* and {_list(others)}")],
        )
    train = "+".join(["train", *sorted(missing)])
    splits = {name: train if split == "train" else split for name, split in given.items()}
    found.read = [AnnotationFile(file.path, file.name, splits[file.name]) for file in found.read]
    return found


def _exact_split(name: str) -> str:
    first = PurePath(name).name.split(".")[0]
    return first if first in SPLITS else ""


def _find_glued(names: list[str]) -> dict[str, str]:
    """Find the splits of names that have a word for them anywhere and are the same but for it: nertrain and nertest."""
    alike: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for name in names:
        own = PurePath(name).name.casefold()
        for word in ("train", "dev", "valid", "val", "test"):
            if word in own:
                alike[own.replace(word, "", 1)][name] = NAMES[word]
    return {name: split for same in alike.values() if {"train"} < set(same.values()) for name, split in same.items()}


def find_split(name: str) -> str:
    """Find the split that a word in a name says, as train, trainData or NCBItrainset does; of several, the last.

    name (str): A file's name, with its folders' names, or that of a variable.
    RETURNS (str): The split; empty if none is said.
    """
    spoken = [OF_SET.sub(r"\1", word) for word in re.split(r"[\W\d_]+", HUMP.sub(" ", name).casefold())]
    words = [NAMES[word] for word in spoken if word in NAMES]
    return words[-1] if words else ""


def _list(names: "list[str] | dict[str, str]") -> str:
    shown = [PurePath(name).name for name in names][:10]
    return ", ".join(shown) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
