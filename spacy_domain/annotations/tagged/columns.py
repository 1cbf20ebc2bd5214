"""Which column of a file with a token a line holds the tokens and which one the tags: told from what is in them.

Files have token numbers (from 0 or 1; ranges 1-2 and empty nodes 3.1 as CoNLL-U has), ids of documents, parts of
speech, phrases (B-NP), annotators, several layers of tags, or the tag as name=B-PER among other features; and some name
their columns in the first line, or in a comment (CoNLL-U Plus). https://universaldependencies.org/ext-format.html
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from .blocks import find_blocks
from .header import TAG_NAMES, TOKEN_NAMES, find_name, take_header
from .layout import CONLL_2012, INDEXED, Layout, begins_label, find_features, split_at_spaces, split_cells
from .runs import MOST, NUMBER, Rows, counts_tokens, find_sentences, split_rows, stays
from .spacing import is_spacing
from .tags import BARE, SCHEMES, Scheme, find_scheme, means_phrases

HAS_DIGIT = re.compile(r"\d")
PREFIX = re.compile(r"[a-z]{2,3}(?:-[a-z]+)*:")
DENSE = 0.1  # of the words are in nothing, at most
ALL_MARKS = {"B", "I", "O"}  # without labels: then it is no column of grades, or of answers
ENOUGH = 20  # tokens that are all alike
WIDEST, FEW = 100, 5  # columns; a line of more is a text of words, and so is a single one of more than few
GLOBAL = re.compile(r"#\s*global\.columns\s*=\s*(.*)")


@dataclass
class _Column:
    values: list[str]
    counts: Counter[str] = field(init=False)

    def __post_init__(self) -> None:
        self.counts = Counter(self.values)


def find_layout(lines: Sequence[str]) -> Layout | None:
    """Tell where a file has what.

    lines (Sequence[str]): Its first lines.
    RETURNS (Optional[Layout]): Where; None if it has no token and tag a line.
    """
    first = next(filter(str.strip, lines), "")
    if first.startswith("#begin document"):
        return CONLL_2012
    blocks = list(find_blocks(enumerate(lines, 1)))
    names = next((found[1].split() for line in lines if (found := GLOBAL.match(line))), [])
    at_tabs = [[line.split("\t") for _, line in block] for block in blocks]
    at_spaces = [[split_at_spaces(line) for _, line in block] for block in blocks]
    padded = _evenness(at_tabs) < min(MOST, _evenness(at_spaces))  # with as many tabs as it takes to align columns
    layouts = [_find(at_tabs, True, names), _find(at_spaces, False, names)]
    return next(filter(None, reversed(layouts) if padded else layouts), None) or _find_table(blocks)


def _find_table(blocks: list[list[tuple[int, str]]]) -> Layout | None:
    """Where a table without names of columns has what: tokens first, or behind the numbers of their
    sentences, and tags that say where an entity begins."""
    for delimiter in (",", ";"):
        cells = [[split_cells(line, delimiter) for _, line in block] for block in blocks]
        layout = _find(cells, True, [])
        first = layout is not None and layout.token == (0 if layout.sentences != 0 else 1)
        if layout and layout.exact and first and not layout.header and not layout.feature:
            tags = _Column([row[layout.tags[0]] for block in cells for row in block if len(row) == layout.width])
            if _has_marks([tags], (0,)) or tags.counts.keys() >= ALL_MARKS:
                return replace(layout, delimiter=delimiter)
    return None


def _evenness(blocks: list[Rows]) -> float:
    """How many of all rows have the same number of columns."""
    widths = _widths(blocks)
    return max(widths.values(), default=0) / max(widths.total(), 1)


def _widths(blocks: list[Rows]) -> Counter[int]:
    """How many rows have which number of columns; those that may be comments aside, if there are others."""
    rows = [row for block in blocks for row in block]
    return Counter(len(row) for row in [row for row in rows if not row[0].startswith("#")] or rows)


def _find(blocks: list[Rows], tabs: bool, names: list[str]) -> Layout | None:
    widths = _widths(blocks)
    if not widths:
        return None
    width, count = widths.most_common(1)[0]
    exact = count >= 0.8 * sum(widths.values())
    if not exact:
        width = min(widths)
    if width < 2:
        return None
    header, blocks = take_header(blocks, width)
    if not all(row[0].startswith("#") for block in blocks for row in block):  # these may be comments
        blocks = [[row for row in block if not row[0].startswith("#")] for block in blocks]
    whole = [[row for row in block if len(row) == width or (len(row) > width and not exact)] for block in blocks]
    rows = [row for block in whole for row in block]
    if not rows or len(rows) < 0.8 * sum(map(len, blocks)) or width > (WIDEST if len(rows) > 1 else FEW):
        return None
    sentences = find_sentences(whole, width)
    if sentences is not None:
        whole = split_rows(whole[0], sentences)
    numbers = next((i for i in range(width) if counts_tokens(whole, i)), None)
    words = rows if numbers is None else [row for row in rows if row[numbers].strip().isdecimal()]
    columns = [_Column([row[i] for row in words]) for i in range(width)]
    tags, phrases = _find_tags(columns, header or tuple(names[:width]))
    if not exact and not _has_marks(columns, tags):
        return None
    if not exact and not tabs and width - 1 in tags:  # what is too much belongs to labels
        exact = all(begins_label(row[width - 1]) for row in words if len(row) > width)
    feature = ""
    if not tags or (len(columns) > 2 and not _has_labels(columns, tags)):
        featured = _find_feature(columns)
        if featured:
            tags, feature = (featured[0],), featured[1]
    if not tags or _alternates(rows) or (not tabs and _are_texts(rows)):
        return None
    tags = tuple(column for column in tags if column != sentences) or tags
    token = _find_token(
        whole,
        columns,
        {*tags, *phrases, *([] if sentences is None else [sentences])},
        numbers,
        header or tuple(names[:width]),
    )
    if token is None or not (_is_certain(columns, tags) or _is_split(whole, token)):
        return None
    if len(words) >= ENOUGH and sum(bool(NUMBER.fullmatch(row[token])) for row in words) >= MOST * len(words):
        return None  # offsets of entities, without their texts
    wanted = find_name(header or names, TAG_NAMES)
    blank_end = not any(map(str.strip, columns[-1].counts))
    prefix = _find_prefix([row[token] for row in rows])
    return Layout(
        *(tabs, width, token, tags, exact, phrases, feature, numbers, header),
        named=wanted == tags[0],
        blank_end=blank_end,
        prefix=prefix,
        indexed=_are_indexed([row[token].strip() for row in rows]),
        sentences=sentences,
        titled=_are_titled(blocks),
        closed=_are_closed(blocks),
    )


def _find_prefix(tokens: list[str]) -> str:
    found = PREFIX.match(tokens[0])
    return found[0] if found and len(tokens) >= ENOUGH and all(one.startswith(found[0]) for one in tokens) else ""


def _are_indexed(tokens: list[str]) -> bool:
    """Whether each token is a character and a number, and most of the characters are no ASCII."""
    indexed = [token for token in tokens if INDEXED.fullmatch(token)]
    beyond = sum(not token.isascii() for token in indexed)
    return len(tokens) >= ENOUGH and len(indexed) >= MOST * len(tokens) and 2 * beyond > len(tokens)


def _are_titled(blocks: list[Rows]) -> bool:
    """Whether nearly all texts begin with a row of one column, and with a digit in it, as IMGID:17 is."""
    return _have_single(blocks, 0, lambda cell: bool(HAS_DIGIT.search(cell)))


def _are_closed(blocks: list[Rows]) -> bool:
    """Whether nearly all texts end with a row of one column: what the whole text is about, as its intent."""
    return _have_single(blocks, -1, lambda cell: not cell.isdecimal())


def _have_single(blocks: list[Rows], place: int, fits: Callable[[str], bool]) -> bool:
    ends = [block[place] for block in blocks if block]
    having = sum(len(row) == 1 and fits(row[0]) for row in ends)
    single = sum(len(row) == 1 for block in blocks for row in block)
    return len(blocks) > 1 and having >= 0.9 * max(len(blocks), single)


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
    if len(columns) == 3 and all(map(is_spacing, columns[1].counts)) and found and found[-1][0] == 2:
        return (2,), ()  # as this project writes, whatever the tokens look like
    labelled = [
        (i, scheme) for i, scheme in found if scheme.marked and scheme is not BARE and _labels(columns[i], scheme)
    ]
    # Where all words are in something, that is no layer of entities, whatever its labels are called
    sparse = [(i, scheme) for i, scheme in labelled if not _is_dense(columns[i])]
    if sparse:
        phrases += [i for i, _ in labelled if _is_dense(columns[i])]
        labelled = sparse
    others = [(i, scheme) for i, scheme in found if scheme is BARE or not scheme.marked]
    named = find_name(names, TAG_NAMES)
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


def _is_dense(column: _Column) -> bool:
    outside = sum(count for tag, count in column.counts.items() if tag in ("O", "-", "_", ""))
    return outside < DENSE * column.counts.total()


def _labels(column: _Column, scheme: Scheme) -> set[str]:
    return {parsed.label for tag in column.counts if (parsed := scheme.parse(tag)) and parsed.label}


def _has_labels(columns: list[_Column], tags: tuple[int, ...]) -> bool:
    return any(columns[i].counts.keys() - {"O", "-", "_", ""} for i in tags)


def _has_marks(columns: list[_Column], tags: tuple[int, ...]) -> bool:
    """Whether tags say where entities begin: rows of any length are lines of prose, else."""
    schemes = [find_scheme(columns[i].counts) for i in tags]
    return _has_labels(columns, tags) and any(one.marked and one is not BARE for one in schemes if one)


def _is_certain(columns: list[_Column], tags: tuple[int, ...]) -> bool:
    schemes = [find_scheme(columns[i].counts) for i in tags]
    return any(scheme is None or scheme.certain for scheme in schemes)


def _is_split(blocks: list[Rows], token: int) -> bool:
    """Whether there are texts of tokens: a class may stand behind a text, too."""
    return len(blocks) > 1 and not any(len(row[token].split()) > 1 for block in blocks for row in block)


def _alternates(rows: Rows) -> bool:
    """Whether lines are whole texts, a tag behind each token."""
    long = [row for row in rows if len(row) > 4]
    if 2 * len(long) < len(rows):
        return False
    tags = _Column([cell for row in long for cell in row[1::2]])
    others = Counter(cell for row in long for cell in row[2::2])
    return _has_marks([tags], (0,)) and find_scheme(others) is None


def _are_texts(rows: Rows) -> bool:
    """Whether lines are whole texts, with the tags of all tokens behind the last."""
    long = [row for row in rows if len(row) > 5]
    if 2 * len(long) < len(rows):
        return False
    halves = [(row[: len(row) // 2], row[-(len(row) // 2) :]) for row in long]
    tags = Counter(cell for _, half in halves for cell in half)
    scheme = find_scheme(tags)
    if scheme is None or scheme is BARE or not scheme.marked or not {"O"} < tags.keys():
        return False
    return not any(scheme.parse(cell) and cell != "O" for half, _ in halves for cell in half if cell != "-")


def _find_feature(columns: list[_Column]) -> tuple[int, str] | None:
    """The column with features of which one is a tag, and its name."""
    for i, column in enumerate(columns):
        names: Counter[str] = Counter()
        for value, count in column.counts.items():
            if "=" in value:
                names.update({name: count for name, tag in find_features(value) if tag != "O"})
        if names:
            return i, names.most_common(1)[0][0]
    return None


def _find_token(
    blocks: list[Rows], columns: list[_Column], taken: set[int], numbers: int | None, names: tuple[str, ...]
) -> int | None:
    """The first column that may hold tokens: it does not count, is not the same over whole texts, and has neither few
    values nor a digit in each."""
    free = [i for i in range(len(columns)) if i not in taken]
    named = find_name(names, TOKEN_NAMES)
    if named is not None and named in free:
        return named
    likely = [i for i in free if i != numbers and not all(map(is_spacing, columns[i].counts))]
    varied = [i for i in likely if not stays(blocks, i)]
    words = [i for i in varied if not all(map(NUMBER.fullmatch, columns[i].counts))]  # and no offsets
    words = [i for i in words if not all(map(HAS_DIGIT.search, columns[i].counts))] or words  # and no ids
    # Parts of speech are few, however long the text, and lemmas are not many more than words
    most = max((len(columns[i].counts) for i in words), default=0)
    return next(iter([i for i in words if 2 * len(columns[i].counts) >= most] or varied or likely or free), None)
