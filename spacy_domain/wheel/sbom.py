"""What a wheel needs to run: a software bill of materials in CycloneDX (https://cyclonedx.org/specification/overview/)."""

import uuid
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution

from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement


def make_sbom(name: str, version: str, license_: str, requirements: list[str], made: int) -> str:
    """List a package and all that it needs, directly or not, in the versions that are installed here.

    name (str): The package.
    version (str): Its version.
    license_ (str): Its licence; may be empty.
    requirements (list[str]): What it needs, as PEP 508 writes it.
    made (int): What the list says about the time of its making, in seconds since 1970.
    RETURNS (str): JSON, the same for the same input.
    """
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"{name}-{version}"))
    bom.metadata.timestamp = datetime.fromtimestamp(made, UTC)
    root = bom.metadata.component = _component(name, version, license_, ComponentType.MACHINE_LEARNING_MODEL)
    components = {found: _library(found) for found in sorted(_closure(requirements))}
    for component in components.values():
        bom.components.add(component)
    bom.register_dependency(root, [components[found] for found in sorted({_name(line) for line in requirements})])
    for found, component in components.items():
        needed = sorted(_needed(found))
        bom.register_dependency(component, [components[other] for other in needed])
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _library(name: str) -> Component:
    about = distribution(name).metadata
    stated = about.get_all("License-Expression") or [""]
    return _component(name, about["Version"], stated[0], ComponentType.LIBRARY)


def _component(name: str, version: str, license_: str, kind: ComponentType) -> Component:
    purl = PackageURL(type="pypi", name=name, version=version)
    licenses = [LicenseFactory().make_from_string(license_)] if license_ else []
    return Component(name=name, version=version, type=kind, bom_ref=str(purl), purl=purl, licenses=licenses)


def _closure(requirements: list[str]) -> set[str]:
    found: set[str] = set()
    waiting = {_name(line) for line in requirements}
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= _needed(name) - found
    return found


@cache
def _needed(name: str) -> set[str]:
    """What an installed package needs here, extras aside."""
    lines = [Requirement(line) for line in distribution(name).requires or []]
    needed = {_name(str(line)) for line in lines if not line.marker or line.marker.evaluate({"extra": ""})}
    return {other for other in needed if _installed(other)}


def _installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _name(requirement: str) -> str:
    return Requirement(requirement).name.lower().replace("_", "-")
