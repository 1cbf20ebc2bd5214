"""Shards on the cores of this machine: in this process, or in several, of which some may die."""

import os
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from importlib import import_module

from ..project.errors import Place, ProjectError
from ..project.workers import start_workers
from .model import find_model
from .plan import Shard
from .shards import Job, Manifest, annotate_shard, read_manifest

MOST_LOSSES = 3  # of workers while the same shard is in the works
PIPELINE = "spacy_domain.scale.pipeline"  # and with it spaCy, which takes each worker a second if it is not forked
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")  # else each worker would take all cores


class _LostError(Exception):
    """A worker was killed, or died."""


def run_local(job: Job, shards: Iterable[Shard], workers: int) -> Generator[Manifest]:
    """Annotate shards. If a process is lost, all are started anew, and what they had in the works is done again.

    job (Job): What the shards have in common.
    shards (Iterable[Shard]): The shards.
    workers (int): How many processes; if it is one, that is this one.
    YIELDS (Manifest): What became of each shard, as they are done.
    RAISES (ProjectError): If workers are lost time and again.
    """
    job = replace(job, model=find_model(job.model).package)  # workers inherit where an unpacked wheel lies
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for name in THREADS:
        os.environ.setdefault(name, str(max(1, cores // workers)))
    if workers == 1:
        yield from (annotate_shard(job, shard) for shard in shards)
        return
    queue, forked = _Queue(job, shards), job.gpu_id < 0  # what has seen a GPU cannot be forked
    if forked:
        import_module(PIPELINE)
    while True:
        try:
            with start_workers(workers, forked) as pool:
                yield from queue.run(pool, workers + 1)
            return
        except _LostError:
            yield from queue.give_back()


class _Queue:
    """Shards that are to be done, and those in the works, which are few, however many there are."""

    def __init__(self, job: Job, shards: Iterable[Shard]):
        self.job = job
        self.shards = iter(shards)
        self.again: list[Shard] = []
        self.at_work: dict[Future[Manifest], Shard] = {}
        self.losses: Counter[int] = Counter()

    def run(self, pool: ProcessPoolExecutor, most: int) -> Iterator[Manifest]:
        while True:
            while len(self.at_work) < most and (shard := self._next()):
                try:
                    self.at_work[pool.submit(annotate_shard, self.job, shard)] = shard
                except BrokenProcessPool:
                    self.again.append(shard)
                    raise _LostError from None
            if not self.at_work:
                return
            for future in wait(self.at_work, return_when=FIRST_COMPLETED).done:
                try:
                    manifest = future.result()
                except BrokenProcessPool:
                    raise _LostError from None
                del self.at_work[future]
                yield manifest

    def _next(self) -> Shard | None:
        return self.again.pop() if self.again else next(self.shards, None)

    def give_back(self) -> Iterator[Manifest]:
        """Have done again what was in the works and is not done."""
        for shard in self.at_work.values():
            manifest = read_manifest(self.job, shard)
            if manifest:
                yield manifest
            else:
                self.again.append(shard)
                self.losses[shard.number] += 1
        self.at_work = {}
        pieces = [piece for one in self.again if self.losses[one.number] >= MOST_LOSSES for piece in one.pieces]
        if pieces:
            raise ProjectError(
                "Workers die again and again",
                "Memory may have run out: set fewer --vars.workers. If not, one of these texts ends the process.",
                [Place(one.file, None, f"bytes or rows {one.start} to {one.end}") for one in pieces],
            )
