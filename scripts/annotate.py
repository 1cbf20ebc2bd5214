"""Annotate any number of texts with a pipeline, on all cores or on a Ray cluster; go on where it was stopped."""

import time

from tqdm import tqdm

from spacy_domain.project.errors import ProjectError
from spacy_domain.project.terminal import Arg, Opt, msg, run
from spacy_domain.scale.bulk import annotate_all, begin, find_progress, make_settings
from spacy_domain.scale.estimate import estimate
from spacy_domain.scale.outcome import SET_ASIDE, finish
from spacy_domain.scale.plan import Format
from spacy_domain.scale.shards import OUTPUT, Job

SAID = 30.0  # seconds between two lines about how far it is, where there is no terminal


def annotate(
    texts: str = Arg(..., help="Texts: a file, a folder or a pattern, here or in an object store (s3://...)"),
    output: str = Arg(..., help="Folder to write to, here or in an object store"),
    model: str = Opt(..., help="An installed pipeline's name, a wheel, or a folder"),
    column: str = Opt("text", help="The column, or key, that holds the text"),
    engine: str = Opt("local", help="local, ray (a cluster is started here), or a Ray cluster's address, host:port"),
    workers: int = Opt(1, min=1, help="How many processes work, each with its own pipeline"),
    to: Format = Opt(Format.jsonl, help="Format of what is written"),
    prefix: str = Opt("", help="What the names of the columns that are added begin with"),
    confidence: bool = Opt(True, help="Tell how likely entities are right, where the pipeline knows"),
    shard_mb: float = Opt(4.0, min=0.0001, help="How much goes into a shard, which is done again if it is cut short"),
    gpu_id: int = Opt(-1, help="GPU to use, -1 for CPU"),
    dry_run: bool = Opt(False, help="Say what it would do, and from a sample how long that would take"),
    price: float = Opt(0.0, help="For that: what a worker costs in an hour"),
) -> None:
    """Annotate any number of texts with a pipeline, on all cores or on a Ray cluster; go on where it was stopped."""
    settings = make_settings(texts, column, model, confidence, prefix, to, int(shard_mb * 2**20))
    if dry_run:
        msg.info(estimate(settings, model, gpu_id).describe(workers, price))
        return
    job = Job(output, begin(output, settings), model, gpu_id)
    plan, progress = job.plan, find_progress(job)
    msg.info(
        f"{plan.files} files, {plan.size / 1e6:,.1f} MB, {plan.shards} shards, of which {progress.shards} are done"
    )
    if plan.skipped:
        msg.warn(f"{plan.skipped} files are of no kind that is read, and were left out")
    said = time.monotonic()
    tqdm.monitor_interval = 0  # a thread: without it, workers can be forked
    with tqdm(total=plan.size, initial=progress.bytes, unit="B", unit_scale=True, disable=None) as bar:
        for now in annotate_all(job, engine, workers, progress):
            bar.set_postfix_str(str(now), refresh=False)
            bar.update(now.bytes - bar.n)
            if bar.disable and time.monotonic() - said > SAID:
                said = time.monotonic()
                msg.text(str(now))
    found = finish(job)
    if found.missing:
        raise ProjectError(f"{found.missing} shards are gone", "Somebody has removed them: run the command again.")
    msg.good(f"{output}/{OUTPUT}: {found.written:,} of {found.read:,} texts, annotated by {plan.settings.model}")
    msg.info(str(progress))
    if found.set_aside:
        msg.warn(f"{found.set_aside:,} records could not be annotated: {output}/{SET_ASIDE} says which, and why")


if __name__ == "__main__":
    run(annotate)
