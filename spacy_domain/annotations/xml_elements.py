"""XML read piece by piece: elements of one name, with the line that each starts on.

The standard library's expat fetches nothing from outside. Entities that a file declares itself can grow to any size,
and what others stand for is declared elsewhere: a file with such is refused.
"""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from ..project.errors import Place, ProjectError
from .text import read_chunks


def read_elements(path: Path, *names: str) -> Iterator[tuple[int, Element]]:
    """Read the elements of one name or more, none of which is in another.

    path (Path): The file.
    names (str): The names; of one in a namespace, its address, a space and the name.
    YIELDS (tuple[int, Element]): The line that each starts on, from 1, and the element.
    RAISES (ProjectError): If it is no XML, or declares entities.
    """
    found: list[tuple[int, Element]] = []
    open_: list[tuple[int, TreeBuilder, str]] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        if not open_ and name in names:
            open_.append((parser.CurrentLineNumber, TreeBuilder(), name))
        if open_:
            open_[0][1].start(name, attributes)

    def end(name: str) -> None:
        if open_:
            element = open_[0][1].end(name)
            if name == open_[0][2]:
                found.append((open_[0][0], element))
                open_.clear()

    def characters(text: str) -> None:
        if open_:
            open_[0][1].data(text)

    def refuse(name: str, *about: object) -> None:
        place = Place(str(path), parser.CurrentLineNumber, f"the entity {name!r}")
        raise ProjectError("XML with entities of its own", "Write what they stand for in their place.", [place])

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = characters
    parser.EntityDeclHandler = parser.SkippedEntityHandler = refuse
    try:
        for text in read_chunks(path):
            parser.Parse(text)
            yield from found
            found.clear()
        parser.Parse("", True)
    except expat.ExpatError as error:
        place = Place(str(path), error.lineno, f"{expat.ErrorString(error.code)} in column {error.offset + 1}")
        raise ProjectError("Broken XML", "Mend it there, or export the data again.", [place]) from None
