"""All records of a run on disk, so that memory does not grow with the data."""

import errno
import hashlib
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import srsly

from ..annotations import AnnotatedText, CharSpan

CHUNK_RECORDS, CHUNK_CHARACTERS = 10_000, 2_000_000
NO_WORD = re.compile(r"[\W_]+")
NUMBER = re.compile(r"\d+")

Row = tuple[Any, ...]

SCHEMA = """
CREATE TABLE records (
    id INTEGER PRIMARY KEY,
    text_digest INTEGER,    -- the same for the same text
    given_split TEXT,       -- by the data; empty if it does not say
    record_group TEXT,      -- by the data; empty if it does not say
    characters INTEGER,
    spans INTEGER,
    set_aside TEXT,         -- why it is not used; empty if it is
    split TEXT,             -- where it goes
    data TEXT
);
CREATE TABLE components (id INTEGER PRIMARY KEY, first INTEGER);  -- what stays in one split, but for lone records
CREATE TABLE leaks (id INTEGER PRIMARY KEY, other INTEGER);
CREATE TABLE shared (id INTEGER PRIMARY KEY);
CREATE TABLE entities (id INTEGER, start INTEGER, end INTEGER, label TEXT, surface TEXT);
CREATE TABLE problems (kind TEXT, row TEXT);
"""


