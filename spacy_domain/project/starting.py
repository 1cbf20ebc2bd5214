"""What a command does before it imports anything large: most of the time of a short one goes into imports."""

import gc
import os
import signal
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

LATER = "httpx"  # weasel downloads with it; spaCy imports both with its own command line, in every process


class ImportLater(MetaPathFinder):
    """Finds a module that is executed when something in it is asked for, not when it is imported."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname == LATER else None
        if spec and spec.loader:
            spec.loader = LazyLoader(spec.loader)
        return spec


def start(as_command: bool) -> None:
    """Prepare the imports of a command, and answer for it until it can do so itself (in terminal.py).

    as_command (bool): Whether this process runs one (python -m scripts...): it then stops quietly when asked to, and
        collects garbage only after its imports.
    """
    if os.environ.get("NO_COLOR") or not sys.stdout.isatty():
        # wasabi, which spaCy prints with too, does not know NO_COLOR and colours files; it looks at this when imported.
        os.environ["ANSI_COLORS_DISABLED"] = "1"
    sys.meta_path.insert(0, ImportLater())
    if as_command:
        gc.disable()
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _leave)


def _leave(number: int, _: object) -> None:
    os.write(2, b"Stopped before it began\n")
    os._exit(128 + number)
