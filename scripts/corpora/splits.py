"""Which split a record belongs to."""

import hashlib

from ..annotations import AnnotatedText

TRAIN_SHARE, DEV_SHARE = 0.8, 0.1


def assign_split(record: AnnotatedText, seed: int) -> str:
    """Name the split of a record: the one it was given, else one drawn for its group.

    The draw is a hash of seed and group, so that it does not depend on what other records there are: adding data moves
    nothing. Without a group, records with the same text (case and white space aside) form one.

    record (AnnotatedText): The record.
    seed (int): Another seed makes another draw.
    RETURNS (str): "train", "dev" or "test".
    """
    if record.split:
        return record.split
    group = f"group {record.group}" if record.group else "text " + " ".join(record.text.casefold().split())
    digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    draw = int.from_bytes(digest[:8], "big") / 2**64
    if draw < TRAIN_SHARE:
        return "train"
    return "dev" if draw < TRAIN_SHARE + DEV_SHARE else "test"
