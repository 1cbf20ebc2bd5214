"""XML of MAE and MedTator, as i2b2's and n2c2's tasks have it: <TEXT><![CDATA[Ana left]]></TEXT><TAGS><NAME id="N0"
spans="0~3" text="Ana"/></TAGS>.

The name of a tag is its label. "spans" has several places where there are gaps, and -1~-1 for the whole document; older
files have start="0" end="3". Tags without a place are relations.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from ...project.errors import Place, ProjectError
from ..formats import Format, formats
from ..offsets import Reading, Unit
from ..record import FileRecord, FileSpan
from ..surfaces import join_pieces
from ..text import Beginning
from ..xml_elements import read_elements

PIECE = re.compile(r"(-?\d+)~(-?\d+)")
OF_TEXT = frozenset(["id", "spans", "start", "end", "text"])


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it is XML with a text and tags.
    """
    text = beginning.text
    return text.lstrip().startswith("<") and "<TEXT>" in text and bool(re.search(r"<TAGS\s*/?>", text))


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file: one record.

    path (Path): The file.
    YIELDS (FileRecord): The record.
    RAISES (ProjectError): If it has not one text.
    """
    elements = list(read_elements(path, "TEXT", "TAGS"))
    texts = [(line, one) for line, one in elements if one.tag == "TEXT"]
    if len(texts) != 1:
        place = Place(str(path), 1, f"{len(texts)} elements TEXT")
        raise ProjectError("Not a whole document of MAE's", "Export it again.", [place])
    record = FileRecord("".join(texts[0][1].itertext()), [], texts[0][0])
    for tag in (tag for _, one in elements if one.tag == "TAGS" for tag in one):
        _add(record, tag)
    record.unread = +record.unread
    yield record


def _add(record: FileRecord, tag: Element) -> None:
    written = tag.get("spans") or f"{tag.get('start', '')}~{tag.get('end', '')}"
    pieces = [(int(start), int(end)) for start, end in PIECE.findall(written)]
    if not pieces:
        record.unread["relation(s)"] += 1
        return
    if pieces[0][0] < 0:
        record.unread["tag(s) of the whole document"] += 1
        return
    surface = tag.get("text") or None
    borders = pieces[0] if len(pieces) == 1 else join_pieces(pieces, record.text, surface)
    if borders:
        record.spans.append(FileSpan(*borders, tag.tag, surface))
        record.unread.update(f"value(s) of {name}" for name in tag.attrib.keys() - OF_TEXT if tag.get(name))
    else:
        record.dropped.append(f"{surface!r} ({tag.tag}) has gaps, which entities cannot have")


formats.register("mae", func=Format("XML of MAE, MedTator and i2b2", fits, read, reading=Reading(Unit.utf16)))
