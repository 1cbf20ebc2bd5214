"""The training config: a recipe, set to the base pipeline and the project's vars."""

from pathlib import Path

from thinc.api import Config

from ..errors import ProjectError
from .pipeline import load_base


def derive_config(recipe: Path, base_model: str, seed: int) -> Config:
    """Set a recipe to a base pipeline.

    recipe (Path): A config file, possibly partial.
    base_model (str): The base pipeline, as in `load_base`.
    seed (int): Seed of all random numbers.
    RETURNS (Config): The config, as partial as the recipe, for `spacy init fill-config`.
    RAISES (ProjectError): If the recipe cannot be read.
    """
    try:
        config = Config().from_disk(recipe, interpolate=False)
    except ValueError as error:
        raise ProjectError(
            f"Recipe {recipe} cannot be read", f"Mend it, or copy another from {recipe.parent}/. {error}"
        ) from None
    config.setdefault("nlp", {})["lang"] = load_base(base_model).lang
    config.setdefault("system", {})["seed"] = seed
    return config
