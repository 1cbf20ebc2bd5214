"""The store is filled with records, these get their splits, and the corpora their Docs: one step after another."""

from collections.abc import Iterable

from tqdm import tqdm

from .audit import Audit
from .checks import OnLeakage
from .docbins import AlignedChunk
from .duplicates import join_near_duplicates, note_leaks, set_aside_leaks, sign_all
from .processes import Processes
from .reading import Read
from .repeats import merge_repeats
from .splits import SHARES, Shares, draw_missing, fill_splits, keep_few_in_train, keep_together
from .store import Store
from .writing import Corpora


def add_records(store: Store, audit: Audit, read: Iterable[Read]) -> None:
    """Put all records into the store, and several annotations of one text together.

    store (Store): The store.
    audit (Audit): The counts.
    read (Iterable[tuple[list[Row], Audit]]): The records as they are read.
    """
    with tqdm(desc="Reading", unit=" records", disable=None, leave=False) as progress:
        for rows, part in read:
            progress.update(len(rows))
            store.add(rows)
            audit.update(part)
            store.problems.take(audit.problems)
    merge_repeats(store, audit)
    store.problems.take(audit.problems)


def assign_splits(
    store: Store,
    audit: Audit,
    processes: Processes,
    on_leakage: OnLeakage,
    split_seed: int,
    shares: Shares = SHARES,
) -> None:
    """Give each record its split, near-duplicates the same one.

    store (Store): The records.
    audit (Audit): The counts.
    processes (Processes): The processes.
    on_leakage (OnLeakage): What to do with near-duplicates.
    split_seed (int): Another seed puts other texts into dev and test.
    shares (dict[str, float]): How many of the texts each split gets.
    """
    if note := draw_missing(store, split_seed, shares):
        audit.note(store.get(1), "note", note)
        store.problems.take(audit.problems)
    forms = sign_all(store, processes)
    alike = join_near_duplicates(store, forms, apart=on_leakage is OnLeakage.allow)
    keep_together(store, forms.numbers, alike)
    fill_splits(store, split_seed)
    audit.evidence = not keep_few_in_train(store)
    if on_leakage is OnLeakage.allow or store.has_given_splits():
        note_leaks(store, forms)
    if on_leakage is OnLeakage.drop:
        set_aside_leaks(store, audit)
        store.problems.take(audit.problems)


def add_docs(store: Store, audit: Audit, corpora: Corpora, aligned: Iterable[AlignedChunk]) -> None:
    """Put all Docs into the corpora.

    store (Store): The records.
    audit (Audit): The counts.
    corpora (Corpora): The corpora.
    aligned (Iterable[AlignedChunk]): The Docs as they are made.
    """
    with tqdm(total=store.count_used(), desc="Aligning", unit=" records", disable=None, leave=False) as progress:
        for chunk in aligned:
            corpora.add(chunk.docbins)
            store.entities.add(chunk.entities)
            progress.update(chunk.audit.records_read)
            audit.update(chunk.audit)
            store.problems.take(audit.problems)
