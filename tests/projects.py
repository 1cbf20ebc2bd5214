"""Copies of the project, and what is done with them: commands run, data changed, processes killed, outputs compared."""

import contextlib
import copy
import functools
import hashlib
import importlib
import io
import json
import multiprocessing.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import forks
import srsly
import weasel.cli.run
from filelock import FileLock
from weasel.cli.run import check_rerun, project_run
from weasel.util import load_project_config, parse_config_overrides

from spacy_domain.base import location
from spacy_domain.project import code, terminal

ROOT = Path(__file__).resolve().parent.parent
GENERATED = ("corpus", "training", "metrics", "packages")
CONFIG = load_project_config(ROOT)
COMMANDS = {command["name"]: {"deps": [], "outputs": [], **command} for command in CONFIG["commands"]}
STEPS = tuple(name for name in CONFIG["workflows"]["all"] if name != "preflight")
OUTPUTS = [path for name in STEPS for path in COMMANDS[name]["outputs"]]
WHEEL = "packages/en_event_scheduling-1.0.0-py3-none-any.whl"
COLOUR = re.compile(r"\x1b\[[\d;]*m")
WORD_CLASSES = '[initialize.before_init]\n@callbacks = "template.word_classes.v1"\n'
# As sitecustomize.py on a PYTHONPATH, this notes beside itself what modules a command has imported when it ends
IMPORTS = """
import atexit, json, pathlib, sys

def note(here=pathlib.Path(__file__).parent, words=sys.orig_argv):
    if "-m" in words[:-1] and (name := words[words.index("-m") + 1]).startswith("scripts."):
        own = [module for module in sys.modules if module.startswith(("scripts.", "spacy_domain."))]
        (here / f"{name}.json").write_text(json.dumps(own))

atexit.register(note)
"""


class Done(NamedTuple):
    """What a command that ran in this process came to, by the names that `subprocess` has for it."""

    returncode: int
    stdout: str
    stderr: str = ""


