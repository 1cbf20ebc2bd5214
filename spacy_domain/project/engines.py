"""Where work is done: in processes on this machine or, by the room `scale`, on a Ray cluster.

Either is an executor of the standard library: it takes functions that can be imported, and gives futures.
"""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module

from .errors import ProjectError
from .workers import start_workers

LOCAL, EMBEDDED = "local", "ray"
ON_RAY = "spacy_domain.scale.ray_tasks"  # by its name: whoever needs none deletes the room


def check_engine(name: str) -> None:
    """Check the name of an engine.

    name (str): local, ray (a cluster that is started here), or the address of a Ray cluster, host:port.
    RAISES (ProjectError): If it is none of these.
    """
    if name not in (LOCAL, EMBEDDED) and ":" not in name:
        remedy = "Set --vars.engine to local, to ray (a cluster is started here), or to a cluster's address, host:port."
        raise ProjectError(f"Unknown engine {name!r}", remedy)


@contextmanager
def start_engine(name: str, number: int, gpus: int) -> Iterator[Executor]:
    """Start an engine, and stop what it does if that ends in an error, or is stopped itself.

    name (str): As for `check_engine`.
    number (int): How many processes, if they are started here.
    gpus (int): How many GPUs each of them needs, if they are on a Ray cluster.
    YIELDS (Executor): What takes work.
    RAISES (ProjectError): If it cannot be started, or a process on this machine dies.
    """
    check_engine(name)
    if name == LOCAL:
        with start_workers(number) as pool:
            yield pool
        return
    try:
        module = import_module(ON_RAY)
    except ModuleNotFoundError:
        raise ProjectError(f"No engine {name!r} here", "Set --vars.engine to local.") from None
    with module.start_on_ray(number, name, gpus) as executor:
        yield executor
