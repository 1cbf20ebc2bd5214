"""The tags of a file with a token a line: which column is read, in which scheme, told from all of them."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from pathlib import Path

from ..encoding import open_utf8
from .blocks import DOCSTART
from .layout import Layout, begins_label
from .tags import MISSING, NO_ENTITY, ONE_LABEL, OUTSIDE, USUAL, Scheme, Tag, describe, find_scheme, known_tags

HASH = ord("#")
SEVERAL = re.compile(r"[|;+]")
PLAIN = re.compile(r"[^\W\d_]\w+")
OFTEN, RATHER = 10, 0.01  # a label without a mark: times, and of all tags of entities
MANY_TIMES = 5  # as many tokens in entities as another layer
NEARLY_ALL = 0.95  # there are faults in corpora
SHOWN = 12  # tags of a file, in a message


@dataclass(frozen=True)
class Tagging:
    """Which of the columns that may be tags is read, and how.

    column (int): The column.
    scheme (Optional[Scheme]): Its scheme; None for brackets.
    known (dict[str, Tag]): What the tags in it mean, the most frequent first; those that make no sense are left out.
    layers (tuple[tuple[int, Scheme], ...]): Other columns with entities.
    bare (dict[str, int]): Labels that stand without a mark beside those that have one, and how often.
    """

    column: int
    scheme: Scheme | None
    known: dict[str, Tag] = field(default_factory=dict)
    layers: tuple[tuple[int, Scheme], ...] = ()
    bare: dict[str, int] = field(default_factory=dict)

    def parse(self, tag: str) -> Tag | None:
        """RETURNS (Optional[Tag]): What a tag means; None if it is none, or the scheme is that of brackets."""
        return self.known.get(tag) or (self.scheme.parse(tag) if self.scheme else None)

    def parse_all(self, tag: str) -> list[Tag] | None:
        """RETURNS (Optional[list[Tag]]): What a tag means, or each of several in one cell ("B-ORG|I-LOC"), as nested
        entities have them, the outer one first; None if it is none."""
        meant = self.known.get(tag)
        if meant is None:
            parts = split_tag(tag)
            found = [self.parse(part) for part in parts] if len(parts) > 1 else [self.parse(tag)]
            return None if None in found else [one for one in found if one]
        return [meant]

    def is_outside(self, row: Sequence[str]) -> bool:
        """RETURNS (bool): Whether a row's tag, as far as it is known, says that its token is in no entity."""
        return self.known.get(row[self.column].strip(), NO_ENTITY).label == ""

    def could_be(self, tag: str) -> bool:
        """RETURNS (bool): Whether a line that looks like a comment but has such a tag is a token."""
        scheme = self.scheme
        if scheme is None:
            return False
        return scheme.parse(tag) is not None if scheme.marked and scheme is not USUAL else tag in self.known

    def refuse(self, tag: str) -> str:
        """RETURNS (str): That a tag is none of the file's, and which these are."""
        known = list(self.known)
        return f"{tag!r} is none of the file's tags ({', '.join(known[:SHOWN])}{', ...' * (len(known) > SHOWN)})"


def split_tag(tag: str) -> list[str]:
    """RETURNS (list[str]): The tags in a cell that has several, each of them a mark and a label; or the one."""
    parts = SEVERAL.split(tag)
    return parts if len(parts) > 1 and all(map(begins_label, parts)) else [tag]


def single_tags(tags: Mapping[str, int], scheme: Scheme) -> dict[str, Tag]:
    """RETURNS (dict[str, Tag]): As `known_tags`, without cells that hold several."""
    return known_tags({tag: count for tag, count in tags.items() if len(split_tag(tag)) == 1}, scheme)


