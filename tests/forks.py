"""Programs in processes of their own, which are forked from one that has imported spaCy: to start Python and import it
takes longer than most programs here.

They are real processes, with the code that lies in their folder; what they share is the libraries that were imported
once. Where there is no fork, and where a test is about the start itself, `subprocess` starts them.
"""

import atexit
import ctypes
import functools
import gc
import importlib
import importlib.metadata
import json
import multiprocessing.util
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
import warnings
from contextlib import suppress
from pathlib import Path

FORKS = sys.platform == "linux"
SETUPTOOLS = (
    "setuptools.build_meta",
    "setuptools.command.bdist_wheel",
    "setuptools.command.build",
    "setuptools.command.build_py",
    "setuptools.command.install",
    "setuptools.command.install_egg_info",
    "setuptools.command.install_lib",
    "setuptools.command.install_scripts",
)
LIBRARIES = (
    "spacy.cli",
    "spacy.lang.en",
    "spacy.training",
    "spacy_legacy",
    "weasel.cli.run",
    "jinja2",
    "nervaluate",
    "rapidfuzz.distance",
    "cyclonedx.output.json",
    "pip._internal.cli.main",
    "pip._internal.commands.install",
)
AT_START = ("LC_ALL", "LANG", "PYTHONUTF8", "PYTHONCOERCECLOCALE", "PYTHONIOENCODING")  # what it looks at only then
ISOLATED = ("-I", "-X", "utf8")  # as `package` tries a wheel
OWN = ("scripts.", "spacy_domain.", "sitecustomize.")
RUNNERS = ("weasel.", "spacy.cli.")  # look at where they are when they are imported
LIBRARY_PATHS = list(sys.path)
ROOM = 4096  # bytes that programs have for their command lines
MESSAGE = 2**17  # bytes at most


def can_fork(words):
    """Whether words are a program for this interpreter, started in the plain way, or apart from what is around it."""
    if not FORKS or str(words[0]) != sys.executable:
        return False
    program = str(words[1 + (len(ISOLATED) if is_isolated(words[1:]) else 0)])
    return program in ("-m", "-c") or program.endswith(".py")


def is_isolated(words):
    return tuple(words[: len(ISOLATED)]) == ISOLATED


class Process:
    """A program that was forked, with what `subprocess.Popen` has of these names. Its output goes to files: no pipe can
    fill while nobody reads it."""

    def __init__(self, words, cwd=None, env=None, stdout=None, stderr=subprocess.STDOUT, stdin=None, **how):
        self.args, self.returncode = words, None
        self.stdout = stdout or tempfile.TemporaryFile()  # noqa: SIM115  # read in the end
        self.stderr = self.stdout if stderr is subprocess.STDOUT else stderr
        self.status, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        request = {
            "words": [str(word) for word in words[1:]],
            "cwd": str(cwd or Path.cwd()),
            "env": dict(os.environ if env is None else env),
            **how,
        }
        with Path(os.devnull).open() as nothing, theirs:
            files = [(stdin or nothing).fileno(), self.stdout.fileno(), self.stderr.fileno(), theirs.fileno()]
            at_start = tuple((name, request["env"][name]) for name in AT_START if name in request["env"])
            socket.send_fds(forker(at_start), [json.dumps(request).encode()], files)
        self.pid = int(self.status.recv(MESSAGE))

    def poll(self):
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout=None):
        if self.returncode is None:
            if not select.select([self.status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout)
            self.returncode = int(self.status.recv(MESSAGE))
            self.status.close()
        return self.returncode

    def communicate(self, timeout=None):
        self.wait(timeout)
        return read_text(self.stdout), None if self.stderr is self.stdout else read_text(self.stderr)

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)


def read_text(file):
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def run(words, cwd=None, env=None, given=""):
    """As `subprocess.run`, with what it is given, output and errors as text."""
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as input_:
        input_.write(given.encode())
        input_.seek(0)
        process = Process(words, cwd, env, stderr=errors, stdin=input_)
        output, errors = process.communicate()
        return subprocess.CompletedProcess(words, process.returncode, output, errors)


@functools.cache
def forker(at_start):
    """The process that forks: each process that runs tests has one, or one for each locale. It ends with that."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, __file__, str(theirs.fileno()), " " * ROOM]
    null = subprocess.DEVNULL
    env = {name: value for name, value in os.environ.items() if name not in AT_START} | dict(at_start)
    env["ANSI_COLORS_DISABLED"] = "1"  # wasabi looks at it when it is imported
    process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=null, stdout=null, cwd=os.sep, env=env)
    theirs.close()
    atexit.register(lambda: (ours.close(), process.wait(60)))
    return ours


# From here on: what happens in that process, and in those that it forks


def serve(control):
    warnings.filterwarnings("ignore", "Setuptools is replacing distutils")  # it is there to replace it
    load(SETUPTOOLS)
    distutils = {name: module for name, module in sys.modules.items() if name.startswith("distutils")}
    load(LIBRARIES)
    sys.modules.update(distutils)  # which pip takes away when it is imported
    read_tables()
    gc.freeze()
    while True:
        message, files, *_ = socket.recv_fds(control, MESSAGE, 4)
        if not message:
            return
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not fork():
            control.close()
            supervise(json.loads(message), files)
        for file in files:
            os.close(file)


def load(names):
    for name in names:
        with suppress(ImportError):  # then the programs see to it
            importlib.import_module(name)


def read_tables():
    """Read spaCy's largest tables of words once, for all programs that train."""
    from spacy import util  # here, since the tests import this file for its other half

    util.load_language_data = functools.cache(util.load_language_data)
    for name in ("lexeme_cluster", "lexeme_prob"):
        util.load_language_data(util.registry.lookups.get("en")[name])


