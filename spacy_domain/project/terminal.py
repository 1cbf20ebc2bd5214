"""How a command module talks to the terminal: arguments by typer, messages by wasabi."""

import errno
import gc
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NoReturn

import typer
from wasabi import msg

from .errors import ProjectError
from .one_run import one_run
from .typed_vars import check_known, typed_words

PLACES_SHOWN = 10
DISK_FULL = (errno.ENOSPC, errno.EDQUOT) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)

Arg = typer.Argument
Opt = typer.Option


class Stopped(SystemExit):
    """The command was asked to stop. What it holds is given back on the way out."""


def run(command: Callable[..., Any], alone: bool = True) -> None:
    """Run a command module's function with the arguments of the command line.

    A ProjectError (also for a var that there is not), wrong arguments and an operating system's refusal end in a title,
    the places, a remedy and exit code 1. SIGINT (Ctrl-C) and SIGTERM end in 128 and their number, as shells have it.
    Anything else is a fault of the template and keeps its traceback.

    command (Callable): The typer function.
    alone (bool): Whether no other command may run in the project folder meanwhile.
    """
    gc.freeze()  # what is imported stays
    gc.enable()
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, _stop)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that lacks a character shows an escape instead of failing
            stream.reconfigure(errors="backslashreplace")
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(command)
    try:
        check_known(typed_words())
        with one_run(Path.cwd()) if alone else nullcontext():
            app(standalone_mode=False)
    except ProjectError as error:
        fail(error)
    except OSError as error:
        fail(from_os_error(error))
    except Stopped:
        msg.warn(f"{command.__name__} was stopped", "What was there before is unchanged: run it again.")
        raise
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        # A usage error; which class it has depends on whether this typer brings its own click.
        fail(
            ProjectError(
                f"Wrong arguments for {command.__name__}: {error.format_message()}",
                "Check the vars in project.yml and the --vars on the command line: none may be blank or hold spaces or "
                "backslashes (write paths with /).",
            )
        )


def _stop(number: int, _: object) -> NoReturn:
    # Not a KeyboardInterrupt: typer makes an exit code of it and returns that, as if all were well
    signal.signal(number, signal.SIG_DFL)  # whoever asks twice does not want to wait
    raise Stopped(128 + number)


def from_os_error(error: OSError) -> ProjectError:
    """Put an operating system's refusal in a user's words.

    error (OSError): The error as raised.
    RETURNS (ProjectError): The same with a remedy.
    """
    number, place = error.errno, f": {error.filename}" if error.filename else ""
    if isinstance(error, shutil.Error) and any(f"[Errno {full}]" in str(error) for full in DISK_FULL):
        number = errno.ENOSPC  # copying a folder collects the errors of its files, as text
    if number in DISK_FULL:
        return ProjectError(
            f"No space left on the disk{place}",
            "Free some space and run the command again; what was there before is unchanged.",
        )
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ProjectError(
            f"Not allowed to read or write{place}", "Give yourself the rights to it and run the command again."
        )
    return ProjectError(f"{error.strerror or error}{place}", "Check the path and run the command again.")


def fail(error: ProjectError) -> None:
    """Show an error and leave with exit code 1.

    error (ProjectError): The error to show.
    """
    msg.fail(error.title)
    for place in error.places[:PLACES_SHOWN]:
        print(f"  {place}")
    if (more := len(error.places) + error.more - PLACES_SHOWN) > 0:
        print(f"  ... and {more} more")
    msg.text(f"What to do: {error.remedy}")
    sys.exit(1)
