"""When there is no use in going on: errors that the audit's counts add up to."""

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from ..project.errors import Place, ProjectError, excerpt
from .align import CUT_OFF, OnMisaligned
from .audit import Audit
from .duplicates import find_leaks
from .splits import ENOUGH
from .store import Store

LISTED = 1000  # places in an error
SHOWN = 300  # characters of a line in it
LOST = ("misaligned", "blank span", "overlap")  # kinds of problems with spans that are not used
# Six characters of Thai, Lao, Burmese, Khmer, kana or Han, of which one word seldom has more
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{6}")
UNCUT = (
    "The texts are written without spaces, and the base's tokenizer does not cut them: set --vars.lang to their "
    "language (zh, ja, th ...), or build on a pipeline in it."
)


class OnLeakage(StrEnum):
    """What to do with near-duplicates.

    drop: keep them in one split; where the data gives the splits, and they lie in two, do without the one in train or,
        between dev and test, the one in dev: test stays what it is.
    stop: keep them in one split; where the data gives the splits, and they lie in two, end with an error.
    allow: leave them where they are.
    """

    drop = "drop"
    stop = "stop"
    allow = "allow"


def refuse_unfit(
    store: Store,
    audit: Audit,
    annotations: Path,
    max_broken: float,
    on_misaligned: OnMisaligned,
    on_leakage: OnLeakage,
    cuts_unspaced: bool,
) -> None:
    """Refuse corpora that are not fit for use, by what the vars allow.

    store (Store): The records and their problems.
    audit (Audit): The counts.
    annotations (Path): Where the records come from.
    max_broken (float): Which share of the records may be set aside since they make no sense.
    on_misaligned (OnMisaligned): What to do with spans that do not fit the tokens.
    on_leakage (OnLeakage): What to do with near-duplicates in several splits.
    cuts_unspaced (bool): Whether the tokenizer cuts texts that are written without spaces.
    RAISES (ProjectError): With what to mend.
    """
    checks = [partial(refuse_broken_records, store, audit, max_broken)]
    checks += [partial(refuse_lost_spans, store, cuts_unspaced)] if on_misaligned is OnMisaligned.stop else []
    checks += [partial(refuse_leaks, store)] if on_leakage is OnLeakage.stop else []
    refuse_all(checks)
    refuse_empty_splits(store, audit, annotations)


def refuse_all(checks: Iterable[Callable[[], None]]) -> None:
    """Tell all that is wrong at once.

    checks (Iterable[Callable[[], None]]): Each raises a ProjectError, or not.
    RAISES (ProjectError): All of these in one.
    """
    errors = []
    for check in checks:
        try:
            check()
        except ProjectError as error:
            errors.append(error)
    if errors:
        places = [place for error in errors for place in error.places]
        titles, remedies = "; ".join(error.title for error in errors), " ".join(error.remedy for error in errors)
        raise ProjectError(titles, remedies, places, sum(error.more for error in errors))


def refuse_leaks(store: Store) -> None:
    """Refuse to go on when texts of one given split come again in another.

    store (Store): The records, with their leaks.
    RAISES (ProjectError): With the places.
    """
    places = [
        Place(one.file, one.line, f"nearly the same as {other.file}:{other.line}", excerpt(one.text, 0, 60))
        for one, other in islice(find_leaks(store), LISTED)
    ]
    if places:
        raise ProjectError(
            f"{store.count_leaks()} text(s) are in two splits",
            "Scores on texts that training has seen mean nothing: take them out of one of the splits, or have that "
            "done, with --vars.on_leakage=drop. Or say that they may stay, with --vars.on_leakage=allow.",
            places,
            store.count_leaks() - len(places),
        )


def place(problem: dict[str, Any]) -> Place:
    """RETURNS (Place): Where a problem of the audit is."""
    suggestion = f"; {problem['suggestion']}" if "suggestion" in problem else ""
    return Place(problem["file"], problem["line"], problem["message"] + suggestion, problem["text"])


def refuse_broken_records(store: Store, audit: Audit, most: float) -> None:
    """Refuse to go on when too many records make no sense: the file is not what it was taken for.

    store (Store): The problems.
    audit (Audit): The counts.
    most (float): Which share of the records may.
    RAISES (ProjectError): With the places.
    """
    count = store.problems.count().get("broken", 0)
    if count > most * audit.records_read:
        rows = list(islice(store.problems.read("broken"), LISTED))
        raise ProjectError(
            f"{count} of {audit.records_read} records make no sense",
            f"{rows[0]['suggestion']} The others are used where no more than a share of {most} is like that "
            "(--vars.max_broken).",
            [Place(row["file"], row["line"], row["message"], row["text"]) for row in rows],
            count - len(rows),
        )


