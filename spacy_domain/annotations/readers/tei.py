"""TEI: names marked in a text, <p>Yesterday <persName ref="#ana">Ana <surname>Novak</surname></persName> left</p>.

Each paragraph, verse, heading and the like is a text, and so is each note; those of a file stay in one split. White
space is folded, as in print: line ends in the file are none of the text. Of a choice (<sic> or <corr>, <orig> or
<reg>) the first is read. <name> and <rs> say in their type what they name. Parts of names are no entities of their own.
https://tei-c.org/release/doc/tei-p5-doc/en/html/ND.html
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from ...project.errors import Place, ProjectError
from ..formats import Format, formats
from ..record import FileRecord, FileSpan
from ..text import Beginning
from ..xml_elements import read_elements

ROOT = re.compile(r"<(?:\w+:)?TEI(?:\.2|Corpus)?[\s>]")
ADDRESS = "http://www.tei-c.org/ns/1.0"
# fmt: off
NAMES = frozenset([
    "persName", "placeName", "orgName", "geogName", "objectName", "eventName", "settlement", "country", "region",
    "district", "bloc", "date", "time",
])
GENERIC = ("name", "rs")
PARTS = frozenset(["forename", "surname", "addName", "nameLink", "genName", "roleName", "geogFeat"])
TEXTS = frozenset([
    "p", "ab", "l", "head", "note", "item", "label", "cell", "speaker", "stage", "opener", "closer", "dateline",
    "salute", "signed", "address", "byline", "trailer", "quote", "s", "u", "titlePart", "docImprint", "figDesc",
])
BREAKS = frozenset(["lb", "pb", "cb", "milestone", "gb"])
# fmt: on


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it is XML whose root is TEI's.
    """
    return beginning.first.lstrip().startswith("<") and bool(ROOT.search(beginning.text))


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file.

    path (Path): The file.
    YIELDS (FileRecord): The records of its texts.
    RAISES (ProjectError): If it is no XML, or has no text.
    """
    empty = True
    for line, text in read_elements(path, "text", f"{ADDRESS} text"):
        for record in _Writing(line, path.name).read(text):
            empty = False
            yield record
    if empty:
        place = Place(str(path), 1, "nothing in <text>")
        raise ProjectError("TEI without a text", "Move the file away: lists of names are no annotations.", [place])


class _Writing:
    """The texts of a document, one after another.

    line (int): The line that the document's text begins on.
    group (str): What they have in common.
    """

    def __init__(self, line: int, group: str):
        self.line, self.group = line, group
        self.pieces: list[str] = []
        self.length = 0
        self.spans: list[FileSpan] = []
        self.unread: Counter[str] = Counter()
        self.waiting: list[Element] = []

    def read(self, element: Element) -> Iterator[FileRecord]:
        """Read what is in an element: a text up to where another one begins.

        element (Element): The element.
        YIELDS (FileRecord): The records.
        """
        self._add(element.text)
        for child in element:
            name = _name(child)
            if name == "note" and self.length:  # it stands in the middle of a text
                self.waiting.append(child)
            elif name in TEXTS or (name not in BREAKS and _holds_texts(child)):
                yield from self._finish()
                yield from self.read(child)
                yield from self._finish()
            else:
                self._add_inline(child, name)
            self._add(child.tail)
        if _name(element) in TEXTS or _name(element) == "text":
            yield from self._finish()

    def _add(self, text: str | None) -> None:
        """Add text, its white space folded: what follows a space does not begin with one."""
        if not text:
            return
        folded = re.sub(r"\s+", " ", text)
        before = self.pieces[-1][-1] if self.pieces else " "
        folded = folded[1:] if folded[0] == before == " " else folded
        if folded:
            self.pieces.append(folded)
            self.length += len(folded)

    def _add_inline(self, element: Element, name: str) -> None:
        if name in BREAKS:
            self._add("" if element.get("break") == "no" else " ")
            return
        start, first = self.length, len(self.pieces)
        inside = list(element)[:1] if name == "choice" else element
        for other in list(element)[1:] if name == "choice" else ():
            self.unread["name(s) in another reading of a choice"] += sum(map(_is_name, other.iter()))
        self._add(element.text)
        for child in inside:
            if _name(child) == "note":
                self.waiting.append(child)
            else:
                self._add_inline(child, _name(child))
            self._add(child.tail)
        if name in PARTS:
            self.unread["part(s) of names"] += 1
        elif _is_name(element):
            covered = "".join(self.pieces[first:])
            begin, end = start + len(covered) - len(covered.lstrip()), start + len(covered.rstrip())
            label = element.get("type") or name if name in GENERIC else name
            self.spans += [FileSpan(begin, end, label, covered.strip())] if begin < end else []

    def _finish(self) -> Iterator[FileRecord]:
        text = "".join(self.pieces).rstrip()
        if text:
            yield FileRecord(text, self.spans, self.line, group=self.group, unread=+self.unread)
        self.pieces, self.length, self.spans, self.unread = [], 0, [], Counter()
        waiting, self.waiting = self.waiting, []
        for note in waiting:
            yield from self.read(note)


def _name(element: Element) -> str:
    """The name of an element, without its namespace."""
    return str(element.tag).rpartition(" ")[2]


def _is_name(element: Element) -> bool:
    return _name(element) in NAMES or _name(element) in GENERIC


def _holds_texts(element: Element) -> bool:
    return any(_name(inside) in TEXTS - {"note"} for inside in element.iter() if inside is not element)


formats.register("tei", func=Format("TEI", fits, read, certain=True))
