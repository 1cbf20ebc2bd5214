"""Whether what a command needs is installed."""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path

from packaging.requirements import Requirement

from .errors import Place, ProjectError

REQUIREMENTS = Path("requirements.txt")
TRANSFORMER_REQUIREMENTS = Path("requirements-transformer.txt")


def check_requirements(path: Path) -> None:
    """Check that what the main job needs is installed.

    path (Path): A requirements file.
    RAISES (ProjectError): If a package is missing or another version than asked for.
    """
    wrong: list[Place] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.split("#")[0].strip()
        if not line or line.startswith("-"):
            continue
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate():
            continue
        try:
            found = installed_version(requirement.name)
        except PackageNotFoundError:
            found = ""
        if not requirement.specifier.contains(found or "0", prereleases=True) or not found:
            wrong.append(Place(str(path), number, f"{line}: {found or 'not'} installed"))
    if wrong:
        raise ProjectError("Packages are missing or too old", f"Run: python -m pip install -r {path}", wrong)
