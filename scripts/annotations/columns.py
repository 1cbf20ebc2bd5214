"""Which column of a file with a token a line holds the tokens and which one the tags: told from what is in them.

Files have token numbers (from 0 or 1; ranges 1-2 and empty nodes 3.1 as CoNLL-U has), ids of documents, parts of
speech, phrases (B-NP), annotators, several layers of tags, or the tag as name=B-PER among other features; and some name
their columns in the first line, or in a comment (CoNLL-U Plus). https://universaldependencies.org/ext-format.html
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from .tags import BARE, SCHEMES, Scheme, find_scheme, means_phrases

TOKEN_NAMES = frozenset(
    ["word", "words", "token", "tokens", "form", "text", "forms", "token_text", "wordform", "surface"]
)
TAG_NAMES = frozenset(
    [
        "tag",
        "tags",
        "label",
        "labels",
        "ner",
        "ner_tag",
        "ner_tags",
        "ner-tag",
        "nertag",
        "iob",
        "bio",
        "ne",
        "entity",
        "entities",
        "entity_label",
        "ne-tag",
        "ne_tag",
        "named_entity",
        "ner_label",
        "iob_tag",
        "bio_tag",
        "ner_bio",
        "iob2",
        "tag_name",
        "entity_tag",
        "ne-coarse-lit",
    ]
)
SENTENCE_NAMES = frozenset(
    [
        "sentence",
        "sentence_id",
        "sentence_number",
        "sentence_num",
        "sentence_idx",
        "sentence_no",
        "sent_id",
        "sent",
        "sentence#",
        "sentid",
        "sid",
        "sentence_index",
        "doc_id",
        "document",
        "document_id",
        "doc",
        "text_id",
        "docid",
        "sentenceid",
        "example_id",
        "id_sentence",
    ]
)
OFFSETS = frozenset(["start", "end"])  # a table with these has spans a row, not words
NUMBER = re.compile(r"\d+(?:[-.]\d+)?")
# The white space around a token, among other features
SPACING = re.compile(r"_|(?:[^\s|=]+=[^|]*\|)*(?:Spaces?(?:After|Before)=[^|]*)(?:\|[^\s|=]+=[^|]*)*")
FEATURE = re.compile(r"(?:^|\|)([A-Za-z][\w.]*)=([BILUESMW]-[^|]+|O)(?=\||$)")
GLOBAL = re.compile(r"#\s*global\.columns\s*=\s*(.*)")
SPLIT = re.compile(r"[ \t]+")
MOST = 0.95


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

    def split(self, line: str) -> list[str]:
        """RETURNS (list[str]): A line's columns; an empty one first where the token is white space."""
        if self.tabs:
            return line.split("\t")
        columns = line.split(" ")
        if "" in columns or "\t" in line:
            return split_at_spaces(line)
        return columns

    def has_all(self, row: Sequence[str]) -> bool:
        """RETURNS (bool): Whether a row has as many columns as it should."""
        return len(row) == self.width or (len(row) > self.width and not self.exact)

    def mend(self, row: list[str]) -> list[str]:
        """RETURNS (list[str]): A row with as many columns as it should have, where only empty ones at its end were too
        many or too few; else an empty one."""
        while len(row) > self.width and not row[-1].strip():
            row = row[:-1]
        if len(row) == self.width - 1 and self.blank_end:
            row = [*row, ""]
        return row if self.has_all(row) else []

    def tag_of(self, cell: str) -> str:
        """RETURNS (str): The tag in a cell; "O" where it should be a feature and there is none."""
        if not self.feature:
            return cell.strip()
        return next((tag for name, tag in FEATURE.findall(cell.strip()) if name == self.feature), "O")


def split_at_spaces(line: str) -> list[str]:
    """Split a line at spaces and tabs, and at no other white space, which may be a token.

    line (str): The line.
    RETURNS (list[str]): The columns; the first is empty where white space may be the token.
    """
    return SPLIT.split(line.rstrip(" \t"))


@dataclass
class _Column:
    values: list[str]
    counts: Counter[str] = field(init=False)

    def __post_init__(self) -> None:
        self.counts = Counter(self.values)


CONLL_2012 = Layout(False, 11, 3, (10,), exact=False, numbers=None, brackets=True)


