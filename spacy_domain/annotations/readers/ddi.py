"""XML of the DDI corpus and its kin (AIMed, BioInfer ...): <sentence text="Ana left"><entity charOffset="0-2"
type="PER" text="Ana"/></sentence>.

Each sentence is a text; those of a document stay in one split. Ends are inclusive in some of them and exclusive in
others, which the texts of the entities tell. An entity with gaps has several places: "0-2;8-10", or "0-3,8-11".
"""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from ..formats import Format, formats
from ..offsets import Reading
from ..record import FileRecord, FileSpan
from ..text import Beginning
from ..xml_elements import read_elements

SENTENCE = re.compile(r"<sentence\b[^>]*\btext\s*=\s*[\"']")
ENTITY = re.compile(r"<entity\b[^>]*\bcharOffset\s*=\s*[\"']")
PLACE = re.compile(r"(\d+)-(\d+)")


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it is XML with sentences as attributes, and entities with "charOffset" or none at all.
    """
    text = beginning.text
    return bool(SENTENCE.search(text)) and (bool(ENTITY.search(text)) or "<entity" not in text)


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file.

    path (Path): The file.
    YIELDS (FileRecord): The records of its sentences.
    RAISES (ProjectError): If it is no XML.
    """
    for line, sentence in read_elements(path, "sentence"):
        group = sentence.get("id", "").rpartition(".")[0]
        record = FileRecord(sentence.get("text"), [], line, group=group)
        for element in sentence:
            if element.tag == "entity":
                _add(record, element)
            elif element.tag == "pair":
                record.unread["relation(s)"] += element.get("ddi", element.get("interaction", "")).casefold() == "true"
        record.unread = +record.unread
        yield record


def _add(record: FileRecord, entity: Element) -> None:
    places = PLACE.findall(entity.get("charOffset", ""))
    label, surface = entity.get("type", ""), entity.get("text")
    if len(places) == 1:
        start, end = places[0]
        record.spans.append(FileSpan(start, end, label, surface))
    else:
        record.dropped.append(f"{surface!r} ({label}) has {len(places) or 'no'} places, and an entity has one")


TITLE = "XML of the DDI corpus and its kin"
formats.register("ddi", func=Format(TITLE, fits, read, reading=Reading(inclusive=True)))
