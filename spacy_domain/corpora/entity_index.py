"""The entities of all corpora, to be searched for what is odd about them."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

SCHEMA = "CREATE TABLE entities (id INTEGER, start INTEGER, end INTEGER, label TEXT, surface TEXT)"

Found = tuple[int, int, int]  # number of the record, start, end
Entity = tuple[int, int, int, str, str]  # and label, and text without case


class EntityIndex:
    """The entities, in a table of the store.

    sql (sqlite3.Connection): The store's database.
    """

    def __init__(self, sql: sqlite3.Connection):
        self.sql = sql
        self.sql.execute(SCHEMA)

    def add(self, entities: Iterable[Entity]) -> None:
        """Keep entities, each as number of the record, start, end, label, and text without case."""
        self.sql.executemany("INSERT INTO entities VALUES (?, ?, ?, ?, ?)", entities)

    def index(self) -> None:
        """Make searches by text fast, once all are there."""
        self.sql.execute("CREATE INDEX entities_surface ON entities (surface, label)")

    def count_ambiguous(self) -> dict[str, Counter[str]]:
        """RETURNS (dict[str, Counter[str]]): How often each label was given, by text, for those that have several."""
        rows = self.sql.execute(
            "SELECT surface, label, COUNT(*) FROM entities WHERE surface IN (SELECT surface FROM entities "
            "GROUP BY surface HAVING COUNT(DISTINCT label) > 1) GROUP BY surface, label ORDER BY surface"
        )
        found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for surface, label, count in rows:
            found[surface][label] = count
        return found

    def find_labelled_otherwise(self, surface: str, label: str, most: int) -> list[Found]:
        """RETURNS (list[Found]): Entities with that text and another label, so many at most."""
        query = "SELECT id, start, end FROM entities WHERE surface = ? AND label != ? ORDER BY id LIMIT ?"
        return self.sql.execute(query, (surface, label, most)).fetchall()

    def count_frequent(self, longer: int, more: int, most: int) -> dict[str, int]:
        """Count the texts of entities that are frequent.

        longer (int): They have more characters than that.
        more (int): They are there more often than that.
        most (int): How many to give at most.
        RETURNS (dict[str, int]): How often each is there, the most frequent first.
        """
        query = (
            "SELECT surface, COUNT(*) FROM entities WHERE LENGTH(surface) > ? GROUP BY surface HAVING COUNT(*) > ? "
            "ORDER BY COUNT(*) DESC LIMIT ?"
        )
        return dict(self.sql.execute(query, (longer, more, most)))

    def read(self, last: int) -> Iterator[Found]:
        """YIELDS (Found): The entities of the records up to that number."""
        yield from self.sql.execute("SELECT id, start, end FROM entities WHERE id <= ?", (last,))

    def find_beginning(self, word: str) -> Iterator[tuple[str, Found]]:
        """YIELDS (tuple[str, Found]): Label and place of entities that are a word, or begin with it."""
        begins = word if word.endswith("'") else f"{word} "
        behind = begins[:-1] + chr(ord(begins[-1]) + 1)  # what sorts behind all that begins so: an index can be used
        return self._find("surface = ? OR (surface >= ? AND surface < ?)", word, begins, behind)

    def find_ending(self, marks: str) -> Iterator[tuple[str, Found]]:
        """YIELDS (tuple[str, Found]): Label and place of entities that end in one of these marks, or in a full stop
        where the same entity is found without it, too."""
        return self._find(
            "INSTR(?, SUBSTR(surface, -1)) OR (surface LIKE '%.' AND "
            "RTRIM(surface, '.') IN (SELECT surface FROM entities))",
            marks,
        )

    def _find(self, where: str, *values: str) -> Iterator[tuple[str, Found]]:
        query = f"SELECT label, id, start, end FROM entities WHERE {where} ORDER BY id"
        return ((label, (number, start, end)) for label, number, start, end in self.sql.execute(query, values))
