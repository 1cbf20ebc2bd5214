"""What a command is made of: the code that it runs, without what changes nothing, and the packages behind it."""

import ast
import json
import time

import pytest
from projects import COMMANDS, ROOT, STEPS, Project, copy_template

from spacy_domain.project import code as code_room
from spacy_domain.project.code import OWN, describe_code, find_code, find_edits, list_there
from spacy_domain.project.syntax import read_module

MODULES = {name: f"scripts.{name.replace('-', '_')}" for name in COMMANDS}
SECTIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return copy_template(tmp_path_factory.mktemp("code") / "project")


@pytest.fixture
def code(copy):
    """A copy to change code in; afterwards it is what it was."""
    before = {path: path.read_bytes() for path in list_code(copy)}
    with copy.inside():
        yield copy
    for path in list_code(copy):
        if path not in before:
            path.unlink()
        elif path.read_bytes() != before[path]:
            path.write_bytes(before[path])


def list_code(copy):
    found = (path for top in OWN for path in (copy.path / top).rglob("*"))
    return [path for path in found if path.is_file() and "__pycache__" not in path.parts]


def describe_all():
    return {name: describe_code(module) for name, module in MODULES.items()}


def changed(before):
    """The commands that are made of something else than before."""
    return {name for name, made in describe_all().items() if made != before[name]}


def say_more(source):
    """Comment on a module, put a word into each docstring of it, and give one to whatever has none."""
    lines = source.splitlines(keepends=True)
    places = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, *SECTIONS)) and node.body:
            first = node.body[0]
            has = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            decorated = getattr(first, "decorator_list", None)
            line = decorated[0].lineno if decorated else first.lineno
            if has or line > getattr(node, "lineno", 0):
                places.append((line, first.col_offset, has))
    for line, column, has in sorted(places, reverse=True):
        if has:
            lines[line - 1] = lines[line - 1].replace('"""', '"""More than before: ', 1)
        else:
            lines.insert(line - 1, " " * column + '"""Says something."""\n\n')
    return "".join(lines) + "\n\n# a comment\n"


def test_comments_docstrings_and_white_space_change_nothing(code):
    before = describe_all()
    files = [path for path in list_code(code) if path.suffix == ".py"]
    for path in files:
        source = path.read_text(encoding="utf-8")
        path.write_text(say_more(source), encoding="utf-8")
        assert ast.dump(ast.parse(path.read_bytes())) != ast.dump(ast.parse(source)) or not source.strip()
    assert len(files) > 100
    assert changed(before) == set()


def test_what_is_kept_of_a_module_counts_for_its_very_source_alone(tmp_path):
    path, sources = tmp_path / "mine.py", [b"import json\n", b"import json, os\n", b"NAME = 'page.css'\n"]
    first, second, third = (read_module(source, path) for source in sources)
    assert [name for name, _ in second.imports] == ["json", "os"] and "page.css" in third.words
    (kept,) = (tmp_path / "__pycache__").iterdir()
    whole = kept.read_bytes()
    assert read_module(sources[2], path) == third and kept.read_bytes() == whole
    for broken in (whole[:-20], b"[]", whole.replace(b'"key"', b'"lock"')):
        kept.write_bytes(broken)
        assert read_module(sources[2], path) == third and kept.read_bytes() == whole
    assert read_module(sources[0], path) == first


STUDIES = {"trials", "learning-curve", "check-annotations", "cross-validate", "tune"}
# The file that is changed, and all commands of which it is a part
CHANGES = {
    "spacy_domain/scoring/matching.py": {"evaluate"},
    "spacy_domain/report/charts.py": {"report"},
    "spacy_domain/report/report.css": {"report"},
    "spacy_domain/report/model_card.md.jinja": {"package"},
    "spacy_domain/wheel/proof.py": {"package"},
    "spacy_domain/base/silver.py": {"label-raw-text"},
    "spacy_domain/studies/trainings.py": STUDIES,
    "scripts/train.py": {"train"},
    "scripts/preflight.py": {"preflight"},
    "spacy_domain/service/page/page.css": {"serve", "review"},
    "spacy_domain/project/errors.py": set(COMMANDS),
}


@pytest.mark.parametrize("path", CHANGES)
def test_a_change_of_code_or_of_a_file_beside_it_counts_where_it_is_used(code, path):
    before = describe_all()
    code.write(path, code.read(path) + ("\nMORE = 1\n" if path.endswith(".py") else "\nmore\n"))
    assert changed(before) == CHANGES[path]