def refuse_lost_spans(store: Store, cuts_unspaced: bool) -> None:
    """Refuse to go on when a span cannot be used.

    store (Store): The problems.
    cuts_unspaced (bool): Whether the tokenizer cuts texts that are written without spaces.
    RAISES (ProjectError): With the places.
    """
    counts = {kind: count for kind, count in store.problems.count().items() if kind in LOST}
    if not counts:
        return
    rows = list(islice(store.problems.read(*LOST), LISTED))
    short = sum(row.get("suggestion", "").endswith(CUT_OFF) for row in rows)
    remedy = []
    if short > len(rows) / 2:
        remedy += [
            f"{short} of them end one character early: ends may be inclusive, as some tools write them, and then snap "
            "mends them all."
        ]
    if not cuts_unspaced and count_uncut(store) > len(rows) / 2:
        remedy += [UNCUT]
    if counts.get("overlap"):
        remedy += [
            f"{counts['overlap']} of them overlap with others, and a token has one label: --vars.on_misaligned=drop "
            "leaves the longest of each, as do snap and missing."
        ]
    if set(counts) != {"overlap"}:
        remedy += [
            "Mend the offsets, or choose what to do with such spans: --vars.on_misaligned=snap widens them to whole "
            "tokens, missing tells training that these tokens are unknown, drop leaves them out."
        ]
    lost = sum(counts.values())
    title = f"{lost} span(s) cannot be used as they are"
    raise ProjectError(title, " ".join(remedy), list(map(place, rows)), lost - len(rows))


def count_uncut(store: Store) -> int:
    """RETURNS (int): How many of the first spans do not fit their tokens since these are whole sentences, written
    without spaces."""
    return sum(bool(UNSPACED.search(row["message"])) for row in islice(store.problems.read("misaligned"), LISTED))


def refuse_empty_splits(store: Store, audit: Audit, annotations: Path) -> None:
    """Refuse to go on when a split has no entity to learn from or to measure with.

    store (Store): The records.
    audit (Audit): The counts.
    annotations (Path): Where the records came from.
    RAISES (ProjectError): With the counts of all splits.
    """
    needed = audit.splits if audit.evidence else {"train": audit.splits["train"]}
    empty = [split for split, counts in needed.items() if not counts["spans"]]
    if empty:
        groups = {group for group in store.read_groups() if group}
        parts = (
            f"The texts are of {len(groups)} group(s), and a group stays in one split: name smaller groups, or none."
            if 0 < len(groups) < len(audit.splits)
            else "Where nearly all texts are alike, --vars.on_leakage=allow parts them all the same."
        )
        places = [
            Place(str(annotations), None, f"{split}: {counts['records']} records, {counts['spans']} entities")
            for split, counts in audit.splits.items()
        ]
        if not audit.spans.total():
            places += _show_first(store)
            remedy = (
                "No span was found in any record. If nobody has annotated them yet, do that. If they hold spans, these "
                "are in a shape that is not known: docs/formats.md lists what is; README.md has the simplest one."
            )
        elif store.has_given_splits():
            remedy = (
                "The splits are those that the files or records name. Annotate texts there, or leave such texts out of "
                "what you give: dev and test texts are then drawn from the others."
            )
        else:
            remedy = (
                f"Annotate more texts: {ENOUGH} with entities are the least (80 % go to train, 10 % to dev, 10 % to "
                "test, drawn by group, near-duplicates together). Or draw the splits anew with another "
                f"--vars.split_seed, or give a folder with your own train.*, dev.* and test.*. {parts}"
            )
        raise ProjectError(
            f"No entities in the {' and the '.join(empty)} split",
            remedy,
            places,
        )


def _show_first(store: Store) -> list[Place]:
    """The line of the first record, if it is one of a text file."""
    first = next(store.read_used(LISTED), None)
    path = Path(first[1].file) if first else Path()
    if first is None or not path.is_file():
        return []
    with path.open(encoding="utf-8", errors="replace") as file_:
        line = next(islice(file_, first[1].line - 1, None), "").strip()
    return [Place(first[1].file, first[1].line, "the first record", line[:SHOWN])] if line.isprintable() else []
