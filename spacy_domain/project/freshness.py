"""What each output was made of, noted in the output itself: weasel's lock believes what it finds.

(`weasel pull` and `push` file outputs under the inputs that lie beside them, whatever they were made of, and inputs are
hashed when a command ends, so that an edit in the meantime counts as seen.)

A command is made of code, too. `preflight` writes for each one a file that says which (`STEPS`/<command>.json); a
command depends on that file and on its data, and on nothing else.
"""

import hashlib
import json
import platform
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from .. import __version__
from .code import Found, describe_code, find_edits, list_there
from .errors import Place, ProjectError
from .outputs import write_json

STEPS = Path("corpus/steps")
META = "meta.json"
STAMP = 2.0  # seconds in which a file can change again without its time stamp telling, at most
MADE_OF = re.compile(r'<script type="application/json" id="made-of">(.*?)</script>', re.DOTALL)  # in a page
Digests = dict[str, str]


def digest(path: Path, leave_out: str = "") -> str:
    """Digest a file, or the names and contents of all files in a folder. What has not changed is read once.

    path (Path): The file or folder.
    leave_out (str): Name of a file right in the folder that does not count.
    RETURNS (str): SHA-256 in hexadecimal digits; empty if there is nothing.
    """
    if not path.is_dir():
        return _digest_file(path) if path.exists() else ""
    total = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        if file.is_file() and not file.name.startswith(".") and file != path / leave_out:
            total.update(f"{file.relative_to(path).as_posix()}\0{_digest_file(file)}\n".encode())
    return total.hexdigest()


def _digest_file(path: Path) -> str:
    found = path.stat()
    if abs(time.time() - found.st_mtime) < STAMP:
        return _read_digest(path)
    return _known_digest(path.resolve(), found.st_mtime_ns, found.st_size)


def _read_digest(path: Path) -> str:
    with path.open("rb") as file_:
        return hashlib.file_digest(file_, "sha256").hexdigest()


@cache
def _known_digest(path: Path, changed: int, size: int) -> str:
    return _read_digest(path)


def write_step(
    name: str, module: str, models: dict[str, dict[str, Any]], known: dict[str, Found] | None = None
) -> list[str]:
    """Write what a command is made of, if that is not what its file says already.

    name (str): The command's name in project.yml.
    module (str): The module behind it.
    models (dict[str, dict[str, Any]]): The pipelines that it starts from: name, digest, packages behind them.
    known (Optional[dict[str, Found]]): As `describe_code` has it.
    RETURNS (list[str]): What has changed: paths of code, names of packages and of models; nothing the first time.
    """
    before, step = (
        _read_step(name),
        {"python": platform.python_version(), "models": models, **describe_code(module, known)},
    )
    if before == step:
        return []
    write_json(step_file(name), step)
    old, new = (
        {"Python": one.get("python"), **one.get("models", {}), **one.get("packages", {}), **one.get("code", {})}
        for one in (before, step)
    )
    return sorted(one for one in old.keys() | new.keys() if old.get(one) != new.get(one)) if before else []


def started_from(step: str, default: dict[str, Any]) -> dict[str, Any]:
    """RETURNS (dict[str, Any]): The models that a command starts from, as `preflight` says; `default` if it did not."""
    found: dict[str, Any] = _read_step(step).get("models", default)
    return found


def step_file(name: str) -> Path:
    """RETURNS (Path): Where `preflight` says what a command is made of."""
    return STEPS / f"{name}.json"


@contextmanager
def made_of(step: str, *inputs: Path, watch: Iterable[Path] = ()) -> Iterator[Digests]:
    """Digest inputs before a command uses them, and make sure that they are the same when it ends, and its code, too.

    What the command makes is to be moved into place after this, and not within.

    step (str): The command's name in project.yml.
    inputs (Path): Files and folders.
    watch (Iterable[Path]): More of them, which are not noted: the base, which lies elsewhere on each machine.
    YIELDS (dict[str, str]): The digests by path, and that of the file that says what the command is made of.
    RAISES (ProjectError): If something was changed in the meantime.
    """
    paths, begin = [step_file(step), *inputs], time.time()
    before, watched = _digest_all(paths), _digest_all(watch)
    code = list_there(_read_step(step).get("code", {}))  # a command may run beside what preflight said long ago
    yield before
    now = {**_digest_all(paths), **_digest_all(watch)}
    changed = [name for name, found in {**before, **watched}.items() if now[name] != found]
    changed += find_edits(code, begin)
    if changed:
        raise ProjectError(
            "Inputs were changed while the command ran",
            "Run it again: what it made was of neither the old nor the new ones, and was thrown away.",
            [Place(name, None, "changed") for name in changed],
        )


