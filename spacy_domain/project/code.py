"""What code a command is made of: the modules that it imports, wherever in them, as syntax trees.

Comments, docstrings and white space do not count, for they change no result. What counts besides: files beside a module
that it names (a template, say, and what that includes), and the versions of the packages that the modules import.
"""

import hashlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distributions
from importlib.metadata import version as installed_version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .syntax import Module, read_module

OWN = ("scripts", "spacy_domain")  # top-level packages of this project
# What spaCy computes with: two versions of these give two results, too
BEHIND_SPACY = ("thinc", "blis", "numpy", "spacy-legacy", "spacy-lookups-data")
QUOTED = re.compile(rb"\"([\w.-]+)\"")  # as a template names another one
TOP = re.compile(r"^[^/.,]+", re.MULTILINE)  # what is installed is imported as this
LOADS_ALL = "pkgutil"  # a package that imports this loads all of its modules
_modules: dict[bytes, Module] = {}  # by source: a copy of a file is read no second time


@dataclass(frozen=True)
class Found:
    """What belongs to a module where it lies.

    files (dict[str, Path]): It, and the files beside it that it names, by path from the folder that the package is in.
    names (tuple[str, ...]): What comes with it, by dotted name. Some are names of things in modules.
    """

    files: dict[str, Path]
    names: tuple[str, ...]


def describe_code(module: str, known: dict[str, Found] | None = None) -> dict[str, Any]:
    """Say what a module and all that it imports are made of.

    module (str): Its dotted name: "scripts.train".
    known (Optional[dict[str, Found]]): What was found a moment ago, to be added to: commands share most modules.
    RETURNS (dict[str, Any]): "code", SHA-256 by path from the folder that the package is in, and "packages", versions
        by name (None where one is not installed).
    """
    files, outside = find_code(module, known)
    return {
        "code": {name: _digest(path) for name, path in sorted(files.items())},
        "packages": {name: _version(name) for name in sorted(_distributions(outside))},
    }


def find_edits(code: dict[str, str], since: float) -> list[str]:
    """List code that is another than it was. What nobody has touched is not read again.

    code (dict[str, str]): What `describe_code` said of it, some time before.
    since (float): From when on an edit counts, in seconds since 1970.
    RETURNS (list[str]): Those that were edited since, and are not what they were, or are gone.
    """
    return [
        name
        for name, path in _find_paths(code).items()
        if not path.exists() or (path.stat().st_mtime >= since and _digest(path) != code[name])
    ]


def list_there(code: dict[str, str]) -> dict[str, str]:
    """RETURNS (dict[str, str]): The part of what `describe_code` said whose files are there now."""
    return {name: code[name] for name, path in _find_paths(code).items() if path.exists()}


def _find_paths(code: dict[str, str]) -> dict[str, Path]:
    return {name: root.parent / name for name in code for root in _roots(name.partition("/")[0])}


def find_code(module: str, known: dict[str, Found] | None = None) -> tuple[dict[str, Path], set[str]]:
    """Find a module, all modules of this project that it imports, and the files beside them that these name.

    module (str): Its dotted name.
    known (Optional[dict[str, Found]]): What was found a moment ago, to be added to.
    RETURNS (tuple[dict[str, Path], set[str]]): The files, by path from the folder that the package is in, and the
        top-level names of what is imported from elsewhere.
    """
    known = {} if known is None else known
    files: dict[str, Path] = {}
    outside: set[str] = set()
    waiting, seen = [module], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name.partition(".")[0] not in OWN:
            outside.add(name.partition(".")[0])
            continue
        if name not in known:
            known[name] = _find(name)
        files |= known[name].files
        waiting += known[name].names
    return files, outside


