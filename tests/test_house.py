"""The house as DESIGN has it: which room may use which, how long things may be, and what has which name."""

import ast
import re
from collections import Counter, defaultdict

import pytest
import spacy
from projects import ROOT

import spacy_domain.recipes  # noqa: F401  # registers what configs name by @

ENGINE = ROOT / "spacy_domain"
# A room uses those on the floors below. On the floor of the pipeline, corpora and scoring stand on base. The loop has
# the looks of the service's page and what keeps strangers out of it.
FLOORS = [
    {"project"},
    {"annotations", "recipes", "tasks", "service"},
    {"base"},
    {"corpora", "scoring"},
    {"studies", "loop", "report", "wheel", "hub", "scale"},
]
ALONE = {"annotations", "service"}  # these use no other room but project
LINES = {"project.yml": 330, "README.md": 200}
# Names with an underscore that are nobody's secret: of named tuples, of spaCy's extensions, and of os
PUBLIC = {"_replace", "_make", "_asdict", "_fields", "_", "_exit"}
# What a recognizer that grows has no public name for
SECRETS = {"spacy_domain/recipes/wide_recognizer.py"}


def read_modules(*folders):
    """Paths from the root, and syntax trees."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_bytes()) for path in paths}


MODULES = read_modules("spacy_domain", "scripts", "benchmarks")


def find_imports(path, tree):
    """The modules, by their whole names, that a module imports, wherever in it."""
    package = path.split("/")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            found = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{found}.{name.name}" for name in node.names)


def find_arrows():
    """By room, the rooms that it uses, each with a module that does."""
    arrows = defaultdict(dict)
    for path, tree in MODULES.items():
        parts = path.split("/")
        if parts[0] == ENGINE.name and len(parts) > 2:
            for name in find_imports(path, tree):
                target = name.split(".")[1] if name.startswith(f"{ENGINE.name}.") else ""
                if target != parts[1] and (ENGINE / target / "__init__.py").exists() and target:
                    arrows[parts[1]][target] = path
    return arrows


def test_every_room_has_its_floor():
    rooms = {path.parent.name for path in ENGINE.glob("*/__init__.py")}
    assert rooms <= set().union(*FLOORS)


def test_arrows_point_down():
    floors = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
    wrong = [
        f"{path}: {room} uses {other}"
        for room, others in find_arrows().items()
        for other, path in others.items()
        if floors[other] >= floors[room]
    ]
    assert not wrong


def test_rooms_that_stand_alone():
    arrows = find_arrows()
    assert {room: set(arrows[room]) - {"project"} for room in ALONE} == {room: set() for room in ALONE}


def test_the_engine_uses_no_command():
    used = [path for path, tree in MODULES.items() for name in find_imports(path, tree) if name.startswith("scripts.")]
    assert not [path for path in used if path.startswith(ENGINE.name)]


def test_functions_fit_on_a_screen():
    functions = (
        (node.end_lineno - node.lineno + 1, f"{path}: {node.name}")
        for path, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert not [(lines, where) for lines, where in functions if lines > 60]


@pytest.mark.parametrize("file, most", LINES.items())
def test_short_files(file, most):
    assert len((ROOT / file).read_text(encoding="utf-8").splitlines()) <= most


def test_commands_are_thin():
    assert sum(len(path.read_bytes().splitlines()) for path in (ROOT / "scripts").glob("*.py")) <= 1_500


def test_private_names_of_others_are_in_one_file():
    """With a release of spaCy or thinc they may be gone: then there is one file to look at."""
    found = {
        path
        for path, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and re.match(r"_(?!_)", node.attr)
        and node.attr not in PUBLIC
        and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"))
    }
    assert found == SECRETS


def find_registered():
    """The names that configs can use, each with its function."""
    for registry in spacy.registry.get_registry_names():
        for name, function in getattr(spacy.registry, registry).get_all().items():
            if str(getattr(function, "__module__", "")).startswith("spacy_domain"):
                yield name, function


def test_registered_functions_have_one_name_each_and_are_used():
    found = list(find_registered())
    assert len(found) > 5
    assert not [name for name, times in Counter(name for name, _ in found).items() if times > 1]
    assert not [function for function, times in Counter(function for _, function in found).items() if times > 1]
    paths = [*(ROOT / "configs").glob("*.cfg"), *(ENGINE / "base").glob("*.py")]
    texts = "".join(path.read_text(encoding="utf-8") for path in paths)
    named = set(re.findall(r"\btemplate\.\w+\.v\d+", texts))
    assert {name for name, _ in found if name.startswith("template.")} == named
