"""Too few entities, of a split or a label, to learn from or to measure with."""

from collections import Counter
from collections.abc import Iterator

from ..audit import Audit
from .finding import Finding, times

TRAIN_ENOUGH, TEST_ENOUGH = 20, 10  # entities of a label


def split_counts(audit: Audit) -> Iterator[Finding]:
    """Find splits with too few entities to measure with."""
    for split in ("dev", "test"):
        count = audit.splits[split]["spans"]
        if 0 < count < TEST_ENOUGH:
            entities = "1 entity" if count == 1 else f"{count} entities"
            yield Finding("little data", f"{split} has {entities}", "Its score is a guess: annotate more texts.", count)


def label_counts(audit: Audit) -> Iterator[Finding]:
    """Find labels with too few entities to learn from or to measure with."""
    for label, total in sorted(sum(audit.labels.values(), Counter()).items(), key=lambda item: (item[1], item[0])):
        train, test = audit.labels["train"][label], audit.labels["test"][label]
        if total == 1:
            message, suggestion = f"{label} is there once", "A slip? Else annotate more of them, or leave it out."
            yield Finding("one-off label", message, suggestion, 1)
        elif not train:
            message = f"{label} is in dev or test {times(total)} and never in train"
            yield Finding("not in train", message, "No model can find it: annotate more, or leave it out.", total)
        elif train < TRAIN_ENOUGH:
            message = f"{label} has {train} entities to learn from"
            yield Finding("little data", message, f"Annotate more: {TRAIN_ENOUGH} are the least.", train)
        elif test < TEST_ENOUGH:
            message = f"{label} has {test} entities in test"
            yield Finding("little data", message, "Its score will be a guess: annotate more texts.", test)
