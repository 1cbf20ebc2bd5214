"""Tokens with tags -> text with spans. In which scheme the tags are is told from all of them.

Marks say where an entity begins (B), goes on (I, and M of BMES) and ends (E or L), or that it is one token (U, S or W);
some write them out (BEGIN, INSIDE). They stand before the label or behind it, with "-", "_" or another sign between, or
none, or without any label; or there are labels alone.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ..record import FileRecord, FileSpan

STARTS, GOES_ON, ENDS = "BU", "ILE", "LUE"
# Other letters, and words, for the same
MEANINGS = {
    **dict.fromkeys(("BEGIN", "BEGINNING", "START"), "B"),
    **dict.fromkeys(("M", "IN", "INSIDE", "INTERMEDIATE", "MIDDLE", "CONT"), "I"),
    **dict.fromkeys(("LAST", "END"), "L"),
    **dict.fromkeys(("W", "S", "UNIT", "UNIQUE", "SINGLE", "WHOLE"), "U"),
}
WORDS = "|".join(sorted((word for word in MEANINGS if len(word) > 1), reverse=True))
MISSING = ("-", "")
ONE_LABEL = "ENTITY"
# What some write for O, also beside labels without marks; and beside marked ones alone (two letters look like it)
OUTSIDE_WORDS = (
    "o",
    "0",
    *(form(word) for word in ("out", "outside", "other", "none") for form in (str.upper, str.title, str)),
)
OUTSIDE = ("O", *OUTSIDE_WORDS, "_", "*", "\u039f", "\u041e")
PHRASES = set(
    ["NP", "VP", "PP", "ADJP", "ADVP", "SBAR", "PRT", "CONJP", "INTJ", "LST", "UCP", "NAC", "NC", "VC", "PC", "NX"]
)
NAME = re.compile(r"[^\W\d_][^\s|]+")  # one letter may be a class of words, or a grade
ENOUGH = 0.8  # of the tags that are not O have to be as the scheme has them; the others are faults


class Tag(NamedTuple):
    """What a tag means.

    mark (str): B, I, L, U or E; O for none, and "-" where it is missing.
    label (str): The label; empty for none.
    """

    mark: str
    label: str


NO_ENTITY = Tag("O", "")


@dataclass(frozen=True)
class Scheme:
    """A way to write tags.

    title (str): What a person calls it.
    pattern (re.Pattern[str]): What a tag looks like, with groups "mark" and "label" if it has these.
    outside (tuple[str, ...]): What it has for tokens of no entity.
    marked (bool): Whether tags say where an entity begins.
    """

    title: str
    pattern: re.Pattern[str]
    outside: tuple[str, ...] = ("O",)
    marked: bool = True

    @property
    def certain(self) -> bool:
        """RETURNS (bool): Whether tags are of tokens, and not classes of whole texts, of which one is OTHER."""
        return self.marked or "O" in self.outside

    def parse(self, tag: str) -> Tag | None:
        """RETURNS (Optional[Tag]): What a tag means; None if the scheme has no such tag."""
        if tag in MISSING:
            return Tag("-", "")
        if tag in self.outside:
            return NO_ENTITY
        found = self.pattern.fullmatch(tag)
        if not found:
            return None
        groups = found.groupdict()
        mark = (groups.get("mark") or "I").upper()
        return Tag(MEANINGS.get(mark, mark), groups.get("label", ONE_LABEL))


# The likeliest first: where two explain as many tags, it is the one before
SCHEMES = [
    Scheme("mark-label", re.compile(r"(?P<mark>[BILUESMW])-(?P<label>\S.*)"), ("O", "o")),
    Scheme("mark-label", re.compile(r"(?P<mark>[BILUESMWbilues])-(?P<label>\S.*)"), ("O", "o")),
    Scheme("label-mark", re.compile(r"(?P<label>\S+)-(?P<mark>[BILUESMW])"), ("O", "o")),
    Scheme("mark_label", re.compile(r"(?P<mark>[BILUESMW])_(?P<label>\S.*)"), ("O", "o")),
    Scheme("label_mark", re.compile(r"(?P<label>\S+)_(?P<mark>[BILUESMW])"), ("O", "o")),
    Scheme("mark, another sign, label", re.compile(r"(?P<mark>[BILUESMW])[.:/|~=+#](?P<label>\S.*)")),
    Scheme("label, another sign, mark", re.compile(r"(?P<label>\S+)[.:/|~=+#](?P<mark>[BILUESMW])")),
    Scheme("MARK-label", re.compile(rf"(?P<mark>(?i:{WORDS}))[-_.:/|](?P<label>\S.*)")),
    Scheme("label-MARK", re.compile(rf"(?P<label>\S+)[-_.:/|](?P<mark>(?i:{WORDS}))")),
    Scheme("marklabel", re.compile(r"(?P<mark>[BILUESMW])(?P<label>[^\W\d_]\S*)")),
    Scheme("mark alone", re.compile(r"(?P<mark>[BILUESMW])")),
    Scheme("label alone", re.compile(rf"(?P<label>{NAME.pattern})"), marked=False),
]
MARKED, CLOSE, BARE, ALONE = SCHEMES[0], *SCHEMES[-3:]
ODD = SCHEMES[5:-2]  # what may be other labels as well
# Where nothing else is known: as most tools write, and a label alone is one
USUAL = Scheme("mark-label", re.compile(r"(?:(?P<mark>[BILUESMW])-)?(?P<label>.+)", re.DOTALL))


def find_scheme(tags: Mapping[str, int]) -> Scheme | None:
    """Tell in which scheme tags are.

    tags (Mapping[str, int]): All tags of a file, or of one of its layers, and how often each is there.
    RETURNS (Optional[Scheme]): The scheme; None if they are in none, and so no tags.
    """
    told = {tag: count for tag, count in tags.items() if tag not in MISSING}
    outside = _find_outside(told)
    inside = {tag: count for tag, count in told.items() if tag not in outside and tag not in ("O", "o")}
    if not inside:
        return SCHEMES[0] if told.keys() <= {"O"} and tags else None
    best, most = None, ENOUGH * sum(inside.values())
    for scheme in SCHEMES:
        if (scheme is BARE or scheme is ALONE) and best:
            break
        parsed = {tag: scheme.parse(tag) for tag in inside}
        fitting = sum(count for tag, count in inside.items() if parsed[tag])
        marks = {tag.mark for tag in parsed.values() if tag}
        if (fitting > most or (fitting == most and not best)) and _plausible(scheme, marks, inside, told):
            best, most = scheme, fitting
    if best and outside and outside != best.outside:
        return Scheme(best.title, best.pattern, outside, best.marked)
    return best


def _find_outside(tags: Mapping[str, int]) -> tuple[str, ...]:
    """What stands for O where there is none: one other tag, there more often than any other, that is known for it or
    is the only one without a mark."""
    if len(tags) < 2 or "O" in tags:
        return ()
    frequent = max(tags, key=lambda tag: tags[tag])
    others = [tag for tag in tags if tag != frequent]
    alone = 2 * tags[frequent] >= sum(tags.values()) and not MARKED.parse(frequent) and all(map(MARKED.parse, others))
    return (frequent,) if frequent in OUTSIDE or alone else ()


def _plausible(scheme: Scheme, marks: set[str], inside: Mapping[str, int], tags: Mapping[str, int]) -> bool:
    total, within = sum(tags.values()), sum(inside.values())
    if scheme is SCHEMES[0]:
        return bool(marks & {"B", "I", "U"})
    if scheme is BARE:
        return "B" in marks and ("O" in tags or (marks >= {"B", "I"} and not tags.keys().isdisjoint(OUTSIDE_WORDS)))
    if scheme in ODD:
        outside = not tags.keys().isdisjoint(OUTSIDE)
        return outside and 2 * len(inside) < 2 + within and goes_on_as_it_began(inside, scheme)
    if scheme is ALONE:
        # Few labels, each of them often, among many tokens without any: else it is any column of words
        few = (20 if len(inside) <= 5 else 5) * (total - within) >= total and len(inside) <= min(64, 1 + within / 2)
        marked = sum(count for tag, count in inside.items() if MARKED.parse(tag))
        return few and not tags.keys().isdisjoint(("O", *OUTSIDE_WORDS)) and 5 * marked < within
    return bool(marks & {"B", "I"})


def goes_on_as_it_began(tags: Iterable[str], scheme: Scheme) -> bool:
    """Tell whether labels with marks are tags, and do not just look like these.

    tags (Iterable[str]): The labels.
    scheme (Scheme): Where the marks are.
    RETURNS (bool): Whether each has a mark, and some label begins and goes on; or, where a sign is between mark and
        label, all begin.
    """
    parsed = [scheme.parse(tag) for tag in tags]
    begun = {tag.label for tag in parsed if tag and tag.mark == "B"}
    going_on = {tag.label for tag in parsed if tag and tag.mark in GOES_ON}
    if None in parsed or not begun:
        return False
    return going_on <= begun if going_on else scheme is not CLOSE and len(begun) == len(parsed)


def known_tags(tags: Mapping[str, int], scheme: Scheme) -> dict[str, Tag]:
    """RETURNS (dict[str, Tag]): What each tag that the scheme has means, the most frequent first."""
    frequent = sorted(tags, key=lambda tag: -tags[tag])
    return {tag: parsed for tag in frequent if (parsed := scheme.parse(tag))}


def describe(scheme: Scheme) -> list[str]:
    """RETURNS (list[str]): What to know about a scheme that is not the usual one, each in words."""
    notes = []
    if scheme.title not in (SCHEMES[0].title, USUAL.title):
        alone = f": they have no label, all entities are called {ONE_LABEL}" if scheme.title == BARE.title else ""
        notes.append(f"Tags are read as {scheme.title}{alone}")
    if "O" not in scheme.outside:
        notes.append(f"The tag {scheme.outside[0]!r} is read as O")
    return notes


def means_phrases(tags: Mapping[str, int], scheme: Scheme) -> bool:
    """RETURNS (bool): Whether tags are of phrases, such as B-NP, and not of entities."""
    labels = {parsed.label for tag in tags if (parsed := scheme.parse(tag)) and parsed.label}
    return bool(labels) and labels <= PHRASES


@lru_cache(maxsize=2**12)
def _usual(tag: str) -> Tag:
    """What a tag means where nothing else is known; one that begins something in another scheme begins something,
    whatever that is called: whether it is a tag at all is told from the whole file."""
    others = (scheme.parse(tag) for scheme in SCHEMES[1:-3] if scheme is not CLOSE)
    begins = not MARKED.parse(tag) and any(found and found.mark in STARTS for found in others)
    return Tag("B", tag) if begins else USUAL.parse(tag) or NO_ENTITY


def decode(tags: Sequence[str]) -> tuple[list[tuple[int, int, str]], list[int]]:
    """Find the entities that tags mean, in any scheme with the mark in front, or with labels alone.

    tags (Sequence[str]): A tag a token; "-" and "" are missing.
    RETURNS (tuple[list[tuple[int, int, str]], list[int]]): First token, the one behind the last, and label of each
        entity; and the tokens whose tag is missing.
    """
    parsed = [_usual(tag) for tag in tags]
    return find_entities(parsed), [i for i, tag in enumerate(parsed) if tag.mark == "-"]


def find_entities(tags: Sequence[Tag]) -> list[tuple[int, int, str]]:
    """Find the entities that tags mean.

    B and U begin one; I, L and E go on with one of the same label and else begin one, as in IOB1; L, U and E end it. A
    label without mark goes on with its like.

    tags (Sequence[Tag]): A tag a token.
    RETURNS (list[tuple[int, int, str]]): First token, the one behind the last, and label of each.
    """
    entities: list[tuple[int, int, str]] = []
    label, start = "", 0
    for i, (mark, name) in enumerate(tags):
        if label and (name != label or mark in STARTS):
            entities.append((start, i, label))
            label = ""
        if name:
            if not label:
                label, start = name, i
            if mark in ENDS:
                entities.append((start, i + 1, label))
                label = ""
    if label:
        entities.append((start, len(tags), label))
    return entities


def tokens_to_record(tags: Sequence[str], borders: Sequence[tuple[int, int]], text: str, line: int) -> FileRecord:
    """Make a record of tokens.

    tags (Sequence[str]): Their tags.
    borders (Sequence[tuple[int, int]]): Where each token starts and ends in the text, in code points.
    text (str): The text.
    line (int): The line of the first token.
    RETURNS (FileRecord): The record.
    """
    entities, missing = decode(tags)
    spans = [FileSpan(borders[start][0], borders[end - 1][1], label) for start, end, label in entities]
    return FileRecord(text, spans, line, unknown=[borders[token] for token in missing])


def join(tokens: Sequence[str], spaces: Sequence[str | None] = ()) -> tuple[str, list[tuple[int, int]]]:
    """Rebuild a text, with a space between any two tokens where nothing else is known.

    Every entity then fits the tokens of any tokenizer that splits on spaces.

    tokens (Sequence[str]): The tokens.
    spaces (Sequence[Optional[str]]): The white space before the first token and after each, None where it is not known.
    RETURNS (tuple[str, list[tuple[int, int]]]): The text, and where each token starts and ends.
    """
    known = list(spaces) or [""] + [None] * len(tokens)
    if known[-1] is None:
        known[-1] = ""
    pieces, borders = [known[0] or ""], []
    position = len(pieces[0])
    for token, after in zip(tokens, known[1:], strict=True):
        borders.append((position, position + len(token)))
        pieces += (token, " " if after is None else after)
        position += len(token) + len(pieces[-1])
    return "".join(pieces), borders


def find_in_text(tokens: Sequence[str], text: str) -> list[tuple[int, int]] | None:
    """Find tokens in a text, one behind the other.

    tokens (Sequence[str]): The tokens.
    text (str): The text.
    RETURNS (Optional[list[tuple[int, int]]]): Where each starts and ends; None if the text is another one.
    """
    borders, position = [], 0
    for token in tokens:
        start = text.find(token, position)
        if start < 0 or text[position:start].strip():
            return None
        position = start + len(token)
        borders.append((start, position))
    return None if text[position:].strip() else borders
