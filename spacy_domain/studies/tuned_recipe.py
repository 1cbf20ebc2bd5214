"""A recipe with the best values of a search."""

from datetime import date
from pathlib import Path
from typing import Any

from confection import Config

from ..project.outputs import write_text


def write_tuned_recipe(path: Path, recipe: str, result: dict[str, Any], files: dict[str, str]) -> None:
    """Write a recipe that extends the one that was searched with, to be copied beside it.

    path (Path): Where.
    recipe (str): The name of the recipe that was searched with.
    result (dict[str, Any]): What the search found, as `describe_search` has it.
    files (dict[str, str]): Digests of what it searched with, by path.
    """
    best = next(trial for trial in result["trials"] if trial["trial"] == result["chosen"])
    settings: dict[str, Any] = {}
    for name, value in best["params"].items():
        *sections, last = name.split(".")
        place = settings
        for section in sections:
            place = place.setdefault(section, {})
        place[last] = value
    number, f, expected = result["chosen"], 100 * result["f"], 100 * result["expected"]
    lines = [
        f"The recipe {recipe} with what tune found best ({date.today().isoformat()}, trial {number}).",
        f"F was {f:.1f}; {expected:.1f} is to be expected on other texts. It was found with:",
        *(f"  {name} {digest}" for name, digest in files.items()),
    ]
    head = "".join(f"# {line}\n" for line in lines)
    write_text(path, f"{head}\n{Config({'recipe': {'extends': recipe}, **settings}).to_str(interpolate=False)}\n")
