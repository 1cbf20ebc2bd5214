"""Find annotations that are likely wrong: where pipelines that never saw a text are sure to read it otherwise."""

from pathlib import Path

import spacy
from spacy.training import Corpus

from spacy_domain.annotations import read_by_text
from spacy_domain.base.location import find_folders
from spacy_domain.base.strategy import Strategy
from spacy_domain.project.errors import Place
from spacy_domain.project.freshness import made_of
from spacy_domain.project.outputs import write_json, write_jsonl
from spacy_domain.project.terminal import Arg, Opt, msg, run
from spacy_domain.studies.doubts import list_corrections, tell_doubt
from spacy_domain.studies.folds import read_doubts, train_folds
from spacy_domain.studies.trainings import Study

SHOWN = 10
FOUND = Path("metrics/studies/cross_validation.json")


def check_annotations(
    annotations: Path = Arg(..., help="The annotated texts: a file, or a folder"),
    config: Path = Arg(..., help="The complete training config"),
    output_file: Path = Arg(..., help="Where to write what was found; beside it, as .jsonl, the records to correct"),
    train: Path = Opt(..., help="The training corpus"),
    dev: Path = Opt(..., help="The dev corpus"),
    rehearsal: Path = Opt(..., help="What the base's recognizer rehearses, if it goes on learning"),
    base_model: str = Opt(..., help="The pipeline to build on"),
    strategy: Strategy = Opt(..., help="What becomes of the base's entity recognizer"),
    format_name: str = Opt("auto", "--format", help="Format of the annotations, auto to see it from their content"),
    offsets: str = Opt("auto", help="What offsets count: characters, utf-16 or utf-8, auto to see it"),
    cross_validation: Path = Opt(FOUND, help="What cross-validate found: if it is of now, nothing is trained"),
    folds: int = Opt(5, help="How many pipelines to train, each without another part of the texts"),
    seed: int = Opt(0, help="Seed of the choice of the parts"),
    jobs: int = Opt(1, min=1, help="How many to train at once"),
    engine: str = Opt("local", help="Where: local, ray (a cluster is started here), or a cluster's address, host:port"),
    gpu_id: int = Opt(-1, help="GPU to train on, -1 for CPU"),
) -> None:
    """Find annotations that are likely wrong: where pipelines that never saw a text are sure to read it otherwise.

    The test corpus is left out: whoever corrects it where the model disagrees makes its score too good.
    """
    study = Study(config, base_model, strategy, gpu_id, jobs, engine)
    inputs = [config, train, dev, rehearsal, annotations]
    known = read_doubts(cross_validation, folds, seed)
    with made_of("check-annotations", *inputs, watch=find_folders(base_model)) as files:
        records = read_by_text(annotations, format_name, offsets)
        groups = {text: record.group for text, record in records.items() if record.group}
        if known is None:
            known = [doubt for one in train_folds(study, (train, dev), groups, folds, seed) for doubt in one["doubts"]]
        docs = {eg.text: eg.reference for path in (train, dev) for eg in Corpus(path)(spacy.blank("xx"))}
    doubts = sorted(known, key=lambda doubt: -(doubt["predicted"] or {}).get("confidence", 0))
    for doubt in doubts:
        record = records.get(doubt["text"])
        doubt["source"] = f"{record.file}:{record.line}" if record else None
    found = {"texts": len(docs), "doubts_found": len(doubts), "doubts": doubts}
    write_json(output_file, {**found, "provenance": {"files": files}})
    write_jsonl(output_file.with_suffix(".jsonl"), list_corrections(doubts, docs))
    msg.good(f"{len(doubts)} annotations of {len(docs)} texts are read otherwise; the surest readings first:")
    for doubt in doubts[:SHOWN]:
        print(f"  {Place(doubt['source'] or '', None, tell_doubt(doubt), doubt['text'][:120])}")
    msg.info(f"All of them: {output_file}; their records, to be corrected: {output_file.with_suffix('.jsonl')}")


if __name__ == "__main__":
    run(check_annotations)