class Project:
    """A copy of the project in a folder of its own."""

    def __init__(self, path):
        self.path = path

    def python(self, *arguments, check=True, anew=False, **env):
        """Run this interpreter in the project; no colours, no terminal. Where nothing depends on how it starts, it is
        forked from one that has imported spaCy."""
        words, env = [sys.executable, *map(str, arguments)], {**os.environ, **env}
        if forks.can_fork(words) and not anew:
            done = forks.run(words, self.path, env)
        else:
            done = subprocess.run(words, cwd=self.path, env=env, capture_output=True, text=True, encoding="utf-8")
        if check and done.returncode:
            raise AssertionError(f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def run(self, command, *overrides, **how):
        """`weasel run <command>`, which is what `spacy project run` calls, without importing spaCy for it."""
        return self.python("-m", "weasel", "run", command, ".", *overrides, **how)

    def run_all(self, *overrides, **how):
        """`spacy project run all`; returns the names of the steps that were run and not skipped."""
        return not_skipped(self.run("all", *overrides, **how).stdout)

    def run_here(self, command, *overrides, check=True, force=False):
        """As `run`, by weasel's own function and the commands' own modules, but in this process: what costs most of a
        short run is starting Python ten times. The code that runs is this checkout's, whatever the copy holds; the code
        that counts as what a command is made of is the copy's."""
        with self.inside(), contextlib.redirect_stdout(io.StringIO()) as out:
            try:
                project_run(Path(), command, overrides=parse_config_overrides(list(overrides)), force=force)
                number = 0
            except SystemExit as error:
                number = error.code
        if check and number:
            raise AssertionError(f"exit code {number}\n{out.getvalue()}")
        return Done(number, COLOUR.sub("", out.getvalue()))

    def run_all_here(self, *overrides):
        """As `run_all`, in this process."""
        return not_skipped(self.run_here("all", *overrides).stdout)

    def would_run(self, *overrides):
        """The steps that `run all` would run first: what `preflight` and weasel take for stale as things are."""
        self.run_here("preflight", *overrides)
        config = load_project_config(self.path, overrides=parse_config_overrides(list(overrides)))
        with self.inside():
            return {one["name"] for one in config["commands"] if one["name"] in STEPS and check_rerun(Path(), one)}

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """Be where a command of this project is when it runs, with the copy's code as what it is made of."""
        before, roots, start_process, run = Path.cwd(), code._roots, weasel.cli.run.run_command, subprocess.run
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        # What lies in a folder may have changed
        for cached in (code._list_beside, code._locate, code._version, location.find_base):
            cached.cache_clear()
        code._roots = lambda top: (self.path / top,) if top in code.OWN else roots(top)
        weasel.cli.run.run_command = run_in_process
        srsly.read_yaml, srsly.write_yaml = read_yaml, write_yaml
        subprocess.run = functools.partial(run_forked, run)
        if forks.FORKS:
            multiprocessing.util.spawnv_passfds = forks.spawn
        os.chdir(self.path)
        try:
            yield
        finally:
            os.chdir(before)
            code._roots, weasel.cli.run.run_command, subprocess.run = roots, start_process, run
            multiprocessing.util.spawnv_passfds = forks.SPAWN
            srsly.read_yaml, srsly.write_yaml = READ_YAML, WRITE_YAML
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def read(self, path):
        return (self.path / path).read_text(encoding="utf-8")

    def write(self, path, text):
        (self.path / path).parent.mkdir(parents=True, exist_ok=True)
        (self.path / path).write_text(text, encoding="utf-8", newline="\n")

    def edit(self, path, old, new):
        text = self.read(path)
        assert old in text
        self.write(path, text.replace(old, new))

    def forget(self, *steps):
        """Have weasel run commands again that it believes to be fresh."""
        lock = srsly.read_yaml(self.path / "project.lock")
        srsly.write_yaml(self.path / "project.lock", {name: one for name, one in lock.items() if name not in steps})

    def copy(self, path):
        shutil.copytree(self.path, path, symlinks=True)
        return Project(path)


def not_skipped(output):
    """The steps of `run all` that its output does not call skipped."""
    skipped = set(re.findall(r"Skipping '([\w-]+)': nothing changed", output))
    return {step for step in STEPS if step not in skipped}


READ_YAML, WRITE_YAML = srsly.read_yaml, srsly.write_yaml
PARSED = {}  # what YAML says, by its text


def read_yaml(path):
    """As srsly does it, which takes longest of all that happens between two commands: a text is parsed once."""
    text = Path(path).read_text(encoding="utf-8")
    if text not in PARSED:
        PARSED[text] = srsly.yaml_loads(text)
    return copy.deepcopy(PARSED[text])


def write_yaml(path, data):
    """As srsly does it; what was written is not parsed."""
    WRITE_YAML(path, data)
    PARSED[Path(path).read_text(encoding="utf-8")] = copy.deepcopy(data)


def run_forked(run, words, **how):
    """`subprocess.run` for what a command starts: other programs of this interpreter are forked, too."""
    if words[0] == sys.executable and forks.can_fork(words):
        return forks.run(words, how.get("cwd"), how.get("env"), how.get("input", ""))
    return run(words, **how)


def run_in_process(words, capture=False, **_):
    """Run `python -m scripts.<module> ...`, as weasel has put it together, without a process for it."""
    assert words[1] == "-m" and not capture
    module, before = importlib.import_module(words[2]), sys.argv
    sys.argv = [words[2], *words[3:]]
    try:
        terminal.run(getattr(module, words[2].removeprefix("scripts.")))
    except SystemExit as error:
        if error.code:
            raise
    finally:
        sys.argv = before


def copy_template(path):
    """Copy what a clone holds, without what commands generated here; modules as Python has compiled them."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]
    for top in code.OWN:
        names += [found.relative_to(ROOT).as_posix() for found in (ROOT / top).rglob("__pycache__/*")]
    for folder in {(path / name).parent for name in names}:
        folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        with contextlib.suppress(FileNotFoundError):  # Python replaces what it has compiled
            shutil.copy2(ROOT / name, path / name)  # with its time: it tells whether what was compiled is of it
    project = Project(path)
    # Tests have little to test on, and few ask for five trainings more
    project.write(
        "project.yml", project.read("project.yml").replace('cross_validate: "few"', 'cross_validate: "never"')
    )
    return project


def made_once(tmp_path_factory, name, make):
    """A project that is made once for all processes that run tests."""
    folder = tmp_path_factory.getbasetemp()
    folder = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / name
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            unfinished = folder.with_name(f"{name} unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            make(unfinished)
            unfinished.rename(folder)
    return Project(folder)


def readme_command(part):
    """The arguments of the one `spacy project run` command of the README and docs/ with something in it."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    lines = re.findall(r"^(?:.*&& )?spacy (project run .*)$", text, re.MULTILINE)
    (line,) = [line for line in lines if part in line.split()]
    return line.split()


def limit_steps(project, steps, every, recipe="cnn"):
    """Have a recipe train for a few steps, tens of them, without the rule that would find most of what these do not,
    and without the classes of words, whose tables take longer to read than these steps."""
    settings = {"max_steps": steps, "at_least": steps, "epochs": 0.0, "eval_frequency": every, "warmup_steps": every}
    for path in {f"configs/{recipe}.cfg", "configs/cnn.cfg"}:  # which others extend
        text = project.read(path).replace(',"seen_entities"]', "]").replace(WORD_CLASSES, "")
        for name, value in settings.items():
            text = re.sub(rf"^{name} = [\d.]+", f"{name} = {value}", text, flags=re.MULTILINE)
        project.write(path, text)


def write_events(project, rows):
    """Put other records in the place of the shipped example's."""
    path = "assets/events.jsonl"
    project.write(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    checksum = hashlib.md5((project.path / path).read_bytes()).hexdigest()
    text = re.sub(r"checksum: .*", f'checksum: "{checksum}"', project.read("project.yml"), count=1)  # it comes first
    project.write("project.yml", text)


def change_record(project):
    """Add a word to the first text of the shipped example."""
    first, *others = map(json.loads, project.read("assets/events.jsonl").splitlines())
    write_events(project, [{**first, "text": first["text"] + " please"}, *others])


def digests(project):
    """The bytes of each output."""
    found = {}
    for path in OUTPUTS:
        target = project.path / path
        files = sorted(target.rglob("*")) if target.is_dir() else [target]
        for file in files:
            if file.is_file():
                found[file.relative_to(project.path).as_posix()] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def git(project, *arguments):
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    done = subprocess.run(["git", *identity, *arguments], cwd=project.path, capture_output=True, text=True, check=True)
    return done.stdout


def start(project, command="all", **env):
    """Start `weasel run <command>`, and do not wait for it."""
    return start_words(project, [sys.executable, "-m", "weasel", "run", command, "."], **env)


def start_words(project, words, **env):
    """Start a program in a project, and do not wait for it."""
    how = {"cwd": project.path, "env": {**os.environ, **env}, "start_new_session": True}
    if forks.can_fork(words):
        return forks.Process(words, **how)
    how |= {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(words, **how, text=True, encoding="utf-8", errors="replace")


def kill(process):
    """kill -9, children too."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], check=False, capture_output=True)
    else:
        with contextlib.suppress(ProcessLookupError):  # it had ended
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(path, process, seconds=60):
    """Wait until a process has made a file or folder."""
    for _ in range(seconds * 100):
        if path.exists() or process.poll() is not None:
            break
        time.sleep(0.01)
    assert path.exists(), process.communicate()[0]


def shorten(project, texts=200):
    """Have the example end in seconds: a part of its texts, and no classes of words, whose tables take longer to read
    than it takes to learn them."""
    recipe, found, _ = project.read("configs/crf.cfg").partition("\n[initialize.components.crf.classes]")
    assert found
    project.write("configs/crf.cfg", recipe)
    write_events(project, list(map(json.loads, project.read("assets/events.jsonl").splitlines()[:texts])))
