"""Commands, run in the process of the tests: to start Python and import spaCy takes longer than most of them."""

import contextlib
import io
import sys

from projects import COLOUR, Done, run_in_process


def run_command(project, module, *arguments, check=True):
    """As `project.python("-m", f"scripts.{module}", ...)`, without a process for it."""
    out, number = io.StringIO(), 0
    with project.inside(), contextlib.redirect_stdout(out):
        try:
            run_in_process([sys.executable, "-m", f"scripts.{module}", *map(str, arguments)])
        except SystemExit as error:
            number = error.code
    said = COLOUR.sub("", out.getvalue())
    if check and number:
        raise AssertionError(f"exit code {number}\n{said}")
    return Done(number, said)
