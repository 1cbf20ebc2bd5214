"""Which inputs each output was made of, noted in the output itself: weasel's lock believes what it finds.

(`weasel pull` and `push` file outputs under the inputs that lie beside them, whatever they were made of, and inputs are
hashed when a command ends, so that an edit in the meantime counts as seen.)
"""

import hashlib
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .base.location import find_base
from .errors import Place, ProjectError

TEMPLATE_VERSION = "1.1.0"
META = "meta.json"
MADE_OF = re.compile(r'<script type="application/json" id="made-of">(.*?)</script>', re.DOTALL)  # in a page
BASE = "base_model="  # begins the name of an input that is a base pipeline, wherever it is installed
Digests = dict[str, str]


def digest(path: Path, leave_out: str = "") -> str:
    """Digest a file, or the names and contents of all files in a folder.

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
    with path.open("rb") as file_:
        found = hashlib.sha256()
        while block := file_.read(2**20):
            found.update(block)
    return found.hexdigest()


def digest_base(base_model: str) -> str:
    """Digest a pipeline to build on.

    base_model (str): "blank:<lang>", an installed pipeline's name, or a folder.
    RETURNS (str): As `digest`; empty for a blank one, and where there is none.
    """
    try:
        base = find_base(base_model)
    except ProjectError:
        return ""
    return digest(base.path) if base else ""


def _digest_named(name: str) -> str:
    return digest_base(name[len(BASE) :]) if name.startswith(BASE) else digest(Path(name))


@contextmanager
def made_of(*inputs: Path, base_model: str = "") -> Iterator[Digests]:
    """Digest inputs before a command uses them, and make sure that they are the same when it ends.

    inputs (Path): Files and folders.
    base_model (str): The base pipeline, if it is one of them.
    YIELDS (dict[str, str]): Their digests, by path.
    RAISES (ProjectError): If one was changed in the meantime.
    """
    names = [path.as_posix() for path in inputs] + ([BASE + base_model] if base_model else [])
    before = {name: _digest_named(name) for name in names}
    yield before
    changed = [name for name, found in before.items() if _digest_named(name) != found]
    if changed:
        raise ProjectError(
            "Inputs were changed while the command ran",
            "Run it again: what it made was of neither the old nor the new ones, and was thrown away.",
            [Place(name, None, "changed") for name in changed],
        )


def find_differences(output: Path) -> list[str]:
    """Compare an output, and what it says that it was made of, with what lies in the project.

    output (Path): A JSON file, a page, a pipeline's folder, or a wheel.
    RETURNS (list[str]): What differs: paths of inputs, the output itself, "?" if it does not say.
    """
    provenance = _read_provenance(output)
    if provenance is None:
        return ["?"]
    found = [name for name, noted in provenance["files"].items() if _digest_named(name) != noted]
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


def refuse_stale(output: Path, step: str) -> None:
    """Refuse an output that was not made of what lies in the project, or was changed since.

    output (Path): The output.
    step (str): The command that makes it.
    RAISES (ProjectError): With what differs.
    """
    messages = {"?": "does not say what it was made of", output.as_posix(): "was changed after it was made"}
    places = [
        Place(str(output) if name == "?" else name, None, messages.get(name, f"is not what {output} was made of"))
        for name in find_differences(output)
    ]
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


def describe(files: Digests, **more: Any) -> dict[str, Any]:
    """Put together what an output says about its making.

    files (dict[str, str]): Digests of its inputs, by path.
    more (Any): What else there is to know.
    RETURNS (dict[str, Any]): The note, with the template's version and the git commit, if there is one.
    """
    return {"files": files, **more, "template": TEMPLATE_VERSION, "commit": _commit()}


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