def test_functions_of_ones_own_count_wherever_configs_are_read(code):
    before = describe_all()
    code.write("scripts/functions.py", code.read("scripts/functions.py") + "\nMORE = 1\n")
    assert {"fill-config", "train", "evaluate", "package"} <= changed(before)


def test_a_new_module_of_a_package_that_loads_all_of_them_counts(code):
    before = describe_all()
    code.write("spacy_domain/annotations/readers/mine.py", "MORE = 1\n")
    assert {"preprocess", "export"} <= changed(before)
    assert not {"train", "fill-config", "report"} & changed(before)


@pytest.mark.parametrize(
    ("package", "counts", "does_not"),
    [
        ("nervaluate", {"evaluate"}, {"preprocess", "fill-config", "train", "report", "package"}),
        ("thinc", {"preprocess", "fill-config", "train", "evaluate"}, {"publish", "pack-service"}),
        ("rapidfuzz", {"preprocess"}, {"train"}),
    ],
)
def test_another_version_of_a_package_counts_where_it_is_imported(tmp_path, monkeypatch, package, counts, does_not):
    before = describe_all()
    meta = tmp_path / f"{package}-0.0.1.dist-info" / "METADATA"
    meta.parent.mkdir()
    meta.write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 0.0.1\n")
    monkeypatch.syspath_prepend(tmp_path)
    code_room._version.cache_clear()
    assert describe_code(MODULES[min(counts)])["packages"][package] == "0.0.1"
    assert counts <= changed(before) and not changed(before) & does_not
    monkeypatch.undo()
    code_room._version.cache_clear()


# Not imported by a command: pydantic does it in any program, for what starts commands
PLUGIN = "spacy_domain/project/windows_paths.py"
# Modules of this project that a command has imported by the time it ends
IMPORTED = """
import importlib, sys
importlib.import_module(sys.argv[1])
print(*(name for name in sys.modules if name.partition(".")[0] in ("scripts", "spacy_domain")))
"""


def find_files(names):
    """The files behind modules, those aside that hold a docstring at most."""
    found = set()
    for name in names:
        path = ROOT.joinpath(*name.split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if path.is_file():
            found.add(path.relative_to(ROOT).as_posix())
    return found


@pytest.mark.parametrize("name", STEPS)
def test_no_module_that_a_command_imports_as_it_runs_is_missing(short_run, name):
    """Whatever it imported in a real run, within a function or not (IMPORTS in projects.py notes it)."""
    imported = find_files(json.loads((short_run.path / "imports" / f"{MODULES[name]}.json").read_text()))
    assert "spacy_domain/project/terminal.py" in imported
    assert imported - {PLUGIN} <= set(find_code(MODULES[name])[0])


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - set(STEPS)))
def test_no_module_that_any_other_command_imports_is_missing(name):
    imported = find_files(Project(ROOT).python("-c", IMPORTED, MODULES[name]).stdout.split())
    assert f"scripts/{name.replace('-', '_')}.py" in imported
    assert imported <= set(find_code(MODULES[name])[0])


@pytest.mark.parametrize(
    "source",
    [
        "import spacy_domain.project.lock",
        "from spacy_domain.project import lock",
        "from spacy_domain.project.lock import forget_stale",
        "from .lock import forget_stale",
        "from . import lock",
        "def f():\n    from ..project import lock",
        "import importlib\nimportlib.import_module('spacy_domain.project.lock')",
    ],
)
def test_every_way_to_import_is_seen(tmp_path, source):
    copy = Project(tmp_path)
    for name in ("__init__", "project/__init__", "project/lock"):
        copy.write(f"spacy_domain/{name}.py", "")
    copy.write("spacy_domain/project/mine.py", source + "\n")
    with copy.inside():
        assert "spacy_domain/project/lock.py" in find_code("spacy_domain.project.mine")[0]


def test_code_that_went_before_a_command_began_is_no_edit(tmp_path):
    """What preflight said may be old when a command is run by itself."""
    code = list_there({"spacy_domain/gone.py": "0", "spacy_domain/__init__.py": "0"})
    assert [*code] == ["spacy_domain/__init__.py"] and find_edits(code, time.time() + 60) == []
