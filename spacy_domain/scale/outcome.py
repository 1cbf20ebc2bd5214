"""What became of all shards: counted, and the records that were set aside put together, with their lines."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from . import storage
from .plan import Piece
from .shards import ASIDE, MANIFESTS, Job, read_manifests

SUMMARY, SET_ASIDE = "summary.json", "set_aside.jsonl"
HEADER_LINES = {"csv": 1}


@dataclass
class Outcome:
    """What became of all records.

    read (int): How many there are.
    written (int): How many are in the output.
    set_aside (int): How many are not, because they cannot be annotated.
    missing (int): Shards that are not done.
    seconds (float): How long workers worked, all together.
    """

    read: int = 0
    written: int = 0
    set_aside: int = 0
    missing: int = 0
    seconds: float = 0.0


def finish(job: Job) -> Outcome:
    """Count what became of all records, and write what was set aside to one file, each with its place.

    job (Job): What was done.
    RETURNS (Outcome): What became of them.
    """
    outcome = Outcome()
    with storage.writing(storage.join(job.folder, SET_ASIDE)) as path, path.open("w", encoding="utf-8") as file_:
        for row in _collect(job, outcome):
            file_.write(json.dumps(row, ensure_ascii=False) + "\n")
    summary = {**asdict(outcome), "plan": asdict(job.plan)}
    data = json.dumps(summary, indent=2, ensure_ascii=False).encode() + b"\n"
    storage.write(storage.join(job.folder, SUMMARY), data)
    return outcome


def _collect(job: Job, outcome: Outcome) -> Iterator[dict[str, Any]]:
    """The records that were set aside, in the order of the input; what became of all is counted by the way."""
    file, line = "", 0
    for shard, manifest in read_manifests(job):
        if not manifest:
            outcome.missing += 1
            continue
        for name in ("read", "written", "set_aside", "seconds"):
            setattr(outcome, name, getattr(outcome, name) + getattr(manifest, name))
        first = []
        for piece, lines in zip(shard.pieces, manifest.lines, strict=True):
            if piece.file != file:
                file, line = piece.file, 1 + HEADER_LINES.get(piece.kind, 0)
            first.append(line)
            line += lines
        if manifest.set_aside:
            data = storage.read(job.address(MANIFESTS, shard, ASIDE)) or b""
            yield from (_place(json.loads(row), shard.pieces, first) for row in data.splitlines())


def _place(row: dict[str, Any], pieces: tuple[Piece, ...], first: list[int]) -> dict[str, Any]:
    at = row.pop("piece")
    return {"file": pieces[at].file, **row, "line": first[at] + row["line"]}
