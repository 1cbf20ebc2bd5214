"""A word a row, as CSV or TSV with named columns: Sentence #,Word,POS,Tag, or sentence_id,words,labels, and their kin.

Which sentence a row belongs to is said in its first row only ("Sentence: 1", as Kaggle's corpora have) or in each; or
blank rows are between sentences. Which scheme the tags are in is told from all of them. A header with tabs and without
sentences is a matter of iob.py.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path

from ..errors import Place, ProjectError
from .csv_rows import DELIMITERS, Row, column_names, read_rows
from .formats import Format, formats
from .header import OFFSETS, SENTENCE_NAMES, TAG_NAMES, TOKEN_NAMES, normal_name
from .record import FileRecord, FileSpan
from .tags import NO_ENTITY, USUAL, Scheme, Tag, describe, find_entities, find_scheme, join, known_tags
from .text import Beginning, read_beginning

SAMPLE = 500
REMARK = "Texts were rebuilt from words, with a space between any two."


@dataclass(frozen=True)
class _Table:
    """Which columns a table has: the words, their tags, and what says which sentence it is."""

    delimiter: str
    word: str
    tag: str
    sentences: tuple[str, ...]


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether its first line names words and tags, and the tags are in a scheme.
    """
    return _find_table(beginning) is not None


def _find_table(beginning: Beginning) -> _Table | None:
    header = next(iter(beginning.lines), "")
    for delimiter in DELIMITERS:
        names = column_names(header, delimiter)
        by_kind = {normal_name(name): name for name in reversed(names)}
        word = next((by_kind[name] for name in by_kind if name in TOKEN_NAMES), None)
        sentences = tuple(name for name in names if normal_name(name) in SENTENCE_NAMES and name != word)
        tags = [by_kind[name] for name in by_kind if name in TAG_NAMES or name.endswith(("_tag", "_tags", "_label"))]
        if word is None or OFFSETS & set(names) or (delimiter == "\t" and not sentences):
            continue
        rows = [row for row in islice(read_rows(beginning.path, delimiter), SAMPLE) if row.cells]
        for tag in reversed(tags):
            if tag != word and rows and find_scheme(Counter(row.cells[tag].strip() for row in rows)):
                return _Table(delimiter, word, tag, sentences)
    return None


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file.

    path (Path): The file.
    YIELDS (FileRecord): A record a sentence; one with a row that makes no sense with its error.
    RAISES (ProjectError): If the columns have other names.
    """
    table = _find_table(read_beginning(path))
    if table is None:
        place = Place(str(path), 1, "no columns of words and of tags", next(iter(read_beginning(path).lines), "")[:80])
        raise ProjectError("Broken table", "Name the columns in the first line: sentence, word, tag.", [place])
    stat = path.stat()
    scheme, known = _tags(path, table, (stat.st_mtime_ns, stat.st_size))
    notes = [f"Words are in the column {table.word}, tags in {table.tag}", *describe(scheme)]
    sentence = _Sentence(path)
    last: tuple[str, ...] = ("",) * len(table.sentences)
    for row in read_rows(path, table.delimiter):
        # Where it is left out it is that of the row before
        cells = row.cells
        named = tuple(cells.get(name, "").strip() or old for name, old in zip(table.sentences, last, strict=True))
        if (not row.cells and not row.error) or named != last:
            if sentence.line:
                record = sentence.to_record()
                record.notes, notes = notes + record.notes, []
                yield record
            sentence = _Sentence(path)
        last = named
        if row.cells or row.error:
            sentence.add(row, table, scheme, known)
    if sentence.line:
        record = sentence.to_record()
        record.notes = notes + record.notes
        yield record


@lru_cache(maxsize=8)  # a file is read twice: a sample, and all of it
def _tags(path: Path, table: _Table, state: tuple[int, int]) -> tuple[Scheme, dict[str, Tag]]:
    counts = Counter(row.cells[table.tag].strip() for row in read_rows(path, table.delimiter) if row.cells)
    scheme = find_scheme(counts) or USUAL
    return scheme, known_tags(counts, scheme)


@dataclass
class _Sentence:
    """The words of a sentence."""

    path: Path
    line: int = 0
    words: list[str] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    error: ProjectError | None = None

    def add(self, row: Row, table: _Table, scheme: Scheme, known: dict[str, Tag]) -> None:
        self.line = self.line or row.line
        if row.error:
            self.error = self.error or row.error
            self.raw.append(row.raw)
            return
        word, tag = row.cells[table.word].strip(), row.cells[table.tag].strip()
        self.raw.append(table.delimiter.join(row.cells.values()))
        meant = known.get(tag)
        if meant is None:
            message = f"{tag!r} is none of the file's tags ({', '.join(list(known)[:12])})"
            place = Place(str(self.path), row.line, message, self.raw[-1][:80])
            remedy = "Give each word one of the file's tags (O if it is no entity), or delete the sentence."
            self.error = self.error or ProjectError("Unknown tag", remedy, [place])
        self.words.append(word)
        self.tags.append(meant or NO_ENTITY)

    def to_record(self) -> FileRecord:
        kept = [i for i, word in enumerate(self.words) if word]
        text, places = join([self.words[i] for i in kept])
        borders = dict(zip(kept, places, strict=True))
        record = FileRecord(text, [], self.line, error=self.error, raw="\n".join(self.raw) if self.error else "")
        for start, end, label in find_entities(self.tags):
            found = [borders[i] for i in range(start, end) if i in borders]
            if found:
                record.spans.append(FileSpan(found[0][0], found[-1][1], label))
            else:
                record.dropped.append(f"white space alone ({label})")
        record.unknown = [borders[i] for i in kept if self.tags[i].mark == "-"]
        return record


formats.register(
    "words", func=Format("CSV or TSV with a word and its tag a row", fits, read, certain=True, remark=REMARK)
)
