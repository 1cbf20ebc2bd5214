"""Processes that work for this one and end with it, whichever way it ends."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess

from .errors import ProjectError


class _Process(SpawnProcess):
    """A process that Ctrl-C does not reach. A terminal sends it to all, and one that starts would print a traceback."""

    def start(self) -> None:
        if not hasattr(signal, "pthread_sigmask"):  # Windows
            super().start()
            return
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # processes take over what is blocked
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Context(SpawnContext):
    Process = _Process


@contextmanager
def start_workers(number: int) -> Iterator[ProcessPoolExecutor]:
    """Start processes, and stop them at once if what is done with them ends in an error, or is stopped itself.

    number (int): How many.
    YIELDS (ProcessPoolExecutor): What takes work for them.
    RAISES (ProjectError): If one of them dies.
    """
    # spawn is the one way that works on every system; a forked process would inherit random state, threads and locks
    pool = ProcessPoolExecutor(number, _Context(), initializer=_end_with_parent)
    try:
        yield pool
    except BaseException as error:
        for process in multiprocessing.active_children():
            process.kill()
        if not isinstance(error, BrokenProcessPool):
            raise
        remedy = "Memory may have run out: run the command again with fewer programs beside it."
        raise ProjectError("A process was stopped in the middle of its work", remedy) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Have a process end when the one that started it is killed: it would wait for work for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the one that started them stops them

    def wait() -> None:
        parent = multiprocessing.parent_process()
        if parent:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
