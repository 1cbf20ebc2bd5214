"""A token and its tag a line, blank lines between texts: CoNLL and its kin.

Which columns these are, and in which scheme the tags are, is told from the whole file (see columns.py and tagging.py).
A column SpaceAfter=No, SpacesAfter=... or SpacesBefore=... says what white space there was (see spacing.py); what this
project writes has one. Of several layers of tags the outer one is read, the others are named.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ...project.errors import Place, ProjectError
from ..formats import Format, formats
from ..record import FileRecord
from ..tagged.blocks import CUT, DOCSTART, cut_at_stops, find_blocks
from ..tagged.columns import find_layout
from ..tagged.header import begins_table, names_sentences
from ..tagged.layout import Layout, split_at_spaces
from ..tagged.tagged_text import REMARK
from ..tagged.tagging import describe_tagging, find_tagging
from ..tagged.token_rows import read_block
from ..text import Beginning, read_beginning, read_lines, refuse_one_line
from .iob_pipes import fits as fits_pipes


def fits(beginning: Beginning) -> bool:
    """Tell whether a file has a token a line.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it has, and its lines are not rows of a table that names its sentences.
    """
    first = beginning.first
    if fits_pipes(beginning) or beginning.one_line or first.startswith("#FORMAT=") or begins_table(first):
        return False
    layout = find_layout(beginning.lines)
    return layout is not None and not names_sentences(layout.header)


def read(path: Path) -> Iterator[FileRecord]:
    """Read a token a line.

    path (Path): The file.
    YIELDS (FileRecord): The records; one with a row without tag, or with a tag that is none, with its error.
    RAISES (ProjectError): If no line has more than one column.
    """
    beginning = read_beginning(path)
    refuse_one_line(beginning)
    layout = find_layout(beginning.lines) or _first_and_last(path)
    tagging = find_tagging(path, layout)
    notes, said = list(describe_tagging(layout, tagging)), False
    pieces = (piece for block in find_blocks(read_lines(path)) for piece in layout.split_block(block))
    for block, cut in cut_at_stops(pieces, layout, tagging.is_outside):
        notes += [CUT] if cut and not said else []
        said = said or cut
        text = read_block(path, layout, tagging, block)
        if text.line:
            record = text.to_record()
            record.notes, notes = notes + record.notes, []
            record.unread.update(["text(s) with a class in the last line"] if layout.closed else [])
            yield record


def _first_and_last(path: Path) -> Layout:
    """What a user who names the format means by it, where nothing in the file tells."""
    lines = [line for line in read_beginning(path).lines if line.strip() and not line.startswith(("#", DOCSTART))]
    tabs = 2 * sum("\t" in line for line in lines) > len(lines)
    widths = Counter(len(line.split("\t") if tabs else split_at_spaces(line)) for line in lines)
    width = max(widths, key=lambda width: (width > 1, widths[width]), default=1)
    if width < 2:
        place = Place(str(path), 1, "found one column", next(iter(lines), "")[:80])
        raise ProjectError("Token without tag", "Give it one (O if it is no entity), or delete the line.", [place])
    return Layout(tabs, width, 0, (width - 1,))


formats.register(
    "iob", func=Format("CoNLL: a token and its tag a line, in any scheme", fits, read, certain=True, remark=REMARK)
)
