"""All records of a run on disk, so that memory does not grow with the data."""

import errno
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from ..annotations import AnnotatedText
from .entity_index import EntityIndex
from .problems import Problems
from .serialization import Row, dump_record, load_record

CHUNK_RECORDS, CHUNK_CHARACTERS = 10_000, 2_000_000
Chunk = list[tuple[int, str, str]]  # numbers, splits and records (for `load_record`)

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
CREATE TABLE sets (id INTEGER PRIMARY KEY, first INTEGER);  -- what stays in one split, but for lone records
CREATE TABLE leaks (id INTEGER PRIMARY KEY, other INTEGER);
CREATE TABLE shared (id INTEGER PRIMARY KEY);
"""


class Store:
    """The records of a run, the entities made of them and the problems on the way, in an SQLite database.

    path (Optional[Path]): The file, which goes when the store is closed; None to keep all in memory.
    entities (EntityIndex): The entities.
    problems (Problems): The problems.
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
        self.entities = EntityIndex(self.sql)
        self.problems = Problems(self.sql)

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

    def find_repeats(self) -> list[list[int]]:
        """Find the records that are used and have the same text, within a given split.

        (Sorting numbers in memory takes less than an index on the texts.)

        RETURNS (list[list[int]]): The numbers of those that have one text, from the first on.
        """
        query = "SELECT id, text_digest FROM records WHERE set_aside = ''"
        numbers, values = np.fromiter(self.sql.execute(query), dtype=np.dtype((np.int64, 2))).reshape(-1, 2).T
        order = np.argsort(values, kind="stable")
        same = values[order][1:] == values[order][:-1]
        shared = np.unique(np.concatenate([order[1:][same], order[:-1][same]]))
        self.sql.executemany("INSERT INTO shared VALUES (?)", ((number,) for number in numbers[shared].tolist()))
        rows = self.sql.execute(
            "SELECT GROUP_CONCAT(id) FROM records JOIN shared USING (id) GROUP BY text_digest, given_split "
            "HAVING COUNT(*) > 1 ORDER BY MIN(id)"
        )
        return [sorted(map(int, listed.split(","))) for (listed,) in rows.fetchall()]

    def update(self, number: int, record: AnnotatedText) -> None:
        """Replace a record by another version of it.

        number (int): Its number.
        record (AnnotatedText): What to keep instead.
        """
        self.sql.execute(
            "UPDATE records SET data = ?, spans = ? WHERE id = ?", (dump_record(record), len(record.spans), number)
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

    def chunks(self) -> Iterator[Chunk]:
        """Go through the records that are used, in the order of the data.

        YIELDS (list[tuple[int, str, str]]): Numbers, splits and records (for `load_record`), a few megabytes at once.
        """
        chunk: Chunk = []
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

    def read_used(self, last: int) -> Iterator[tuple[int, AnnotatedText]]:
        """YIELDS (tuple[int, AnnotatedText]): The records that are used and their numbers, up to that number."""
        query = "SELECT id, data FROM records WHERE set_aside = '' AND id <= ? ORDER BY id"
        for number, data in self.sql.execute(query, (last,)):
            yield number, load_record(data)

    def read_rejected(self) -> Iterator[tuple[AnnotatedText, str]]:
        """YIELDS (tuple[AnnotatedText, str]): The records that were set aside, save for mere repeats, and why."""
        rows = self.sql.execute(
            "SELECT data, set_aside FROM records WHERE set_aside != '' AND set_aside NOT LIKE 'repeat: %' ORDER BY id"
        )
        for data, reason in rows:
            yield load_record(data), reason

    def count_used(self) -> int:
        """RETURNS (int): How many records are used."""
        return self.sql.execute("SELECT COUNT(*) FROM records WHERE set_aside = ''").fetchone()[0]

    def find_median_length(self) -> int:
        """RETURNS (int): How many characters the texts have that are used: the median, 0 if there are none."""
        query = "SELECT characters FROM records WHERE set_aside = '' ORDER BY characters LIMIT 1 OFFSET ?"
        found = self.sql.execute(query, (self.count_used() // 2,)).fetchone()
        return found[0] if found else 0

    def find_longer(self, characters: int, most: int) -> tuple[int, list[AnnotatedText]]:
        """Find texts that are longer than others.

        characters (int): They have more than so many.
        most (int): How many to read at most.
        RETURNS (tuple[int, list[AnnotatedText]]): How many they are; the longest of them.
        """
        where = "FROM records WHERE set_aside = '' AND characters > ?"
        count = self.sql.execute(f"SELECT COUNT(*) {where}", (characters,)).fetchone()[0]
        query = f"SELECT data {where} ORDER BY characters DESC LIMIT ?"
        rows = self.sql.execute(query, (characters, most)) if count else []
        return count, [load_record(data) for (data,) in rows]

    def has_given_splits(self) -> bool:
        """RETURNS (bool): Whether the data gives any record its split."""
        return self.sql.execute("SELECT 1 FROM records WHERE given_split != '' LIMIT 1").fetchone() is not None

    def read_given_splits(self) -> set[str]:
        """RETURNS (set[str]): The splits that the data gives the records that are used; an empty one for none."""
        return {split for (split,) in self.sql.execute("SELECT DISTINCT given_split FROM records WHERE set_aside = ''")}

    def give_other_split(self, given: str, other: str) -> Iterator[tuple[int, AnnotatedText]]:
        """Have all records of one given split be of another.

        given (str): The split that the data gives them.
        other (str): What it gives them instead, "train+dev" for one of two, empty for any.
        YIELDS (tuple[int, AnnotatedText]): Those that are used, and their numbers.
        """
        self.sql.execute("UPDATE records SET given_split = ? WHERE given_split = ?", (other, given))
        query = "SELECT id, data FROM records WHERE set_aside = '' AND given_split = ? ORDER BY id"
        for number, data in self.sql.execute(query, (other,)):
            yield number, load_record(data)

    def has_free_splits(self) -> bool:
        """RETURNS (bool): Whether the data leaves open for any record which of several splits it goes to."""
        query = "SELECT 1 FROM records WHERE given_split NOT IN ('train', 'dev', 'test') LIMIT 1"
        return self.sql.execute(query).fetchone() is not None

    def read_splits(self) -> list[str]:
        """RETURNS (list[str]): The split of each record that is used, in the order of the data."""
        rows = self.sql.execute("SELECT split FROM records WHERE set_aside = '' ORDER BY id")
        return [split for (split,) in rows]

    def read_groups(self) -> Iterator[str]:
        """YIELDS (str): The group of each record that is used, in the order of the data; empty if it has none."""
        for (group,) in self.sql.execute("SELECT record_group FROM records WHERE set_aside = '' ORDER BY id"):
            yield group

    def count_with_spans(self) -> dict[str, int]:
        """RETURNS (dict[str, int]): How many records that are used have spans, by split."""
        query = "SELECT split, COUNT(*) FROM records WHERE set_aside = '' AND spans > 0 GROUP BY split"
        return dict(self.sql.execute(query).fetchall())

    def move(self, moves: Iterable[tuple[str, int]]) -> None:
        """Send records to other splits, each given as the split and its number."""
        self.sql.executemany("UPDATE records SET split = ? WHERE id = ?", moves)

    def add_sets(self, members: Iterable[tuple[int, int]]) -> None:
        """Keep what stays in one split, each record given as its number and that of the first of its set."""
        self.sql.executemany("INSERT INTO sets VALUES (?, ?)", members)

    def read_members(self, lone: bool) -> Iterator[tuple[int, int, str, str, int]]:
        """Go through the sets of records that stay in one split.

        lone (bool): Whether a record that hangs together with none counts as a set, too.
        YIELDS (tuple[int, int, str, str, int]): Number of the first of its set, its own, the split that the data gives,
            where it goes, and how many spans it has: of each record, set by set.
        """
        yield from self.sql.execute(
            "SELECT COALESCE(first, id), id, given_split, split, spans FROM records "
            f"{'LEFT ' if lone else ''}JOIN sets USING (id) WHERE set_aside = '' ORDER BY 1, 2"
        )

    def find_large_sets(self, least: float) -> list[tuple[int, int]]:
        """RETURNS (list[tuple[int, int]]): Number of the first record, and how many there are, of sets of more records
        than that, the largest first."""
        query = "SELECT first, COUNT(*) FROM sets GROUP BY first HAVING COUNT(*) > ? ORDER BY 2 DESC, 1"
        return self.sql.execute(query, (least,)).fetchall()

    def add_leaks(self, leaks: Iterable[tuple[int, int]]) -> None:
        """Keep leaks, each as the record's number and that of the one in another split."""
        self.sql.executemany("INSERT INTO leaks VALUES (?, ?)", leaks)

    def read_leaks(self) -> list[tuple[int, int, str]]:
        """RETURNS (list[tuple[int, int, str]]): Leaks: a record's number, that of the one in another split, and which
        split that is."""
        query = "SELECT leaks.id, other, split FROM leaks JOIN records ON records.id = other ORDER BY leaks.id"
        return self.sql.execute(query).fetchall()

    def count_leaks(self) -> int:
        """RETURNS (int): How many leaks there are."""
        return self.sql.execute("SELECT COUNT(*) FROM leaks").fetchone()[0]

    def drop_leaks(self) -> None:
        """Forget all leaks."""
        self.sql.execute("DELETE FROM leaks")
