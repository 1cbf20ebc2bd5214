"""What is to be annotated, cut into shards: made once, written down, and kept to by every run that goes on with it.

A shard is what a worker does in one go, and what is done again if that was cut short. Files of lines are cut by size: a
piece has the lines that begin in it, so that nobody needs to read a file in order to cut it. Tables in CSV are read for
that, since a cell may hold line ends. Parquet is cut by rows.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from ..project.errors import Place, ProjectError
from . import storage
from .csv_lines import find_header, measure_rows
from .storage import Source

KINDS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".txt": "txt"}
SMALL_SHARD = 2**18  # bytes; less than that is not worth a shard
MANY = 64  # shards are enough for workers to be done at about the same time
PLAN, SHARDS = "plan.json", "plan.jsonl"


@dataclass(frozen=True)
class Piece:
    """A part of a file.

    file (str): Its address.
    kind (str): jsonl, csv, txt or parquet.
    start (int): Where it begins: in bytes, or in rows of a Parquet file.
    end (int): Where it ends, exclusive.
    columns (tuple[str, ...]): Names of the columns of a CSV file; of a Parquet file, with their types.
    delimiter (str): What is between the columns of a CSV file.
    """

    file: str
    kind: str
    start: int
    end: int
    columns: tuple[str, ...] = ()
    delimiter: str = ""


@dataclass(frozen=True)
class Shard:
    """What is annotated in one go.

    number (int): Its number, from 0.
    size (int): About how many bytes it holds.
    pieces (tuple[Piece, ...]): The parts of files in it.
    """

    number: int
    size: int
    pieces: tuple[Piece, ...]

    @property
    def name(self) -> str:
        """RETURNS (str): What its files are called, without an ending."""
        return f"{self.number:06}"

    @classmethod
    def from_json(cls, line: bytes) -> "Shard":
        """RETURNS (Shard): A shard as a line of the plan has it."""
        row = json.loads(line)
        pieces = (Piece(**{**piece, "columns": tuple(piece["columns"])}) for piece in row["pieces"])
        return cls(row["number"], row["size"], tuple(pieces))


class Format(StrEnum):
    """Format of the shards that are written."""

    jsonl = "jsonl"
    parquet = "parquet"


@dataclass(frozen=True)
class Settings:
    """How texts are annotated; the same from the first shard to the last.

    texts (str): Address of the files.
    column (str): The column, or key, that holds the text.
    model (str): The pipeline's name and version.
    digest (str): SHA-256 of the pipeline.
    confidence (bool): Whether to tell how likely entities are right, where the pipeline knows.
    prefix (str): What the names of the columns that are added begin with.
    to (Format): Format of the shards.
    shard_size (int): About how many bytes go into a shard; of a small input, less.
    """

    texts: str
    column: str
    model: str
    digest: str
    confidence: bool
    prefix: str
    to: Format
    shard_size: int


@dataclass(frozen=True)
class Plan:
    """What is to be annotated, and how.

    settings (Settings): How.
    files (int): How many files there are.
    size (int): Of how many bytes.
    shards (int): How many shards they make.
    inputs (str): Digest of the files' addresses, sizes and times.
    columns (dict[str, str]): For Parquet made of something else: types of columns by name.
    skipped (int): How many files are of no kind that is read.
    """

    settings: Settings
    files: int
    size: int
    shards: int
    inputs: str
    columns: dict[str, str] = field(default_factory=dict)
    skipped: int = 0

    @property
    def id(self) -> str:
        """RETURNS (str): What tells this plan from others."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


def list_texts(address: str) -> tuple[list[Source], int]:
    """List the files of kinds that are read, and count the others.

    address (str): A file, a folder or a pattern.
    RETURNS (tuple[list[Source], int]): The files, and how many others there are.
    RAISES (ProjectError): If there are none.
    """
    found = storage.list_sources(address)
    known = [one for one in found if _kind(one)]
    if not known:
        raise ProjectError(
            "No texts of a kind that is read",
            f"Give files that end in {', '.join(sorted(KINDS))}.",
            [Place(one.address, None, "is none of these") for one in found[:3]],
        )
    return known, len(found) - len(known)


def digest_sources(sources: Iterable[Source]) -> str:
    """RETURNS (str): SHA-256 of files' addresses, sizes and times."""
    total = hashlib.sha256()
    for one in sources:
        total.update(f"{one.address}\0{one.size}\0{one.changed}\n".encode())
    return total.hexdigest()


def cut(sources: Iterable[Source], size: int) -> Iterator[Shard]:
    """Cut files into shards.

    sources (Iterable[Source]): The files.
    size (int): About how many bytes a shard should have.
    YIELDS (Shard): The shards. Small files come together in one, if they are of one kind.
    """
    number, waiting, filled = 0, list[Piece](), 0
    for source in sources:
        for piece, weight in _cut_file(source, size):
            if waiting and (filled + weight > size or _layout(waiting[0]) != _layout(piece)):
                yield Shard(number, filled, tuple(waiting))
                number, waiting, filled = number + 1, [], 0
            waiting.append(piece)
            filled += weight
    if waiting:
        yield Shard(number, filled, tuple(waiting))


