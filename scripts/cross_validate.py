"""Score every text by a pipeline that never saw it: with few texts, one test corpus says little."""

from pathlib import Path

import srsly

from spacy_domain.base.location import find_folders
from spacy_domain.base.strategy import Strategy
from spacy_domain.project.freshness import made_of
from spacy_domain.project.outputs import write_json
from spacy_domain.project.terminal import Arg, Opt, msg, run
from spacy_domain.scoring.few import LEFT_OUT
from spacy_domain.studies.worth import ALWAYS, When, tell_why_not


def cross_validate(
    annotations: Path = Arg(..., help="The annotated texts: a file, or a folder; they say what stays in one fold"),
    config: Path = Arg(..., help="The complete training config"),
    output_file: Path = Arg(..., help="Where to write the scores"),
    audit: Path = Opt(..., help="What became of the annotations"),
    train: Path = Opt(..., help="The training corpus"),
    dev: Path = Opt(..., help="The dev corpus"),
    test: Path = Opt(..., help="The test corpus, which nobody learns from here either"),
    rehearsal: Path = Opt(..., help="What the base's recognizer rehearses, if it goes on learning"),
    base_model: str = Opt(..., help="The pipeline to build on"),
    strategy: Strategy = Opt(..., help="What becomes of the base's entity recognizer"),
    format_name: str = Opt("auto", "--format", help="Format of the annotations, auto to see it from their content"),
    offsets: str = Opt("auto", help="What offsets count: characters, utf-16 or utf-8, auto to see it"),
    folds: int = Opt(5, min=2, help="How many pipelines to train, each without another part of the texts"),
    when: When = Opt(When.always, help="few (little to test on, and training takes seconds), always or never"),
    seed: int = Opt(0, help="Seed of the choice of the parts"),
    jobs: int = Opt(1, min=1, help="How many to train at once"),
    engine: str = Opt("local", help="Where: local, ray (a cluster is started here), or a cluster's address, host:port"),
    gpu_id: int = Opt(-1, help="GPU to train on, -1 for CPU"),
) -> None:
    """Score every text by a pipeline that never saw it: neither in training nor when the best step was chosen."""
    corpora = (train, dev, test)
    inputs = (config, *corpora, rehearsal, annotations)
    with made_of("cross-validate", *inputs, watch=[audit, *find_folders(base_model)]) as files:
        reason = tell_why_not(when, srsly.read_json(audit), config)
        if not reason:
            from spacy_domain.annotations import read_by_text  # spaCy takes a second, and mostly there is a reason
            from spacy_domain.studies.folds import count_groups, list_doubts, sum_up_folds, train_folds
            from spacy_domain.studies.trainings import Study

            records = read_by_text(annotations, format_name, offsets)
            groups = {text: record.group for text, record in records.items() if record.group}
            reason = "all texts are of one group" if count_groups(corpora, groups) < 2 else ""
        if reason:
            write_json(output_file, {LEFT_OUT: reason, "provenance": {"files": files}})
            msg.info(f"Not cross-validated: {reason}{f' (to do it anyway: {ALWAYS})' if when is When.few else ''}")
            return
        study = Study(config, base_model, strategy, gpu_id, jobs, engine)
        found = train_folds(study, corpora, groups, folds, seed)
        doubts = list_doubts(found, (train, dev))
    result = {"folds": folds, "seed": seed, **sum_up_folds(found, groups), "doubts": doubts}
    write_json(output_file, {**result, "provenance": {"files": files}})
    f, (low, high) = 100 * result["f"], (100 * end for end in result["interval"] or (0, 0))
    msg.good(
        f"F {f:.1f} ({low:.1f} to {high:.1f}) on {result['texts']} texts, each read by a pipeline that never saw it"
    )


if __name__ == "__main__":
    run(cross_validate)