def find_layout(lines: Iterable[str]) -> Layout | None:
    """Tell where a file has what.

    lines (Iterable[str]): Its first lines.
    RETURNS (Optional[Layout]): Where; None if it has no token and tag a line.
    """
    kept = list(lines)
    first = next(filter(str.strip, kept), "")
    if first.startswith("#begin document"):
        return CONLL_2012
    blocks = _blocks(kept)
    names = next((found[1].split() for line in kept if (found := GLOBAL.match(line))), [])
    for tabs in (True, False):
        rows = [[line.split("\t") if tabs else split_at_spaces(line) for line in block] for block in blocks]
        layout = _find(rows, tabs, names)
        if layout:
            return layout
    return None


def _blocks(lines: list[str]) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in lines:
        if not line.strip() or "-DOCSTART-" in line:
            blocks.append([])
        else:
            blocks[-1].append(line)
    return [block for block in blocks if block]


def _find(blocks: list[list[list[str]]], tabs: bool, names: list[str]) -> Layout | None:
    widths = Counter(len(row) for block in blocks for row in block if not row[0].startswith("#") or len(row) > 1)
    if not widths:
        return None
    width, count = widths.most_common(1)[0]
    exact = count >= 0.8 * sum(widths.values())
    if not exact:
        width = min(widths)
    if width < 2:
        return None
    header, blocks = _take_header(blocks, width)
    if not all(row[0].startswith("#") for block in blocks for row in block):  # these may be comments
        blocks = [[row for row in block if not row[0].startswith("#")] for block in blocks]
    whole = [[row for row in block if len(row) == width or (len(row) > width and not exact)] for block in blocks]
    rows = [row for block in whole for row in block]
    if not rows or len(rows) < 0.8 * sum(map(len, blocks)):
        return None
    numbers = next((i for i in range(width) if _counts(whole, i)), None)
    words = rows if numbers is None else [row for row in rows if row[numbers].strip().isdecimal()]
    columns = [_Column([row[i] for row in words]) for i in range(width)]
    tags, phrases = _find_tags(columns, header or tuple(names[:width]))
    if not exact and not _has_marks(columns, tags):
        return None
    feature = ""
    if not tags or (len(columns) > 2 and not _has_labels(columns, tags)):
        featured = _find_feature(columns)
        if featured:
            tags, feature = (featured[0],), featured[1]
    if not tags:
        return None
    token = _find_token(whole, columns, {*tags, *phrases}, numbers, header or tuple(names[:width]))
    if token is None:
        return None
    wanted = names_column([normal_name(name) for name in header or names], TAG_NAMES)
    blank_end = not any(map(str.strip, columns[-1].counts))
    return Layout(
        tabs, width, token, tags, exact, phrases, feature, numbers, header, named=wanted == tags[0], blank_end=blank_end
    )


def _take_header(blocks: list[list[list[str]]], width: int) -> tuple[tuple[str, ...], list[list[list[str]]]]:
    """The names of the columns, if the first row has them, and the other rows."""
    first = next((row for block in blocks for row in block if len(row) == width), None)
    if first is None or not is_header(first):
        return (), blocks
    taken, left = False, []
    for block in blocks:
        rows = [row for row in block if taken or row is not first]
        taken = taken or len(rows) < len(block)
        left.append(rows)
    return tuple(name.strip() for name in first), left


def is_header(row: Sequence[str]) -> bool:
    """RETURNS (bool): Whether a row names columns: one of tokens and one of tags."""
    names = [normal_name(name) for name in row]
    return names_column(names, TOKEN_NAMES) is not None and any(
        name in TAG_NAMES
        or name.startswith(("ne-", "ner-", "ner_", "tag_"))
        or name.endswith(("_tag", "-tag", "_tags"))
        for name in names
    )


def names_sentences(header: Sequence[str]) -> bool:
    """RETURNS (bool): Whether one of some columns says which sentence a row belongs to."""
    return names_column([normal_name(name) for name in header], SENTENCE_NAMES) is not None


def begins_table(line: str) -> bool:
    """RETURNS (bool): Whether a file's first line names columns with commas between them."""
    return any(
        len(names) > 1 and names_column([normal_name(name) for name in names], TAG_NAMES) is not None
        for names in (line.split(","), line.split(";"))
    )


def normal_name(name: str) -> str:
    """RETURNS (str): A column's name, whatever its case and however its words are joined."""
    return re.sub(r"[\s_]+", "_", name.strip().strip("#:\"'").strip()).casefold()


def names_column(names: Sequence[str], known: frozenset[str]) -> int | None:
    """RETURNS (Optional[int]): Which of some names, as `normal_name` gives them, is a known one."""
    return next((i for i, name in enumerate(names) if name in known), None)


