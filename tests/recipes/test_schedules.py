"""How long training goes on and how large its batches are, by the size of the corpus."""

import pytest
import spacy
from projects import ROOT
from spacy.tokens import Doc, DocBin
from spacy.util import load_config, registry

import spacy_domain.recipes.schedules  # noqa: F401  # registers what the recipe names

RECIPE = ROOT / "configs" / "transformer.cfg"


@pytest.mark.parametrize(
    "texts, size, steps",
    [(50, 200, 350), (2000, 200, 350), (4000, 285, 390), (10_000, 400, 790)],
    ids=["few", "many enough for small batches", "for larger ones", "for the largest"],
)
def test_transformer(tmp_path, texts, size, steps):
    """Batches grow as far as five epochs keep 350 steps (each buffer ends on a smaller one); dev is looked at once."""
    doc = Doc(spacy.blank("en").vocab, ["word"] * 5)
    DocBin(docs=[doc] * texts).to_disk(tmp_path / "train.spacy")
    overrides = {"paths.train": str(tmp_path / "train.spacy")}
    training = load_config(RECIPE, overrides=overrides, interpolate=True)["training"]
    assert registry.resolve({"size": training["batcher"]["size"]})["size"] == size
    max_steps, every, warmup = (
        registry.resolve({"steps": setting})["steps"]
        for setting in (
            training["max_steps"],
            training["eval_frequency"],
            training["optimizer"]["learn_rate"]["warmup_steps"],
        )
    )
    assert (max_steps, every, warmup) == (steps, steps, steps // 10)
