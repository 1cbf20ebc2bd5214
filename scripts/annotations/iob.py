"""A token and its tag a line, blank lines between texts (CoNLL); or a text a line, its tokens as token|TAG.

A column SpaceAfter=No, SpacesAfter=... or SpacesBefore=... says what white space there was, as in CoNLL-U
(https://universaldependencies.org/misc.html) and UDPipe; what this project writes has one. A comment "# group = ..." or
"# annotator = ..." before the tokens is about the text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from ..errors import Place, ProjectError
from .formats import Format, Writer, formats, writers
from .record import AnnotatedText, FileRecord
from .tags import join, tokens_to_record
from .text import Beginning, read_lines

TAG = r"(O|-|[BILUES]-\S+)"
COLUMNS = re.compile(rf"\S+([ \t]+\S+)*[ \t]+{TAG}[ \t]*")
PIPES = re.compile(rf"\S+\|{TAG}(\s+\S+\|{TAG})*\s*")
ABOUT = re.compile(r"# (group|annotator) = (.*)")
SPACES = re.compile(r"\bSpaces?(After|Before)=([^\s|]*)")
TOKEN = re.compile(r"\w+|[^\w\s]")
NOTHING: Mapping[str, str] = {}
REMARK = "Texts were rebuilt from tokens, with a space between any two where the file does not say what was there."


def fits(beginning: Beginning) -> bool:
    """Tell whether a file has a token a line.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it has.
    """
    return _share(beginning, COLUMNS) > 0.8 and not fits_pipes(beginning)


def fits_pipes(beginning: Beginning) -> bool:
    """Tell whether a file has token|TAG.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it has.
    """
    return _share(beginning, PIPES) > 0.8


def _share(beginning: Beginning, pattern: re.Pattern[str]) -> float:
    lines = [line for line in beginning.lines if line.strip() and not line.startswith(("-DOCSTART-", "#"))]
    return sum(bool(pattern.fullmatch(line)) for line in lines) / len(lines) if lines else 0.0


def read(path: Path) -> Iterator[FileRecord]:
    """Read a token a line: the first column is the token, the last its tag.

    path (Path): The file.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If a line has a token without tag.
    """
    tokens: list[str] = []
    tags: list[str] = []
    spaces: list[str | None] = [""]  # before the first token, and after each; None where the file does not say
    about: dict[str, str] = {}
    first = 0
    for number, line in read_lines(path):
        if not line.strip() or line.startswith("-DOCSTART-"):
            if tokens:
                yield _record(tokens, tags, first, spaces, about)
            tokens, tags, spaces, about = [], [], [""], {}
            continue
        said = ABOUT.fullmatch(line)
        if said and not tokens:
            about[said[1]] = _unescape(said[2])
            continue
        columns = line.split("\t") if "\t" in line else line.split()
        columns = [column for column in columns if column.strip()]
        if line.startswith("#") and not COLUMNS.fullmatch(line):
            continue  # a comment, as CoNLL-U has
        if len(columns) < 2:
            place = Place(str(path), number, "found one column", line[:80])
            raise ProjectError("Token without tag", "Give it one (O if it is no entity), or delete the line.", [place])
        if not tokens:
            first = number
        tokens.append("".join(columns[0].split()))
        tags.append(columns[-1].strip())
        spaces.append(None)
        for side, value in SPACES.findall(" ".join(columns[1:-1])):
            spaces[0 if side == "Before" else -1] = "" if value == "No" else _unescape(value)
    if tokens:
        yield _record(tokens, tags, first, spaces, about)


def read_pipes(path: Path) -> Iterator[FileRecord]:
    """Read a text a line, its tokens as token|TAG or token|…|TAG.

    path (Path): The file.
    YIELDS (FileRecord): The records.
    RAISES (ProjectError): If a token has no tag.
    """
    for number, line in read_lines(path):
        parts = [part.split("|") for part in line.split()]
        bare = next((part for part in parts if len(part) < 2), None)
        if bare:
            place = Place(str(path), number, f"{bare[0]!r} has none", line[:80])
            raise ProjectError("Token without tag", "Write token|TAG.", [place])
        if parts:
            yield _record([part[0] or "|" for part in parts], [part[-1] for part in parts], number)


def _record(
    tokens: list[str], tags: list[str], line: int, spaces: Sequence[str | None] = (), about: Mapping[str, str] = NOTHING
) -> FileRecord:
    text, borders = join(tokens, spaces)
    record = tokens_to_record(tags, borders, text, line)
    record.group, record.annotator = about.get("group", ""), about.get("annotator", "")
    return record


def write(records: Iterable[AnnotatedText]) -> Iterator[str]:
    """Write records as CoNLL with tags B- and I-, cut at white space, punctuation and the ends of spans.

    records (Iterable[AnnotatedText]): The records.
    YIELDS (str): The lines of one record.
    RAISES (ProjectError): If spans overlap, begin or end in white space, or have a label with white space.
    """
    for record in records:
        _refuse_what_tags_cannot_say(record)
        borders = {border for span in record.spans for border in (span.start, span.end)}
        borders |= {border for stretch in record.unknown for border in stretch}
        pieces = [(found.start(), found.end()) for found in TOKEN.finditer(record.text)]
        cuts = sorted(borders.union(*pieces))
        tokens = [(start, end) for start, end in pairwise(cuts) if not record.text[start].isspace()]
        about = {"group": record.group, "annotator": record.annotator}
        lines = [f"# {name} = {_escape(value)}\n" for name, value in about.items() if value]
        ends = [*(start for start, _ in tokens[1:]), len(record.text)]
        for i, ((start, end), following) in enumerate(zip(tokens, ends, strict=True)):
            after = record.text[end:following]
            spaces = "_" if after == " " else f"SpacesAfter={_escape(after)}" if after else "SpaceAfter=No"
            if i == 0 and start:
                spaces = f"SpacesBefore={_escape(record.text[:start])}|{spaces}"
            lines.append(f"{record.text[start:end]}\t{spaces}\t{_tag(record, start)}\n")
        yield "".join(lines) + "\n"


def _tag(record: AnnotatedText, start: int) -> str:
    for span in record.spans:
        if span.start <= start < span.end:
            return f"{'B' if start == span.start else 'I'}-{span.label}"
    return "-" if any(first <= start < behind for first, behind in record.unknown) else "O"


def _refuse_what_tags_cannot_say(record: AnnotatedText) -> None:
    spans = sorted(record.spans, key=lambda span: span.start)
    overlaps = any(span.end > following.start for span, following in pairwise(spans))
    padded = any(record.text[end].isspace() for span in spans for end in (span.start, span.end - 1))
    if overlaps or padded or any(len(span.label.split()) != 1 for span in spans):
        what = "spans overlap" if overlaps else "white space around a span" if padded else "white space in a label"
        place = Place(record.file, record.line, what, record.text[:80])
        raise ProjectError("Tags cannot say this", "Mend the record, or export to another format.", [place])


def _escape(text: str) -> str:
    return text.encode("unicode_escape").decode("ascii").replace(" ", "\\s")


def _unescape(text: str) -> str:
    return text.replace("\\s", " ").encode("latin-1", "backslashreplace").decode("unicode_escape")


formats.register(
    "iob",
    func=Format(
        "CoNLL, IOB, BILUO or BIOES, a token a line",
        fits,
        read,
        certain=True,
        remark=REMARK,
    ),
)
formats.register(
    "iob_pipes", func=Format("token|TAG, a text a line", fits_pipes, read_pipes, certain=True, remark=REMARK)
)
writers.register("iob", func=Writer(write, ".conll"))
