"""Words in one file and their tags in another, a text a line in both: sentences.txt and tags.txt, seq.in and seq.out.

Traps: the file of tags is often called labels.txt, as lists of labels are; a line of tags that is too short or too long
sets its text aside; lines that one file has more are texts without tags, or tags without text.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from ...project.errors import Place, ProjectError
from ..formats import Format, formats
from ..parallel import find_tags
from ..record import FileRecord
from ..tagged.tagged_text import REMARK, TaggedText
from ..tagged.tags import NO_ENTITY, USUAL, describe, find_entities, find_scheme, known_tags
from ..text import Beginning, read_lines


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether another one has the tags of its words.
    """
    return find_tags(beginning.path) is not None


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file of words, and that of their tags.

    path (Path): The file of words.
    YIELDS (FileRecord): A record a line; one whose tags do not fit with its error.
    RAISES (ProjectError): If there are no tags.
    """
    tags_path = find_tags(path)
    if tags_path is None:
        place = Place(str(path), None, "no file beside it has a tag for each of its words")
        raise ProjectError("Words without tags", "Put the tags beside it: words.txt and tags.txt, say.", [place])
    counts = Counter(tag for _, line in read_lines(tags_path) for tag in line.split())
    scheme = find_scheme(counts) or USUAL
    known = known_tags(counts, scheme)
    notes = [f"The tags are in {tags_path.name}", *describe(scheme)]
    both = zip_longest(read_lines(path), read_lines(tags_path), fillvalue=(0, ""))
    for (number, words), (tags_number, tags) in both:
        tokens, meant = words.split(), [known.get(tag) for tag in tags.split()]
        if not tokens and not meant:
            continue
        text = TaggedText(path, number or tags_number, raw=[words])
        if len(tokens) == len(meant):
            for token, tag in zip(tokens, meant, strict=True):
                text.add(token, tag)
            if None in meant:
                text.fail("Unknown tag", text.line, f"one of {tags[:80]}", words)
        else:
            text.fail("Tags that do not fit", text.line, f"{len(tokens)} words, {len(meant)} tags", words)
            found = find_entities([tag or NO_ENTITY for tag in meant])
            text.dropped = [f"words {start} to {end - 1} ({label})" for start, end, label in found]
        record = text.to_record()
        record.notes, notes = notes + record.notes, []
        yield record


formats.register(
    "two_files", func=Format("words in one file, their tags in another", fits, read, certain=True, remark=REMARK)
)
