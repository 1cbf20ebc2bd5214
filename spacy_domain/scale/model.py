"""A pipeline to annotate with, and what it finds in a text. Nothing here loads it, or spaCy: workers do."""

import sys
import tempfile
import zipfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ..base.location import find_base
from ..project.errors import Place, ProjectError
from ..project.freshness import digest

unpacked = ExitStack()  # wheels stay unpacked while the process lives


class Annotation(NamedTuple):
    """What a pipeline found in a text.

    entities (list[dict[str, Any]]): Text, label, start, end (in code points, the end exclusive) and confidence.
    cats (Optional[dict[str, float]]): Scores of categories, where the pipeline has them.
    """

    entities: list[dict[str, Any]]
    cats: dict[str, float] | None


class Model(NamedTuple):
    """A pipeline to annotate with.

    package (str): What spaCy loads: a package's name, or a folder.
    name (str): Name and version.
    digest (str): SHA-256 of its files.
    """

    package: str
    name: str
    digest: str


@cache
def find_model(model: str) -> Model:
    """Find a pipeline. A wheel is unpacked, and can be imported from then on, in this process and those that it starts.

    model (str): An installed package's name, a wheel, or a folder.
    RETURNS (Model): The pipeline.
    RAISES (ProjectError): If there is none.
    """
    package = _unpack(Path(model)) if model.endswith(".whl") else model
    try:
        base = find_base(package)
    except ProjectError as error:
        remedy = "Give an installed package's name, a wheel (spacy project run all makes one), or a pipeline's folder."
        raise ProjectError(f"No pipeline {model!r}", remedy, error.places) from None
    if base is None:
        remedy = "Give an installed package's name, a wheel, or a pipeline's folder."
        raise ProjectError(f"{model} finds nothing", remedy, [Place(model, None, "is blank")])
    name = f"{base.meta['lang']}_{base.meta.get('name', 'pipeline')}-{base.meta.get('version', '0.0.0')}"
    return Model(package, name, digest(base.path))


def _unpack(wheel: Path) -> str:
    folder = unpacked.enter_context(tempfile.TemporaryDirectory(prefix="annotate-", ignore_cleanup_errors=True))
    try:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
    except (OSError, zipfile.BadZipFile) as error:
        remedy = "Make it: spacy project run all, or give an installed package's name or a pipeline's folder."
        raise ProjectError(f"No wheel {wheel}", remedy, [Place(str(wheel), None, str(error))]) from None
    sys.path.insert(0, folder)
    return wheel.name.partition("-")[0]