def _layout(piece: Piece) -> tuple[str, tuple[str, ...]]:
    return piece.kind, piece.columns


def _kind(source: Source) -> str:
    return KINDS.get(PurePosixPath(source.address).suffix.lower(), "")


def _cut_file(source: Source, size: int) -> Iterator[tuple[Piece, int]]:
    kind = _kind(source)
    if kind == "parquet":
        yield from _cut_parquet(source, size)
    elif kind == "csv":
        with storage.open_source(source.address) as file_:
            columns, delimiter, start = find_header(file_)
            if twice := [name for name, times in Counter(columns).items() if name and times > 1]:
                raise ProjectError(
                    f"Two columns are called {twice[0]!r}",
                    "Give each a name of its own: what is in one of them would be lost.",
                    [Place(source.address, 1, f"has the columns {', '.join(columns)}")],
                )
            for end in measure_rows(file_, delimiter, start, size):
                yield Piece(source.address, kind, start, end, columns, delimiter), end - start
                start = end
    else:
        for start in range(0, source.size, size):
            end = min(start + size, source.size)
            yield Piece(source.address, kind, start, end), end - start


def _cut_parquet(source: Source, size: int) -> Iterator[tuple[Piece, int]]:
    from pyarrow import parquet

    with storage.open_source(source.address) as file_:
        found = parquet.read_metadata(file_)
    rows = found.num_rows
    # As it is in memory: on the disk it is compressed
    weight = sum(found.row_group(number).total_byte_size for number in range(found.num_row_groups)) / max(rows, 1)
    step = max(1, int(size / max(weight, 1)))
    layout = tuple(f"{column.name}: {column.type}" for column in found.schema.to_arrow_schema())
    for start in range(0, rows, step):
        end = min(start + step, rows)
        yield Piece(source.address, "parquet", start, end, layout), int((end - start) * weight)


def write_plan(
    folder: str, settings: Settings, sources: Sequence[Source], skipped: int, columns: dict[str, str]
) -> Plan:
    """Cut what is to be annotated into shards, and write down which.

    folder (str): Address of the output folder.
    settings (Settings): How texts are annotated.
    sources (Sequence[Source]): The files.
    skipped (int): How many others there are.
    columns (dict[str, str]): Types of columns, as the plan has them.
    RETURNS (Plan): The plan.
    """
    total = sum(source.size for source in sources)
    shard_size = min(settings.shard_size, max(SMALL_SHARD, total // MANY))
    number = size = 0
    with storage.writing(storage.join(folder, SHARDS)) as path, path.open("wb") as file_:
        for shard in cut(sources, shard_size):
            file_.write(json.dumps(asdict(shard), ensure_ascii=False).encode() + b"\n")
            number, size = number + 1, size + shard.size
    plan = Plan(settings, len(sources), size, number, digest_sources(sources), columns, skipped)
    storage.write(storage.join(folder, PLAN), json.dumps(asdict(plan), indent=2, ensure_ascii=False).encode() + b"\n")
    return plan


def read_plan(folder: str) -> Plan | None:
    """RETURNS (Optional[Plan]): The plan in an output folder; None if there is none that is whole."""
    data = storage.read(storage.join(folder, PLAN))
    try:
        found: dict[str, Any] = json.loads(data or b"")
        return Plan(**{**found, "settings": Settings(**{**found["settings"], "to": Format(found["settings"]["to"])})})
    except (ValueError, KeyError, TypeError):
        return None


def read_shards(folder: str) -> Iterator[Shard]:
    """YIELDS (Shard): The shards of the plan in an output folder."""
    with storage.open_source(storage.join(folder, SHARDS)) as file_:
        yield from map(Shard.from_json, file_)


def refuse_another(plan: Plan, settings: Settings, folder: str) -> None:
    """Refuse to go on with annotations of other texts, or by another pipeline.

    plan (Plan): What the output folder was begun with.
    settings (Settings): What is asked for now.
    folder (str): The output folder.
    RAISES (ProjectError): With what differs.
    """
    before, now = asdict(plan.settings), asdict(settings)
    places = [
        Place(folder, None, f"{name} was {before[name]}, and is {now[name]}")
        for name in now
        if now[name] != before[name] and name != "shard_size"
    ]
    if not places and digest_sources(list_texts(settings.texts)[0]) != plan.inputs:
        places = [Place(settings.texts, None, "files have been added, removed or changed since it was begun")]
    if places:
        raise ProjectError(
            f"{folder} holds annotations of something else",
            "Remove it to begin anew, or choose another folder: --vars.annotated=...",
            places,
        )