def _find(name: str) -> Found:
    path = _locate(name)
    if path is None:
        return Found({}, ())  # a name that a module holds
    source = _read(path, _stamp(path))
    root = path.parents[name.count(".") + (path.name == "__init__.py")]
    files = {found.relative_to(root).as_posix(): found for found in [path, *_find_beside(path.parent, source.words)]}
    parent = name.rpartition(".")[0]
    names = [parent or name]  # importing a module runs its packages first
    for target, held in source.imports:
        absolute = _absolute(target, name if path.name == "__init__.py" else parent)
        names += [absolute, *(f"{absolute}.{one}" for one in held if absolute.partition(".")[0] in OWN)]
    if path.name == "__init__.py" and any(target == LOADS_ALL for target, _ in source.imports):
        names += [f"{name}.{one.stem}" for one in path.parent.glob("*.py") if one.stem != "__init__"]
    return Found(files, tuple(dict.fromkeys(names)))


def _absolute(target: str, package: str) -> str:
    rest = target.lstrip(".")
    up = len(target) - len(rest)
    if not up:
        return target
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - up + 1], *([rest] if rest else [])])


@cache
def _locate(module: str) -> Path | None:
    top, *rest = module.split(".")
    for root in _roots(top):
        base = root.joinpath(*rest)
        for path in (base / "__init__.py", base.with_suffix(".py")):
            if path.is_file():
                return path
    return None


@cache
def _roots(top: str) -> tuple[Path, ...]:
    spec = find_spec(top)
    return tuple(map(Path, spec.submodule_search_locations or ())) if spec else ()


def _find_beside(folder: Path, words: frozenset[str]) -> Iterator[Path]:
    """Files that a module names, and those that such a file names in turn: a template includes others."""
    beside = _list_beside(folder)
    waiting, seen = [entry for entry in beside if entry.name in words], set()
    while waiting:
        entry = waiting.pop()
        if entry not in seen:
            seen.add(entry)
            files = [path for path in [entry, *entry.rglob("*")] if path.is_file()]
            yield from files
            named = set().union(*(_read_names(path, _stamp(path)) for path in files))
            waiting += [other for other in beside if other.name in named]


@cache
def _read_names(path: Path, _: tuple[int, int]) -> set[str]:
    return {found.decode() for found in QUOTED.findall(path.read_bytes())}


@cache
def _list_beside(folder: Path) -> tuple[Path, ...]:
    """Files that are no modules, and folders that are no packages."""
    return tuple(
        entry
        for entry in sorted(folder.iterdir())
        if (entry.suffix != ".py" if entry.is_file() else not (entry / "__init__.py").exists())
        and not entry.name.startswith((".", "__"))
    )


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def _digest(path: Path) -> str:
    if path.suffix == ".py":
        return _read(path, _stamp(path)).digest
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def _read(path: Path, _: tuple[int, int]) -> Module:
    source = path.read_bytes()
    if source not in _modules:
        _modules[source] = read_module(source, path)
    return _modules[source]


def _distributions(names: set[str]) -> set[str]:
    """The packages, as pip calls them, that top-level names come from."""
    known = _packages()
    found = {
        name.lower().replace("_", "-")
        for top in names - set(sys.stdlib_module_names)
        for name in (map(_name, known[top]) if top in known else [top])
        if top != "__future__"
    }
    return found | set(BEHIND_SPACY) if "spacy" in found else found


@cache
def _packages() -> dict[str, list[Distribution]]:
    """The same as `importlib.metadata.packages_distributions`, which makes a path of every file of every package, and
    reads the name of each."""
    found: dict[str, list[Distribution]] = {}
    for package in distributions():
        tops = set((package.read_text("top_level.txt") or "").split())
        for top in tops or set(TOP.findall(package.read_text("RECORD") or "")):
            found.setdefault(top, []).append(package)
    return found


@cache  # all that is said of a package is read for it
def _name(package: Distribution) -> str:
    return package.name


@cache
def _version(name: str) -> str | None:
    try:
        return installed_version(name)
    except PackageNotFoundError:
        return None
