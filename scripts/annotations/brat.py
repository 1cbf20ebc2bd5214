"""brat's standoff: T1<TAB>LABEL start end<TAB>text in an .ann file, the text in the .txt beside it."""

import re
from collections.abc import Iterator
from pathlib import Path

from ..errors import Place, ProjectError
from .formats import Format, formats
from .record import FileRecord, FileSpan
from .text import read_chunks, read_lines

ENTITY = re.compile(r"T\d+\t(?P<label>\S+) (?P<places>\d+ \d+(;\d+ \d+)*)\t(?P<surface>.*)")
OTHER = re.compile(r"([REAMN*#]\S*)\t")  # relations, events, attributes, notes


def sniff(head: str) -> bool:
    """Tell whether a file begins like this format.

    head (str): The beginning of the file.
    RETURNS (bool): Whether it does.
    """
    return bool(re.match(r"\s*(T\d+\t\S+ \d+ \d+|[REAM]\d+\t|#\d+\t)", head))


def read(path: Path) -> Iterator[FileRecord]:
    """Read an .ann file and the text beside it: one record.

    path (Path): The .ann file.
    YIELDS (FileRecord): The record.
    RAISES (ProjectError): If the text is missing or a line cannot be understood.
    """
    text_path = path.with_suffix(".txt")
    if not text_path.is_file():
        place = Place(str(path), None, f"there is no {text_path.name}")
        raise ProjectError("Annotations without text", "Put the text beside them, as brat does.", [place])
    # Offsets count the line ends as they are.
    record = FileRecord("".join(read_chunks(text_path)), [], 1)
    for number, line in read_lines(path):
        found = ENTITY.fullmatch(line)
        if found and ";" in found["places"]:
            record.dropped.append(f"{found['surface']!r} ({found['label']}) has gaps, which entities cannot have")
        elif found:
            start, end = found["places"].split()
            surface = found["surface"].replace("\\n", "\n")
            # brat shows a line break as a space
            record.spans.append(FileSpan(int(start), int(end), found["label"], surface, may_differ=True))
        elif line.strip() and not OTHER.match(line):
            place = Place(str(path), number, "no annotation of brat", line[:80])
            raise ProjectError("Broken annotation", "Mend the line: T1<TAB>LABEL start end<TAB>text.", [place])
    yield record


formats.register("brat", func=Format("standoff of brat (.ann beside .txt)", sniff, read, certain=True))
