"""Work in pieces, on all cores when there are several pieces."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

from ..project.workers import start_workers

Piece = TypeVar("Piece")
Result = TypeVar("Result")


MUCH = 2**23  # bytes of annotations; fewer fit into memory, and starting processes takes longer than the work


def size(path: Path) -> int:
    """RETURNS (int): The size of a file, or of all files in a folder, in bytes."""
    return (
        sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        if path.is_dir()
        else (path.stat().st_size if path.exists() else 0)
    )


class Processes:
    """A process for each core, started when there is use for it.

    several (bool): Whether there is work for more than one.
    """

    def __init__(self, several: bool) -> None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self.count = cores if several else 1
        self.pool: ProcessPoolExecutor | None = None
        self.started = ExitStack()

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *exception: Any) -> None:
        self.started.__exit__(*exception)

    def map(self, function: Callable[[Piece], Result], pieces: Iterable[Piece]) -> Iterator[Result]:
        """Apply a function to pieces of work; only a few of them are in memory.

        function (Callable): A function that can be pickled.
        pieces (Iterable): What to apply it to.
        YIELDS (Any): The results, in the order of the pieces, whatever the number of cores.
        RAISES (BrokenProcessPool): If a process dies; a ProjectError where the cores are left.
        """
        waiting_pieces = iter(pieces)
        first = list(islice(waiting_pieces, 2))
        if len(first) < 2 or self.count < 2:
            yield from map(function, chain(first, waiting_pieces))
            return
        self.pool = self.pool or self.started.enter_context(start_workers(self.count))
        waiting: deque[Future[Result]] = deque()
        for piece in chain(first, waiting_pieces):
            waiting.append(self.pool.submit(function, piece))
            if len(waiting) > self.count + 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
