"""What code a command is made of: the modules that it imports, wherever in them, as syntax trees.

Comments, docstrings and white space do not count, for they change no result. What counts besides: files beside a module
that it names (a template, say, and what that includes), and the versions of the packages that the modules import.
"""

import ast
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

OWN = ("scripts", "spacy_domain")  # top-level packages of this project
# What spaCy computes with: two versions of these give two results, too
BEHIND_SPACY = ("thinc", "blis", "numpy", "spacy-legacy", "spacy-lookups-data")
QUOTED = re.compile(rb"\"([\w.-]+)\"")  # as a template names another one
TOP = re.compile(r"^[^/.,]+", re.MULTILINE)  # what is installed is imported as this
LOADS_ALL = "pkgutil"  # a package that imports this loads all of its modules


@dataclass(frozen=True)
class Module:
    """What matters of a module's source.

    digest (str): SHA-256 of its syntax tree.
    imports (tuple[tuple[str, tuple[str, ...]], ...]): Modules that it imports, and what from each of them.
    words (frozenset[str]): Its strings, for the files that it names.
    """

    digest: str
    imports: tuple[tuple[str, tuple[str, ...]], ...]
    words: frozenset[str]


def describe_code(module: str) -> dict[str, Any]:
    """Say what a module and all that it imports are made of.

    module (str): Its dotted name: "scripts.train".
    RETURNS (dict[str, Any]): "code", SHA-256 by path from the folder that the package is in, and "packages", versions
        by name (None where one is not installed).
    """
    files, outside = find_code(module)
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


def find_code(module: str) -> tuple[dict[str, Path], set[str]]:
    """Find a module, all modules of this project that it imports, and the files beside them that these name.

    module (str): Its dotted name.
    RETURNS (tuple[dict[str, Path], set[str]]): The files, by path from the folder that the package is in, and the
        top-level names of what is imported from elsewhere.
    """
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
        path = _locate(name)
        if path is None:
            continue  # a name that a module holds
        waiting.append(name.rpartition(".")[0] or name)  # importing a module runs its packages first
        source = _read(path, _stamp(path))
        root = path.parents[name.count(".") + (path.name == "__init__.py")]
        files |= {
            found.relative_to(root).as_posix(): found for found in [path, *_find_beside(path.parent, source.words)]
        }
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        for target, names in source.imports:
            absolute = _absolute(target, package)
            waiting += [absolute, *(f"{absolute}.{one}" for one in names if absolute.partition(".")[0] in OWN)]
        if path.name == "__init__.py" and any(target == LOADS_ALL for target, _ in source.imports):
            waiting += [f"{name}.{one.stem}" for one in path.parent.glob("*.py") if one.stem != "__init__"]
    return files, outside


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
    return _parse(path.read_bytes())


@cache  # a copy of a file is parsed no second time
def _parse(source: bytes) -> Module:
    reader = _Reader()
    reader.read(ast.parse(source))
    digest = hashlib.sha256("\0".join(reader.tree).encode("utf-8", "surrogatepass")).hexdigest()
    return Module(digest, tuple(reader.imports), frozenset(reader.words))


class _Reader:
    """Goes through a syntax tree once: what `ast.dump` and `ast.walk` would give takes twice as long."""

    def __init__(self) -> None:
        self.tree: list[str] = []  # all of it, in the order of its fields
        self.imports: list[tuple[str, tuple[str, ...]]] = []
        self.words: set[str] = set()

    def read(self, node: ast.AST) -> None:
        """Read a node and all below it, docstrings aside."""
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and _is_text(node.body):
            node.body = node.body[1:]
        elif isinstance(node, ast.Constant):
            self.words.add(node.value if isinstance(node.value, str) else "")
        elif isinstance(node, ast.Import):
            self.imports += [(name.name, ()) for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            target = "." * node.level + (node.module or "")
            self.imports.append((target, tuple(name.name for name in node.names)))
        elif isinstance(node, ast.Call) and _called(node) == "import_module" and _text(node.args):
            self.imports.append((_text(node.args), ()))
        self.tree.append(type(node).__name__)
        for name in node._fields:
            value = getattr(node, name, None)
            values = value if isinstance(value, list) else [value]
            self.tree.append(f"{name} {len(values)}")
            for one in values:
                if isinstance(one, ast.AST):
                    self.read(one)
                else:
                    self.tree.append(repr(one))


def _is_text(body: list[ast.stmt]) -> bool:
    first = body[0] if body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)


def _called(call: ast.Call) -> str:
    function = call.func
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def _text(arguments: list[ast.expr]) -> str:
    first = arguments[0] if arguments else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


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
