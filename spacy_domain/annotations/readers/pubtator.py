"""PubTator: ID|t|title, ID|a|abstract, and a line of ID, start, end, text, type and identifier for each entity.

Offsets are those of the title, one character and the abstract. Lines of an ID, the name of a relation and identifiers
are relations. What its users write besides: T1 and the type before the offsets; further columns.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from ...project.errors import Place, ProjectError
from ..formats import Format, formats
from ..record import DECIMAL, FileRecord, FileSpan
from ..text import Beginning, read_lines

SECTION = re.compile(r"(?P<id>[^\s|]+)\|(?P<kind>[a-z])\|(?P<text>.*)")
ENTITY = ("start", "end", "surface", "label")  # behind the ID
TURNED = ("", "label", "start", "end", "surface")


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it begins with a title, and what follows is of the same ID.
    """
    lines = [line for line in beginning.lines if line.strip()][:2]
    first = SECTION.match(lines[0]) if lines else None
    if first is None or first["kind"] != "t":
        return False
    return len(lines) < 2 or re.split(r"[|\t]", lines[1])[0] == first["id"] or bool(SECTION.match(lines[1]))


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file: a record for each title with its abstract.

    path (Path): The file.
    YIELDS (FileRecord): The records; what has no title or abstract with its error.
    """
    current, id_, open_ = FileRecord(None, [], 1), "", False
    for number, line in read_lines(path):
        section = SECTION.fullmatch(line)
        cells = line.split("\t")
        if section and open_ and section["id"] == id_ and section["kind"] != "t":
            current.text += f"\n{section['text']}"
        elif section:
            yield from _whole(path, current)
            current, id_, open_ = FileRecord(section["text"], [], number), section["id"], True
        elif line.strip():
            if cells[0].strip() != id_:
                yield from _whole(path, current)
                current, id_ = FileRecord(None, [], number, raw=line), cells[0].strip()
            open_ = False
            _read_line(current, number, line, cells[1:])
    yield from _whole(path, current)


def _read_line(record: FileRecord, number: int, line: str, cells: list[str]) -> None:
    names = TURNED if not DECIMAL.fullmatch("".join(cells[:1]).strip()) and len(cells) > 4 else ENTITY
    entity = dict(zip(names, cells, strict=False))
    if all(DECIMAL.fullmatch(entity.get(name, "").strip()) for name in ("start", "end")) and "label" in entity:
        start, end = int(entity["start"]), int(entity["end"])
        record.spans.append(FileSpan(start, end, entity["label"], entity["surface"]))
        for column, cell in enumerate(cells[len(names) :], len(names) + 2):
            name = "identifier(s) of entities" if column == len(names) + 2 else f"value(s) in column {column}"
            record.unread[name] += bool(cell.strip())
    elif len(cells) > 1 and not DECIMAL.fullmatch(cells[0].strip()):
        record.unread["relation(s)"] += 1
    else:
        record.dropped.append(f"line {number} was not understood: {line[:80]}")
        record.unread["line(s) that are neither text nor annotation"] += 1


def _whole(path: Path, record: FileRecord) -> Iterator[FileRecord]:
    record.unread = +record.unread
    if isinstance(record.text, str) and (record.text.strip() or record.spans):
        yield record
    elif record.spans or record.unread:
        place = Place(str(path), record.line, "no line with |t| or |a| of this ID is before it", record.raw[:80])
        remedy = "PubTator has title and abstract before their annotations: put them there."
        record.error = ProjectError("Annotations without text", remedy, [place])
        yield record


formats.register("pubtator", func=Format("PubTator: titles, abstracts and a line an entity", fits, read))
