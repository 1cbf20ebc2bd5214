"""The problems of a run, of which there may be many: on disk until the audit is written."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

import srsly

SCHEMA = "CREATE TABLE problems (kind TEXT, row TEXT)"


class Problems:
    """The problems, in a table of the store, each as a row of the audit.

    sql (sqlite3.Connection): The store's database.
    """

    def __init__(self, sql: sqlite3.Connection):
        self.sql = sql
        self.sql.execute(SCHEMA)

    def add(self, rows: Iterable[dict[str, Any]]) -> None:
        """Keep rows for the audit; each has a "kind"."""
        self.sql.executemany(
            "INSERT INTO problems VALUES (?, ?)", ((row["kind"], srsly.json_dumps(row)) for row in rows)
        )

    def take(self, rows: list[dict[str, Any]]) -> None:
        """The same, and leave none of them in memory."""
        self.add(rows)
        rows.clear()

    def read(self, *kinds: str) -> Iterator[dict[str, Any]]:
        """Go through the problems.

        kinds (str): Which ones; all if none is named.
        YIELDS (dict[str, Any]): The rows, in the order in which they were added.
        """
        where = f"WHERE kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
        for (row,) in self.sql.execute(f"SELECT row FROM problems {where} ORDER BY rowid", kinds):
            yield srsly.json_loads(row)

    def count(self) -> dict[str, int]:
        """RETURNS (dict[str, int]): How many there are, by kind, the most frequent first."""
        return dict(self.sql.execute("SELECT kind, COUNT(*) FROM problems GROUP BY kind ORDER BY COUNT(*) DESC, kind"))
