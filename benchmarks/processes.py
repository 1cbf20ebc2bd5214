"""Processes that are measured (on POSIX)."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile

from arms import CANNOT_RUN

HERE = Path(__file__).resolve().parent
LINES_SHOWN = 20
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS", "RAYON_NUM_THREADS")
ONE_THREAD = {
    **dict.fromkeys(THREADS, "1"),
    "TOKENIZERS_PARALLELISM": "false",
    "CUDA_VISIBLE_DEVICES": "",
    "HF_HUB_OFFLINE": "1",
}


class FailedError(Exception):
    """A module failed.

    title (str): Which one, with its arguments.
    printed (str): What it printed last.
    """

    def __init__(self, title: str, printed: str):
        super().__init__(title)
        self.printed = printed


def run(module: str, *arguments: str | Path) -> tuple[str, dict[str, float]]:
    """Run one of the modules here, with one thread and no GPU.

    module (str): Its name, with dots.
    arguments (str | Path): What to give it.
    RETURNS (tuple[str, dict[str, float]]): What it printed, and "exit_code", "cpu_seconds" (of it and all processes
        that it started) and "memory_mb" (peak of the largest of them).
    RAISES (FailedError): If it fails otherwise than by saying that it cannot run here.
    """
    with TemporaryFile("w+", encoding="utf-8") as said:
        command = ["-m", module, *map(str, arguments)]
        environment = {**os.environ, **ONE_THREAD}
        process = subprocess.Popen(
            [sys.executable, *command], cwd=HERE, stdout=said, stderr=subprocess.STDOUT, env=environment
        )
        _, status, usage = os.wait4(process.pid, 0)
        said.seek(0)
        printed = said.read()
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, CANNOT_RUN):
        last = "\n".join(printed.splitlines()[-LINES_SHOWN:])
        raise FailedError(f"{' '.join(command)} failed", last)
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    seconds = usage.ru_utime + usage.ru_stime
    return printed, {"exit_code": code, "cpu_seconds": round(seconds, 1), "memory_mb": round(peak / 1e6, 1)}
