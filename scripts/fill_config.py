"""Turn a recipe into a complete training config, with spaCy's own `init fill-config`."""

from pathlib import Path
from tempfile import TemporaryDirectory

from spacy.cli.init_config import fill_config as spacy_fill_config

from .base.config import derive_config
from .base.strategy import Strategy
from .cli import Arg, Opt, msg, run
from .outputs import replacing


def fill_config(
    recipe: Path = Arg(..., help="The recipe, a config file in configs/"),
    output_file: Path = Arg(..., help="Where to write the complete config"),
    base_model: str = Opt(..., help="The pipeline to build on"),
    strategy: Strategy = Opt(Strategy.update, help="What becomes of the base's entity recognizer"),
    encoder: str = Opt("", help="The encoder to start from, for recipes that do so"),
    gpu_id: int = Opt(-1, help="GPU to train on, -1 for CPU"),
    seed: int = Opt(0, help="Seed of all random numbers in training"),
) -> None:
    """Turn a recipe into a complete training config."""
    config = derive_config(recipe, base_model, strategy, encoder, gpu_id, seed)
    with TemporaryDirectory() as folder, replacing(output_file) as filled:
        partial = Path(folder) / recipe.name
        config.to_disk(partial, interpolate=False)
        spacy_fill_config(filled, partial, silent=True)
    msg.good(f"{output_file}: {recipe} on {base_model}")


if __name__ == "__main__":
    run(fill_config)
