"""What is told about the annotations, and about what is made of them."""

from pathlib import Path
from typing import Any

import srsly

from .errors import Place, ProjectError

ABOUT = ("description", "author", "email", "url", "license")


def read_about(about: Path, annotations: Path) -> dict[str, Any]:
    """Read what is told about annotations.

    about (Path): JSON with description, author, email, url, license and sources. A source's name is the path of the
        annotations it tells about: what is said about other annotations than those used is left out.
    annotations (Path): The annotations that are used.
    RETURNS (dict[str, Any]): What there is of these, and "sources".
    RAISES (ProjectError): If the file does not hold what it should.
    """
    given = read_object(about)
    sources = given.get("sources")
    if not isinstance(sources, list) or not all(isinstance(source, dict) for source in sources):
        raise ProjectError(
            "No sources in the description of the data",
            'Give "sources", a list of objects with name, url, author and license.',
            [Place(str(about), None, f"found {sources!r}")],
        )
    if annotations.as_posix() not in [source.get("name") for source in sources]:
        return {"sources": [{"name": annotations.as_posix()}]}
    return {key: given[key] for key in ABOUT if isinstance(given.get(key), str) and given[key]} | {"sources": sources}


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    path (Path): The file.
    RETURNS (dict[str, Any]): The object.
    RAISES (ProjectError): If it holds anything else.
    """
    try:
        data = srsly.read_json(path)
    except ValueError as error:
        raise ProjectError("Broken JSON", "Mend the file.", [Place(str(path), None, str(error))]) from None
    if not isinstance(data, dict):
        raise ProjectError("Not a JSON object", "Mend the file.", [Place(str(path), None, f"found {data!r:.80}")])
    return data
