"""Find annotations that are likely wrong: where pipelines that never saw a text are sure to read it otherwise."""

from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import spacy
from spacy.training import Corpus

from spacy_domain.annotations import find_unit, list_parts, read_part
from spacy_domain.base.location import find_folders
from spacy_domain.base.strategy import Strategy
from spacy_domain.project.errors import Place, ProjectError
from spacy_domain.project.freshness import made_of
from spacy_domain.project.outputs import write_json, write_jsonl
from spacy_domain.project.terminal import Arg, Opt, msg, run
from spacy_domain.studies.folds import find_doubts, split_folds
from spacy_domain.studies.subsets import leave_out
from spacy_domain.studies.trainings import Study, Training, train_all

SHOWN = 10


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
    folds: int = Opt(5, help="How many pipelines to train, each without another part of the texts"),
    seed: int = Opt(0, help="Seed of the choice of the parts"),
    jobs: int = Opt(1, min=1, help="How many to train at once"),
    gpu_id: int = Opt(-1, help="GPU to train on, -1 for CPU"),
) -> None:
    """Find annotations that are likely wrong: where pipelines that never saw a text are sure to read it otherwise.

    The test corpus is left out: whoever corrects it where the model disagrees makes its score too good.
    """
    if folds < 2:
        raise ProjectError(f"{folds} fold(s) leave nothing to train on", "Set --vars.folds to 2 or more.")
    with (
        made_of(
            "check-annotations", config, train, dev, rehearsal, annotations, watch=find_folders(base_model)
        ) as files,
        TemporaryDirectory() as folder,
    ):
        parts = list_parts(annotations, "" if format_name == "auto" else format_name, find_unit(offsets))
        read = chain.from_iterable(map(read_part, parts))
        records = {record.text: record for record in read if not record.rejected}
        docs = [example.reference for path in (train, dev) for example in Corpus(path)(spacy.blank("xx"))]
        annotated = {ent.label_ for doc in docs for ent in doc.ents}
        groups = {text: record.group for text, record in records.items()}
        trainings = []
        for number, texts in enumerate(split_folds([doc.text for doc in docs], groups, folds, seed)):
            overrides = leave_out(config, texts, Path(folder) / str(number))
            trainings.append(Training(str(number), overrides, ((train, dev), texts, annotated)))
        doubts: list[dict[str, Any]] = []
        for _, found in train_all(Study(config, base_model, strategy, gpu_id, jobs), trainings, find_doubts):
            doubts += found["doubts"]
    for doubt in doubts:
        record = records.get(doubt["text"])
        doubt["source"] = f"{record.file}:{record.line}" if record else None
    doubts.sort(key=lambda doubt: -(doubt["predicted"] or {}).get("confidence", 0))
    write_json(
        output_file, {"texts": len(docs), "doubts_found": len(doubts), "doubts": doubts, "provenance": {"files": files}}
    )
    write_jsonl(output_file.with_suffix(".jsonl"), to_correct(doubts, {doc.text: doc for doc in docs}))
    msg.good(f"{len(doubts)} annotations of {len(docs)} texts are read otherwise; the surest readings first:")
    for doubt in doubts[:SHOWN]:
        print(f"  {Place(doubt['source'] or '', None, tell(doubt), doubt['text'][:120])}")
    msg.info(f"All of them: {output_file}; their records, to be corrected: {output_file.with_suffix('.jsonl')}")


def tell(doubt: dict[str, Any]) -> str:
    """RETURNS (str): Both readings in words."""
    gold, predicted = (
        f"{ent['label']} {ent['text']!r}" if ent else "nothing" for ent in (doubt["gold"], doubt["predicted"])
    )
    sure = (doubt["predicted"] or {}).get("confidence")
    return f"annotated {gold}, read as {predicted}" + (f" ({100 * sure:.0f} % sure)" if sure is not None else "")


def to_correct(doubts: list[dict[str, Any]], docs: dict[str, Any]) -> list[dict[str, Any]]:
    """Put doubted records in the form that annotations are read in, the surest doubt first.

    doubts (list[dict[str, Any]]): The doubts, sorted.
    docs (dict[str, Doc]): The annotated Docs, by text.
    RETURNS (list[dict[str, Any]]): "text", "spans" as annotated, "source", and "doubts" in words.
    """
    rows: dict[str, dict[str, Any]] = {}
    for doubt in doubts:
        ents = docs[doubt["text"]].ents
        spans = [{"start": ent.start_char, "end": ent.end_char, "label": ent.label_} for ent in ents]
        row = rows.setdefault(
            doubt["text"], {"text": doubt["text"], "spans": spans, "source": doubt["source"], "doubts": []}
        )
        row["doubts"].append(tell(doubt))
    return list(rows.values())


if __name__ == "__main__":
    run(check_annotations)