def find_tagging(path: Path, layout: Layout) -> Tagging:
    """Choose the column to read by all tags of the file.

    Of layers with the same kinds of labels it is the outer one, which has the most tokens in entities; of others, the
    last, as is usual, or the one whose entities have those of the last in them, or that has many times as many.

    path (Path): The file.
    layout (Layout): Where its rows have what.
    RETURNS (Tagging): The column, and what its tags mean.
    """
    stat = path.stat()
    return _find_tagging(path, layout, (stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=8)  # a file is read twice: a sample, and all of it
def _find_tagging(path: Path, layout: Layout, state: tuple[int, int]) -> Tagging:
    if layout.brackets:
        return Tagging(layout.tags[0], None)
    rows = _count_tags(path, layout)
    counts = {column: _sum_up(rows, place) for place, column in enumerate(layout.tags)}
    if layout.header:
        for column in layout.tags:
            counts[column][layout.header[column]] -= 1
            counts[column] = +counts[column]
    schemes = {column: find_scheme(found) for column, found in counts.items()}
    labels: dict[int, Counter[str]] = {}
    for column, found in counts.items():
        scheme, labels[column] = schemes[column], Counter()
        for tag, count in found.items():
            parsed = scheme.parse(tag) if scheme else None
            if parsed and parsed.label:
                labels[column][parsed.label] += count
    full = [column for column in layout.tags if labels[column]]
    chosen = layout.tags[0]
    if full and not (layout.named and chosen in full):
        sizes = {column: sum(labels[column].values()) for column in full}
        last = max(column for column in full if MANY_TIMES * sizes[column] >= max(sizes.values()))
        kin = [column for column in full if labels[column].keys() & labels[last].keys()]
        chosen = max(kin, key=lambda column: (sizes[column], -column))
        around = [column for column in full if _is_around(rows, layout, schemes, column, chosen)]
        chosen = max(around, key=sizes.__getitem__, default=chosen)
    layers = tuple((column, other) for column in full if column != chosen and (other := schemes[column]))
    scheme = schemes[chosen] or USUAL
    known = single_tags(counts[chosen], scheme)
    bare = _find_bare(counts[chosen], scheme)
    return Tagging(chosen, scheme, known | {label: Tag("I", label) for label in bare}, layers, bare)


def _find_bare(tags: Counter[str], scheme: Scheme) -> dict[str, int]:
    """Find labels without a mark beside tags with one. Where the label is that of others, the mark was forgotten; where
    it is there often, no entity of its kind has a mark (BanglaNER's TIM, say). Others are faults."""
    labels = {tag.label for each in tags if (tag := scheme.parse(each)) and tag.label}
    if not scheme.marked or labels <= {ONE_LABEL}:
        return {}
    bare = {tag: count for tag, count in tags.items() if PLAIN.fullmatch(tag) and not scheme.parse(tag)}
    inside = sum(count for tag, count in tags.items() if tag not in ("O", *MISSING))
    return {
        tag: count
        for tag, count in sorted(bare.items())
        if tag in labels or (count >= OFTEN and count >= RATHER * inside and tag.casefold() not in OUTSIDE)
    }


def _count_tags(path: Path, layout: Layout) -> Counter[tuple[str, ...]]:
    """Count what is in the columns that may be the one, row by row, as quickly as it can be done; comments aside."""
    counts: Counter[tuple[str, ...]] = Counter()
    between = b"\t" if layout.tabs else b" "
    take = itemgetter(*layout.tags)
    with open_utf8(path) as file_:
        while lines := file_.readlines(2**20):
            rows = [line.split(between) for line in lines if line[0] != HASH]
            whole = [row for row in rows if len(row) == layout.width]
            if layout.numbers is not None:
                whole = [row for row in whole if row[layout.numbers].isdigit()]
            for found, count in Counter(map(take, whole)).items():
                cells = (found,) if isinstance(found, bytes) else found
                counts[tuple(layout.tag_of(cell.decode("utf-8", "replace")) for cell in cells)] += count
            for row in rows:
                if len(row) != layout.width:
                    mended = layout.split(between.join(row).decode("utf-8", "replace").rstrip("\r\n"))
                    mended = mended if layout.has_all(mended) else layout.mend(mended)
                    if mended and DOCSTART not in mended:
                        counts[tuple(layout.tag_of(mended[column]) for column in layout.tags)] += 1
    return counts


def _sum_up(rows: Counter[tuple[str, ...]], place: int) -> Counter[str]:
    """How often each tag is at a place of the rows."""
    counts: Counter[str] = Counter()
    for tags, count in rows.items():
        counts[tags[place]] += count
    return counts


def _is_around(
    rows: Counter[tuple[str, ...]], layout: Layout, schemes: dict[int, Scheme | None], outer: int, inner: int
) -> bool:
    """Whether a layer has more tokens in entities than another, and nearly all of its."""
    inside = []
    for column in (outer, inner):
        scheme, place = schemes[column] or USUAL, layout.tags.index(column)
        inside.append({row for row in rows if (tag := scheme.parse(row[place])) and tag.label})
    of_outer, of_inner, of_both = (sum(rows[row] for row in some) for some in (*inside, inside[0] & inside[1]))
    return of_outer > of_inner and of_both >= NEARLY_ALL * of_inner


def describe_tagging(layout: Layout, tagging: Tagging) -> Iterator[str]:
    """Say what is not as usual.

    layout (Layout): Where rows have what.
    tagging (Tagging): Which of it is read.
    YIELDS (str): What to know about columns and scheme, each in words.
    """
    if layout.header:
        yield f"The first line names the columns: {', '.join(layout.header)}"
    if layout.token or layout.feature or tagging.column != layout.width - 1 or layout.brackets:
        tags = f"tags are {layout.feature}= in column" if layout.feature else "tags column"
        yield f"Tokens are column {layout.token + 1}, {tags} {tagging.column + 1}"
    if layout.sentences is not None:
        yield f"Column {layout.sentences + 1} tells sentences apart"
    if layout.titled:
        yield "The first line of each text is what it is called"
    if layout.prefix:
        yield f"{layout.prefix!r}, which each token begins with, is no part of the text"
    if layout.indexed:
        yield "The number behind each character is no part of the text"
    yield from describe(tagging.scheme) if tagging.scheme else ()
    if tagging.bare:
        named = ", ".join(f"{label} ({count})" for label, count in list(tagging.bare.items())[:SHOWN])
        yield f"Labels without a mark are read as entities, those of tokens side by side as one: {named}"
