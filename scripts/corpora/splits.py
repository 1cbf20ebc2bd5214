"""Which split a record belongs to."""

import hashlib

from ..annotations import SPLITS, AnnotatedText
from .store import Store, normal_form

SHARES = {"train": 0.8, "dev": 0.1, "test": 0.1}


def assign_split(record: AnnotatedText, seed: int) -> str:
    """Name the split of a record: the one it was given, else one drawn for its group.

    The draw is a hash of seed and group, so that it does not depend on what other records there are: adding data moves
    nothing. Without a group, records with the same words form one.

    record (AnnotatedText): The record.
    seed (int): Another seed makes another draw.
    RETURNS (str): "train", "dev" or "test".
    """
    choices = record.split.split("+") if record.split else SPLITS
    if len(choices) == 1:
        return choices[0]
    group = f"group {record.group}" if record.group else f"text {normal_form(record.text)}"
    digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    draw = int.from_bytes(digest[:8], "big") / 2**64 * sum(SHARES[split] for split in choices)
    for split in choices[:-1]:
        if draw < SHARES[split]:
            return split
        draw -= SHARES[split]
    return choices[-1]


def keep_together(store: Store) -> None:
    """Send near-duplicates to one split: a record goes where the earlier text went that it is nearly the same as.

    A group goes where its first record goes, so that it stays whole. All this looks backwards alone: data that is added
    behind moves nothing. Given splits stay.

    store (Store): The records, with the splits they were assigned and their near-duplicates.
    """
    store.sql.execute("CREATE INDEX records_group ON records (record_group, id) WHERE record_group != ''")
    rows = store.sql.execute(
        "SELECT id, earlier, record_group, given_split FROM near_duplicates JOIN records USING (id) "
        "WHERE given_split NOT IN ('train', 'dev', 'test') ORDER BY id"
    ).fetchall()
    for number, earlier, group, given in rows:
        split = store.sql.execute("SELECT split FROM records WHERE id = ?", (earlier,)).fetchone()[0]
        if given and split not in given.split("+"):
            continue
        if not group:
            store.sql.execute("UPDATE records SET split = ? WHERE id = ?", (split, number))
        elif store.sql.execute("SELECT MIN(id) FROM records WHERE record_group = ?", (group,)).fetchone() == (number,):
            store.sql.execute("UPDATE records SET split = ? WHERE record_group = ?", (split, group))