def _read_step(step: str) -> dict[str, Any]:
    try:
        return dict(json.loads(step_file(step).read_bytes()))
    except (OSError, ValueError, TypeError):  # there is none, or somebody has edited it
        return {}


def _digest_all(paths: Iterable[Path]) -> Digests:
    return {path.as_posix(): digest(path) for path in paths}


def is_fresh(output: Path) -> bool:
    """RETURNS (bool): Whether an output is there, whole, and made of what lies in the project now."""
    return output.exists() and not find_differences(output)


def find_differences(output: Path) -> list[str]:
    """Compare an output, and what it says that it was made of, with what lies in the project.

    output (Path): A JSON file, a page, a pipeline's folder, or a wheel.
    RETURNS (list[str]): What differs: paths of inputs, the output itself, "?" if it does not say.
    """
    provenance = _read_provenance(output)
    if provenance is None:
        return ["?"]
    found = [name for name, noted in provenance["files"].items() if digest(Path(name)) != noted]
    if "contents" in provenance and output.is_dir() and digest(output, META) != provenance["contents"]:
        found.append(output.as_posix())
    return found


def write_meta(path: Path, provenance: dict[str, Any]) -> None:
    """Note in a pipeline's meta what it was made of, and sort it: spaCy leaves the scores by label in another order
    each time.

    path (Path): The meta.json.
    provenance (dict[str, Any]): What it was made of.
    """
    meta = {**json.loads(path.read_text(encoding="utf-8")), "provenance": provenance}
    text = json.dumps(meta, indent=2, sort_keys=True, ensure_ascii=False)
    path.write_text(text, encoding="utf-8", newline="\n")


def refuse_stale(output: Path, step: str, base: tuple[str, str] | None = None) -> None:
    """Refuse an output that was not made of what lies in the project, or was changed since.

    output (Path): The output.
    step (str): The command that makes it.
    base (Optional[tuple[str, str]]): Name and digest of the pipeline that it builds on, if it builds on any.
    RAISES (ProjectError): With what differs.
    """
    messages = {"?": "does not say what it was made of", output.as_posix(): "was changed after it was made"}
    places = [
        Place(str(output) if name == "?" else name, None, messages.get(name, f"is not what {output} was made of"))
        for name in find_differences(output)
    ]
    noted = ((_read_provenance(output) or {}).get("environment") or {}).get("models", {}).get("base_model", {})
    if base and noted and noted.get("digest") != base[1]:
        places.append(Place(base[0], None, f"is not the base that {output} was made of, {noted.get('name')}"))
    if places:
        raise ProjectError(f"Stale: {output}", f"Make it anew: spacy project run {step} . --force", places)


def _read_provenance(output: Path) -> dict[str, Any] | None:
    try:
        if output.suffix == ".whl":
            with zipfile.ZipFile(output) as archive:
                name = next(name for name in archive.namelist() if name.count("/") == 1 and name.endswith(f"/{META}"))
                data = json.loads(archive.read(name))
        elif output.suffix == ".html":
            data = json.loads(MADE_OF.search(output.read_text(encoding="utf-8"))[1])  # type: ignore[index]
        else:
            data = json.loads((output / META if output.is_dir() else output).read_text(encoding="utf-8"))
        provenance = dict(data["provenance"])
        return {**provenance, "files": dict(provenance["files"])}
    except (OSError, ValueError, KeyError, TypeError, StopIteration, zipfile.BadZipFile):
        return None


def describe(step: str, files: Digests, **more: Any) -> dict[str, Any]:
    """Put together what an output says about its making.

    step (str): The command that made it.
    files (dict[str, str]): Digests of its inputs, by path.
    more (Any): What else there is to know.
    RETURNS (dict[str, Any]): The note, with versions and models as `preflight` found them, the template's version, and
        the git commit, if there is one.
    """
    found = _read_step(step)
    environment = {key: found[key] for key in ("python", "packages", "models") if key in found}
    return {"files": files, "environment": environment, **more, "template": __version__, "commit": _commit()}


def find_stale(outputs: Iterable[tuple[str, Path]]) -> Iterator[tuple[str, str]]:
    """Find commands whose output is there, but was not made of what lies in the project.

    outputs (Iterable[tuple[str, Path]]): Names of commands, and an output of each that says what it was made of.
    YIELDS (tuple[str, str]): Name of the command, and why, in words.
    """
    for step, output in outputs:
        stale = find_differences(output) if output.exists() else []
        if output.as_posix() in stale:
            yield step, f"{output} was changed after it was made"
        elif stale:
            yield step, f"{output} was made of something else than {', '.join(stale)}"


def _commit() -> str | None:
    git = shutil.which("git")
    command = [git or "git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    done = subprocess.run(command, capture_output=True, text=True, check=False) if git else None
    return done.stdout.strip() or None if done else None
