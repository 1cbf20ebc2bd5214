"""A module's syntax tree: a digest of it, and what the module imports and names.

To parse a whole project takes a second, so what was found is kept beside the compiled modules, for as long as a source
is the same to the byte.
"""

import ast
import hashlib
import json
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

LONGEST = 255  # characters in a file's name
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
NOTED = {*DOCUMENTED, ast.Constant, ast.Import, ast.ImportFrom, ast.Call}


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """The fields of each kind of node, but for whether a name is read or set: that follows from where it stands."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        self[kind] = tuple(name for name in kind._fields if name != "ctx")
        return self[kind]


FIELDS = _Fields()


@dataclass(frozen=True)
class Module:
    """What matters of a module's source.

    digest (str): SHA-256 of its syntax tree.
    imports (tuple[tuple[str, tuple[str, ...]], ...]): Modules that it imports, and what from each of them.
    words (frozenset[str]): Its strings that can be names of files.
    """

    digest: str
    imports: tuple[tuple[str, tuple[str, ...]], ...]
    words: frozenset[str]


def read_module(source: bytes, path: Path) -> Module:
    """Parse a module, or take what was found when its source was parsed before.

    source (bytes): Its source.
    path (Path): Its file: what was found is kept in __pycache__ beside it, as compiled modules are.
    RETURNS (Module): What matters of it.
    """
    kept = path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.syntax.json"
    key = hashlib.sha256(_reader() + source).hexdigest()
    with suppress(OSError, ValueError, KeyError, TypeError):  # nothing there, or half of it
        found = json.loads(kept.read_bytes())
        if found["key"] == key:
            imports = tuple((target, tuple(names)) for target, names in found["imports"])
            return Module(found["digest"], imports, frozenset(found["words"]))
    module = _parse(source)
    if not sys.dont_write_bytecode:
        with suppress(OSError):
            kept.parent.mkdir(exist_ok=True)
            kept.write_text(json.dumps({"key": key, **asdict(module), "words": sorted(module.words)}), encoding="utf-8")
    return module


@cache
def _reader() -> bytes:
    """What reads: when this file or Python is another, nothing counts that was kept."""
    return f"{sys.version}\0".encode() + Path(__file__).read_bytes()


def _parse(source: bytes) -> Module:
    reader = _Reader()
    reader.read(ast.parse(source))
    digest = hashlib.sha256("\0".join(reader.tree).encode("utf-8", "surrogatepass")).hexdigest()
    words = (word for word in reader.words if len(word) <= LONGEST and "\n" not in word)
    return Module(digest, tuple(reader.imports), frozenset(words))


class _Reader:
    """Goes through a syntax tree once: `ast.dump` and `ast.walk` would each go through it."""

    def __init__(self) -> None:
        self.tree: list[str] = []  # all of it, in the order of its fields
        self.imports: list[tuple[str, tuple[str, ...]]] = []
        self.words: set[str] = set()

    def read(self, node: ast.AST) -> None:
        """Read a node and all below it, docstrings aside."""
        kind = type(node)
        if kind in NOTED:
            self._note(node)
        tree = self.tree
        tree.append(kind.__name__)
        for name in FIELDS[kind]:
            value = getattr(node, name, None)
            values = value if type(value) is list else (value,)
            tree.append(f"{name} {len(values)}")
            for one in values:
                if isinstance(one, ast.AST):
                    self.read(one)
                else:
                    tree.append(repr(one))

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, DOCUMENTED):
            node.body = node.body[1:] if _is_text(node.body) else node.body
        elif isinstance(node, ast.Constant):
            self.words.add(node.value if isinstance(node.value, str) else "")
        elif isinstance(node, ast.Import):
            self.imports += [(name.name, ()) for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            target = "." * node.level + (node.module or "")
            self.imports.append((target, tuple(name.name for name in node.names)))
        elif isinstance(node, ast.Call) and _called(node) == "import_module" and _text(node.args):
            self.imports.append((_text(node.args), ()))


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
