"""Output shards: the columns of the input, untouched, and behind them what the pipeline found."""

import json
import re
from pathlib import Path
from typing import Any, BinaryIO

from .model import Annotation
from .plan import Piece, Plan
from .records import Record, read_schema

ENTITIES, CATS, MODEL = "entities", "cats", "model"
OTHER = "other_columns"  # in Parquet made of JSONL: what does not fit the types of its columns
ROWS = 10_000  # of Parquet that are in memory at once
TYPES = ("bool_", "int64", "float64", "string")
SURROGATES = re.compile("[\ud800-\udfff]")
DIGITS = 12  # of the pipeline's digest; the plan has all of them


def added_columns(prefix: str) -> list[str]:
    """RETURNS (list[str]): The names of the columns that are added."""
    return [prefix + name for name in (ENTITIES, CATS, MODEL)]


def _find_clash(columns: Any, prefix: str) -> str:
    clash = [name for name in added_columns(prefix) if name in columns]
    return f"has a column {clash[0]} of its own" if clash else ""


class JsonlWriter:
    """Writes a JSON object a line. What was JSON keeps its bytes.

    path (Path): Where.
    plan (Plan): The plan.
    piece (Piece): A piece of the shard; what all of them have in common does not matter here.
    """

    def __init__(self, path: Path, plan: Plan, piece: Piece):
        self.path, self.kind = path, piece.kind
        self.prefix = plan.settings.prefix
        self.model = json.dumps(_model(plan))

    def __enter__(self) -> "JsonlWriter":
        self.file: BinaryIO = self.path.open("wb")
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def write(self, record: Record, found: Annotation) -> str:
        """Write a record.

        record (Record): The record.
        found (Annotation): What was found in it.
        RETURNS (str): Why it was not written; empty if it was.
        """
        wrong = _find_clash(record.columns, self.prefix)
        if not wrong:
            before = record.raw.strip() if self.kind == "jsonl" else _dump(record.take_columns())
            self.file.write(b"%b, %b}\n" % (before[:-1].rstrip(), self._add(found)))
        return wrong

    def _add(self, found: Annotation) -> bytes:
        cats = f'"{self.prefix}{CATS}": {json.dumps(found.cats)}, ' if found.cats is not None else ""
        entities = json.dumps(found.entities, ensure_ascii=False)
        added = f'"{self.prefix}{ENTITIES}": {entities}, {cats}"{self.prefix}{MODEL}": {self.model}'
        return added.encode()


def _model(plan: Plan) -> str:
    return f"{plan.settings.model}@{plan.settings.digest[:DIGITS]}"


def _dump(columns: dict[str, Any]) -> bytes:
    return json.dumps(columns, ensure_ascii=False, default=str).encode()


class ParquetWriter:
    """Writes Parquet. What was Parquet keeps its types; columns from JSONL are those that a sample had.

    path (Path): Where.
    plan (Plan): The plan.
    piece (Piece): A piece of the shard.
    """

    def __init__(self, path: Path, plan: Plan, piece: Piece):
        import pyarrow
        from pyarrow import parquet

        self.arrow, self.prefix, self.model = pyarrow, plan.settings.prefix, _model(plan)
        self.types = {} if piece.kind == "parquet" else plan.columns
        self.schema = pyarrow.schema([*self._own_columns(piece), *self._added_columns()])
        self.file = parquet.ParquetWriter(path, self.schema, compression="zstd")
        self.rows: list[dict[str, Any]] = []
        self.batches: list[tuple[Any, list[int]]] = []  # rows of Parquet, by where they come from

    def _own_columns(self, piece: Piece) -> list[Any]:
        if piece.kind == "parquet":
            return list(read_schema(piece))
        own = [(name, getattr(self.arrow, kind)()) for name, kind in self.types.items()]
        return [self.arrow.field(name, kind) for name, kind in [*own, (OTHER, self.arrow.string())]]

    def _added_columns(self) -> list[Any]:
        arrow, text, number = self.arrow, self.arrow.string(), self.arrow.int64()
        entity = [("text", text), ("label", text), ("start", number), ("end", number), ("confidence", arrow.float64())]
        types = [arrow.list_(arrow.struct(entity)), arrow.map_(text, arrow.float64()), text]
        return [arrow.field(name, kind) for name, kind in zip(added_columns(self.prefix), types, strict=True)]

    def __enter__(self) -> "ParquetWriter":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._flush()
        self.file.close()

    def write(self, record: Record, found: Annotation) -> str:
        """Write a record.

        record (Record): The record.
        found (Annotation): What was found in it.
        RETURNS (str): Why it was not written; empty if it was.
        """
        wrong = _find_clash(record.columns, self.prefix)
        if not wrong:
            values = [found.entities, found.cats and list(found.cats.items()), self.model]
            added = dict(zip(added_columns(self.prefix), values, strict=True))
            if record.row is None:
                added |= self._fit(record.columns)
            elif self.batches and self.batches[-1][0] is record.row[0]:
                self.batches[-1][1].append(record.row[1])
            else:
                self.batches.append((record.row[0], [record.row[1]]))
            self.rows.append(added)
            if len(self.rows) >= ROWS:
                self._flush()
        return wrong

    def _fit(self, columns: dict[str, Any]) -> dict[str, Any]:
        fitting = {name: value for name, value in columns.items() if _fits(value, self.types.get(name, ""))}
        other = {name: value for name, value in columns.items() if name not in fitting}
        return {**fitting, OTHER: json.dumps(other, ensure_ascii=False) if other else None}

    def _flush(self) -> None:
        if self.batches:
            own = self.arrow.Table.from_batches([batch.take(rows) for batch, rows in self.batches])
            added = self.arrow.Table.from_pylist(self.rows, schema=self.arrow.schema(self._added_columns()))
            columns = [*own.columns, *added.columns]
            table = self.arrow.Table.from_arrays(columns, schema=self.schema)
        else:
            table = self.arrow.Table.from_pylist(self.rows, schema=self.schema)
        self.file.write_table(table)
        self.rows, self.batches = [], []


def find_type(values: list[Any]) -> str:
    """Find the type of a column that holds values as JSON has them.

    values (list[Any]): Some of the values.
    RETURNS (str): As pyarrow names it: bool_, int64, float64 or string; empty if there is none for all of them.
    """
    return next(
        (
            kind
            for kind in TYPES
            if any(value is not None for value in values) and all(_fits(one, kind) for one in values)
        ),
        "",
    )


def _fits(value: Any, kind: str) -> bool:
    """Whether a column of a type can hold a value as it is."""
    match value:
        case None:
            return kind in TYPES
        case bool():
            return kind == "bool_"
        case int():
            return (kind == "int64" and -(2**63) <= value < 2**63) or (kind == "float64" and abs(value) <= 2**53)
        case float():
            return kind == "float64"
        case str():
            return kind == "string" and (value.isascii() or not SURROGATES.search(value))
    return False
