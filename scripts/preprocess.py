"""Turn annotations into train, dev and test corpora, and say what became of every span."""

from itertools import groupby, islice
from pathlib import Path

from tqdm import tqdm

from .annotations import find_unit, list_files, list_parts
from .base.pipeline import load_tokenizer
from .base.rehearsal import write_rehearsal
from .base.strategy import Strategy
from .cli import Arg, Opt, msg, run
from .corpora.align import OnMisaligned
from .corpora.audit import Audit
from .corpora.cores import MUCH, Cores, size
from .corpora.docbins import align_all
from .corpora.duplicates import join_near_duplicates, note_leaks, set_aside_leaks, sign_all
from .corpora.findings import Finding, find_all
from .corpora.raw import read_raw_texts
from .corpora.reading import read_all
from .corpora.refusals import (
    OnLeakage,
    place,
    refuse_broken_records,
    refuse_empty_splits,
    refuse_leaks,
    refuse_lost_spans,
)
from .corpora.repeats import merge_repeats
from .corpora.splits import fill_splits, keep_together
from .corpora.store import Store
from .corpora.writing import Corpora, write_audit, write_rejected
from .outputs import move
from .provenance import digest, made_of

SHOWN = 10  # kinds of things that were not read
LABELS_SHOWN = 40


def preprocess(
    annotations: Path = Arg(
        ..., help="Annotated texts: a file, or a folder (train.*, dev.*, test.* keep their splits)"
    ),
    output_dir: Path = Arg(
        ..., help="Where to write train.spacy, dev.spacy, test.spacy, rehearsal, audit.json, rejected.jsonl"
    ),
    base_model: str = Opt(..., help="The pipeline whose tokenizer the model will use"),
    strategy: Strategy = Opt(Strategy.update, help="What becomes of the base's entity recognizer"),
    raw_text: Path = Opt(Path("assets/raw_text.jsonl"), help="Texts without annotations, to rehearse on; may be empty"),
    rehearsal: float = Opt(1.0, help="To update: words of raw text for each annotated one"),
    on_misaligned: OnMisaligned = Opt(OnMisaligned.stop, help="What to do with spans that do not fit the tokens"),
    on_leakage: OnLeakage = Opt(OnLeakage.drop, help="What to do with near-duplicates in several splits"),
    format_name: str = Opt("auto", "--format", help="Format of the annotations, auto to see it from their content"),
    offsets: str = Opt(
        "auto", help="What offsets count: characters, utf-16 or utf-8, auto to see it from surface texts"
    ),
    max_broken: float = Opt(0.1, help="Which share of the records may be set aside since they make no sense"),
    split_seed: int = Opt(0, help="Another seed puts other texts into dev and test"),
) -> None:
    """Turn annotations into train, dev and test corpora, and say what became of every span."""
    nlp = load_tokenizer(base_model)
    parts = list_parts(annotations, "" if format_name == "auto" else format_name, find_unit(offsets))
    audit = Audit()
    for name, why in list_files(annotations).left.items():
        audit.unread[name][f"file(s): {why}"] += 1
    much = size(annotations) > MUCH
    with (
        made_of(annotations, raw_text, base_model=base_model) as files,
        Store(output_dir / ".preprocess.sqlite" if much else None) as store,
        Corpora(output_dir) as corpora,
        Cores(much) as cores,
    ):
        with tqdm(desc="Reading", unit=" records", disable=None, leave=False) as progress:
            for rows, part in read_all(parts, cores, nlp.max_length, split_seed):
                progress.update(len(rows))
                store.add(rows)
                audit.update(part)
                _keep_rows(audit, store)
        merge_repeats(store, audit)
        _keep_rows(audit, store)
        forms = sign_all(store, cores)
        alike = join_near_duplicates(store, forms, apart=on_leakage is OnLeakage.allow)
        keep_together(store, forms.numbers, alike)
        fill_splits(store, split_seed)
        if on_leakage is OnLeakage.allow or store.has_given_splits():
            note_leaks(store, forms)
        if on_leakage is OnLeakage.drop:
            set_aside_leaks(store, audit)
            _keep_rows(audit, store)
        with tqdm(total=store.count_used(), desc="Aligning", unit=" records", disable=None, leave=False) as progress:
            for chunk in align_all(store, cores, base_model, on_misaligned):
                corpora.add(chunk.docbins)
                store.add_entities(chunk.entities)
                progress.update(chunk.audit.records_read)
                audit.update(chunk.audit)
                _keep_rows(audit, store)
        findings = find_all(store, audit, nlp)
        write_audit(output_dir / "audit.json", audit, store, findings, files)
        write_rejected(output_dir / "rejected.jsonl", store)
        show(audit, store, findings, output_dir)
        refuse_broken_records(store, audit, max_broken)
        if on_misaligned is OnMisaligned.stop:
            refuse_lost_spans(store)
        refuse_empty_splits(audit, annotations)
        if on_leakage is OnLeakage.stop:
            refuse_leaks(store)
        finished = corpora.finished()
        train, dev, test = finished.values()
        rehearsed = write_rehearsal(
            corpora.folder / "rehearsal",
            base_model,
            strategy,
            train,
            dev,
            read_raw_texts(raw_text, (dev, test), nlp),
            rehearsal,
            split_seed,
        )
        finished[output_dir / "rehearsal"] = corpora.folder / "rehearsal"
        made = {target.as_posix(): digest(path) for target, path in finished.items()}
        write_audit(output_dir / "audit.json", audit, store, findings, {**files, **made})
        for target, path in finished.items():
            move(path, target)
    show_rehearsal(rehearsed, strategy)