def _counts(blocks: list[list[list[str]]], column: int) -> bool:
    """Whether a column counts the tokens of each block."""
    steps = right = numbers = total = 0
    for block in blocks:
        last: int | None = None
        for row in block:
            value = row[column].strip()
            total += 1
            if not NUMBER.fullmatch(value):
                continue
            numbers += 1
            if value.isdecimal():
                if last is not None:
                    steps += 1
                    right += int(value) == last + 1
                elif int(value) in (0, 1):
                    right += 1
                    steps += 1
                last = int(value)
    return numbers >= MOST * total and steps > 0 and right >= 0.9 * steps


def _find_tags(columns: list[_Column], names: tuple[str, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The columns of tags, the likeliest first, and those of tags of phrases."""
    found: list[tuple[int, Scheme]] = []
    phrases: list[int] = []
    for i, column in enumerate(columns):
        scheme = find_scheme(column.counts)
        if not scheme or not column.counts.keys() - {""}:
            continue
        if means_phrases(column.counts, scheme):
            phrases.append(i)
        else:
            found.append((i, scheme))
    if len(columns) == 3 and all(map(SPACING.fullmatch, columns[1].counts)) and found and found[-1][0] == 2:
        return (2,), ()  # as this project writes, whatever the tokens look like
    labelled = [
        (i, scheme) for i, scheme in found if scheme.marked and scheme is not BARE and _labels(columns[i], scheme)
    ]
    others = [(i, scheme) for i, scheme in found if scheme is BARE or not scheme.marked]
    named = names_column([normal_name(name) for name in names], TAG_NAMES)
    # Columns of O alone may have tags further below
    silent = [i for i, scheme in found if scheme is SCHEMES[0] and not _labels(columns[i], scheme)]
    silent = [i for i in silent if "O" in columns[i].counts] or [i for i in silent if i == len(columns) - 1]
    if labelled:
        order = [i for i, _ in labelled] + silent
    elif others:
        order = [i for i, _ in (others if len(others) < 2 or len(columns) < 3 else others[-1:])] + silent
    else:
        order = silent
    if named is not None and named in order:
        order.remove(named)
        order.insert(0, named)
    if len(order) == len(columns):
        order = order[-1:]
    return tuple(order), tuple(phrases)


def _labels(column: _Column, scheme: Scheme) -> set[str]:
    return {parsed.label for tag in column.counts if (parsed := scheme.parse(tag)) and parsed.label}


def _has_labels(columns: list[_Column], tags: tuple[int, ...]) -> bool:
    return any(columns[i].counts.keys() - {"O", "-", "_", ""} for i in tags)


def _has_marks(columns: list[_Column], tags: tuple[int, ...]) -> bool:
    """Whether tags say where entities begin: rows of any length are lines of prose, else."""
    schemes = [find_scheme(columns[i].counts) for i in tags]
    return _has_labels(columns, tags) and any(one.marked and one is not BARE for one in schemes if one)


def _find_feature(columns: list[_Column]) -> tuple[int, str] | None:
    """The column with features of which one is a tag, and its name."""
    for i, column in enumerate(columns):
        names: Counter[str] = Counter()
        for value, count in column.counts.items():
            if "=" in value:
                names.update({name: count for name, tag in FEATURE.findall(value) if tag != "O"})
        if names:
            return i, names.most_common(1)[0][0]
    return None


def _find_token(
    blocks: list[list[list[str]]], columns: list[_Column], taken: set[int], numbers: int | None, names: tuple[str, ...]
) -> int | None:
    """The first column that may hold tokens: it does not count, and is not the same over whole texts."""
    free = [i for i in range(len(columns)) if i not in taken]
    named = names_column([normal_name(name) for name in names], TOKEN_NAMES)
    if named is not None and named in free:
        return named
    likely = [i for i in free if i != numbers and not all(map(SPACING.fullmatch, columns[i].counts))]
    varied = [i for i in likely if not _stays(blocks, i)]
    return next(iter(varied or likely or free), None)


def _stays(blocks: list[list[list[str]]], column: int) -> bool:
    """Whether a column has one value in the whole of each text, as the id of a document has."""
    pairs = same = 0
    for block in blocks:
        for one, other in pairwise(block):
            pairs += 1
            same += one[column] == other[column]
    return pairs > 3 and same >= MOST * pairs
