"""Vars that hold numbers: each command says in its arguments what they may be."""

import ast
import math
import re
from pathlib import Path
from typing import Any, NamedTuple

from .errors import Place, ProjectError
from .project_file import PROJECT_FILE, list_modules

LIMITS = ("min", "max")
FLAG = re.compile(r"--([\w-]+)=\$\{vars\.(\w+)\}")


class Range(NamedTuple):
    """What a number may be.

    whole (bool): Whether it has to be a whole one.
    lowest (float): The lowest.
    highest (float): The highest.
    """

    whole: bool
    lowest: float
    highest: float

    def holds(self, value: str) -> bool:
        """RETURNS (bool): Whether this is such a number."""
        try:
            number = int(value) if self.whole else float(value)
        except ValueError:
            return False
        return math.isfinite(number) and self.lowest <= number <= self.highest

    def tell(self) -> str:
        """RETURNS (str): The range in words."""
        ends = [(" from {:.0f}", self.lowest), (" to {:.0f}", self.highest)]
        told = "".join(words.format(end) for words, end in ends if math.isfinite(end))
        return f"a {'whole ' * self.whole}number{told}"


def read_ranges(path: Path) -> dict[str, Range]:
    """Read from a command's module, without running it, what its numbers may be.

    path (Path): The module, whose function has the same name.
    RETURNS (dict[str, Range]): By the flag's name, what stands as `min` and `max` in its arguments.
    """
    found: dict[str, Range] = {}
    try:
        functions = ast.parse(path.read_bytes()).body
    except (OSError, SyntaxError):  # what a command is made of is read later, and what is wrong with it said
        return found
    for function in functions:
        if isinstance(function, ast.FunctionDef) and function.name == path.stem:
            arguments = function.args.args
            for argument, default in zip(arguments[::-1], function.args.defaults[::-1], strict=False):
                kind = argument.annotation.id if isinstance(argument.annotation, ast.Name) else ""
                if kind in ("int", "float") and isinstance(default, ast.Call):
                    limits = {one.arg: ast.literal_eval(one.value) for one in default.keywords if one.arg in LIMITS}
                    found[argument.arg.replace("_", "-")] = Range(
                        kind == "int", limits.get("min", -math.inf), limits.get("max", math.inf)
                    )
    return found


def check_numbers(project: dict[str, Any], typed: dict[str, str]) -> None:
    """Check the numbers that commands are going to be given, those that come after hours of training, too.

    project (dict[str, Any]): What project.yml says.
    typed (dict[str, str]): The vars that were set for the run, as they were typed.
    RAISES (ProjectError): If one is none, or out of range.
    """
    values = {**project.get("vars", {}), **typed}
    modules = list_modules(project)
    for command in project.get("commands", []):
        if module := modules.get(command["name"]):
            ranges = read_ranges(Path(*module.split(".")).with_suffix(".py"))
            for flag, var in FLAG.findall("\n".join(command["script"])):
                value = str(values.get(var, "")).strip("\"'")
                if flag in ranges and "${" not in value and not ranges[flag].holds(value):
                    raise ProjectError(
                        f"The var {var} is {value or 'empty'}, but has to be {ranges[flag].tell()}",
                        f"Set it in {PROJECT_FILE}, or on the command line with --vars.{var}=...",
                        [Place(str(PROJECT_FILE), None, f"{command['name']} is given --{flag}={value}")],
                    )