def _keep_rows(audit: Audit, store: Store) -> None:
    """Have the rows of the audit, which may be many, wait on disk."""
    store.add_problems(audit.problems)
    audit.problems.clear()


def show(audit: Audit, store: Store, findings: list[Finding], output_dir: Path) -> None:
    """Print the counts, the problems with their places, and the findings by kind.

    audit (Audit): The counts.
    store (Store): The problems.
    findings (list[Finding]): What else there is to look at.
    output_dir (Path): Where the audit is written.
    """
    data = audit.to_dict()
    records, spans = data["records"], data["spans"]
    msg.table(
        [(split, n["records"], n["spans"], _list_labels(n["labels"])) for split, n in data["splits"].items()],
        header=("Split", "Texts", "Entities", "Labels"),
        aligns=("l", "r", "r", "l"),
        divider=True,
    )
    msg.good(f"{records['used']} of {records['read']} records used, {records['set_aside']} set aside")
    repaired = ", ".join(f"{spans[name]} {name}" for name in ("repaired", "missing", "dropped"))
    msg.good(f"{spans['used']} of {spans['read']} spans used as they were, {repaired}")
    unread = audit.unread_by_kind()
    if unread:
        msg.warn("Not read:")
    for what, (count, files) in islice(unread.items(), SHOWN):
        print(f"  {count} {what} ({files[0]}{f' and {len(files) - 1} more' if len(files) > 1 else ''})")
    if len(unread) > SHOWN:
        print(f"  ... and {len(unread) - SHOWN} more kinds")
    problems = store.count_problems()
    if problems:
        kinds = ", ".join(f"{count} {kind}" for kind, count in problems.items())
        msg.warn(f"{sum(problems.values())} problem(s): {kinds}")
        for problem, _ in zip(store.problems(), range(5), strict=False):
            print(f"  {place(problem)}")
    if findings:
        cases = [list(group) for _, group in groupby(findings, key=lambda finding: finding.kind)]
        msg.table(
            [(kind[0].kind, len(kind), kind[0].message, kind[0].suggestion) for kind in cases],
            header=("To look at", "Cases", "The first one", "Suggestion"),
            aligns=("l", "r", "l", "l"),
            divider=True,
            max_col=60,
        )
    if problems or findings:
        msg.info(f"All of it, with places: {output_dir / 'audit.json'}")


def _list_labels(counts: dict[str, int]) -> str:
    shown = [f"{label} {count}" for label, count in islice(counts.items(), LABELS_SHOWN)]
    more = len(counts) - LABELS_SHOWN
    return ", ".join([*shown, f"and {more} more"] if more > 0 else shown)


def show_rehearsal(texts: dict[str, int], strategy: Strategy) -> None:
    """Print what the base's entity recognizer will rehearse, if it has one that goes on learning.

    texts (dict[str, int]): How many texts each part has.
    strategy (Strategy): What becomes of the base's entity recognizer.
    """
    if strategy is Strategy.update and texts["train"]:
        msg.good(f"To rehearse: {texts['train'] - texts['raw']} annotated texts, {texts['raw']} raw ones")
        if not texts["raw"]:
            msg.warn(
                "Without raw texts the base will take much of what it knew for something else",
                "Set --vars.raw_text to some thousand texts without annotations, of your domain and of others.",
            )


if __name__ == "__main__":
    run(preprocess)
