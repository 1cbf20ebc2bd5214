"""Annotations -> the store, on all cores."""

import json
from collections.abc import Iterator
from functools import partial

from ..annotations import Part, read_part
from .audit import Audit
from .processes import Processes
from .serialization import Row, to_row
from .splits import Shares, assign_split

Read = tuple[list[Row], Audit]


def read_all(
    parts: Iterator[Part], processes: Processes, longest: int, split_seed: int, shares: Shares
) -> Iterator[Read]:
    """Read all parts of the annotations.

    parts (Iterator[Part]): The parts.
    processes (Processes): The processes.
    longest (int): How many characters a text may have.
    split_seed (int): Seed of the splits.
    shares (dict[str, float]): How many of the texts each split gets.
    YIELDS (tuple[list[Row], Audit]): Rows for the store, and the account of those that cannot be used.
    RAISES (ProjectError): If the annotations are broken.
    """
    return processes.map(partial(_read, longest=longest, split_seed=split_seed, shares=shares), parts)


def _read(part: Part, longest: int, split_seed: int, shares: Shares) -> Read:
    rows, audit = [], Audit()
    for record in read_part(part):
        reason = ""
        audit.read(record)
        if record.broken:
            reason = record.rejected
            audit.set_aside(record, "broken", reason, suggestion=json.loads(record.broken)["what_to_do"])
        elif record.rejected:
            reason = record.rejected
            audit.set_aside(record, "rejected", reason)
        elif len(record.text) > longest:
            reason = f"spaCy takes texts of up to {longest} characters"
            audit.set_aside(record, "too long", reason)
        rows.append(to_row(record, assign_split(record, split_seed, shares), reason))
    return rows, audit
