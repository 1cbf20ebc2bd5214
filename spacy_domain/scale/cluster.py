"""A Ray cluster: one that is there, or one that is started on this machine for as long as it takes."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..project.engines import EMBEDDED
from ..project.errors import Place, ProjectError

QUIET = {"RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0", "RAY_USAGE_STATS_ENABLED": "0"}
PRELOAD = "RAY_preload_python_modules"


@contextmanager
def connect(workers: int, address: str, ahead: Sequence[str] = ()) -> Iterator[Any]:
    """Connect with a cluster.

    workers (int): How many cores it has, if it is started here.
    address (str): Its address, host:port; "ray" to start one here.
    ahead (Sequence[str]): Modules that take long to import, which the workers of one that is started here import while
        the rest of it starts.
    YIELDS (ModuleType): Ray, connected. What is at work on the cluster in the end is stopped.
    RAISES (ProjectError): If there is none, or Ray is not installed.
    """
    os.environ.update({**QUIET, **({PRELOAD: ",".join(ahead)} if ahead else {}), **os.environ})
    try:
        import ray
    except ImportError:
        raise ProjectError("ray is not installed", 'Run: python -m pip install -e ".[scale]"') from None
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "error", "configure_logging": True}
    try:
        if address == EMBEDDED:
            ray.init(address="local", num_cpus=workers, include_dashboard=False, **quiet)
        else:
            ray.init(address=address, **quiet)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise ProjectError(
            f"No Ray cluster at {address}",
            "Start one (ray start --head), and give its address as host:port, or ray to start one here.",
            [Place("project.yml", None, f"vars.engine is {address}", " ".join(str(error).split())[:200])],
        ) from None
    for number, handler in handlers.items():
        signal.signal(number, handler)  # Ray sets its own
    try:
        yield ray
    finally:
        ray.shutdown()


def find_cause(error: BaseException) -> BaseException:
    """RETURNS (BaseException): What a task raised, where Ray says that one has raised something."""
    return getattr(error, "cause", None) or error
