"""Upload files to a model repository on the Hugging Face Hub, as one commit."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from json import JSONDecodeError
from pathlib import Path

import srsly

from ..project.errors import Place, ProjectError, excerpt
from ..project.freshness import digest

README = "README.md"  # the hub shows it as the model card
FRONT_MATTER = re.compile(r"---\n(.+?)\n---(\n|$)", re.DOTALL)
REPO = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
TOKENS = "https://huggingface.co/settings/tokens"
LATER = "Wait a while, and run the command again: what was there before is unchanged."
REMEDIES = {
    400: "Put right what the hub names, and run the command again.",
    401: f"Set HF_TOKEN to a token that is valid and may write ({TOKENS}), and run the command again.",
    403: f"Give the token write access to this repository ({TOKENS}), or name another one with --vars.hub_repo.",
    404: "Check --vars.hub_repo: its user or organization must exist on the hub. Check HF_ENDPOINT, if it is set.",
    429: LATER,
}
UNREACHABLE = "Check the network, and HF_ENDPOINT and HF_HUB_OFFLINE if they are set, and run the command again."


@dataclass(frozen=True)
class Upload:
    """A file to upload.

    name (str): Its path in the repository.
    path (Path): Where it lies here.
    sha256 (str): Digest of its contents, in hexadecimal digits.
    """

    name: str
    path: Path
    sha256: str


def collect_uploads(wheel: Path, card: Path) -> list[Upload]:
    """Collect the files that make up a release: the wheel, its .sha256 file, and the model card.

    wheel (Path): The wheel; the .sha256 file lies beside it.
    card (Path): The model card, with front matter.
    RETURNS (list[Upload]): The files, by their names in the repository.
    RAISES (ProjectError): If one is missing, or is not what it has to be.
    """
    checksum = wheel.with_name(f"{wheel.name}.sha256")
    missing = [path for path in (wheel, checksum, card) if not path.is_file()]
    if missing:
        raise ProjectError(
            "There is nothing to upload yet",
            "Make it: spacy project run all .",
            [Place(str(path), None, "not found") for path in missing],
        )
    uploads = [Upload(path.name, path, digest(path)) for path in (wheel, checksum)]
    _check_sha256(uploads[0], checksum)
    _check_card(card)
    return [*uploads, Upload(README, card, digest(card))]


def _check_sha256(wheel: Upload, checksum: Path) -> None:
    noted = checksum.read_text(encoding="utf-8", errors="replace").partition(" ")[0]
    if noted != wheel.sha256:
        raise ProjectError(
            "The wheel is not the one that was tried",
            "Make it anew: spacy project run package . --force",
            [Place(str(checksum), 1, f"says SHA-256 {noted[:12]}..., the wheel has {wheel.sha256[:12]}...")],
        )


def _check_card(card: Path) -> None:
    try:
        text = card.read_text(encoding="utf-8")
        found = FRONT_MATTER.match(text)
        message = "" if found and isinstance(srsly.yaml_loads(found[1]), dict) else "does not begin with front matter"
    except ValueError as error:
        message = f"cannot be read: {_one_line(error)}"
    if message:
        raise ProjectError(
            "The hub would not understand the model card",
            "Begin it with YAML between two lines of ---, with language, license and tags; or make it anew.",
            [Place(str(card), 1, message)],
        )


def check_repo(repo: str) -> None:
    """Check that a repository is named as the hub names them.

    repo (str): The repository.
    RAISES (ProjectError): If it is not.
    """
    if not REPO.fullmatch(repo):
        raise ProjectError(
            f"Not a repository's name: {repo}", "Name user or organization, and repository: --vars.hub_repo=user/name"
        )


def find_token() -> str | None:
    """Find the token that the hub's library would use: HF_TOKEN, or that of a login.

    RETURNS (str | None): The token, None if there is none.
    RAISES (ProjectError): If the library is not installed.
    """
    try:
        from huggingface_hub import get_token
    except ImportError as error:
        raise ProjectError(
            "huggingface_hub is not installed", 'Install it: python -m pip install -e ".[publish]"'
        ) from error
    return get_token()


def upload(uploads: Sequence[Upload], repo: str, token: str) -> tuple[str, str]:
    """Upload files as one commit; the repository is made if there is none.

    uploads (Sequence[Upload]): The files; the first is the wheel.
    repo (str): The repository, as user/name.
    token (str): A token with write access.
    RETURNS (tuple[str, str]): URLs of the commit, and of the wheel in it.
    RAISES (ProjectError): If the hub refuses, or cannot be reached.
    """
    from huggingface_hub import CommitOperationAdd, HfApi, hf_hub_url
    from huggingface_hub.errors import HTTPError  # that of requests, httpx or httpx2: another one in each major version

    api = HfApi(token=token)
    try:
        api.create_repo(repo, exist_ok=True)
        additions = [CommitOperationAdd(path_in_repo=file.name, path_or_fileobj=file.path) for file in uploads]
        commit = api.create_commit(repo, additions, commit_message=f"Upload {uploads[0].name}")
    except (HTTPError, OSError, ValueError, RuntimeError) as error:
        raise _explain(error, f"{api.endpoint}/{repo}") from error
    return commit.commit_url, hf_hub_url(repo, uploads[0].name, revision=commit.oid, endpoint=api.endpoint)


def _explain(error: BaseException, url: str) -> ProjectError:
    if isinstance(error, RuntimeError) and error.__cause__:
        error = error.__cause__  # the library says there why a large file was not taken
    said = _one_line(getattr(error, "server_message", None) or error)
    response = getattr(error, "response", None)
    if response is not None:
        status = response.status_code
        said = f"the hub said {status}: {said}"
        remedy = REMEDIES.get(status, LATER if status >= 500 else REMEDIES[400])
    elif isinstance(error, ValueError) and not isinstance(error, JSONDecodeError):
        remedy = REMEDIES[400]  # the library's own refusal, also after it has asked the hub about the card
    else:
        remedy = UNREACHABLE  # no JSON: a proxy or another server answers in the hub's place
    return ProjectError("The hub did not take the files", remedy, [Place(url, None, said)])


def _one_line(said: object) -> str:
    text = " ".join(str(said).split())
    return excerpt(text, 0, 0, 300) or type(said).__name__
