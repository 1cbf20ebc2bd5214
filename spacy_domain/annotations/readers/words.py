"""A word a row, as CSV or TSV with named columns: Sentence #,Word,POS,Tag, or sentence_id,words,labels, and their kin.

Which sentence a row belongs to is said in its first row only ("Sentence: 1", as Kaggle's corpora have) or in each; or
blank rows are between sentences; a long table with neither is cut behind what ends a sentence. Which scheme the tags
are in is told from all of them. A header with tabs and without sentences is a matter of iob.py.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

from ...project.errors import Place, ProjectError
from ..csv_rows import DELIMITERS, Row, column_names, read_rows
from ..formats import Format, formats
from ..record import FileRecord
from ..tagged.blocks import CUT, LONGEST, STOPS
from ..tagged.header import OFFSETS, SENTENCE_NAMES, TAG_NAMES, TOKEN_NAMES, normal_name
from ..tagged.runs import find_sentences
from ..tagged.tagged_text import TaggedText
from ..tagged.tagging import Tagging, single_tags
from ..tagged.tags import NO_ENTITY, OUTSIDE, USUAL, describe, find_scheme, means_phrases
from ..text import Beginning, read_beginning

SAMPLE = 500
REMARK = "Texts were rebuilt from words, with a space between any two."


@dataclass(frozen=True)
class _Table:
    """Which columns a table has: all names, the words, their tags, other tags, and what says which sentence it is."""

    delimiter: str
    names: tuple[str, ...]
    word: str
    tag: str
    layers: tuple[str, ...]
    sentences: tuple[str, ...]


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether its first line names words and tags, and the tags are in a scheme.
    """
    return _find_table(beginning) is not None


def _find_table(beginning: Beginning) -> _Table | None:
    for delimiter in (*DELIMITERS, "|"):
        names = column_names(beginning.first, delimiter)
        by_kind = {normal_name(name): name for name in reversed(names)}
        word = next((by_kind[name] for name in by_kind if name in TOKEN_NAMES), None)
        sentences = tuple(name for name in names if normal_name(name) in SENTENCE_NAMES and name != word)
        if delimiter == "|" and "" in names:  # a table of Markdown
            continue
        if word is None or OFFSETS & set(names) or (delimiter == "\t" and not sentences):
            continue
        named = {name: normal_name(name) for name in names if name not in (word, *sentences)}
        likely = [name for name, kind in named.items() if kind in TAG_NAMES]
        likely += [name for name, kind in named.items() if kind.endswith(("_tag", "_tags", "_label"))]
        rows = [row for row in islice(read_rows(beginning.path, delimiter, words=True), SAMPLE) if row.cells]
        words = [row.cells[word] for row in rows]
        tags = [name for name in dict.fromkeys(likely) if _is_tags([row.cells[name] for row in rows], words)]
        if tags:
            sentences = sentences or _find_sentences(rows, names, (word, *tags))
            return _Table(delimiter, tuple(names), word, tags[0], tuple(tags[1:]), sentences)
    return None


def _find_sentences(rows: list[Row], names: list[str], taken: tuple[str, ...]) -> tuple[str, ...]:
    """The column that numbers sentences, whatever it is called."""
    others = [name for name in dict.fromkeys(names) if name not in taken]
    found = find_sentences([[[row.cells[name] for name in others] for row in rows]], len(others)) if rows else None
    return () if found is None else (others[found],)


