"""The lines of one text, a token a line -> its tokens and their tags, in a layout and a tagging that were told before.

Comments before the first token say what the text is ("# text = ...") and whose ("# group = ...", "# annotator = ...").
"""

import re
from collections.abc import Sequence
from pathlib import Path

from .brackets import Brackets
from .layout import Layout, split_at_spaces
from .spacing import find_spacing, read_spacing, unescape
from .tagged_text import TaggedText
from .tagging import Tagging
from .tags import NO_ENTITY, STARTS, Tag

ABOUT = re.compile(r"# (group|annotator) = (.*)")
REAL_TEXT = re.compile(r"#\s*text\s*=\s?(.*)")
NO_PHRASE = ("O", "-", "_", "")
NOT_WRITTEN = re.compile(r"\d+\.\d+")


def read_block(path: Path, layout: Layout, tagging: Tagging, block: Sequence[tuple[int, str]]) -> TaggedText:
    """Read the lines of one text.

    path (Path): The file.
    layout (Layout): Where its rows have what.
    tagging (Tagging): Which of it is read.
    block (Sequence[tuple[int, str]]): The lines, with their numbers.
    RETURNS (TaggedText): The text; without tokens if all lines are comments.
    """
    rows = _Rows(path, layout, tagging)
    rows.add_all(block)
    return rows.text


class _Rows:
    """The rows of one text."""

    def __init__(self, path: Path, layout: Layout, tagging: Tagging):
        self.layout, self.tagging = layout, tagging
        self.text = TaggedText(path)
        self.brackets = Brackets()

    def add_all(self, block: Sequence[tuple[int, str]]) -> None:
        """Add lines: all at once if they are as they should be."""
        comments = 0
        while comments < len(block) and block[comments][1][0] == "#":
            self.add(*block[comments])
            comments += 1
        block = block[comments:]
        if not self._add_plain(block):
            for number, line in block:
                self.add(number, line)

    def _add_plain(self, block: Sequence[tuple[int, str]]) -> bool:
        layout, tagging = self.layout, self.tagging
        lines = [line for _, line in block]
        rows = [layout.split(line) for line in lines]
        width, column, numbers = layout.width, tagging.column, layout.numbers
        if not rows or layout.feature or tagging.scheme is None or any(len(row) != width for row in rows):
            return False
        if "#" in {line[0] for line in lines} or (layout.header and block[0][0] < 100):
            return False
        if numbers is not None and not all(row[numbers].isdecimal() for row in rows):
            return False
        known = tagging.known
        tags = [known.get(row[column].strip()) for row in rows]
        if None in tags:
            return False
        text = self.text
        text.line = text.line or block[0][0]
        text.tags += tags  # type: ignore[arg-type]
        text.tokens += map(layout.token_of, rows)
        if any("Space" in line for line in lines):
            for row in rows:
                text.spaces.append(None)
                self._space(row)
        else:
            text.spaces += [None] * len(rows)
        self._add_layers(rows)
        return True

    def _add_layers(self, rows: Sequence[Sequence[str]]) -> None:
        for column, scheme in self.tagging.layers:
            layer = self.text.layers.setdefault(column, [])
            layer += [scheme.parse(row[column].strip()) or NO_ENTITY for row in rows]
        for column in self.layout.phrases:
            without = sum(row[column] in NO_PHRASE for row in rows)
            self.text.unread[f"tag(s) of phrases in column {column + 1}"] += len(rows) - without

    def add(self, number: int, line: str) -> None:
        """Add a line."""
        layout, text = self.layout, self.text
        row = layout.split(line)
        if not layout.has_all(row):
            row = layout.mend(row) or row
        if line[0] == "#" and self._is_comment(line, row):
            self._comment(line)
            return
        if layout.header and tuple(cell.strip() for cell in row) == layout.header:
            return
        text.line = text.line or number
        text.raw.append(line)
        if not layout.has_all(row):
            columns = f"{len(row)} column{'s' * (len(row) != 1)}, other lines have {layout.width}"
            title = "Token without tag" if len(row) < layout.width else "Token with too many columns"
            text.fail(title, number, columns, line)
            text.dropped += self._entities(line)
            return
        token = layout.token_of(row)
        if layout.numbers is not None and not row[layout.numbers].isdecimal() and self._is_no_word(row, token):
            return
        tag = layout.tag_of(row[self.tagging.column])
        meant = self._parse_all(tag)
        if meant is None:
            text.fail("Unknown tag", number, self.tagging.refuse(tag), line)
        text.add_several(token, meant or ())
        if "Space" in line:
            self._space(row)
        self._add_layers([row])

    def _entities(self, line: str) -> list[str]:
        """What begins on a line that has no tag where it should be, as far as that can be told."""
        parsed = [self.tagging.known.get(cell) for cell in split_at_spaces(line)[1:]]
        return [f"{line[:80]!r} ({tag.label}) was not understood" for tag in parsed if tag and tag.mark in STARTS][:1]

    def _parse_all(self, tag: str) -> list[Tag] | None:
        if self.tagging.scheme:
            return self.tagging.parse_all(tag)
        meant = self.brackets.parse(tag)
        return None if meant is None else [meant]

    def _is_comment(self, line: str, row: Sequence[str]) -> bool:
        layout, tagging = self.layout, self.tagging
        like_a_row = layout.has_all(row) and tagging.could_be(layout.tag_of(row[tagging.column]))
        if like_a_row and (layout.numbers is None or row[layout.numbers].isdecimal()):
            return False
        return not self.text.line or line[1:2] in ("", " ", "\t")

    def _comment(self, line: str) -> None:
        if self.text.line:
            return
        said, real = ABOUT.fullmatch(line), REAL_TEXT.fullmatch(line)
        if said:
            self.text.about[said[1]] = unescape(said[2])
        elif real:
            self.text.about["text"] = real[1]

    def _is_no_word(self, row: Sequence[str], token: str) -> bool:
        """Take a range (1-2) for the form of the words that follow, and pass over what was not written (3.1)."""
        text, number = self.text, row[self.layout.numbers or 0].strip()
        first, mark, last = number.partition("-")
        tag = self.layout.tag_of(row[self.tagging.column])
        meant = None if tag == "_" else next(iter(self._parse_all(tag) or ()), None)
        if mark and first.isdecimal() and last.isdecimal() and 0 < int(last) - int(first) < 100:
            behind = len(text.tokens) + int(last) - int(first) + 1
            text.ranges.append((len(text.tokens), behind, token))
            for _, value in find_spacing("|".join(row)):
                text.after[behind] = self._white_space(value)
        elif not NOT_WRITTEN.fullmatch(number):
            return False
        if meant and meant.label and meant.mark != "I":
            text.dropped.append(f"{token!r} ({meant.label}) is tagged at {number}, which is no word")
        return True

    def _space(self, row: Sequence[str]) -> None:
        for i, cell in enumerate(row):
            if i != self.layout.token and "Space" in cell:
                for side, value in find_spacing(cell):
                    # SpacesBefore is there for the first token alone
                    if side == "After" or len(self.text.spaces) == 2:
                        self.text.spaces[-1 if side == "After" else 0] = self._white_space(value)

    def _white_space(self, value: str) -> str | None:
        """What a feature says of the white space at a token; None, and a note, if it is none."""
        found = read_spacing(value)
        if found is None:
            self.text.notes.append(f"{value!r} is no white space: a space is put there")
        return found
