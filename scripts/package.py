"""Make a wheel of the model, and prove it: installed, loaded by name, and finding the same entities."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import srsly

from .base.location import find_base
from .cli import Arg, Opt, msg, run
from .outputs import replacing
from .provenance import digest, made_of, refuse_stale
from .report.card import render_card
from .wheel.build import build_wheel
from .wheel.meta import make_meta, tell_of_base
from .wheel.proof import prove_wheel


def package(
    model: Path = Arg(..., help="The trained pipeline"),
    output_dir: Path = Arg(..., help="Where to put the wheel"),
    name: str = Opt(..., help="Name of the package, without language"),
    version: str = Opt(..., help="Version of the package"),
    about: Path = Opt(..., help="JSON with description, author, license and sources"),
    annotations: Path = Opt(..., help="The annotations the pipeline was trained on"),
    base_model: str = Opt(..., help="The pipeline that the model builds on"),
    metrics: Path = Opt(..., help="The scores on the test split"),
    retention: Path = Opt(..., help="What the model still knows of what its base knew"),
    audit: Path = Opt(..., help="What became of the annotations"),
    card: Path = Opt(..., help="Where to write the model card, which the wheel holds, too"),
    test: Path = Opt(..., help="The test corpus: the wheel is tried on its texts"),
) -> None:
    """Make a wheel of the model, and prove it: installed, loaded by name, and finding the same entities."""
    refuse_stale(model, "train")
    refuse_stale(metrics, "evaluate")
    with made_of(model, test, about) as files:
        meta = make_meta(model, about, annotations, metrics, name, version, files)
        meta |= tell_of_base(find_base(base_model), retention, meta["sources"])
        text = render_card(meta, *(srsly.read_json(path) for path in (metrics, retention, audit)))
        _package(model, output_dir, meta, text, test)
        with replacing(card) as path:
            path.write_text(text, encoding="utf-8", newline="\n")


def _package(model: Path, output_dir: Path, meta: dict[str, Any], card: str, test: Path) -> None:
    if not meta["license"]:
        msg.warn("No license, author and sources stated for these annotations", "Tell about them in the about file.")
    with TemporaryDirectory() as folder:
        build_dir, install_dir = Path(folder) / "build", Path(folder) / "install"
        build_dir.mkdir()
        install_dir.mkdir()
        wheel = build_wheel(model, meta, card, build_dir)
        texts = prove_wheel(wheel, model, test, install_dir)
        with replacing(output_dir / wheel.name) as path:
            shutil.copyfile(wheel, path)
    with replacing(output_dir / f"{wheel.name}.sha256") as path:
        path.write_text(f"{digest(output_dir / wheel.name)}  {wheel.name}\n", encoding="utf-8", newline="\n")
    size = (output_dir / wheel.name).stat().st_size / 1e6
    msg.good(f"{output_dir / wheel.name} ({size:.1f} MB), installed and tried on {texts} texts")


if __name__ == "__main__":
    run(package)
