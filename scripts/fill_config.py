"""Turn a recipe into a complete training config, with spaCy's own `init fill-config`."""

from pathlib import Path

from spacy.util import load_config

from spacy_domain.base.config import brings_encoder, lacks_tables, write_config
from spacy_domain.base.patterns import PatternsInModel
from spacy_domain.base.strategy import Strategy
from spacy_domain.project.terminal import Arg, Opt, msg, run


def fill_config(
    recipe: Path = Arg(..., help="The recipe, a config file in configs/"),
    output_file: Path = Arg(..., help="Where to write the complete config"),
    base_model: str = Opt(..., help="The pipeline to build on"),
    strategy: Strategy = Opt(Strategy.update, help="What becomes of the base's entity recognizer"),
    encoder: str = Opt("", help="The encoder to start from, for recipes that do so"),
    gpu_id: int = Opt(-1, help="GPU to train on, -1 for CPU"),
    seed: int = Opt(0, max=2147483647, help="Seed of all random numbers in training"),
    patterns: Path = Opt(Path("assets/patterns.jsonl"), help="Patterns, as entity_ruler reads them"),
    patterns_in_model: PatternsInModel = Opt(PatternsInModel.none, help="Where they go in the model"),
) -> None:
    """Turn a recipe into a complete training config."""
    write_config(output_file, recipe, base_model, strategy, encoder, gpu_id, seed, patterns, patterns_in_model)
    config = load_config(output_file)
    if lacks_tables(config):
        msg.info(f"No tables of words for {config['nlp']['lang']}: the texts alone tell what kind a word is")
    if brings_encoder(config, base_model):
        msg.info(f"{encoder} is what the recognizer reads with. {base_model} keeps its transformer for the others")
    msg.good(f"{output_file}: {recipe} on {base_model}")


if __name__ == "__main__":
    run(fill_config)
