"""Turn annotations into train, dev and test corpora, and say what became of every span."""

from pathlib import Path

from spacy.tokens import DocBin
from tqdm import tqdm

from .annotations import SPLITS, Unit, read_annotations
from .base.pipeline import load_base
from .cli import Arg, Opt, msg, run
from .corpora.align import OnMisaligned, align
from .corpora.audit import Audit, refuse_empty_splits, refuse_lost_spans
from .corpora.splits import assign_split
from .errors import Place
from .outputs import replacing, write_json


def preprocess(
    annotations: Path = Arg(
        ..., help="Annotated texts: a file, or a folder (train.*, dev.*, test.* keep their splits)"
    ),
    output_dir: Path = Arg(..., help="Where to write train.spacy, dev.spacy, test.spacy and audit.json"),
    base_model: str = Opt(..., help="The pipeline whose tokenizer the model will use"),
    on_misaligned: OnMisaligned = Opt(OnMisaligned.stop, help="What to do with spans that do not fit the tokens"),
    format_name: str = Opt("auto", "--format", help="Format of the annotations, auto to see it from their content"),
    offsets: str = Opt(
        "auto", help="What offsets count: characters, utf-16 or utf-8, auto to see it from surface texts"
    ),
    split_seed: int = Opt(0, help="Another seed puts other texts into dev and test"),
) -> None:
    """Turn annotations into train, dev and test corpora, and say what became of every span."""
    nlp = load_base(base_model)
    records = read_annotations(
        annotations, "" if format_name == "auto" else format_name, None if offsets == "auto" else Unit(offsets)
    )
    audit = Audit()
    corpora: dict[str, DocBin] = {split: DocBin(store_user_data=True) for split in SPLITS}
    for record in tqdm(records, desc="Reading", unit=" records", disable=None, leave=False):
        if record.rejected:
            audit.set_aside(record, "rejected", record.rejected)
            continue
        if len(record.text) > nlp.max_length:
            audit.set_aside(record, "too long", f"spaCy takes texts of up to {nlp.max_length} characters")
            continue
        doc, account = align(record, nlp, on_misaligned)
        doc.user_data["source"] = f"{record.file}:{record.line}"
        split = assign_split(record, split_seed)
        audit.add(record, split, doc, account)
        corpora[split].add(doc)
    if on_misaligned is OnMisaligned.stop:
        refuse_lost_spans(audit)
    refuse_empty_splits(audit, annotations)
    for split, corpus in corpora.items():
        with replacing(output_dir / f"{split}.spacy") as path:
            path.write_bytes(corpus.to_bytes())
    write_json(output_dir / "audit.json", audit.to_dict())
    show(audit, output_dir / "audit.json")


def show(audit: Audit, path: Path) -> None:
    """Print the counts, and the problems with their places.

    audit (Audit): The audit.
    path (Path): Where it is written.
    """
    data = audit.to_dict()
    records, spans = data["records"], data["spans"]
    msg.table(
        [
            (split, n["records"], n["spans"], ", ".join(f"{label} {count}" for label, count in n["labels"].items()))
            for split, n in data["splits"].items()
        ],
        header=("Split", "Texts", "Entities", "Labels"),
        aligns=("l", "r", "r", "l"),
        divider=True,
        max_col=100,
    )
    msg.good(f"{records['used']} of {records['read']} records used, {records['set_aside']} set aside")
    repaired = ", ".join(f"{spans[name]} {name}" for name in ("repaired", "missing", "dropped"))
    msg.good(f"{spans['used']} of {spans['read']} spans used as they were, {repaired}")
    if data["problems"]:
        msg.warn(f"{len(data['problems'])} problem(s), all listed in {path}")
        for problem in data["problems"][:5]:
            print(f"  {Place(problem['file'], problem['line'], problem['message'], problem['text'])}")


if __name__ == "__main__":
    run(preprocess)
