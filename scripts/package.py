"""Make a wheel of the model, and prove it: installed, loaded by name, and finding the same entities."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import srsly

from spacy_domain.base.location import digest_base, find_base, find_folders
from spacy_domain.project.freshness import digest, made_of, refuse_stale
from spacy_domain.project.outputs import replacing, write_text
from spacy_domain.project.terminal import Arg, Opt, msg, run
from spacy_domain.report.card import render_card
from spacy_domain.scoring.verdicts import refuse_lost
from spacy_domain.wheel.build import build_wheel
from spacy_domain.wheel.meta import make_meta, tell_of_base
from spacy_domain.wheel.proof import prove_wheel


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
    refuse_stale(model, "train", (base_model, digest_base(base_model)))
    refuse_stale(metrics, "evaluate")
    refuse_lost(srsly.read_json(retention), str(retention))
    with TemporaryDirectory() as folder:
        build_dir, install_dir = Path(folder) / "build", Path(folder) / "install"
        with made_of("package", model, test, about, watch=(metrics, retention, audit)) as files:
            meta = make_meta(model, about, annotations, metrics, name, version, files)
            meta |= tell_of_base(find_base(base_model), retention, meta["sources"])
            text = render_card(meta, *(srsly.read_json(path) for path in (metrics, retention, audit)))
            if not meta["license"]:
                msg.warn("No license, author and sources stated for these annotations", f"Tell about them in {about}.")
            wheel = build_wheel(model, meta, text, build_dir, *find_folders(base_model))
            texts = prove_wheel(wheel, model, test, install_dir)
        with replacing(output_dir / wheel.name) as path:
            shutil.copyfile(wheel, path)
    write_text(output_dir / f"{wheel.name}.sha256", f"{digest(output_dir / wheel.name)}  {wheel.name}\n")
    write_text(card, text)
    size = (output_dir / wheel.name).stat().st_size / 1e6
    msg.good(f"{output_dir / wheel.name} ({size:.1f} MB), installed and tried on {texts} texts")


if __name__ == "__main__":
    run(package)
