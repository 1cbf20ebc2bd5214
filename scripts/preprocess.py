"""Turn annotations into train, dev and test corpora, and say what became of every span."""

from collections import Counter
from itertools import groupby, islice
from pathlib import Path

from spacy_domain.annotations import find_unit, list_files, list_parts
from spacy_domain.base.alike_labels import tell_alike
from spacy_domain.base.location import find_folders
from spacy_domain.base.outside import LIKE_DOMAIN, LIKENESS
from spacy_domain.base.pipeline import cuts_unspaced, load_tokenizer
from spacy_domain.base.rehearsal import write_rehearsal
from spacy_domain.base.retokenizing import check_tokens
from spacy_domain.base.shared_labels import OnSharedLabels, parse_rule, settle_shared, tell_shared
from spacy_domain.base.strategy import REHEARSAL, Strategy
from spacy_domain.corpora.align import OnMisaligned
from spacy_domain.corpora.audit import Audit
from spacy_domain.corpora.checks import UNCUT, OnLeakage, count_uncut, place, refuse_unfit
from spacy_domain.corpora.docbins import align_all
from spacy_domain.corpora.filling import add_docs, add_records, assign_splits
from spacy_domain.corpora.findings import Finding, find_all
from spacy_domain.corpora.processes import MUCH, Processes, size
from spacy_domain.corpora.raw import read_raw_texts
from spacy_domain.corpora.reading import read_all
from spacy_domain.corpora.splits import ENOUGH, parse_shares
from spacy_domain.corpora.store import Store
from spacy_domain.corpora.writing import Corpora, write_audit, write_rejected
from spacy_domain.project.errors import ProjectError
from spacy_domain.project.freshness import digest, made_of, started_from
from spacy_domain.project.outputs import move
from spacy_domain.project.terminal import Arg, Opt, msg, run

SHOWN = 10  # kinds of things that were not read
LABELS_SHOWN = 40


def preprocess(
    annotations: Path = Arg(..., help="Annotated texts: a file, or a folder (train.*, dev.*, test.* stay splits)"),
    output_dir: Path = Arg(..., help="Where to write the corpora, audit.json and rejected.jsonl"),
    base_model: str = Opt(..., help="The pipeline whose tokenizer the model will use"),
    strategy: Strategy = Opt(Strategy.update, help="What becomes of the base's entity recognizer"),
    raw_text: Path = Opt(Path("assets/raw_text.jsonl"), help="Texts without annotations, to rehearse on; may be empty"),
    rehearsal: float = Opt(1.0, min=0, help="To update a network: words of raw text for each annotated one"),
    outside: int = Opt(500, min=0, help="Not to update: raw texts to learn from that new labels are not in"),
    on_misaligned: OnMisaligned = Opt(OnMisaligned.stop, help="What to do with spans that do not fit the tokens"),
    on_leakage: OnLeakage = Opt(OnLeakage.drop, help="What to do with near-duplicates in several splits"),
    format_name: str = Opt("auto", "--format", help="Format of the annotations, auto to see it from their content"),
    offsets: str = Opt("auto", help="What offsets count: characters, utf-16 or utf-8, auto to see it"),
    max_broken: float = Opt(0.1, min=0, max=1, help="Which share of the records may be set aside: they make no sense"),
    split: str = Opt("80/10/10", help="How many of the texts go into train, dev and test, in per cent"),
    split_seed: int = Opt(0, help="Another seed puts other texts into dev and test"),
    on_shared_labels: str = Opt("redefine", help="What labels mean that the base has, too, or new names for them"),
) -> None:
    """Turn annotations into train, dev and test corpora, and say what became of every span."""
    nlp, shares, (on_shared, names) = load_tokenizer(base_model), parse_shares(split), parse_rule(on_shared_labels)
    format_name = "" if format_name == "auto" else format_name
    parts = list_parts(annotations, format_name, find_unit(offsets), not (cuts := cuts_unspaced(nlp)))
    audit, much = Audit(), size(annotations) > MUCH
    audit.unread |= {name: Counter([f"file(s): {why}"]) for name, why in list_files(annotations).left.items()}
    with (
        Store(output_dir / ".preprocess.sqlite" if much else None) as store,
        Corpora(output_dir) as corpora,
        Processes(much) as processes,
    ):
        with made_of("preprocess", annotations, raw_text, watch=find_folders(base_model)) as files:
            add_records(store, audit, read_all(parts, processes, nlp.max_length, split_seed, shares))
            assign_splits(store, audit, processes, on_leakage, split_seed, shares)
            add_docs(store, audit, corpora, align_all(store, processes, base_model, on_misaligned))
            findings = find_all(store, audit, nlp)
            _show(audit, store, findings, output_dir)
            try:
                refuse_unfit(store, audit, annotations, max_broken, on_misaligned, on_leakage, cuts)
            except ProjectError:
                write_audit(output_dir / "audit.json", audit, store, findings, files)
                write_rejected(output_dir / "rejected.jsonl", store)
                raise
            if not cuts and (uncut := count_uncut(store)):
                msg.warn(f"{uncut} span(s) or more are a part of a token that is a whole sentence", UNCUT)
            finished = corpora.finished(repeat_train=not audit.evidence)
            train, dev, test = finished.values()
            shared, alike = settle_shared(base_model, strategy, list(finished.values()), on_shared, names)
            _show_shared(shared, on_shared)
            for told in filter(None, (tell_alike(alike, names), check_tokens(base_model, strategy, finished.values()))):
                msg.warn(*told)
            folder = finished[output_dir / "rehearsal"] = corpora.folder / "rehearsal"
            raw_texts = read_raw_texts(raw_text, (dev, test), nlp)
            network = REHEARSAL in started_from("preprocess", {REHEARSAL: {}})
            rehearsed = write_rehearsal(
                folder, base_model, strategy, network, train, dev, raw_texts, rehearsal, outside, split_seed
            )
            made = {target.as_posix(): digest(path) for target, path in finished.items()}
        write_audit(output_dir / "audit.json", audit, store, findings, {**files, **made}, shared)
        write_rejected(output_dir / "rejected.jsonl", store)
        for target, path in finished.items():
            move(path, target)
    _show_rehearsal(rehearsed, strategy)


