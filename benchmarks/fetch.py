"""Get the datasets that project.yml lists: from where they were published, or from a folder that holds them."""

import shutil
import sys
from pathlib import Path

import typer
from wasabi import msg
from weasel.cli.assets import project_assets
from weasel.util import get_checksum, load_project_config

HERE = Path(__file__).resolve().parent


def fetch(data: str = typer.Option("none", help="A folder with the files; none to download")) -> None:
    """Put every asset in its place and check what it holds: weasel ends well where a checksum differs.

    In a folder, files are known by their checksum, whatever they are called, and one without by its name.
    """
    assets = load_project_config(HERE)["assets"]
    if data != "none":
        files = [path for path in sorted(Path(data).rglob("*")) if path.is_file()]
        found = {get_checksum(path): path for path in files} | {path.name: path for path in files}
        for asset in assets:
            if source := found.get(asset.get("checksum") or asset["url"].rsplit("/")[-1]):
                (HERE / asset["dest"]).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, HERE / asset["dest"])
    else:
        project_assets(HERE)
    wrong = [asset["dest"] for asset in assets if not is_right(HERE / asset["dest"], asset.get("checksum"))]
    if wrong:
        msg.fail(f"Not there, or not what project.yml says: {', '.join(wrong)}")
        msg.text("What to do: remove them and run fetch again, or give a folder that holds them with --vars.data")
        sys.exit(1)
    msg.good(f"{len(assets)} assets are what project.yml says")


def is_right(path: Path, checksum: str | None) -> bool:
    """RETURNS (bool): Whether a file is there and has an MD5 checksum, if one is known."""
    return path.exists() and checksum in (None, get_checksum(path))


if __name__ == "__main__":
    typer.run(fetch)