def fork():
    with warnings.catch_warnings(action="ignore"):  # of threads: those of libraries for algebra know what to do
        return os.fork()


def supervise(request, files):
    """Fork the program, and tell its number and, in the end, how it ended."""
    *streams, status = files
    if not (pid := fork()):
        if request.get("start_new_session"):
            os.setsid()
        for number, file in enumerate(streams):
            os.dup2(file, number)
        os.closerange(3, max(files) + 1)
        os.chdir(local(request["cwd"]))
        run_program(
            [local(word) for word in request["words"]],
            {name: local(value) for name, value in request["env"].items()},
        )
    os.write(status, str(pid).encode())
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with suppress(BrokenPipeError):
        os.write(status, str(code).encode())
    os._exit(0)


def local(text):
    """A text as a command line or the environment would bring it, in this locale."""
    return os.fsdecode(text.encode("utf-8", "surrogateescape"))


class Popen(subprocess.Popen):
    """In a program that was forked: forks those that it starts."""

    def __init__(self, args, **how):
        if isinstance(args, list) and can_fork(args) and not is_isolated(args[1:]):
            env = dict(os.environ if how.get("env") is None else how["env"])
            how["preexec_fn"] = functools.partial(be_program, [str(word) for word in args[1:]], env)
        super().__init__(args, **how)


def be_program(words, env):
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # one of these tells that the program has started
    reopen_streams()
    run_program(words, env)


def reopen_streams():
    """Have those of a new program: what they lead to may be of another kind, a pipe and not a file."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        before, how = getattr(sys, f"__{name}__"), {"buffering": 1, "closefd": False}
        stream = open(number, "w" if number else "r", encoding=before.encoding, errors=before.errors, **how)  # noqa: SIM115, PTH123
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


SPAWN = multiprocessing.util.spawnv_passfds


def spawn(path, words, files):
    """What `multiprocessing` starts its processes with, for one that has all modules of the one that starts it."""
    words = list(map(os.fsdecode, words))
    words = words[words.index("-c") :]  # after this interpreter's own options
    if "multiprocessing.spawn" not in words[1]:
        return SPAWN(path, [sys.executable, *words], files)
    if pid := fork():
        return pid
    last = 2
    for file in [*sorted(map(int, files)), os.sysconf("SC_OPEN_MAX")]:
        os.closerange(last + 1, file)
        last = max(last, file)
    reopen_streams()
    signal.set_wakeup_fd(-1)
    set_up(words, dict(os.environ), False, forgotten=())
    run_words(words)


def run_program(words, env):
    """Run what `python <words>` runs, and end this process."""
    isolated = is_isolated(words)
    words = words[len(ISOLATED) if isolated else 0 :]
    set_up(words, env, isolated)
    run_words(words)


def run_words(words):
    code = 0
    try:
        if words[0] == "-m":
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        elif words[0] == "-c":
            exec(compile(words[1], "<string>", "exec"), vars(sys.modules["__main__"]))
        else:
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as error:
        code = error.code
        if isinstance(code, str):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        end(code or 0)


def set_up(words, env, isolated, forgotten=OWN):
    """Leave nothing of the program that forked this one, but for libraries."""
    os.environ.clear()
    os.environ.update(env)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    forgotten += RUNNERS if words[0] == "-m" and words[1] in ("spacy", "weasel") else ()
    for name in [name for name in sys.modules if f"{name}.".startswith(forgotten)]:
        del sys.modules[name]
    atexit._clear()
    threading._threading_atexits.clear()
    sys.modules["__main__"] = type(sys)("__main__")
    more = [path for path in env.get("PYTHONPATH", "").split(os.pathsep) if path and not isolated]
    here = str(Path.cwd() if words[0] == "-m" else Path(words[0]).resolve().parent) if words[0] != "-c" else ""
    sys.path[:] = LIBRARY_PATHS if isolated else [here, *more, *LIBRARY_PATHS]
    sys.orig_argv = [sys.executable, *words]
    show_command_line(sys.orig_argv)
    sys.argv = ["-m" if words[0] == "-m" else words[0], *words[2 if words[0] in ("-m", "-c") else 1 :]]
    subprocess.Popen = Popen
    multiprocessing.util.spawnv_passfds = spawn
    importlib.invalidate_caches()
    if more:
        sys.modules["catalogue"].AVAILABLE_ENTRY_POINTS = importlib.metadata.entry_points()
        with suppress(ModuleNotFoundError):
            importlib.import_module("sitecustomize")


def show_command_line(words):
    """Have others see what runs, and not what forked it: where Linux keeps the command line it may be changed."""
    stat = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    first, last = int(stat[45]), int(stat[46])  # arg_start and arg_end, see proc_pid_stat(5)
    line = "\0".join(words).encode()[: last - first - 1]
    ctypes.memmove(first, line.ljust(last - first, b"\0"), last - first)


def end(code):
    """As the interpreter does in the end."""
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    here = str(Path(__file__).resolve().parent)
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    LIBRARY_PATHS = [path for path in sys.path if path not in ("", here, *given)]
    serve(socket.socket(fileno=int(sys.argv[1])))