def _show(audit: Audit, store: Store, findings: list[Finding], output_dir: Path) -> None:
    """Print the counts, the problems with their places, and the findings by kind."""
    data = audit.to_dict()
    records, spans = data["records"], data["spans"]
    msg.table(
        [(split, n["records"], n["spans"], _list_labels(n["labels"])) for split, n in data["splits"].items()],
        header=("Split", "Texts", "Entities", "Labels"),
        aligns=("l", "r", "r", "l"),
        divider=True,
    )
    if not audit.evidence:
        msg.warn(
            f"Too few texts to split: all {records['used']} are trained on, and none is left to test on",
            f"Whatever score there is, it is NO EVIDENCE. Annotate {ENOUGH} texts with entities at least, better 50.",
        )
    msg.good(f"{records['used']} of {records['read']} records used, {records['set_aside']} set aside")
    repaired = ", ".join(f"{spans[name]} {name}" for name in ("repaired", "missing", "dropped"))
    msg.good(f"{spans['used']} of {spans['read']} spans used as they were, {repaired}")
    if unread := audit.unread_by_kind():
        msg.warn("Not read:")
    for what, (count, files) in islice(unread.items(), SHOWN):
        print(f"  {count} {what} ({files[0]}{f' and {len(files) - 1} more' if len(files) > 1 else ''})")
    if len(unread) > SHOWN:
        print(f"  ... and {len(unread) - SHOWN} more kinds")
    if problems := store.problems.count():
        kinds = ", ".join(f"{count} {kind}" for kind, count in problems.items())
        msg.warn(f"{sum(problems.values())} problem(s): {kinds}")
        for problem, _ in zip(store.problems.read(), range(5), strict=False):
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


def _show_shared(shared: dict[str, Counter], on_shared: OnSharedLabels) -> None:
    """Print where base and annotations differ, for the labels that both have."""
    if not shared:
        return
    msg.divider("Labels that the base has, too")
    msg.table(
        [(label, *counts.values()) for label, counts in shared.items()],
        header=("Label", "Both say so", "Annotations alone", "Base alone"),
        aligns=("l", "r", "r", "r"),
        divider=True,
    )
    msg.info(*tell_shared(shared, on_shared))


def _show_rehearsal(texts: dict[str, int], strategy: Strategy) -> None:
    """Print which texts keep what the base knows, if it has an entity recognizer."""
    if raw := texts["unannotated"]:
        msg.good(f"Where new labels are not, but for words that annotated entities have: {raw} raw texts")
    if texts["likeness"] > LIKE_DOMAIN:
        msg.warn(f"Raw texts have words of your entities {texts['likeness']} % as often as annotated texts", LIKENESS)
    if strategy is Strategy.update and texts["train"]:
        msg.good(f"For a network to rehearse: {texts['annotated']} annotated texts, {texts['raw']} raw ones")


if __name__ == "__main__":
    run(preprocess)