class Store:
    """The records of a run, the entities made of them and the problems on the way, in an SQLite database.

    path (Optional[Path]): The file, which goes when the store is closed; None to keep all in memory.
    """

    def __init__(self, path: Path | None = None):
        self.path = path
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
        self.sql = sqlite3.connect(path or ":memory:", isolation_level=None)
        self.sql.execute("PRAGMA journal_mode = OFF")
        self.sql.execute("PRAGMA synchronous = OFF")
        self.sql.executescript(SCHEMA)
        self.sql.execute("BEGIN")

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self.sql.close()
        if self.path:
            self.path.unlink(missing_ok=True)
        if isinstance(error, sqlite3.OperationalError) and "is full" in str(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path)) from None

    def add(self, rows: Iterable[Row]) -> None:
        """Add records, in the order of the data.

        rows (Iterable[Row]): The records, as `to_row` makes them.
        """
        columns = "split, set_aside, text_digest, given_split, record_group, characters, spans, data"
        self.sql.executemany(f"INSERT INTO records ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def find_shared(self, column: str) -> None:
        """Fill the table shared with the records that are used and have the same value in a column as another one.

        (Sorting numbers in memory takes less than an index on the column.)

        column (str): A column of whole numbers.
        """
        query = f"SELECT id, {column} FROM records WHERE set_aside = ''"
        numbers, values = np.fromiter(self.sql.execute(query), dtype=np.dtype((np.int64, 2))).reshape(-1, 2).T
        order = np.argsort(values, kind="stable")
        same = values[order][1:] == values[order][:-1]
        shared = np.unique(np.concatenate([order[1:][same], order[:-1][same]]))
        self.sql.execute("DELETE FROM shared")
        self.sql.executemany("INSERT INTO shared VALUES (?)", ((number,) for number in numbers[shared].tolist()))

    def update(self, number: int, record: AnnotatedText) -> None:
        """Replace a record by another version of it.

        number (int): Its number.
        record (AnnotatedText): What to keep instead.
        """
        self.sql.execute(
            "UPDATE records SET data = ?, spans = ? WHERE id = ?", (_dump(record), len(record.spans), number)
        )

    def set_aside(self, number: int, reason: str) -> None:
        """Take a record out of use.

        number (int): Its number.
        reason (str): Why.
        """
        self.sql.execute("UPDATE records SET set_aside = ? WHERE id = ?", (reason, number))

    def get(self, number: int) -> AnnotatedText:
        """RETURNS (AnnotatedText): The record of that number."""
        return load_record(self.sql.execute("SELECT data FROM records WHERE id = ?", (number,)).fetchone()[0])

    def chunks(self) -> Iterator[list[tuple[int, str, str]]]:
        """Go through the records that are used, in the order of the data.

        YIELDS (list[tuple[int, str, str]]): Numbers, splits and records (for `load_record`), a few megabytes at a
            time.
        """
        chunk: list[tuple[int, str, str]] = []
        characters = 0
        rows = self.sql.execute("SELECT id, split, data, characters FROM records WHERE set_aside = '' ORDER BY id")
        for number, split, data, length in rows:
            if chunk and (len(chunk) == CHUNK_RECORDS or characters + length > CHUNK_CHARACTERS):
                yield chunk
                chunk, characters = [], 0
            chunk.append((number, split, data))
            characters += length
        if chunk:
            yield chunk

    def has_given_splits(self) -> bool:
        """RETURNS (bool): Whether the data gives any record its split."""
        return self.sql.execute("SELECT 1 FROM records WHERE given_split != '' LIMIT 1").fetchone() is not None

    def count_used(self) -> int:
        """RETURNS (int): How many records are used."""
        return self.sql.execute("SELECT COUNT(*) FROM records WHERE set_aside = ''").fetchone()[0]

    def add_entities(self, entities: Iterable[tuple[int, int, int, str, str]]) -> None:
        """Keep entities, each as number of the record, start, end, label, and text without case."""
        self.sql.executemany("INSERT INTO entities VALUES (?, ?, ?, ?, ?)", entities)

    def add_problems(self, rows: Iterable[dict[str, Any]]) -> None:
        """Keep rows for the audit; each has a "kind"."""
        self.sql.executemany(
            "INSERT INTO problems VALUES (?, ?)", ((row["kind"], srsly.json_dumps(row)) for row in rows)
        )

    def problems(self, *kinds: str) -> Iterator[dict[str, Any]]:
        """Go through the problems.

        kinds (str): Which ones; all if none is named.
        YIELDS (dict[str, Any]): The rows, in the order in which they were added.
        """
        where = f"WHERE kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
        for (row,) in self.sql.execute(f"SELECT row FROM problems {where} ORDER BY rowid", kinds):
            yield srsly.json_loads(row)

    def count_problems(self) -> dict[str, int]:
        """RETURNS (dict[str, int]): How many problems there are, by kind, the most frequent first."""
        return dict(self.sql.execute("SELECT kind, COUNT(*) FROM problems GROUP BY kind ORDER BY COUNT(*) DESC, kind"))


def load_record(data: str) -> AnnotatedText:
    """RETURNS (AnnotatedText): The record that a chunk holds."""
    text, spans, place, unknown, dropped, notes = srsly.json_loads(data)
    file, line, group, split, annotator, rejected, broken = place
    stretches = [(start, end) for start, end in unknown]
    spans = [CharSpan(*span) for span in spans]
    return AnnotatedText(
        text, spans, file, line, group, split, annotator, rejected, stretches, dropped, notes, broken=broken
    )


def normal_form(text: str) -> str:
    """Reduce a text to its words: case, punctuation and white space do not count.

    text (str): The text.
    RETURNS (str): The words, lower-case, with a space between any two.
    """
    return NO_WORD.sub(" ", text.casefold()).strip() or text.casefold()


def _dump(record: AnnotatedText) -> str:
    about = (record.group, record.split, record.annotator, record.rejected, record.broken)
    place = (record.file, record.line, *about)
    return srsly.json_dumps((record.text, record.spans, place, record.unknown, record.dropped, record.notes))


def to_row(record: AnnotatedText, split: str, set_aside: str) -> Row:
    """Prepare a record for the store.

    record (AnnotatedText): The record.
    split (str): Its split.
    set_aside (str): Why it is not used; empty if it is.
    RETURNS (Row): Its row.
    """
    return (
        split,
        set_aside,
        digest(record.text),
        record.split,
        record.group,
        len(record.text),
        len(record.spans),
        _dump(record),
    )


def digest(text: str) -> int:
    """RETURNS (int): A number of 64 bits, the same for the same text."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest(), "big", signed=True)
