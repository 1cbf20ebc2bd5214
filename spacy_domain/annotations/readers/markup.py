"""Entities marked in the text itself, a text a line.

<PERSON>Ana</PERSON>, <ENAMEX TYPE="PERSON">Ana</ENAMEX> as MUC has it, <START:person> Ana <END> as OpenNLP has it,
[Ana](PERSON), and [PERSON Ana] as the Illinois tagger prints it. In a file with tags of structure (<p>, <s>, <DOC>)
these are between texts, not line ends. Traps: OpenNLP's spaces beside its marks are none of the text; an entity may lie
in another; &amp; is one character; a mark that is not closed, or never was opened, sets its text aside. Other XML
(tokens as tags, say) is not read: what its tags mean is in no text. Nor is a document of XML with an element of its own
around all of it, such as TEI's: what is marked in it is not entities alone.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ...project.errors import Place, ProjectError
from ..formats import Format, formats
from ..record import FileRecord, FileSpan
from ..text import Beginning, read_beginning, read_chunks

ATTRIBUTES = r"""(?:\s+[\w:.-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*"""
TAG = re.compile(rf"<(?P<close>/)?(?P<name>[A-Za-z][\w.-]*)(?P<more>{ATTRIBUTES})\s*(?P<empty>/)?>")
OPENNLP = re.compile(r"\s?<(?:START(?::(?P<label>[^<>\s]+))?|(?P<close>END))>\s?")
LINK = re.compile(r"\[(?P<text>[^\[\]\n]+)\]\((?P<label>[A-Za-z][\w.:-]*)\)")
BRACKET = re.compile(r"\[(?P<label>[A-Z][A-Z_]+) (?P<text>[^\[\]\n]+?) ?\]")
OF_RASA = re.compile(r"^(?:\s*#+\s*(?:intent|synonym|regex|lookup)\s*:|nlu\s*:|version\s*:)", re.MULTILINE)
LABEL = re.compile(r"\b(?:type|label|categ|category|cat|class|ner)\s*=\s*[\"']([^\"']+)[\"']", re.IGNORECASE)
PROLOGUE = re.compile(r"<\?[^>]*\?>|<!--.*?-->|<!DOCTYPE[^>]*>|<</?\w+>>", re.DOTALL)  # <<SYS>> is of a prompt
# fmt: off
STRUCTURE = frozenset([
    "s", "p", "doc", "docs", "document", "documents", "text", "sentence", "sentences", "sent", "paragraph", "para",
    "corpus", "root", "body", "head", "title", "headline", "data", "dataset", "article", "section", "div", "span", "br",
    "html", "xml", "story", "example", "utterance", "line", "docno", "docid", "header",
])
GENERIC = frozenset([
    "enamex", "numex", "timex", "timex3", "ne", "ner", "entity", "ent", "named_entity", "namedentity", "mention", "rs",
])
# Tags of other kinds of XML, of which no text is marked, and those of web pages
FOREIGN = frozenset([
    "annotation", "annotations", "annotationset", "annotatedtext", "infon", "passage", "collection", "location",
    "offset", "node", "token", "tok", "w", "word", "words", "tokens", "lemma", "pos", "textwithnodes", "gatedocument",
    "feature", "id", "key", "label", "start", "end", "a", "b", "i", "u", "li", "ul", "td", "tr", "table",
])
# fmt: on


@dataclass
class _Mark:
    """A mark in a text: where it is, the label that it begins, and what ends it."""

    start: int
    end: int
    label: str
    name: str
    closes: bool


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether texts in it have marked entities, and nothing else that is marked.
    """
    if beginning.one_line or beginning.path.suffix.lower() in (".py", ".md", ".html", ".htm"):
        return False
    if _is_document(beginning.text):
        return False
    return _kind(beginning.text) is not None


def _is_document(text: str) -> bool:
    """Whether a text begins with a tag that no structure of texts has, and that is closed on a line further down."""
    text = PROLOGUE.sub("", text).lstrip()
    found = TAG.match(text)
    if found is None or found["close"] or found["name"].casefold() in STRUCTURE:
        return False
    return f"</{found['name']}" not in text.partition("\n")[0]


def _kind(text: str) -> str | None:
    """How entities are marked: as tags, by OpenNLP, or in brackets; None if none are."""
    if text.count("<START") and "<END>" in text and OPENNLP.search(text):
        return "opennlp"
    tags = list(TAG.finditer(PROLOGUE.sub("", text)))
    names = {found["name"].casefold() for found in tags}
    if tags and not names & FOREIGN and not re.search(r"<[\w.-]+:[\w.-]+[\s>]", text):
        marks = [found for found in tags if found["name"].casefold() not in STRUCTURE]
        opened = {found["name"] for found in marks if not found["close"]}
        if (
            _has_text_between(text, opened)
            and opened == {found["name"] for found in marks if found["close"]}
            and all(map(_label, _opening(marks)))
        ):
            return "tags"
    lines = [line for line in text.split("\n") if line.strip()]
    if OF_RASA.search(text):
        return None
    for kind, pattern in (("link", LINK), ("bracket", BRACKET)):
        found = [match for line in lines for match in pattern.finditer(line)]
        # Many, and few labels: else these are links of Markdown
        if 5 * len(found) > len(lines) and len({one["label"] for one in found}) <= 1 + len(found) / 2:
            return kind
    return None


def _has_text_between(text: str, names: set[str]) -> bool:
    """Whether there is text outside of the marks of some names: else it is XML with values in it."""
    if not names:
        return False
    marked = re.compile(rf"<({'|'.join(map(re.escape, names))})\b[^<>]*>[^<>]*</\1>")
    left = marked.sub("", PROLOGUE.sub("", text))
    return any(map(str.isalnum, TAG.sub("", left)))


def _opening(marks: list[re.Match[str]]) -> list[re.Match[str]]:
    return [found for found in marks if not found["close"]]


def _label(tag: re.Match[str]) -> str:
    named = LABEL.search(tag["more"])
    if named:
        return named[1]
    return "" if tag["name"].casefold() in GENERIC else tag["name"]


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file.

    path (Path): The file.
    YIELDS (FileRecord): The records; one with a mark that has no other end with its error.
    RAISES (ProjectError): If nothing is marked.
    """
    content = "".join(read_chunks(path)).replace("\r\n", "\n")
    kind = _kind(read_beginning(path).text) or _kind(content)
    if kind is None:
        place = Place(str(path), 1, "no entities are marked in the text", content[:80])
        raise ProjectError("Text without marks", "Mark entities as <PERSON>Ana</PERSON>.", [place])
    line, last = 1, 0
    for start, end in _pieces(content, kind):
        piece = content[start:end]
        start += len(piece) - len(piece.lstrip())
        line, last = line + content.count("\n", last, start), start
        if piece.strip():
            yield _read_text(path, line, piece.strip(), kind)


def _pieces(content: str, kind: str) -> Iterator[tuple[int, int]]:
    """Where texts are: between tags of structure, if there are any, or else the lines."""
    borders = [(0, 0), (len(content), len(content))]
    if kind == "tags":
        tags = (found for found in TAG.finditer(content) if found["name"].casefold() in STRUCTURE)
        borders[1:1] = sorted([found.span() for found in (*tags, *PROLOGUE.finditer(content))])
    if len(borders) == 2:
        borders[1:1] = [found.span() for found in re.finditer("\n", content)]
    yield from ((one[1], other[0]) for one, other in pairwise(borders) if one[1] <= other[0])


def _read_text(path: Path, line: int, piece: str, kind: str) -> FileRecord:
    text, position = "", 0
    record = FileRecord("", [], line)
    waiting: list[tuple[str, str, int]] = []  # name, label and start of what is open
    problem = ""
    for mark in _marks(piece, kind):
        text += _plain(piece[position : mark.start], kind)
        position = mark.end
        if kind == "opennlp" and text and not text[-1].isspace() and not mark.closes:
            text += " "
        if not mark.closes:
            waiting.append((mark.name, mark.label, len(text)))
        elif waiting and waiting[-1][0] == mark.name:
            _, label, start = waiting.pop()
            record.spans.append(FileSpan(start, len(text), label))
            if kind == "opennlp" and piece[mark.end - 1 : mark.end].isspace():
                text += " "
        else:
            problem = problem or f"{piece[mark.start : mark.end].strip()} ends what was not begun"
    record.text = text + _plain(piece[position:], kind)
    problem = problem or (f"{waiting[-1][0]} is not closed" if waiting else "")
    if problem:
        remedy = "Close each mark that is opened, one behind the other, or write &lt; for a < of the text."
        record.error = ProjectError("Broken marks", remedy, [Place(str(path), line, problem, piece[:80])])
        record.raw, record.text = piece, None
    record.spans.sort(key=lambda span: (span.start, -span.end))
    return record


def _plain(piece: str, kind: str) -> str:
    return html.unescape(piece) if kind == "tags" else piece


def _marks(piece: str, kind: str) -> Iterator[_Mark]:
    """The marks of a text, in order."""
    if kind == "opennlp":
        for found in OPENNLP.finditer(piece):
            yield _Mark(*found.span(), found["label"] or "default", "START", bool(found["close"]))
    elif kind == "tags":
        for found in TAG.finditer(piece):
            if not found["empty"] and found["name"].casefold() not in FOREIGN:
                yield _Mark(*found.span(), _label(found), found["name"], bool(found["close"]))
    else:
        for found in (LINK if kind == "link" else BRACKET).finditer(piece):
            yield _Mark(found.start(), found.start("text"), found["label"], "[", False)
            yield _Mark(found.end("text"), found.end(), found["label"], "[", True)


formats.register(
    "markup",
    func=Format(
        "entities marked in the text: <PERSON>Ana</PERSON>, [Ana](PERSON)", fits, read, certain=True, last=True
    ),
)
