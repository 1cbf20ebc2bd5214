"""One shard: read, annotated, written, and a manifest that says so, which is written last.

A shard counts as done if its manifest is whole, of this plan, and its output is as large as it says. Whatever else is
there of it is replaced: so every record is in the output exactly once, wherever a worker was stopped.
"""

import hashlib
import json
import os
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from . import storage
from .model import Annotation
from .plan import Format, Plan, Shard, read_shards
from .records import PieceReader, Record
from .writers import JsonlWriter, ParquetWriter

if TYPE_CHECKING:
    from .pipeline import Annotator

BATCH_TEXTS = 1_000
BATCH_CHARACTERS = 200_000
OUTPUT, MANIFESTS, ASIDE = "shards", "manifests", "aside.jsonl"  # folders, and the ending of what is set aside
AT_ONCE, SOME = 32, 1_000  # questions to an object store; shards that are in memory
RAW = 10_000  # bytes of a record that is set aside; who mends one of that size looks into the file


@dataclass(frozen=True)
class Job:
    """What all shards of a run have in common.

    folder (str): Address of the output folder.
    plan (Plan): The plan.
    model (str): The pipeline, as spaCy or `find_model` knows it.
    gpu_id (int): GPU to use, -1 for CPU.
    """

    folder: str
    plan: Plan
    model: str
    gpu_id: int = -1

    def address(self, what: str, shard: Shard, ending: str) -> str:
        """RETURNS (str): Where a file of a shard belongs."""
        return storage.join(self.folder, f"{what}/{shard.name}.{ending}")


@dataclass(frozen=True)
class Manifest:
    """What became of a shard.

    plan (str): The plan's id.
    shard (int): The shard's number.
    read (int): How many records were read.
    written (int): How many are in the output.
    set_aside (int): How many are not, because they cannot be annotated.
    lines (list[int]): How many lines there are in each piece: the numbers of lines behind are counted by that.
    size (int): Bytes of the output.
    sha256 (str): And its digest.
    bytes (int): About how many bytes were read.
    seconds (float): How long it took.
    worker (str): Who did it: machine and process.
    """

    plan: str
    shard: int
    read: int
    written: int
    set_aside: int
    lines: list[int]
    size: int
    sha256: str
    bytes: int
    seconds: float
    worker: str


def read_manifest(job: Job, shard: Shard) -> Manifest | None:
    """Look whether a shard is done.

    job (Job): What it is part of.
    shard (Shard): The shard.
    RETURNS (Optional[Manifest]): What became of it; None if it has to be done.
    """
    try:
        found = Manifest(**json.loads(storage.read(job.address(MANIFESTS, shard, "json")) or b""))
    except (ValueError, TypeError):  # cut in half, or edited
        return None
    output = job.address(OUTPUT, shard, job.plan.settings.to)
    whole = found.plan == job.plan.id and storage.find_size(output) == found.size
    return found if whole and found.read == found.written + found.set_aside else None


def read_manifests(job: Job) -> Iterator[tuple[Shard, Manifest | None]]:
    """Look which shards are done. An object store takes its time for an answer: it is asked many things at once.

    job (Job): What they are part of.
    YIELDS (tuple[Shard, Optional[Manifest]]): The shards, and what became of each, as `read_manifest` has it.
    """
    shards = read_shards(job.folder)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while some := list(islice(shards, SOME)):
            look = pool.map if storage.is_remote(job.folder) else map
            yield from zip(some, look(partial(read_manifest, job), some), strict=True)


def annotate_shard(job: Job, shard: Shard) -> Manifest:
    """Annotate a shard.

    job (Job): What it is part of.
    shard (Shard): The shard.
    RETURNS (Manifest): What became of it; it is written down, too.
    """
    from .pipeline import load_annotator  # and with it spaCy, which the process that plans does without

    settings, begin = job.plan.settings, time.perf_counter()
    annotator = load_annotator(job.model, settings.digest, settings.confidence, job.gpu_id)
    output = job.address(OUTPUT, shard, settings.to)
    with storage.writing(output) as path:
        with (ParquetWriter if settings.to is Format.parquet else JsonlWriter)(
            path, job.plan, shard.pieces[0]
        ) as writer:
            work = _Work(annotator, writer)
            work.do(shard, settings.column)
        size = path.stat().st_size
        with path.open("rb") as file_:
            sha256 = hashlib.file_digest(file_, "sha256").hexdigest()
    if work.aside:
        rows = b"".join(json.dumps(row).encode() + b"\n" for row in work.aside)
        storage.write(job.address(MANIFESTS, shard, ASIDE), rows)
    manifest = Manifest(
        plan=job.plan.id,
        shard=shard.number,
        read=work.written + len(work.aside),
        written=work.written,
        set_aside=len(work.aside),
        lines=work.lines,
        size=size,
        sha256=sha256,
        bytes=shard.size,
        seconds=round(time.perf_counter() - begin, 3),
        worker=f"{socket.gethostname()}:{os.getpid()}",
    )
    storage.write(job.address(MANIFESTS, shard, "json"), json.dumps(vars(manifest)).encode() + b"\n")
    return manifest


class _Work:
    """What becomes of the records of a shard while it is worked on."""

    def __init__(self, annotator: "Annotator", writer: JsonlWriter | ParquetWriter):
        self.annotator = annotator
        self.writer = writer
        self.written = 0
        self.lines: list[int] = []
        self.aside: list[dict[str, Any]] = []

    def do(self, shard: Shard, column: str) -> None:
        for number, piece in enumerate(shard.pieces):
            reader = PieceReader(piece, column)
            for records in _read_batches(reader, self.annotator.nlp.max_length):
                self._annotate([record for record in records if not record.wrong])
                self.aside += [_describe(number, record) for record in records if record.wrong]
            self.lines.append(reader.lines)

    def _annotate(self, records: list[Record]) -> None:
        for record, found in zip(records, self.annotator.annotate([one.text for one in records]), strict=True):
            if isinstance(found, Annotation):
                record.wrong = self.writer.write(record, found)
            else:
                record.wrong = f"{type(found).__name__}: {found}"[:300]
            self.written += not record.wrong


def _describe(piece: int, record: Record) -> dict[str, Any]:
    raw = record.raw[:RAW].decode("utf-8", "backslashreplace")
    return {"piece": piece, "line": record.line, "reason": record.wrong, "record": raw}


def _read_batches(reader: PieceReader, longest: int) -> Iterator[list[Record]]:
    batch, characters = list[Record](), 0
    for record in reader:
        if len(record.text) > longest:
            record.wrong = f"{len(record.text)} characters, of which the pipeline takes {longest} (nlp.max_length)"
        batch.append(record)
        characters += len(record.text)
        if len(batch) >= BATCH_TEXTS or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