def _is_tags(cells: list[str], words: list[str]) -> bool:
    counts = Counter(cell.strip() for cell in cells)
    scheme = find_scheme(counts)
    if scheme is None or means_phrases(counts, scheme):
        return False
    return scheme.certain or not any(len(word.split()) > 1 for word in words)


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file.

    path (Path): The file.
    YIELDS (FileRecord): A record a sentence; one with a row that makes no sense with its error.
    RAISES (ProjectError): If the columns have other names.
    """
    beginning = read_beginning(path)
    table = _find_table(beginning)
    if table is None:
        place = Place(str(path), 1, "no columns of words and of tags", beginning.first[:80])
        raise ProjectError("Broken table", "Name the columns in the first line: sentence, word, tag.", [place])
    stat = path.stat()
    tagging, cut, emptied = _find_tagging(path, table, (stat.st_mtime_ns, stat.st_size))
    notes = [f"Words are in the column {table.word}, tags in {table.tag}"]
    notes += describe(tagging.scheme) if tagging.scheme else []
    notes += [CUT] if cut else []
    sentence = TaggedText(path)
    last: tuple[str, ...] = ("",) * len(table.sentences)
    for row in read_rows(path, table.delimiter, words=True):
        row = _mend(row, table, tagging) if row.error else row
        row = Row(row.line) if emptied and _is_empty(row, table) else row
        # Where it is left out it is that of the row before
        cells = row.cells
        named = tuple(cells.get(name, "").strip() or old for name, old in zip(table.sentences, last, strict=True))
        ended = cut and bool(sentence.tokens) and sentence.tokens[-1] in STOPS and not sentence.tags[-1].label
        if (not row.cells and not row.error) or named != last or ended:
            if sentence.line:
                record = sentence.to_record()
                record.notes, notes = notes + record.notes, []
                yield record
            sentence = TaggedText(path)
        last = named
        if row.cells or row.error:
            _add(sentence, row, table, tagging)
    if sentence.line:
        record = sentence.to_record()
        record.notes = notes + record.notes
        yield record


@lru_cache(maxsize=8)  # a file is read twice: a sample, and all of it
def _find_tagging(path: Path, table: _Table, state: tuple[int, int]) -> tuple[Tagging, bool, bool]:
    """What the tags mean, whether nothing is between texts though there are many words, and whether rows without a word
    are, as data frames make them of blank lines."""
    columns = (table.tag, *table.layers)
    counts: dict[str, Counter[str]] = {name: Counter() for name in columns}
    texts, blank, emptied = 0, True, False
    for row in read_rows(path, table.delimiter, words=True):
        texts += blank and bool(row.cells)
        blank = not row.cells and not row.error
        emptied = emptied or _is_empty(row, table)
        for name in columns if row.cells else ():
            counts[name][row.cells[name].strip()] += 1
    scheme = find_scheme(counts[table.tag]) or USUAL
    layers = tuple((table.names.index(name), find_scheme(counts[name]) or USUAL) for name in table.layers)
    tagging = Tagging(table.names.index(table.tag), scheme, single_tags(counts[table.tag], scheme), layers)
    whole = not table.sentences and texts == 1
    return tagging, whole and not emptied and counts[table.tag].total() > LONGEST, whole and emptied


def _is_empty(row: Row, table: _Table) -> bool:
    """Whether a row has no word, and a tag of none."""
    return bool(row.cells) and not row.cells[table.word].strip() and row.cells[table.tag].strip() in ("", *OUTSIDE)


def _mend(row: Row, table: _Table, tagging: Tagging) -> Row:
    """A broken row as it was meant: a comment as a blank one; one whose word is what is between columns (",,O")."""
    if row.raw.startswith("#") and table.delimiter not in row.raw:
        return Row(row.line)
    place = table.names.index(table.word)
    cells = row.raw.split(table.delimiter)
    behind = len(cells) - (len(table.names) - 1 - place)
    if len(cells) <= len(table.names):
        return row
    word = table.delimiter.join(cells[place:behind])
    found = dict(zip(table.names, [*cells[:place], word, *cells[behind:]], strict=True))
    return Row(row.line, found) if word.strip() and found[table.tag].strip() in tagging.known else row


def _add(sentence: TaggedText, row: Row, table: _Table, tagging: Tagging) -> None:
    """Add the word of a row to its sentence."""
    sentence.line = sentence.line or row.line
    if row.error:
        sentence.error = sentence.error or row.error
        sentence.raw.append(row.raw)
        return
    tag = row.cells[table.tag].strip()
    raw = table.delimiter.join(row.cells.values())
    sentence.raw.append(raw)
    meant = tagging.parse_all(tag)
    if meant is None:
        sentence.fail("Unknown tag", row.line, tagging.refuse(tag), raw)
    sentence.add_several(row.cells[table.word].strip(), meant or ())
    for column, scheme in tagging.layers:
        parsed = scheme.parse(row.cells[table.names[column]].strip()) or NO_ENTITY
        sentence.layers.setdefault(column, []).append(parsed)


formats.register(
    "words", func=Format("CSV or TSV with a word and its tag a row", fits, read, certain=True, remark=REMARK)
)
