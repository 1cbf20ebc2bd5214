"""Corpora without some of their texts."""

from collections.abc import Set
from pathlib import Path
from typing import Any

from spacy.tokens import DocBin
from spacy.util import load_config, walk_dict
from spacy.vocab import Vocab

PATHS = ("train", "dev", "annotated")  # of a config that this template makes


def leave_out(config: Path, texts: Set[str], folder: Path) -> dict[str, Any]:
    """Copy the corpora that a config trains with, without some texts.

    config (Path): The complete training config.
    texts (Set[str]): The texts.
    folder (Path): An empty folder to write to.
    RETURNS (dict[str, Any]): What to replace in the config, by dotted name.
    """
    settings = load_config(config)
    paths = settings.interpolate()["paths"]
    overrides = {}
    for name in PATHS:
        if paths.get(name):
            source, target = Path(paths[name]), folder / name
            target.mkdir(parents=True)
            for file in sorted(source.glob("*.spacy")) if source.is_dir() else [source]:
                _copy(file, target / file.name, texts)
            overrides[f"paths.{name}"] = str(target)
            # The optimizer's settings name it outright
            optimizer = walk_dict(settings["training"]["optimizer"])
            overrides |= {
                ".".join(("training", "optimizer", *keys)): str(target)
                for keys, value in optimizer
                if value == paths[name]
            }
    return overrides


def _copy(source: Path, target: Path, texts: Set[str]) -> None:
    docbin, vocab = DocBin().from_disk(source), Vocab()
    kept = DocBin(docbin.attrs, store_user_data=docbin.store_user_data)
    for doc in docbin.get_docs(vocab):
        if doc.text not in texts:
            kept.add(doc)
    kept.to_disk(target)
