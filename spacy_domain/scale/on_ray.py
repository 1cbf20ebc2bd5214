"""Shards on a Ray cluster.

Each shard is a task, and Ray does a task again elsewhere whose worker or machine is lost. Results do not pass through
Ray's memory: a task writes its shard itself, and hands back the manifest.
"""

import os
from collections.abc import Generator, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..project.errors import ProjectError
from .cluster import connect, find_cause
from .plan import Shard
from .shards import Job, Manifest, annotate_shard

AHEAD = ("spacy_domain.scale.pipeline",)  # and with it spaCy
WAITING = 2  # shards that wait for each core


def run_on_ray(job: Job, shards: Iterable[Shard], workers: int, address: str) -> Generator[Manifest]:
    """Annotate shards as Ray's tasks.

    job (Job): What the shards have in common.
    shards (Iterable[Shard]): The shards.
    workers (int): How many processes, if the cluster is started here; else there are as many as it has cores.
    address (str): The cluster's address, host:port; "ray" to start one here.
    YIELDS (Manifest): What became of each shard, as they are done.
    RAISES (ProjectError): If there is no cluster, or it fails.
    """
    with connect(workers, address, AHEAD) as ray:
        gpus = {"num_gpus": 1} if job.gpu_id >= 0 else {}
        task = ray.remote(num_cpus=1, max_retries=-1, **gpus)(_annotate_there)
        waiting, at_work = iter(shards), set[Any]()
        while True:
            most = WAITING * max(1, int(ray.cluster_resources().get("CPU", 1)))  # machines come and go
            while len(at_work) < most and (shard := next(waiting, None)):
                at_work.add(task.remote(job, shard, str(Path.cwd())))
            if not at_work:
                return
            done, _ = ray.wait(list(at_work), num_returns=1, timeout=10)
            for one in done:
                at_work.discard(one)
                yield _get(ray, one)


def _annotate_there(job: Job, shard: Shard, folder: str) -> Manifest:
    """Ray's workers begin in a folder of their own; what is in an object store needs none."""
    with suppress(OSError):
        os.chdir(folder)
    return annotate_shard(job, shard)


def _get(ray: Any, future: Any) -> Manifest:
    try:
        found: Manifest = ray.get(future)
    except ray.exceptions.RayTaskError as error:
        cause = find_cause(error)
        if isinstance(cause, ProjectError | OSError):
            raise cause from None
        raise
    return found
