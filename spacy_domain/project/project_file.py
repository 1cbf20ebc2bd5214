"""project.yml: its commands, its vars and its assets."""

import hashlib
import re
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from .errors import Place, ProjectError

PROJECT_FILE = Path("project.yml")
MODULE = re.compile(r"python -m (scripts\.\w+)")
VAR = re.compile(r"\$\{vars\.(\w+)\}")


def read_project() -> dict[str, Any]:
    """RETURNS (dict[str, Any]): What project.yml says, its variables not filled in."""
    import srsly  # as in outputs.py

    return dict(srsly.read_yaml(PROJECT_FILE))


def list_modules(project: dict[str, Any]) -> dict[str, str]:
    """RETURNS (dict[str, str]): The module behind each command, by the command's name."""
    scripts = {command["name"]: "\n".join(command.get("script") or ()) for command in project.get("commands", [])}
    return {name: found[1] for name, script in scripts.items() if (found := MODULE.search(script))}


def list_vars(project: dict[str, Any], command: str) -> set[str]:
    """List the vars that a command's script names, and those that these are composed of.

    project (dict[str, Any]): What project.yml says.
    command (str): The command's name.
    RETURNS (set[str]): The vars.
    """
    (script,) = [one.get("script") or () for one in project["commands"] if one["name"] == command]
    found: set[str] = set()
    waiting = VAR.findall("\n".join(script))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += VAR.findall(str(project.get("vars", {}).get(name, "")))
    return found


def check_paths(paths: dict[str, Path]) -> None:
    """Check that there is a file or folder where a var says so.

    paths (dict[str, Path]): The paths, by name of the var.
    RAISES (ProjectError): If one names none.
    """
    for var, path in paths.items():
        if path == Path():
            raise ProjectError(
                f"The var {var} is empty",
                f"Set --vars.{var}=<file or folder>.",
                [Place(str(PROJECT_FILE), None, f"vars.{var} names no file")],
            )
        if not path.exists():
            fetched = [asset["dest"] for asset in read_project().get("assets", []) if asset.get("extra")]
            is_fetched = any(Path(dest).is_relative_to(path) for dest in fetched)
            remedy = "Run: python -m weasel assets --extra" if is_fetched else "Put the file there"
            raise ProjectError(
                f"{var.capitalize().replace('_', ' ')} not found",
                f"{remedy}, or set the var: --vars.{var}=<file or folder>.",
                [Place(str(path), None, "there is no such file or folder")],
            )


def check_package_name(name: str, version: str) -> None:
    """Check that pip will not rename the package.

    name (str): Name without language.
    version (str): Version.
    RAISES (ProjectError): If it would.
    """
    if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name):
        raise ProjectError(
            f"Bad package name {name!r}",
            "Use lower-case letters, digits and single underscores between them: --vars.name=event_scheduling.",
            [Place(str(PROJECT_FILE), None, f"vars.name is {name!r}")],
        )
    try:
        normal = str(Version(version))
    except InvalidVersion:
        normal = "1.0.0"
    if normal != version:
        raise ProjectError(
            f"Bad package version {version!r}",
            f"Write it as PEP 440 does: --vars.version={normal}.",
            [Place(str(PROJECT_FILE), None, f"vars.version is {version!r}")],
        )


def check_assets(project: dict[str, Any]) -> None:
    """Check the assets that project.yml names: `weasel assets` exits 0 on a wrong checksum.

    project (dict[str, Any]): What project.yml says.
    RAISES (ProjectError): If one is missing or has another checksum.
    """
    for asset in project.get("assets", []):
        path, checksum = Path(asset.get("dest", "")), asset.get("checksum")
        if asset.get("extra") and not path.exists():  # `weasel assets` leaves it out, too
            continue
        if not path.exists():
            remedy = "Run: python -m weasel assets" if asset.get("url") or asset.get("git") else "Put it there."
            raise ProjectError(
                "Missing asset",
                f"{remedy} If the project no longer uses it, take it out of assets in {PROJECT_FILE}.",
                [Place(str(path), None, "there is no such file")],
            )
        if checksum and path.is_file():
            found = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
            if found != checksum:
                raise ProjectError(
                    "Wrong checksum",
                    f"If you changed the file on purpose, write its new checksum in {PROJECT_FILE}: {found}. "
                    "If not, get it anew (git checkout, or python -m weasel assets).",
                    [Place(str(path), None, f"has {found}, but {PROJECT_FILE} says {checksum}")],
                )
