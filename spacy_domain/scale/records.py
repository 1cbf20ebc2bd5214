"""The records of a piece of a file, each with its text; or with what is wrong with it."""

import json
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from . import storage
from .csv_lines import read_rows
from .plan import Piece

BATCH = 1_000  # rows of Parquet that are in memory at once


@dataclass(slots=True)
class Record:
    """A record of the input.

    line (int): The line that it is on, counted from that on which the piece begins; the row's number in Parquet.
    raw (bytes): What the file has there; empty for Parquet.
    columns (dict[str, Any]): What is in it, by column or key.
    text (str): The text.
    wrong (str): Why it cannot be annotated; empty if it can.
    row (Optional[tuple[pyarrow.RecordBatch, int]]): Where it is in Parquet, of which `columns` has the text alone.
    """

    line: int
    raw: bytes = b""
    columns: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    wrong: str = ""
    row: tuple[Any, int] | None = None

    def take_columns(self) -> dict[str, Any]:
        """RETURNS (dict[str, Any]): All that is in it, by column or key."""
        return self.columns if self.row is None else self.row[0].slice(self.row[1], 1).to_pylist()[0]


class PieceReader:
    """Reads the records of a piece of a file. Blank lines are no records.

    piece (Piece): The piece.
    column (str): The column, or key, that holds the text.
    """

    def __init__(self, piece: Piece, column: str):
        self.piece = piece
        self.column = column
        self.lines = 0  # that were read so far; rows of Parquet do not count

    def __iter__(self) -> Iterator[Record]:
        readers = {
            "jsonl": self._read_jsonl,
            "txt": self._read_txt,
            "csv": self._read_csv,
            "parquet": self._read_parquet,
        }
        for record in readers[self.piece.kind](self.piece):
            if not record.wrong:
                found = record.columns.get(self.column)
                if isinstance(found, str):
                    record.text = found
                else:
                    here = self.column in record.columns
                    record.wrong = f"{self.column} is no text" if here else f"has no {self.column}"
            yield record

    def _read_jsonl(self, piece: Piece) -> Iterator[Record]:
        for line, raw in self._read_lines(piece):
            record = Record(line, raw)
            try:
                record.columns = json.loads(raw.decode("utf-8"))
                if not isinstance(record.columns, dict):
                    record.wrong, record.columns = "not a JSON object", {}
            except UnicodeDecodeError as error:
                record.wrong = f"not UTF-8: byte {raw[error.start]:#x}"
            except (ValueError, RecursionError) as error:
                record.wrong = f"broken JSON: {error}"
            yield record

    def _read_txt(self, piece: Piece) -> Iterator[Record]:
        for line, raw in self._read_lines(piece):
            try:
                yield Record(line, raw, {self.column: raw.decode("utf-8")})
            except UnicodeDecodeError as error:
                yield Record(line, raw, wrong=f"not UTF-8: byte {raw[error.start]:#x}")

    def _read_lines(self, piece: Piece) -> Iterator[tuple[int, bytes]]:
        """The lines that begin in a piece, without their ends; blank ones are counted and left out."""
        with storage.open_source(piece.file) as file_:
            if piece.start:
                file_.seek(piece.start - 1)
                file_.readline()  # of the piece before
            place = file_.tell()
            while place < piece.end and (raw := file_.readline()):
                bare = (raw if place else raw.removeprefix(BOM_UTF8)).rstrip(b"\r\n")
                place, self.lines = place + len(raw), self.lines + 1
                if bare.strip():
                    yield self.lines - 1, bare

    def _read_csv(self, piece: Piece) -> Iterator[Record]:
        names = len(piece.columns)
        with storage.open_source(piece.file) as file_:
            file_.seek(piece.start)
            for line, cells, raw, wrong in read_rows(file_, piece.delimiter, piece.end):
                self.lines = line + raw.count(b"\n")
                bare = raw.rstrip(b"\r\n")
                if cells is None:
                    yield Record(line, bare, wrong=wrong)
                elif any(map(str.strip, cells)):
                    if len(cells) < names or any(map(str.strip, cells[names:])):
                        yield Record(line, bare, wrong=f"{len(cells)} columns for {names} names")
                    else:
                        yield Record(line, bare, dict(zip(piece.columns, cells, strict=False)))

    def _read_parquet(self, piece: Piece) -> Iterator[Record]:
        number = piece.start
        for batch in read_batches(piece):
            names = dict.fromkeys(batch.schema.names)
            texts = batch.column(self.column).to_pylist() if self.column in names else [None] * len(batch)
            for place, text in enumerate(texts):
                columns = {**names, self.column: text} if self.column in names else names
                yield Record(number, columns=columns, row=(batch, place))
                number += 1


def read_batches(piece: Piece) -> Iterator[Any]:
    """Read rows of a Parquet file.

    piece (Piece): The piece of it.
    YIELDS (pyarrow.RecordBatch): The rows, some at a time.
    """
    from pyarrow import parquet

    with storage.open_source(piece.file) as source:
        file_, first = parquet.ParquetFile(source), 0
        for group in range(file_.num_row_groups):
            after = first + file_.metadata.row_group(group).num_rows
            if after > piece.start and first < piece.end:
                row = first
                for batch in file_.iter_batches(BATCH, row_groups=[group]):
                    low, high = max(piece.start - row, 0), min(piece.end - row, len(batch))
                    if low < high:
                        yield batch.slice(low, high - low)
                    row += len(batch)
            first = after


def read_schema(piece: Piece) -> Any:
    """RETURNS (pyarrow.Schema): The columns of a Parquet file, with their types."""
    from pyarrow import parquet

    with storage.open_source(piece.file) as source:
        return parquet.read_schema(source)


def measure_row(piece: Piece) -> float:
    """RETURNS (float): How many bytes a row of a Parquet file has there; none where it has no rows."""
    from pyarrow import parquet

    if piece.kind != "parquet":
        return 0.0
    with storage.open_source(piece.file) as source:
        return source.seek(0, 2) / max(parquet.read_metadata(source).num_rows, 1)
