"""The training config: a recipe, set to the base pipeline, the encoder and the project's vars.

With a base that has an entity recognizer, that recognizer alone is trained, with the recipe's training settings; it is
put back among the base's other components, which training never touches, when it is done (`assembly.py`).
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from confection import Config
from spacy.cli.init_config import fill_config
from spacy.language import Language

from ..project.errors import ProjectError
from ..project.outputs import replacing
from ..recipes import word_classes
from .encoder import find_encoder, find_sections, set_encoder
from .location import BLANK, NETWORKS, RECOGNIZERS, find_base, has_transformer
from .patterns import PatternsInModel, add_patterns
from .pipeline import find_ner, listener_paths, load_base
from .recipe import CANNOT_UPDATE, ENCODER, has_network, read_recipe
from .strategy import Strategy

# By preprocess: the annotated texts and raw ones in which new labels are not, and more raw ones to set the threshold by
OUTSIDE = {"annotated": "corpus/train.spacy", "train": "corpus/rehearsal/beside", "outside": "corpus/rehearsal/outside"}


def write_config(
    path: Path,
    recipe: Path,
    base_model: str,
    strategy: Strategy,
    encoder: str,
    gpu_id: int,
    seed: int,
    patterns: Path = Path("none"),
    place: PatternsInModel = PatternsInModel.none,
) -> None:
    """Write a complete training config, with spaCy's own `init fill-config`.

    path (Path): The file to write.
    patterns (Path): Patterns for the model.
    place (PatternsInModel): Where they go. The others are as for `derive_config`.
    """
    config = derive_config(recipe, base_model, strategy, encoder, gpu_id, seed)
    add_patterns(config, patterns, place, base_model)
    with TemporaryDirectory() as folder, replacing(path) as filled:
        partial = Path(folder) / recipe.name
        config.to_disk(partial, interpolate=False)
        _, complete = fill_config(Path(folder) / "filled.cfg", partial, silent=True)
        # spaCy makes an optimizer without looking at the rest of the config in `debug data`
        complete["training"]["optimizer"] = complete.interpolate()["training"]["optimizer"]
        complete.to_disk(filled, interpolate=False)


def derive_config(recipe: Path, base_model: str, strategy: Strategy, encoder: str, gpu_id: int, seed: int) -> Config:
    """Set a recipe to a base pipeline and an encoder.

    recipe (Path): A config file, possibly partial. Its section "gpu" is laid over the rest with a GPU, and "update" to
        update a network.
    base_model (str): The base pipeline, as in `load_base`.
    strategy (Strategy): What becomes of the base's entity recognizer, if it has one.
    encoder (str): The encoder to start from, as in `find_encoder`, where the recipe does so.
    gpu_id (int): GPU to train on, -1 for CPU.
    seed (int): Seed of all random numbers.
    RETURNS (Config): The config, as partial as the recipe, for `spacy init fill-config`.
    RAISES (ProjectError): If the recipe cannot be read.
    """
    base = load_base(base_model)
    ner = find_ner(base)
    is_network = bool(ner) and base.get_pipe_meta(str(ner)).factory in NETWORKS
    config = read_recipe(recipe)
    if ner and strategy is Strategy.update and has_network(config) and not is_network:
        raise ProjectError(*CANNOT_UPDATE)
    for_update, for_gpu = config.pop("update", {}), config.pop("gpu", {})
    if gpu_id >= 0:
        config = config.merge(for_gpu)
    used = config["nlp"]["pipeline"]  # a recipe may leave out components of the one that it extends
    for part in (config["components"], config.get("initialize", {}).get("components", {})):
        for name in set(part) - set(used):
            del part[name]
    if not base_model.startswith(BLANK):
        _start_from(config, base_model, base)
    elif (config.get("initialize", {}).get("before_init") or {}).get("@callbacks") == word_classes.CALLBACK:
        if word_classes.has_word_classes(base.lang):
            _use_vectors(config)
        else:
            del config["initialize"]["before_init"]
    # A conditional random field learns anew, whatever recognizer the base has; and nothing goes on from one
    if ner and is_network and has_network(config):
        behind = _behind_recognizer(config)
        config["components"] = {
            ner: {"source": base_model, "replace_listeners": listener_paths(base, ner)},
            **{name: config["components"][name] for name in behind},
        }
        config["nlp"]["pipeline"] = [ner, *behind]
        settings = config["initialize"].get("components", {})
        config["initialize"]["components"] = {name: settings[name] for name in behind if name in settings}
        if strategy is Strategy.update:
            config = config.merge(for_update)
            callback = {"@callbacks": "template.grow.v1", "annotated": "${paths.annotated}"}
        else:
            callback = {"@callbacks": "template.new_entity_layer.v1", "train": "${paths.train}"}
        config["initialize"]["after_init"] = {**callback, "component": ner}
    else:
        if ner and not has_network(config):
            config["paths"] |= OUTSIDE
            for settings in config["initialize"]["components"].values():
                settings.get("fit", {}).pop("few", None)  # a rule for annotated texts alone
        if ENCODER in config["paths"]:
            set_encoder(config, find_encoder(encoder))
    config.setdefault("nlp", {})["lang"] = base.lang
    config.setdefault("system", {})["seed"] = seed
    return config


def lacks_tables(config: Config) -> bool:
    """RETURNS (bool): Whether a complete config looks words up in tables that its language has not."""
    parts = config["initialize"]["components"].values()
    wanted = any((part.get("classes") or {}).get("@misc") == word_classes.FOR_CRF for part in parts)
    return wanted and not word_classes.has_word_classes(config["nlp"]["lang"])


def brings_encoder(config: Config, base_model: str) -> bool:
    """RETURNS (bool): Whether a complete config has a transformer of its own beside that of the base."""
    base = find_base(base_model)
    return bool(base and has_transformer(base)) and "transformer" in config["components"]


def _behind_recognizer(config: Config) -> list[str]:
    """RETURNS (list[str]): The recipe's components behind its own recognizer, which go with the base's, too."""
    names = config["nlp"]["pipeline"]
    at = [number for number, name in enumerate(names) if config["components"][name].get("factory") in RECOGNIZERS]
    return names[at[0] + 1 :] if at else []


def _start_from(config: Config, base_model: str, base: Language) -> None:
    """Take over the base's language as it has changed it, its tokenizer with its settings, strings and vectors."""
    for key in ("tokenizer", "before_creation", "after_creation"):
        config["nlp"][key] = base.config["nlp"][key]
    before = {"@callbacks": "spacy.copy_from_base_model.v1", "tokenizer": base_model, "vocab": base_model}
    config.setdefault("initialize", {})["before_init"] = before
    if len(base.vocab.vectors):
        _use_vectors(config)


def _use_vectors(config: Config) -> None:
    for section in find_sections(config):
        if "include_static_vectors" in section:
            section["include_static_vectors"] = True
