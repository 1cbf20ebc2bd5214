"""The commands of project.yml (one module each) and the rooms that do their work."""

import os
import signal
import sys

if os.environ.get("NO_COLOR") or not sys.stdout.isatty():
    # wasabi, which spaCy prints with too, does not know NO_COLOR and colours files; it looks at this when imported.
    os.environ["ANSI_COLORS_DISABLED"] = "1"


def _leave(number: int, _: object) -> None:
    os.write(2, b"Stopped before it began\n")
    os._exit(128 + number)


if sys.argv[:1] == ["-m"] and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # A command starts, and imports for a second or two until it is there to answer for itself (in cli.py)
    signal.signal(signal.SIGINT, _leave)
