"""Processes that work for this one and end with it, whichever way it ends."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import BaseContext, SpawnContext, SpawnProcess

import psutil

from .errors import ProjectError


@contextmanager
def _out_of_reach() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach. A terminal sends it to all, and one that starts would print a
    traceback."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # processes take over what is blocked
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Process(SpawnProcess):
    def start(self) -> None:
        with _out_of_reach():
            super().start()


class _Spawned(SpawnContext):
    Process = _Process


if sys.platform == "linux":  # there is no forking on Windows, and libraries of macOS do not take it
    from multiprocessing.context import ForkContext, ForkProcess

    class _ForkedProcess(ForkProcess):
        def start(self) -> None:
            with _out_of_reach():
                super().start()

    class _Forked(ForkContext):
        Process = _ForkedProcess


def _choose_context(imported: bool) -> BaseContext:
    """A forked process has all imported that this one has, and shares the memory of it. It has none of the threads, but
    the locks that these held: so a process that has any is not forked. What is spawned begins from nothing, which works
    on every system and with all libraries."""
    if imported and sys.platform == "linux" and psutil.Process().num_threads() == 1:
        return _Forked()
    return _Spawned()


@contextmanager
def start_workers(number: int, imported: bool = False) -> Iterator[ProcessPoolExecutor]:
    """Start processes, and stop them at once if what is done with them ends in an error, or is stopped itself.

    number (int): How many.
    imported (bool): Whether this process has imported, of what takes long, all that they need, and has not used a GPU.
        If it can be forked, they need not import it anew.
    YIELDS (ProcessPoolExecutor): What takes work for them.
    RAISES (ProjectError): If one of them dies.
    """
    pool = ProcessPoolExecutor(number, _choose_context(imported), initializer=_end_with_parent)
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
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def wait() -> None:
        parent = multiprocessing.parent_process()
        if parent:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
