"""Upload the wheel and its model card to the Hugging Face Hub."""

from pathlib import Path

from spacy_domain.hub.upload import TOKENS, check_repo, collect_uploads, find_token, upload
from spacy_domain.project.terminal import Arg, Opt, msg, run

NONE = "none"


def publish(
    wheel: Path = Arg(..., help="The wheel; its .sha256 file lies beside it"),
    card: Path = Arg(..., help="The model card"),
    repo: str = Opt(NONE, help="Repository on the hub, as user/name; none to see what would be uploaded"),
) -> None:
    """Upload the wheel and its model card to the Hugging Face Hub; without repository or token, say what would be."""
    uploads = collect_uploads(wheel, card)
    token = None
    if repo != NONE:
        check_repo(repo)
        token = find_token()
    for file in uploads:
        path = f"{file.path} as {file.name}" if file.name != file.path.name else file.path
        print(f"  {path}: {file.path.stat().st_size / 1e6:.2f} MB, SHA-256 {file.sha256[:12]}...")
    if not token:
        msg.info(f"Nothing was sent. These files would go to {'a repository on the hub' if repo == NONE else repo}.")
        missing = ["give --vars.hub_repo=user/name"] if repo == NONE else []
        msg.text(f"To upload them, {' and '.join([*missing, f'set HF_TOKEN to a token that may write ({TOKENS})'])}.")
        return
    commit, url = upload(uploads, repo, token)
    msg.good(f"{len(uploads)} files are in {repo}, as one commit")
    print(f"  {commit}\n  pip install {url}")


if __name__ == "__main__":
    run(publish)
