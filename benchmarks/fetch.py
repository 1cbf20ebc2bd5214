"""Get the datasets that project.yml lists: from where they were published, or from a folder that holds them."""

import shutil
import sys
from pathlib import Path

import typer
from wasabi import msg
from weasel.cli.assets import project_assets
from weasel.util import get_checksum, load_project_config

HERE = Path(__file__).resolve().parent


def fetch(data: str = typer.Option("none", help="A folder with the files, under any names; none to download")) -> None:
    """Put every asset in its place and check what it holds: weasel ends well where a checksum differs."""
    assets = load_project_config(HERE)["assets"]
    if data != "none":
        found = {get_checksum(path): path for path in sorted(Path(data).rglob("*")) if path.is_file()}
        for asset in assets:
            if asset["checksum"] in found:
                (HERE / asset["dest"]).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(found[asset["checksum"]], HERE / asset["dest"])
    else:
        project_assets(HERE)
    wrong = [asset["dest"] for asset in assets if not is_right(HERE / asset["dest"], asset["checksum"])]
    if wrong:
        msg.fail(f"Not there, or not what project.yml says: {', '.join(wrong)}")
        msg.text("What to do: remove them and run fetch again, or give a folder that holds them with --vars.data")
        sys.exit(1)
    msg.good(f"{len(assets)} assets are what project.yml says")


def is_right(path: Path, checksum: str) -> bool:
    """RETURNS (bool): Whether a file is there and has an MD5 checksum."""
    return path.exists() and get_checksum(path) == checksum


if __name__ == "__main__":
    typer.run(fetch)
