"""Bulk annotation from its beginning, or from where it was stopped, to its end."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from ..project.engines import LOCAL, check_engine
from ..project.errors import Place, ProjectError
from . import storage
from .columns import sample_columns
from .estimate import show_time
from .local import run_local
from .model import find_model
from .on_ray import run_on_ray
from .plan import Format, Plan, Settings, Shard, list_texts, read_plan, read_shards, refuse_another, write_plan
from .shards import MANIFESTS, OUTPUT, Job, Manifest, read_manifests


@dataclass
class Progress:
    """How far it is.

    total (int): How many bytes of input there are.
    bytes (int): Of how many the shards are done, about.
    shards (int): How many shards these are.
    read (int): And how many records.
    done (set[int]): Numbers of the shards that were done before.
    """

    total: int
    bytes: int = 0
    shards: int = 0
    read: int = 0
    done: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.begin, self.before = time.monotonic(), (0, 0)

    def start(self) -> None:
        """Measure the rate from now on."""
        self.begin, self.before = time.monotonic(), (self.read, self.bytes)

    def add(self, shard: Shard | Manifest, read: int) -> None:
        """Count a shard that is done."""
        self.shards, self.read = self.shards + 1, self.read + read
        self.bytes += shard.size if isinstance(shard, Shard) else shard.bytes

    def __str__(self) -> str:
        seconds = max(time.monotonic() - self.begin, 1e-9)
        rate, bytes_ = (self.read - self.before[0]) / seconds, (self.bytes - self.before[1]) / seconds
        if self.bytes >= self.total or not bytes_:
            return f"{self.read:,} texts, {rate:,.0f} a second, in {show_time(seconds)}"
        return f"{self.read:,} texts, {rate:,.0f} a second, {show_time((self.total - self.bytes) / bytes_)} left"


def begin(folder: str, settings: Settings) -> Plan:
    """Make the plan, or take the one that is there.

    folder (str): Address of the output folder.
    settings (Settings): How texts are annotated.
    RETURNS (Plan): The plan.
    RAISES (ProjectError): If the folder has annotations of something else, or other files.
    """
    _refuse_inside(folder, settings.texts)
    before = read_plan(folder)
    if before:
        refuse_another(before, settings, folder)
        storage.remove_unfinished(folder)
        return before
    sources, skipped = list_texts(settings.texts)
    columns = sample_columns(sources, settings)
    if not storage.is_remote(folder):
        (Path(folder) / OUTPUT).mkdir(parents=True, exist_ok=True)
        (Path(folder) / MANIFESTS).mkdir(parents=True, exist_ok=True)
    return write_plan(folder, settings, sources, skipped, columns)


def _refuse_inside(folder: str, texts: str) -> None:
    """What is written must not be read by the next run."""
    if not storage.is_remote(folder) and not storage.is_remote(texts) and Path(texts).is_dir():
        inside = Path(folder).resolve().is_relative_to(Path(texts).resolve())
    else:
        inside = storage.is_remote(texts) and folder.startswith(texts.rstrip("/") + "/")
    if inside:
        place = Place(folder, None, f"is in {texts}")
        raise ProjectError("Output among the texts", "Choose another folder: --vars.annotated=...", [place])


def find_progress(job: Job) -> Progress:
    """RETURNS (Progress): What of a plan is done already."""
    progress = Progress(job.plan.size)
    for shard, manifest in read_manifests(job):
        if manifest:
            progress.add(shard, manifest.read)
            progress.done.add(shard.number)
    progress.start()
    return progress


def annotate_all(job: Job, engine: str, workers: int, progress: Progress) -> Iterator[Progress]:
    """Annotate all that is not done.

    job (Job): What is to be done.
    engine (str): local, ray (a cluster that is started here), or the address of a Ray cluster.
    workers (int): How many processes.
    progress (Progress): What is done already.
    YIELDS (Progress): How far it is, after each shard.
    RAISES (ProjectError): If it cannot go on.
    """
    check_engine(engine)
    todo = (shard for shard in read_shards(job.folder) if shard.number not in progress.done)
    run = run_local(job, todo, workers) if engine == LOCAL else run_on_ray(job, todo, workers, engine)
    with closing(run):
        for manifest in run:
            progress.add(manifest, manifest.read)
            yield progress
    storage.remove_unfinished(job.folder)  # what a process was about to write that was lost


def make_settings(
    texts: str, column: str, model: str, confidence: bool, prefix: str, to: Format, shard_size: int
) -> Settings:
    """RETURNS (Settings): How texts are annotated, with the pipeline's name and digest."""
    found = find_model(model)
    return Settings(texts, column, found.name, found.digest, confidence, prefix, to, shard_size)
