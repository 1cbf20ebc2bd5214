"""Every recipe in configs/ is whole: spaCy completes it, be it written out or laid over another."""

import pytest
from projects import ROOT
from spacy.util import load_config

from spacy_domain.base.config import write_config
from spacy_domain.base.strategy import Strategy
from spacy_domain.project.errors import ProjectError

# (Those with a transformer are completed in tests/test_transformer.py, with what that needs.)
RECIPES = sorted(path.stem for path in (ROOT / "configs").glob("*.cfg") if path.stem not in ("transformer", "frozen"))


@pytest.fixture
def encoder(tmp_path):
    """A folder that says which encoder it is; its weights nobody reads before training."""
    (tmp_path / "encoder").mkdir()
    (tmp_path / "encoder" / "config.json").write_text('{"model_type": "bert"}')
    return str(tmp_path / "encoder")


@pytest.mark.parametrize("recipe", RECIPES)
def test_recipe_is_whole(recipe, encoder, tmp_path):
    path = tmp_path / "config.cfg"
    write_config(path, ROOT / "configs" / f"{recipe}.cfg", "blank:en", Strategy.update, encoder, gpu_id=-1, seed=3)
    config = load_config(path, interpolate=True)
    assert set(config["components"]) == set(config["nlp"]["pipeline"]), "nothing is left over of what it extends"
    assert config["training"]["seed"] == config["system"]["seed"] == 3
    assert config["training"]["score_weights"]["ents_f"] == 1.0


def test_what_a_recipe_says_stands_over_what_it_extends(tmp_path):
    (tmp_path / "cnn.cfg").write_text((ROOT / "configs" / "cnn.cfg").read_text(encoding="utf-8"))
    (tmp_path / "mine.cfg").write_text('[recipe]\nextends = "cnn"\n\n[training]\ndropout = 0.5\n')
    changed = []
    for recipe in ("cnn", "mine"):
        path = tmp_path / f"{recipe}-config.cfg"
        write_config(path, tmp_path / f"{recipe}.cfg", "blank:en", Strategy.update, "none", gpu_id=-1, seed=0)
        changed.append(load_config(path))
    assert (changed[0]["training"].pop("dropout"), changed[1]["training"].pop("dropout")) == (0.3, 0.5)
    assert changed[0] == changed[1], "and nothing else is another"


def test_recipe_that_extends_itself(tmp_path):
    for one, other in (("mine", "yours"), ("yours", "mine")):
        (tmp_path / f"{one}.cfg").write_text(f'[recipe]\nextends = "{other}"\n')
    with pytest.raises(ProjectError, match="The recipe mine extends itself") as found:
        write_config(tmp_path / "c", tmp_path / "mine.cfg", "blank:en", Strategy.update, "none", gpu_id=-1, seed=0)
    assert [place.message for place in found.value.places] == ["extends yours", "extends mine"]
