"""A text a line, its tokens as token|TAG, or token|...|TAG with other columns between, as spaCy's converter reads."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from .formats import Format, formats
from .layout import Layout, split_at_spaces
from .record import FileRecord
from .tagged_text import REMARK, TaggedText
from .tagging import Tagging, describe_tagging
from .tags import NO_ENTITY, USUAL, find_scheme, known_tags
from .text import Beginning, read_lines


def fits(beginning: Beginning) -> bool:
    """Tell whether a file has token|TAG.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it has.
    """
    lines = [line for line in beginning.lines if line.strip() and not line.startswith(("-DOCSTART-", "# "))]
    tagged = [parts for line in lines if (parts := _parts(line)) and all(len(part) > 1 and part[-1] for part in parts)]
    if not tagged or len(tagged) < 0.8 * len(lines):
        return False
    return find_scheme(Counter(part[-1] for parts in tagged for part in parts)) is not None


def _parts(line: str) -> list[list[str]]:
    """The tokens of a line, each with what is between its pipes; a pipe may be the token."""
    return [part.split("|") for part in split_at_spaces(line.strip())]


def read(path: Path) -> Iterator[FileRecord]:
    """Read a text a line, its tokens as token|TAG or token|…|TAG.

    path (Path): The file.
    YIELDS (FileRecord): The records; one in which a token has no tag with its error.
    """
    counts: Counter[str] = Counter()
    for _, line in read_lines(path):
        counts.update(part[-1] for part in _parts(line) if len(part) > 1)
    scheme = find_scheme(counts) or USUAL
    tagging = Tagging(1, scheme, known_tags(counts, scheme))
    layout = Layout(True, 2, 0, (1,))
    notes = list(describe_tagging(layout, tagging))
    for number, line in read_lines(path):
        if not line.strip() or line.startswith("-DOCSTART-"):
            continue
        text = TaggedText(path, number, raw=[line])
        for part in _parts(line):
            if len(part) < 2:
                text.fail("Token without tag", number, f"{part[0]!r} has none: write token|TAG", line)
            meant = tagging.parse(part[-1]) if len(part) > 1 else NO_ENTITY
            if meant is None:
                text.fail("Unknown tag", number, tagging.refuse(part[-1]), line)
            text.add(part[0] or "|", meant)
        record = text.to_record()
        record.notes, notes = notes + record.notes, []
        yield record


formats.register("iob_pipes", func=Format("token|TAG, a text a line", fits, read, certain=True, remark=REMARK))
