"""Where a line with a token has what: how it is cut into columns, and which of them hold the token and its tag."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .tags import MARKED

FEATURE = re.compile(r"(?:^|\|)([A-Za-z][\w.]*)=([BILUESMW]-[^|]+|O)(?=\||$)")
INDEXED = re.compile(r"\D\d{1,2}|\d\d")
Block = Sequence[tuple[int, str]]
SPLIT = re.compile(r"[ \t]+")


@dataclass(frozen=True)
class Layout:
    """Where a row has what.

    tabs (bool): Whether a row is split at tabs, so that a token may hold spaces; else at spaces and tabs.
    width (int): How many columns a row has.
    exact (bool): Whether it has no other number of them.
    token (int): The column of the token, from 0.
    tags (tuple[int, ...]): The columns that may be its tag, the likeliest first.
    phrases (tuple[int, ...]): The columns with tags of phrases.
    feature (str): Which of the features in the tag's column is the tag; empty if the column is nothing but the tag.
    numbers (Optional[int]): The column that counts tokens.
    header (tuple[str, ...]): The names of the columns, if the first row has them.
    named (bool): Whether a name says that the first of the tags' columns is that.
    blank_end (bool): Whether the last column is empty: rows end in a tab.
    brackets (bool): Whether tags are "(PERSON*", "*" and "*)".
    delimiter (str): What is between columns where it is no white space: "," or ";".
    prefix (str): What each token begins with and is not of the text: "de:", as WikiANN has its language.
    sentences (Optional[int]): The column that says which sentence a token is of, where no blank lines do.
    titled (bool): Whether each text begins with a line that is no token, but what it is called.
    closed (bool): Whether each text ends with a line that is no token, but says what the text is about.
    indexed (bool): Whether each token is a character and its number in its word, as Weibo's corpus has it.
    """

    tabs: bool
    width: int
    token: int
    tags: tuple[int, ...]
    exact: bool = True
    phrases: tuple[int, ...] = ()
    feature: str = ""
    numbers: int | None = None
    header: tuple[str, ...] = ()
    named: bool = False
    blank_end: bool = False
    brackets: bool = False
    delimiter: str = ""
    prefix: str = ""
    indexed: bool = False
    sentences: int | None = None
    titled: bool = False
    closed: bool = False

    @property
    def spaced_labels(self) -> bool:
        """RETURNS (bool): Whether what is too much in a row may belong to its label: "Ana B-first name"."""
        return not self.tabs and not self.delimiter and not self.feature and self.width - 1 in self.tags

    def token_of(self, row: Sequence[str]) -> str:
        """RETURNS (str): The token in a row."""
        token = row[self.token].strip().removeprefix(self.prefix)
        return token[0] if self.indexed and INDEXED.fullmatch(token) else token

    def split(self, line: str) -> list[str]:
        """RETURNS (list[str]): A line's columns; an empty one first where the token is white space."""
        if self.delimiter:
            return split_cells(line, self.delimiter)
        if self.tabs:
            return line.split("\t")
        columns = line.split(" ")
        if "" in columns or "\t" in line:
            return split_at_spaces(line)
        return columns

    def split_block(self, block: Block) -> Iterator[Block]:
        """Cut lines where the column of sentences has another value, an empty one goes on with the last; without the
        line that says what a text is called, or about.

        block (list[tuple[int, str]]): The lines, with their numbers.
        YIELDS (list[tuple[int, str]]): Those of each sentence.
        """
        block = block[1:] if self.titled and len(self.split(block[0][1])) == 1 else block
        block = block[:-1] if self.closed and block and len(self.split(block[-1][1])) == 1 else block
        first, last, column = 0, "", self.sentences
        for i, (_, line) in enumerate(block if column is not None else ()):
            cells = self.split(line)
            value = cells[column or 0].strip() if self.has_all(cells) and not line.startswith("#") else ""
            if value and last and value != last:
                yield block[first:i]
                first = i
            last = value or last
        yield block[first:]

    def has_all(self, row: Sequence[str]) -> bool:
        """RETURNS (bool): Whether a row has as many columns as it should."""
        return len(row) == self.width or (len(row) > self.width and not self.exact)

    def mend(self, row: list[str]) -> list[str]:
        """RETURNS (list[str]): A row with as many columns as it should have, where only empty ones were too many, one
        at its end was missing, or the label of its tag has spaces, or spaces are between several; else an empty one."""
        tag = self.width - 1
        if self.spaced_labels and len(row) > self.width and begins_label(row[tag]):
            # Or there are several tags, as of nested entities
            between = "|" if all(map(begins_label, row[tag:])) else " "
            return [*row[:tag], between.join(row[tag:])]
        full = [cell for cell in row if cell.strip()]
        if len(full) == self.width:  # tabs that pad columns
            return full
        while len(row) > self.width and not row[-1].strip():
            row = row[:-1]
        if len(row) == self.width - 1 and self.blank_end:
            row = [*row, ""]
        return row if self.has_all(row) else []

    def tag_of(self, cell: str) -> str:
        """RETURNS (str): The tag in a cell; "O" where it should be a feature and there is none."""
        if not self.feature:
            return cell.strip()
        return dict(reversed(find_features(cell))).get(self.feature, "O")


def begins_label(cell: str) -> bool:
    """RETURNS (bool): Whether a cell is a mark and a label, or the beginning of one."""
    found = MARKED.parse(cell)
    return found is not None and bool(found.label)


def find_features(cell: str) -> list[tuple[str, str]]:
    """Find features that may be tags, such as name=B-PER.

    cell (str): A cell.
    RETURNS (list[tuple[str, str]]): Their names and values.
    """
    return FEATURE.findall(cell.strip())


def split_cells(line: str, delimiter: str) -> list[str]:
    """Split a row of a table, in which a quote may be a token.

    line (str): The row.
    delimiter (str): What is between its cells.
    RETURNS (list[str]): The cells.
    """
    plain = line.split(delimiter)
    if '"' not in line:
        return plain
    try:
        quoted = next(csv.reader([line], delimiter=delimiter))
    except csv.Error:  # a line end within, as where it is no table at all
        return plain
    return quoted if "".join(quoted[-1:]) == plain[-1] else plain


def split_at_spaces(line: str) -> list[str]:
    """Split a line at spaces and tabs, and at no other white space, which may be a token.

    line (str): The line.
    RETURNS (list[str]): The columns; the first is empty where white space may be the token.
    """
    return SPLIT.split(line.rstrip(" \t"))


CONLL_2012 = Layout(False, 11, 3, (10,), exact=False, brackets=True)
