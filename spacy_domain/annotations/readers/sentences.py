"""A sentence a row, as CSV or TSV: its words and its tags as lists ("['O', 'B-PER']"), or with spaces between them.

Lists are read as Python or JSON literals: no code is run. Without names of columns, a row is words, a tab and tags.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ...project.errors import Place, ProjectError
from ..csv_rows import DELIMITERS, Row, column_names, read_rows
from ..formats import Format, formats
from ..gaps import find_gaps
from ..record import FileRecord, FileSpan
from ..tagged.header import OFFSETS, TAG_NAMES, TOKEN_NAMES, normal_name
from ..tagged.tags import (
    BARE,
    NO_ENTITY,
    USUAL,
    Scheme,
    describe,
    find_entities,
    find_scheme,
    join,
    known_tags,
    means_phrases,
)
from ..text import Beginning, read_beginning, read_lines

SAMPLE = 50
TEXT_NAMES = TOKEN_NAMES | {"sentence", "sentences", "text", "texts"}
NUMPY = re.compile(r"'\s+'|\"\s+\"|'\s+\"|\"\s+'")  # an array of numpy's is printed without commas
REMARK = "Texts were rebuilt from words, with a space between any two."


@dataclass(frozen=True)
class _Table:
    """Which columns a table has: the words, their tags, and other tags."""

    delimiter: str
    words: str
    tags: str
    layers: tuple[str, ...]
    names: tuple[str, ...] = ()  # if the first row has none


def fits(beginning: Beginning) -> bool:
    """Tell whether a file is of this format.

    beginning (Beginning): Its beginning.
    RETURNS (bool): Whether rows have as many words as tags, in columns named so; in any, if tags say what begins.
    """
    return _find_table(beginning) is not None


def _find_table(beginning: Beginning) -> _Table | None:
    header = beginning.first
    for delimiter in DELIMITERS:
        names = column_names(header, delimiter)
        words = [name for name in names if normal_name(name) in TEXT_NAMES]
        tags = [
            name for name in names if normal_name(name) in TAG_NAMES or normal_name(name).endswith(("_tags", "_labels"))
        ]
        if OFFSETS & set(names):
            continue
        named = bool(words and tags)
        if not named:  # a first row of a word a column names them, whatever it says
            words, tags = (names, names) if all(len(items(name)) == 1 for name in names) else ([], [])
        rows = _first_rows(beginning.path, delimiter, named) if len(words) > 1 or named else []
        for word in words:
            fitting = [tag for tag in reversed(tags) if tag != word and _are_tags(rows, word, tag, marked=not named)]
            if fitting:
                return _Table(delimiter, word, fitting[0], tuple(fitting[1:]))
    return _find_unnamed(beginning)


def _first_rows(path: Path, delimiter: str, named: bool) -> list[Row]:
    try:
        return [row for row in islice(read_rows(path, delimiter), SAMPLE) if row.cells]
    except ProjectError:
        if named:
            raise
        return []  # no text, perhaps


def _find_unnamed(beginning: Beginning) -> _Table | None:
    names = tuple(f"column {number}" for number in range(1, len(beginning.first.split("\t")) + 1))
    if len(names) < 2 or len(items(beginning.first.split("\t")[0])) < 2:
        return None
    lines = ((number, line) for number, line in enumerate(beginning.lines, 1) if line.strip())
    rows = [_split(beginning.path, names, *numbered) for numbered in islice(lines, SAMPLE)]
    rows = [row for row in rows if row.cells]
    for word in names if rows else ():
        fitting = [tag for tag in reversed(names) if tag != word and _are_tags(rows, word, tag, marked=True)]
        if fitting:
            return _Table("\t", word, fitting[0], tuple(fitting[1:]), names)
    return None


def _split(path: Path, names: tuple[str, ...], number: int, line: str) -> Row:
    """A row of a table without names, in which a quote is a word."""
    cells = line.split("\t")
    if len(cells) == len(names):
        return Row(number, dict(zip(names, cells, strict=True)))
    place = Place(str(path), number, f"{len(cells)} columns, other rows have {len(names)}", line[:80])
    return Row(number, error=ProjectError("Broken table", "Mend the row.", [place]), raw=line)


def _read_rows(path: Path, table: _Table) -> Iterator[Row]:
    if not table.names:
        yield from read_rows(path, table.delimiter)
        return
    for number, line in read_lines(path):
        if line.strip():
            yield _split(path, table.names, number, line)


def _are_tags(rows: list[Row], word: str, tag: str, marked: bool = False) -> bool:
    """Whether a column has a tag for each word, and these are of entities, with marks perhaps."""
    pairs = [(_words(row.cells[word], tags), tags) for row in rows for tags in (items(row.cells[tag]),)]
    even = [pair for pair in pairs if len(pair[0]) == len(pair[1])]
    counts = Counter(one for _, found in even for one in found)
    scheme = find_scheme(counts)
    longer = any(len(words) > 1 for words, _ in even) and len(even) >= 0.8 * len(pairs)
    if scheme is None or (marked and not (scheme.marked and scheme is not BARE and len(counts) > 1)):
        return False
    if marked and 2 * sum(len(words) > 1 for words, _ in even) < len(pairs):
        return False
    return longer and not means_phrases(counts, scheme)


def _words(cell: str, tags: list[str]) -> list[str]:
    """The words of a text; its characters, if there is a tag for each of these."""
    words = items(cell)
    return list(cell) if len(words) != len(tags) == len(cell) else words


def items(cell: str) -> list[str]:
    """Read a list of words or tags.

    cell (str): It, as a literal of Python's or JSON's, as numpy prints it, or with white space between its items.
    RETURNS (list[str]): Its items.
    """
    cell = cell.strip()
    if cell.startswith("[") and cell.endswith("]"):
        try:
            found = ast.literal_eval(NUMPY.sub(lambda gap: gap[0][0] + "," + gap[0][-1], cell))
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            found = None
        if isinstance(found, list):
            return [str(item) for item in found]
        return [item.strip().strip("'\"") for item in cell[1:-1].split(",")]
    return cell.split()


def read(path: Path) -> Iterator[FileRecord]:
    """Read a file.

    path (Path): The file.
    YIELDS (FileRecord): A record a row; one that makes no sense with its error.
    RAISES (ProjectError): If the columns have other names.
    """
    table = _find_table(read_beginning(path))
    if table is None:
        place = Place(str(path), 1, "no columns of words and of tags", read_beginning(path).first[:80])
        raise ProjectError("Broken table", "Name the columns in the first line: words, tags.", [place])
    schemes: dict[str, Scheme] = {}
    for name in (*table.layers, table.tags):
        counts: Counter[str] = Counter()
        for row in _read_rows(path, table):
            counts.update(items(row.cells[name]) if row.cells else ())
        schemes[name] = find_scheme(counts) or USUAL
    scheme = schemes.pop(table.tags)
    known = known_tags(counts, scheme)
    notes = [f"Words are in the column {table.words}, tags in {table.tags}", *describe(scheme)]
    for row in _read_rows(path, table):
        if not row.cells and not row.error:
            continue
        raw = row.raw or table.delimiter.join(row.cells.values())
        tags = items(row.cells[table.tags]) if row.cells else []
        words = _words(row.cells[table.words], tags) if row.cells else []
        problem = ""
        if len(words) != len(tags):
            problem = f"{len(words)} words, {len(tags)} tags"
        elif not known.keys() >= set(tags):
            problem = f"{', '.join(sorted(set(tags) - known.keys()))}: not among the file's tags"
        error = row.error
        if problem and not error:
            remedy = "Give each word one of the file's tags (O if it is no entity), or delete the row."
            error = ProjectError("Tags that do not fit", remedy, [Place(str(path), row.line, problem, raw[:80])])
        meant = [known.get(tag, NO_ENTITY) for tag in tags]
        record = FileRecord(None, [], row.line, error=error, raw=raw if error else "", notes=notes)
        notes = []
        found = find_entities(meant)
        if len(words) == len(tags) and row.cells:
            whole = row.cells[table.words] if words == list(row.cells[table.words]) else ""
            record.text, borders = (whole, [(i, i + 1) for i in range(len(whole))]) if whole else join(words)
            record.gaps = [] if whole else find_gaps(words, borders)
            record.spans = [FileSpan(borders[start][0], borders[end - 1][1], label) for start, end, label in found]
            record.unknown = [borders[i] for i, tag in enumerate(meant) if tag.mark == "-"]
        else:
            record.dropped = [f"words {start} to {end - 1} ({label})" for start, end, label in found]
        for name, other in schemes.items() if row.cells else ():
            layer = find_entities([other.parse(tag) or NO_ENTITY for tag in items(row.cells[name])])
            record.dropped += [f"words {start} to {end - 1} ({label}) in {name}" for start, end, label in layer]
            record.unread[f"span(s) in {name}, another layer of tags"] += len(layer)
        record.unread = +record.unread
        yield record


formats.register(
    "sentences",
    func=Format("CSV or TSV with the words and the tags of a text a row", fits, read, certain=True, remark=REMARK),
)
