"""A token and its tag a line, blank lines between texts: CoNLL and its kin; or a text a line, its tokens as token|TAG.

Which columns these are, and in which scheme the tags are, is told from the whole file (see columns.py and tags.py). A
column SpaceAfter=No, SpacesAfter=... or SpacesBefore=... says what white space there was, as in CoNLL-U
(https://universaldependencies.org/misc.html) and UDPipe; what this project writes has one. A comment "# text = ..."
holds the text itself, "# group = ..." and "# annotator = ..." are about it. What has neither is rebuilt with spaces. A
token that is white space alone is left out of the text. Of several layers of tags the outer one is read, the others are
named.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from ..errors import Place, ProjectError
from .columns import Layout, begins_table, find_layout, names_sentences, split_at_spaces
from .formats import Format, Writer, formats, writers
from .record import AnnotatedText, FileRecord, FileSpan
from .tags import NO_ENTITY, USUAL, Scheme, Tag, describe, find_entities, find_in_text, find_scheme, join, known_tags
from .text import Beginning, read_beginning, read_lines

ABOUT = re.compile(r"# (group|annotator) = (.*)")
REAL_TEXT = re.compile(r"#\s*text\s*=\s?(.*)")
SPACES = re.compile(r"\bSpaces?(After|Before)=([^\s|]*)")
ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U000[0-9a-fA-F]{5}|U0010[0-9a-fA-F]{4}|.)", re.DOTALL)
HASH = ord("#")
ESCAPED = {"s": " ", "t": "\t", "n": "\n", "r": "\r", "p": "|", "\\": "\\"}
BRACKETS = re.compile(r"(?:\((?P<label>[^()*\s]+))?\*?(?P<end>\))?")
DOCSTART, ENDS = "-DOCSTART-", ("#begin document", "#end document")
NO_PHRASE = ("O", "-", "_", "")
TOKEN = re.compile(r"\w+|[^\w\s]")
REMARK = "Texts were rebuilt from tokens, with a space between any two where the file does not say what was there."
REMEDY = "Give each token one of the file's tags (O if it is no entity), or delete the lines."


@dataclass(frozen=True)
class _Tagging:
    """Which of the columns that may be tags is read, and how.

    column (int): The column.
    scheme (Optional[Scheme]): Its scheme; None for brackets.
    known (dict[str, Tag]): What the tags in it mean, the most frequent first; those that make no sense are left out.
    layers (tuple[tuple[int, Scheme], ...]): Other columns with entities.
    """

    column: int
    scheme: Scheme | None
    known: dict[str, Tag] = field(default_factory=dict)
    layers: tuple[tuple[int, Scheme], ...] = ()


def fits(beginning: Beginning) -> bool:
    """Tell whether a file has a token a line.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it has, and its lines are not rows of a table that names its sentences.
    """
    first = next(filter(str.strip, beginning.lines), "")
    if fits_pipes(beginning) or first.startswith("#FORMAT=") or begins_table(first):
        return False
    layout = find_layout(beginning.lines)
    return layout is not None and not names_sentences(layout.header)


def read(path: Path) -> Iterator[FileRecord]:
    """Read a token a line.

    path (Path): The file.
    YIELDS (FileRecord): The records; one with a row without tag, or with a tag that is none, with its error.
    RAISES (ProjectError): If no line has more than one column.
    """
    layout = find_layout(read_beginning(path).lines) or _first_and_last(path)
    stat = path.stat()
    tagging = _find_tagging(path, layout, (stat.st_mtime_ns, stat.st_size))
    notes = list(_notes(layout, tagging))
    for block in _blocks(path):
        text = _Text(path, layout, tagging)
        text.add_all(block)
        if text.first:
            record = text.to_record()
            record.notes, notes = notes + record.notes, []
            yield record


def _blocks(path: Path) -> Iterator[list[tuple[int, str]]]:
    """The lines of each text, with their numbers."""
    block: list[tuple[int, str]] = []
    for number, line in read_lines(path):
        if line and not line.isspace() and not line.startswith(ENDS) and DOCSTART not in line:
            block.append((number, line))
        elif block:
            yield block
            block = []
    if block:
        yield block


def _first_and_last(path: Path) -> Layout:
    """What a user who names the format means by it, where nothing in the file tells."""
    lines = [line for line in read_beginning(path).lines if line.strip() and not line.startswith(("#", DOCSTART))]
    tabs = 2 * sum("\t" in line for line in lines) > len(lines)
    widths = Counter(len(line.split("\t") if tabs else split_at_spaces(line)) for line in lines)
    width = max(widths, key=lambda width: (width > 1, widths[width]), default=1)
    if width < 2:
        place = Place(str(path), 1, "found one column", next(iter(lines), "")[:80])
        raise ProjectError("Token without tag", "Give it one (O if it is no entity), or delete the line.", [place])
    return Layout(tabs, width, 0, (width - 1,))


@lru_cache(maxsize=8)  # a file is read twice: a sample, and all of it
def _find_tagging(path: Path, layout: Layout, state: tuple[int, int]) -> _Tagging:
    """Choose the column to read by all tags of the file.

    Of layers with the same kinds of labels it is the outer one, which has the most tokens in entities; of others, the
    last, as is usual.
    """
    if layout.brackets:
        return _Tagging(layout.tags[0], None)
    counts = _count_tags(path, layout)
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
        kin = [column for column in full if labels[column].keys() & labels[max(full)].keys()]
        chosen = max(kin, key=lambda column: (sum(labels[column].values()), -column))
    layers = tuple((column, other) for column in full if column != chosen and (other := schemes[column]))
    scheme = schemes[chosen] or USUAL
    return _Tagging(chosen, scheme, known_tags(counts[chosen], scheme), layers)


def _count_tags(path: Path, layout: Layout) -> dict[int, Counter[str]]:
    """Count the tags in each column that may be the one, as quickly as it can be done; comments aside."""
    counts: dict[int, Counter[str]] = {column: Counter() for column in layout.tags}
    between = b"\t" if layout.tabs else b" "
    with path.open("rb") as file_:
        while lines := file_.readlines(2**20):
            rows = [line.split(between) for line in lines if line[0] != HASH]
            whole = [row for row in rows if len(row) == layout.width]
            if layout.numbers is not None:
                whole = [row for row in whole if row[layout.numbers].isdigit()]
            for column, found in counts.items():
                for cell, count in Counter(row[column] for row in whole).items():
                    found[layout.tag_of(cell.decode("utf-8", "replace"))] += count
            for row in rows:
                if len(row) != layout.width:
                    cells = layout.split(between.join(row).decode("utf-8", "replace").rstrip("\r\n"))
                    cells = cells if layout.has_all(cells) else layout.mend(cells)
                    for column in counts if cells and DOCSTART not in cells else ():
                        counts[column][layout.tag_of(cells[column])] += 1
    return counts


def _notes(layout: Layout, tagging: _Tagging) -> Iterator[str]:
    if layout.header:
        yield f"The first line names the columns: {', '.join(layout.header)}"
    if layout.token or layout.feature or tagging.column != layout.width - 1 or layout.brackets:
        tags = f"tags are {layout.feature}= in column" if layout.feature else "tags column"
        yield f"Tokens are column {layout.token + 1}, {tags} {tagging.column + 1}"
    yield from describe(tagging.scheme) if tagging.scheme else ()


@dataclass
class _Text:
    """The rows of one text.

    ranges (list[tuple[int, int, str]]): Words that are written as one: first, the one behind the last, and the form.
    spaces (list[Optional[str]]): The white space before the first token, and after each; None where it is not known.
    after (dict[int, Optional[str]]): The same for words that are written as one, by the one behind the last.
    """

    path: Path
    layout: Layout
    tagging: _Tagging
    first: int = 0
    tokens: list[str] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    layers: list[list[Tag]] = field(default_factory=list)
    spaces: list[str | None] = field(default_factory=lambda: [""])
    ranges: list[tuple[int, int, str]] = field(default_factory=list)
    after: dict[int, str | None] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    error: ProjectError | None = None
    open: str = ""

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
        if not self.first:
            self.first = block[0][0]
            self.layers = [[] for _ in tagging.layers]
        token = layout.token
        self.tags += tags  # type: ignore[arg-type]
        self.tokens += [row[token].strip() for row in rows]
        if any("Space" in line for line in lines):
            for row in rows:
                self.spaces.append(None)
                self._space(row)
        else:
            self.spaces += [None] * len(rows)
        self._add_layers(rows)
        return True

    def _add_layers(self, rows: Sequence[Sequence[str]]) -> None:
        for (column, scheme), layer in zip(self.tagging.layers, self.layers, strict=True):
            layer += [scheme.parse(row[column].strip()) or NO_ENTITY for row in rows]
        for column in self.layout.phrases:
            without = sum(row[column] in NO_PHRASE for row in rows)
            self.unread[f"tag(s) of phrases in column {column + 1}"] += len(rows) - without

    def add(self, number: int, line: str) -> None:
        """Add a line."""
        layout = self.layout
        row = layout.split(line)
        if not layout.has_all(row):
            row = layout.mend(row) or row
        if line[0] == "#" and self._is_comment(line, row):
            self._comment(line)
            return
        if layout.header and tuple(cell.strip() for cell in row) == layout.header:
            return
        if not self.first:
            self.first = number
            self.layers = [[] for _ in self.tagging.layers]
        self.lines.append(line)
        if not layout.has_all(row):
            columns = f"{len(row)} column{'s' * (len(row) != 1)}, other lines have {layout.width}"
            title = "Token without tag" if len(row) < layout.width else "Token with too many columns"
            self._fail(title, number, columns, line)
            return
        token = row[layout.token].strip()
        if layout.numbers is not None and not row[layout.numbers].isdecimal() and self._is_no_word(row, token):
            return
        tag = layout.tag_of(row[self.tagging.column])
        meant = self._parse(tag)
        if meant is None:
            self._fail("Unknown tag", number, self._not_known(tag), line)
            meant = NO_ENTITY
        self.tokens.append(token)
        self.tags.append(meant)
        self.spaces.append(None)
        if "Space" in line:
            self._space(row)
        self._add_layers([row])

    def _not_known(self, tag: str) -> str:
        known = list(self.tagging.known)
        return f"{tag!r} is none of the file's tags ({', '.join(known[:12])}{', ...' * (len(known) > 12)})"

    def _parse(self, tag: str) -> Tag | None:
        scheme = self.tagging.scheme
        if scheme is None:
            return self._bracket(tag)
        return self.tagging.known.get(tag) or scheme.parse(tag)

    def _bracket(self, tag: str) -> Tag | None:
        found = BRACKETS.fullmatch(tag)
        if tag == "-" or not found or not tag or (found["label"] and self.open) or (found["end"] and tag == ")"):
            return None
        mark = "B" if found["label"] else "I"
        label = found["label"] or self.open
        self.open = "" if found["end"] else label
        return Tag(mark, label) if label else NO_ENTITY

    def _is_comment(self, line: str, row: Sequence[str]) -> bool:
        layout = self.layout
        like_a_row = layout.has_all(row) and self._could_be(layout.tag_of(row[self.tagging.column]))
        if like_a_row and (layout.numbers is None or row[layout.numbers].isdecimal()):
            return False
        return not self.first or line[1:2] in ("", " ", "\t")

    def _could_be(self, tag: str) -> bool:
        scheme = self.tagging.scheme
        if scheme is None:
            return False
        return scheme.parse(tag) is not None if scheme.marked and scheme is not USUAL else tag in self.tagging.known

    def _comment(self, line: str) -> None:
        if self.first:
            return
        said, real = ABOUT.fullmatch(line), REAL_TEXT.fullmatch(line)
        if said:
            self.about[said[1]] = _unescape(said[2])
        elif real:
            self.about["text"] = real[1]

    def _is_no_word(self, row: Sequence[str], token: str) -> bool:
        """Take a range (1-2) for the form of the words that follow, and pass over what was not written (3.1)."""
        number = row[self.layout.numbers or 0].strip()
        first, mark, last = number.partition("-")
        tag = self.layout.tag_of(row[self.tagging.column])
        meant = None if tag == "_" else self._parse(tag)
        if mark and first.isdecimal() and last.isdecimal() and 0 < int(last) - int(first) < 100:
            words = int(last) - int(first) + 1
            self.ranges.append((len(self.tokens), len(self.tokens) + words, token))
            for _, value in SPACES.findall("|".join(row)):
                self.after[len(self.tokens) + words] = self._white_space(value)
        elif not re.fullmatch(r"\d+\.\d+", number):
            return False
        if meant and meant.label and meant.mark != "I":
            self.dropped.append(f"{token!r} ({meant.label}) is tagged at {number}, which is no word")
        return True

    def _space(self, row: Sequence[str]) -> None:
        for i, cell in enumerate(row):
            if i != self.layout.token and "Space" in cell:
                for side, value in SPACES.findall(cell):
                    # SpacesBefore is there for the first token alone
                    if side == "After" or len(self.spaces) == 2:
                        self.spaces[-1 if side == "After" else 0] = self._white_space(value)

    def _white_space(self, value: str) -> str | None:
        """What a feature says of the white space at a token; None, and a note, if it is none."""
        found = "" if value == "No" else _unescape(value)
        if found.strip():
            self.notes.append(f"{value!r} is no white space: a space is put there")
            return None
        return found

    def _fail(self, title: str, number: int, message: str, line: str) -> None:
        self.error = self.error or ProjectError(title, REMEDY, [Place(str(self.path), number, message, line[:80])])

    def to_record(self) -> FileRecord:
        """RETURNS (FileRecord): The text and its spans, with the error if a line makes no sense."""
        text, borders = self._place()
        record = FileRecord(text, [], self.first, error=self.error, dropped=self.dropped, unread=+self.unread)
        record.notes = self.notes
        record.raw = "\n".join(self.lines) if self.error else ""
        record.group, record.annotator = self.about.get("group", ""), self.about.get("annotator", "")
        for start, end, label in find_entities(self.tags):
            found = [border for border in borders[start:end] if border[0] < border[1]]
            if found:
                record.spans.append(FileSpan(found[0][0], found[-1][1], label))
            else:
                record.dropped.append(f"white space alone ({label})")
        missing = (border for border, tag in zip(borders, self.tags, strict=True) if tag[0] == "-")
        record.unknown = [(start, end) for start, end in missing if start < end]
        for (column, _), layer in zip(self.tagging.layers, self.layers, strict=True):
            for start, end, label in find_entities(layer):
                covered = text[borders[start][0] : borders[end - 1][1]]
                record.dropped.append(f"{covered!r} ({label}) in column {column + 1}, another layer, was not read")
                record.unread[f"span(s) in column {column + 1}, another layer of tags"] += 1
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


def fits_pipes(beginning: Beginning) -> bool:
    """Tell whether a file has token|TAG.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether it has.
    """
    lines = [line for line in beginning.lines if line.strip() and not line.startswith(("-DOCSTART-", "# "))]
    tagged = [parts for line in lines if (parts := _parts(line)) and all(len(part) > 1 and part[-1] for part in parts)]
    if not tagged or len(tagged) < 0.8 * len(lines):
        return False
    return find_scheme(Counter(part[-1] for parts in tagged for part in parts)) is not None


def _parts(line: str) -> list[list[str]]:
    """The tokens of a line, each with what is between its pipes; a pipe may be the token."""
    return [part.split("|") for part in split_at_spaces(line.strip())]


def read_pipes(path: Path) -> Iterator[FileRecord]:
    """Read a text a line, its tokens as token|TAG or token|…|TAG.

    path (Path): The file.
    YIELDS (FileRecord): The records; one in which a token has no tag with its error.
    """
    counts: Counter[str] = Counter()
    for _, line in read_lines(path):
        counts.update(part[-1] for part in _parts(line) if len(part) > 1)
    scheme = find_scheme(counts) or USUAL
    tagging = _Tagging(1, scheme, known_tags(counts, scheme))
    layout = Layout(True, 2, 0, (1,))
    notes = list(_notes(layout, tagging))
    for number, line in read_lines(path):
        if not line.strip() or line.startswith("-DOCSTART-"):
            continue
        text = _Text(path, layout, tagging, number)
        for part in _parts(line):
            if len(part) < 2:
                text._fail("Token without tag", number, f"{part[0]!r} has none: write token|TAG", line)
            meant = text._parse(part[-1]) if len(part) > 1 else NO_ENTITY
            if meant is None:
                text._fail("Unknown tag", number, text._not_known(part[-1]), line)
            text.tokens.append(part[0] or "|")
            text.tags.append(meant or NO_ENTITY)
            text.spaces.append(None)
        text.lines = [line]
        record = text.to_record()
        record.notes, notes = notes + record.notes, []
        yield record


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
            usual = after == " " and i + 1 < len(tokens)  # what is read where nothing is said
            spaces = "_" if usual else f"SpacesAfter={_escape(after)}" if after else "SpaceAfter=No"
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
    """Read the escapes of UDPipe and of `_escape`; what is none stays as it is."""
    return ESCAPE.sub(_meaning, text)


def _meaning(escape: re.Match[str]) -> str:
    code = escape[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else ESCAPED.get(code, escape[0])


formats.register(
    "iob",
    func=Format(
        "CoNLL: a token and its tag a line, in any scheme",
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
