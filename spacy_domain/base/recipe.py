"""A recipe as its file says it: a training config, possibly partial, that may extend another one.

Imports no spaCy: `preflight` asks what a recipe needs before anything takes long.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from confection import Config

from ..project.errors import Place, ProjectError
from .location import NETWORKS

# What a recipe's [paths] name if it learns from that
ENCODER, TEACHER = "encoder", "silver"
# For a ProjectError
CANNOT_UPDATE = (
    "A network cannot go on from the base's entity recognizer, a conditional random field",
    "Take a recipe whose recognizer is none: --vars.recipe=crf. Or set --vars.strategy to separate (the base's "
    "recognizer stays as it is, and another one joins it) or to replace.",
)
SEVERAL = (
    "A network cannot go on from one of several entity recognizers of the base",
    "What the others find depends on it. Take a recipe whose recognizer is no network, which joins them all: "
    "--vars.recipe=crf. Or set --vars.strategy to separate or to replace, which takes the place of them all.",
)


def read_recipe(path: Path) -> Config:
    """Read a recipe. Where its section [recipe] says `extends = "cnn"`, it is laid over that one, beside it.

    path (Path): The file.
    RETURNS (Config): The recipe, its variables not filled in.
    RAISES (ProjectError): If there is none, it cannot be read, or it extends itself.
    """
    found = Config()
    for recipe in _follow(path):
        found = recipe.merge(found)
    found.pop("recipe", None)
    return found


def _follow(path: Path) -> Iterator[Config]:
    """YIELDS (Config): A recipe, the one that it extends, and so on."""
    seen = [path]
    while True:
        recipe = _read(seen[-1])
        yield recipe
        parent = recipe.get("recipe", {}).get("extends")
        if not parent:
            return
        seen.append(path.with_name(f"{parent}.cfg"))
        if seen[-1] in seen[:-1]:
            raise ProjectError(
                f"The recipe {path.stem} extends itself",
                "Have its section [recipe] extend another one, or none.",
                [Place(str(one), None, f"extends {two.stem}") for one, two in pairwise(seen)],
            )


def _read(path: Path) -> Config:
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in Path("configs").glob("*.cfg")))
        raise ProjectError(
            f"Unknown recipe {path.stem!r}",
            f"Set --vars.recipe to one of: {known}.",
            [Place("project.yml", None, f"vars.recipe is {path.stem!r}, or it extends that, and there is no {path}")],
        )
    try:
        return Config().from_disk(path, interpolate=False)
    except (ValueError, UnicodeDecodeError) as error:
        raise ProjectError(
            f"Recipe {path} cannot be read", f"Mend it, or copy another from {path.parent}/. {error}"
        ) from None


def has_network(recipe: Config) -> bool:
    """RETURNS (bool): Whether a recipe's entity recognizer is a network of spaCy's."""
    return any(recipe["components"][name].get("factory") in NETWORKS for name in recipe["nlp"]["pipeline"])


def learns_from(recipe: Path, what: str) -> bool:
    """RETURNS (bool): Whether a recipe names a path of that name: ENCODER or TEACHER."""
    return what in read_recipe(recipe).get("paths", {})


def list_outputs(recipe: Path) -> list[tuple[str, Path]]:
    """List the outputs that say what they were made of.

    recipe (Path): The recipe's config file.
    RETURNS (list[tuple[str, Path]]): Names of commands, each with an output, in the order of the commands.
    """
    teacher = [("teach", Path("training/teacher")), ("label-raw-text", Path("corpus/silver"))]
    return [
        ("preprocess", Path("corpus/audit.json")),
        *(teacher if learns_from(recipe, TEACHER) else []),
        ("train", Path("training/model-best")),
        ("evaluate", Path("metrics/metrics.json")),
        ("evaluate", Path("metrics/retention.json")),
        ("report", Path("metrics/report.html")),
    ]
