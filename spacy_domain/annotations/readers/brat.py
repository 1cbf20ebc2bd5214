"""brat's standoff: T1<TAB>LABEL start end<TAB>text in an .ann file, the text in a .txt file of its name (standoff.py).

Scripts write spaces for the tabs, tabs for the spaces, and labels of two words. BioNLP's shared tasks have two files
for .ann: .a1 with the entities that were given, and .a2 with what was to be found.
"""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from ...project.errors import Place, ProjectError
from ..formats import Format, formats
from ..record import FileRecord, FileSpan
from ..standoff import find_texts
from ..surfaces import join_pieces
from ..text import Beginning, read_chunks, read_lines

ENTITY = re.compile(r"T\d+\t(?P<label>\S+) (?P<places>-?\d+ -?\d+(;\d+ \d+)*)(\t(?P<surface>.*))?")
# As scripts write it
LOOSE = re.compile(
    r"T\d+\s+(?P<label>[^\W\d]\S*(?: [^\W\d]\S*)*)\s+(?P<places>-?\d+\s+-?\d+(;\d+\s+\d+)*)(\s+(?P<surface>.*))?"
)
OTHER = re.compile(r"(?P<kind>[REAMN*#])\S*\t")
KINDS = {
    "R": "relation(s)",
    "E": "event(s)",
    "A": "attribute(s)",
    "M": "attribute(s)",
    "N": "normalization(s)",
    "*": "relation(s)",
    "#": "note(s)",
}


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether its first line is an annotation of brat's.
    """
    first = next(filter(str.strip, beginning.lines), "")
    return bool(re.match(r"T\d+\t\S+ \d+ \d+|[REAMN*]\d*\t\S+ |#\d+\t", first))


def read(path: Path) -> Iterator[FileRecord]:
    """Read an .ann file and the text beside it: one record.

    path (Path): The .ann file.
    YIELDS (FileRecord): The record; with an error if the text is missing.
    """
    texts = find_texts(path)
    if len(texts) != 1:
        many = f"there are several: {', '.join(str(text) for text in texts[:3])}"
        place = Place(str(path), None, many if texts else f"there is no {path.stem}.txt")
        error = ProjectError("Annotations without text", "Put the text beside them, as brat does.", [place])
        entities = (_match(line) for _, line in read_lines(path))
        dropped = [f"{one['surface'] or one['places']!r} ({one['label']}) has no text" for one in entities if one]
        yield FileRecord(None, [], 1, dropped=dropped, error=error)
        return
    # Some count the line ends as they are, and some CR LF as one
    text = "".join(read_chunks(texts[0]))
    record = FileRecord(text, [], 1)
    if not text.strip():
        record.text = None
    files = [path, *([path.with_suffix(".a2")] if path.suffix == ".a1" and path.with_suffix(".a2").exists() else [])]
    for number, line in chain.from_iterable(map(read_lines, files)):
        found, other = _match(line), OTHER.match(line)
        if found and ";" in found["places"]:
            pieces = [(int(start), int(end)) for start, end in map(str.split, found["places"].split(";"))]
            joined = join_pieces(pieces, text, found["surface"])
            if joined:
                record.spans.append(FileSpan(*joined, found["label"], text[slice(*joined)]))
            else:
                record.dropped.append(f"{found['surface']!r} ({found['label']}) has gaps, which entities cannot have")
        elif found:
            start, end = found["places"].split()
            # brat shows a line break as a space; some tools write \\n
            surface = (found["surface"] or "").replace("\\n", "\n")
            record.spans.append(FileSpan(int(start), int(end), found["label"], surface))
        elif other:
            record.unread[KINDS[other["kind"]]] += 1
        elif line.strip():
            if re.match(r"T\d", line):
                record.dropped.append(f"line {number} was not understood: {line[:80]}")
            record.unread["line(s) that are no annotation of brat's"] += 1
    if record.text is None and not record.spans:
        return  # an empty document
    yield record


def _match(line: str) -> re.Match[str] | None:
    return ENTITY.fullmatch(line) or LOOSE.fullmatch(line)


formats.register("brat", func=Format("standoff of brat (.ann beside .txt)", fits, read, certain=True))
