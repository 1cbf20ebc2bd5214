"""Whether what a command needs is installed: pyproject.toml lists it."""

import tomllib
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path

from packaging.requirements import Requirement

from .errors import Place, ProjectError

LIST = Path("pyproject.toml")


def check_requirements(extra: str = "") -> None:
    """Check that what a command needs is installed.

    extra (str): Name of the extra that lists it; empty for what all commands need.
    RAISES (ProjectError): If a package is missing, or another version than asked for.
    """
    text = LIST.read_text(encoding="utf-8")
    listed = tomllib.loads(text)["project"]
    wrong: list[Place] = []
    for line in listed["optional-dependencies"][extra] if extra else listed["dependencies"]:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate():
            continue
        try:
            found = installed_version(requirement.name)
        except PackageNotFoundError:
            found = ""
        if not requirement.specifier.contains(found or "0", prereleases=True) or not found:
            number = text[: text.index(line)].count("\n") + 1
            wrong.append(Place(str(LIST), number, f"{line}: {found or 'not'} installed"))
    if wrong:
        what = f'-e ".[{extra}]"' if extra else "-r requirements.txt"
        raise ProjectError("Packages are missing or too old", f"Run: python -m pip install {what}", wrong)
