"""Any work on a Ray cluster: an executor of the standard library whose futures are Ray's tasks."""

import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from ..project.errors import Place, ProjectError
from .cluster import connect, find_cause

RETRIES = 2  # of a task whose process or machine is lost
NOT_THERE = "failed to import on the worker"  # Ray has no class of error for it


class RayTasks(Executor):
    """Runs functions as tasks of a Ray cluster, in the folder that this process is in.

    ray (ModuleType): Ray, connected.
    gpus (int): How many GPUs each task needs.
    """

    def __init__(self, ray: Any, gpus: int):
        self._task = ray.remote(num_cpus=1, num_gpus=gpus, max_retries=RETRIES)(_work)

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a function run. It is imported where it runs, and so is what it registers."""
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        task = self._task.remote(partial(function, *args, **kwargs), str(Path.cwd()))
        task.future().add_done_callback(partial(_hand_on, future))
        return future


@contextmanager
def start_on_ray(number: int, address: str, gpus: int) -> Iterator[RayTasks]:
    """Connect with a cluster, and have it work for as long as that takes.

    number (int): How many cores it has, if it is started here.
    address (str): Its address, host:port; "ray" to start one here.
    gpus (int): How many GPUs each task needs.
    YIELDS (RayTasks): What takes work.
    RAISES (ProjectError): If there is no cluster.
    """
    with connect(number, address) as ray:
        yield RayTasks(ray, gpus)


def _work(function: Callable[[], Any], folder: str) -> Any:
    """Ray's workers begin in a folder of their own."""
    try:
        os.chdir(folder)
    except OSError as error:
        place = Place(folder, None, f"{error.strerror} on {socket.gethostname()}")
        remedy = "Have the project under the same path on all machines of the cluster: on a disk that they share."
        raise ProjectError("The project is not on all machines", remedy, [place]) from None
    return function()


def _hand_on(future: Future[Any], task: Future[Any]) -> None:
    error = task.exception()
    if error is None:
        future.set_result(task.result())
    else:
        future.set_exception(_explain(error))


def _explain(error: BaseException) -> BaseException:
    cause = find_cause(error)
    if cause is error:  # the function has raised nothing
        remedy = "Memory may have run out: run the command again with fewer programs beside it."
        return ProjectError("A process was stopped in the middle of its work", remedy)
    if NOT_THERE in str(cause):
        remedy = "Install it, and what it needs, on all machines of the cluster: pip install -e ."
        return ProjectError(
            "The project is not on all machines", remedy, [Place("it says", None, str(cause).splitlines()[-1])]
        )
    return cause
