"""Which inputs each output was made of, noted in the output itself: weasel's lock believes what it finds.

(`weasel pull` and `push` file outputs under the inputs that lie beside them, whatever they were made of, and inputs are
hashed when a command ends, so that an edit in the meantime counts as seen.)
"""

import hashlib
import json
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import Place, ProjectError

TEMPLATE_VERSION = "1.0.0"
Digests = dict[str, str]


def digest(path: Path) -> str:
    """Digest a file, or the names and contents of all files in a folder.

    path (Path): The file or folder.
    RETURNS (str): SHA-256 in hexadecimal digits; empty if there is nothing.
    """
    if not path.is_dir():
        return _digest_file(path) if path.exists() else ""
    total = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        if file.is_file() and not file.name.startswith("."):
            total.update(f"{file.relative_to(path).as_posix()}\0{_digest_file(file)}\n".encode())
    return total.hexdigest()


def _digest_file(path: Path) -> str:
    with path.open("rb") as file_:
        found = hashlib.sha256()
        while block := file_.read(2**20):
            found.update(block)
    return found.hexdigest()


@contextmanager
def made_of(*inputs: Path) -> Iterator[Digests]:
    """Digest inputs before a command uses them, and make sure that they are the same when it ends.

    inputs (Path): Files and folders.
    YIELDS (dict[str, str]): Their digests, by path.
    RAISES (ProjectError): If one was changed in the meantime.
    """
    before = {path.as_posix(): digest(path) for path in inputs}
    yield before
    changed = [name for name, found in before.items() if digest(Path(name)) != found]
    if changed:
        raise ProjectError(
            "Inputs were changed while the command ran",
            "Run it again: what it made was of neither the old nor the new ones, and was thrown away.",
            [Place(name, None, "changed") for name in changed],
        )


def differences(noted: Digests) -> list[str]:
    """Compare the inputs that an output was made of with what lies there.

    noted (dict[str, str]): Digests by path.
    RETURNS (list[str]): The paths that hold something else.
    """
    return [name for name, found in noted.items() if digest(Path(name)) != found]


def refuse_stale(output: Path, noted: Digests | None, step: str) -> None:
    """Refuse an output that was not made of what lies in the project.

    output (Path): The output.
    noted (Optional[dict[str, str]]): The digests in it.
    step (str): The command that makes it.
    RAISES (ProjectError): With the inputs that differ.
    """
    if noted is None:
        places = [Place(str(output), None, "does not say what it was made of")]
    else:
        places = [Place(name, None, f"is not what {output} was made of") for name in differences(noted)]
    if places:
        raise ProjectError(f"Stale: {output}", f"Make it anew: spacy project run {step} . --force", places)


def read_noted(output: Path) -> Digests | None:
    """Read what an output says it was made of.

    output (Path): A JSON file, a pipeline's folder, or a wheel.
    RETURNS (Optional[dict[str, str]]): Digests by path; None if there is no such output or it does not say.
    """
    try:
        if output.suffix == ".whl":
            with zipfile.ZipFile(output) as archive:
                name = next(name for name in archive.namelist() if name.count("/") == 1 and name.endswith("/meta.json"))
                data = json.loads(archive.read(name))
        else:
            data = json.loads((output / "meta.json" if output.is_dir() else output).read_text(encoding="utf-8"))
        return dict(data["provenance"]["files"])
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
        if output.exists():
            noted = read_noted(output)
            stale = ["?"] if noted is None else differences(noted)
            if stale:
                yield step, f"{output} was made of something else than {', '.join(stale)}"


def _commit() -> str | None:
    git = shutil.which("git")
    command = [git or "git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    done = subprocess.run(command, capture_output=True, text=True, check=False) if git else None
    return done.stdout.strip() or None if done else None
