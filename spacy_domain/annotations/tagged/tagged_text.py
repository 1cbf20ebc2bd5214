"""Tokens with their tags -> a text with spans: where each token is in it, and which white space is between them.

A text that the file holds is taken; else it is rebuilt, with a space where nothing is known. A token that is white
space alone is left out of it, and several words that were written as one (CoNLL-U's ranges) are in the same place.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from ...project.errors import Place, ProjectError
from ..gaps import find_gaps
from ..record import FileRecord, FileSpan
from .tags import ENDS, GOES_ON, NO_ENTITY, Tag, find_entities, find_in_text, join

REMARK = "Texts were rebuilt from tokens, with a space between any two where the file does not say what was there."
REMEDY = "Give each token one of the file's tags (O if it is no entity), or delete the lines."


@dataclass
class TaggedText:
    """What a file says of one text.

    path (Path): The file.
    line (int): The line of its first token; 0 as long as there is none.
    tokens (list[str]): The tokens.
    tags (list[Tag]): A tag a token.
    layers (dict[int, list[Tag]]): The tags in other columns, which are not read.
    spaces (list[Optional[str]]): The white space before the first token, and after each; None where it is not known.
    ranges (list[tuple[int, int, str]]): Words that are written as one: first, the one behind the last, and the form.
    after (dict[int, Optional[str]]): What `spaces` is for these, by the one behind the last.
    about (dict[str, str]): Its "text", "group" and "annotator", where the file says them.
    raw (list[str]): Its lines.
    notes (list[str]): What was put right.
    dropped (list[str]): Entities that cannot be read, in words.
    unread (Counter[str]): What else the file holds.
    error (Optional[ProjectError]): What is wrong with it.
    """

    path: Path
    line: int = 0
    tokens: list[str] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    layers: dict[int, list[Tag]] = field(default_factory=dict)
    spaces: list[str | None] = field(default_factory=lambda: [""])
    ranges: list[tuple[int, int, str]] = field(default_factory=list)
    after: dict[int, str | None] = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)
    raw: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    error: ProjectError | None = None

    def add(self, token: str, tag: Tag | None) -> None:
        """Add a token.

        token (str): The token.
        tag (Optional[Tag]): What its tag means; None if that is not known.
        """
        self.tokens.append(token)
        self.tags.append(tag or NO_ENTITY)
        self.spaces.append(None)

    def add_several(self, token: str, tags: Sequence[Tag]) -> None:
        """Add a token of nested entities: what goes on does so where it began, and the rest goes where there is room.

        token (str): The token.
        tags (Sequence[Tag]): Its tags, the outer one first; none if they are not known.
        """
        size = len(self.tags)
        depths = [self.tags, *(self.layers[key] for key in sorted(self.layers, reverse=True) if key < 0)]
        last = [layer[-1] if size and len(layer) == size else NO_ENTITY for layer in depths]
        open_ = [tag.label if tag.mark not in ENDS else "" for tag in last]
        placed: dict[int, Tag] = {}
        waiting = []
        for tag in tags:
            same = (depth for depth, label in enumerate(open_) if label and label == tag.label and depth not in placed)
            depth = next(same, None) if tag.mark in GOES_ON else None
            if depth is None:
                waiting.append(tag)
            else:
                placed[depth] = tag
        free = [depth for depth in range(len(tags) + len(placed)) if depth not in placed]
        placed |= dict(zip(free, waiting, strict=False))
        self.add(token, placed.pop(0, None))
        for depth, tag in placed.items():
            layer = self.layers.setdefault(-depth, [])
            layer += [NO_ENTITY] * (size - len(layer)) + [tag]

    def fail(self, title: str, number: int, message: str, line: str) -> None:
        """Say that the text makes no sense; of several faults the first one counts.

        title (str): What is wrong, in a few words.
        number (int): On which line.
        message (str): What is wrong, to the point.
        line (str): The line.
        """
        self.error = self.error or ProjectError(title, REMEDY, [Place(str(self.path), number, message, line[:80])])

    def to_record(self) -> FileRecord:
        """RETURNS (FileRecord): The text and its spans, with the error if something makes no sense."""
        text, borders = self._place()
        record = FileRecord(text, [], self.line, error=self.error, dropped=self.dropped, unread=+self.unread)
        record.notes = self.notes
        if "text" not in self.about and not self.ranges and all(self.tokens):
            record.gaps = find_gaps(self.tokens, borders, self.spaces[1:])
        record.raw = "\n".join(self.raw) if self.error else ""
        record.group, record.annotator = self.about.get("group", ""), self.about.get("annotator", "")
        for start, end, label in find_entities(self.tags):
            found = [border for border in borders[start:end] if border[0] < border[1]]
            if found:
                record.spans.append(FileSpan(found[0][0], found[-1][1], label))
            else:
                record.dropped.append(f"white space alone ({label})")
        missing = (border for border, tag in zip(borders, self.tags, strict=True) if tag[0] == "-")
        record.unknown = [(start, end) for start, end in missing if start < end]
        for column, layer in self.layers.items():
            for start, end, label in find_entities(layer):
                covered = text[borders[start][0] : borders[end - 1][1]]
                where = f"column {column + 1}" if column >= 0 else f"tag {1 - column} of their tokens"
                record.dropped.append(f"{covered!r} ({label}) in {where}, another layer, was not read")
                record.unread[f"span(s) in {where}, another layer of tags"] += 1
        return record

    def _place(self) -> tuple[str, list[tuple[int, int]]]:
        """The text, and where in it each token is; tokens of white space are nowhere."""
        if "text" not in self.about and not self.ranges and all(self.tokens):
            return join(self.tokens, self.spaces)
        written, owners = self._written()
        kept = [i for i, (token, _) in enumerate(written) if token]
        tokens = [written[i][0] for i in kept]
        real = self.about.get("text", "")
        places = find_in_text(tokens, real) if real else None
        text = real
        if places is None:
            spaces = [
                self.spaces[0],
                *(_space_after(written, i, following) for i, following in pairwise([*kept, len(written)])),
            ]
            text, places = join(tokens, spaces) if tokens else ("", [])
        borders = [(0, 0)] * len(written)
        for i, border in zip(kept, places, strict=True):
            borders[i] = border
        return text, [borders[owner] for owner in owners]

    def _written(self) -> tuple[list[tuple[str, str | None]], list[int]]:
        """What was written, with the white space after each, and which of it each word is in."""
        words = list(zip(self.tokens, self.spaces[1:], strict=True))
        if not self.ranges:
            return words, list(range(len(words)))
        written: list[tuple[str, str | None]] = []
        owners: list[int] = []
        ranges = {start: (min(end, len(words)), form, end) for start, end, form in self.ranges}
        i = 0
        while i < len(words):
            end, form, named = ranges.get(i, (i + 1, "", 0))
            owners += [len(written)] * (end - i)
            written.append((form, self.after.get(named, words[end - 1][1])) if named else words[i])
            i = end
        return written, owners


def _space_after(written: Sequence[tuple[str, str | None]], token: int, following: int) -> str | None:
    """The white space between a token and the next one that is not white space itself."""
    known = [written[i][1] for i in range(token, following)]
    return None if None in known else "".join(space or "" for space in known)
