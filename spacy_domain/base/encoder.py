"""The Hugging Face encoder that a recipe starts from: where it lies, and how a training config names it.

spacy-curated-transformers is faster; spacy-transformers takes whatever the first does not know.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import srsly

from ..project.errors import Place, ProjectError

ENCODER = "${paths.encoder}"
CURATED = "spacy-curated-transformers"
LISTENER = f"{CURATED}.LastTransformerLayerListener.v1"
# By the encoder's own model_type: the architectures of its network and of its pieces of words, and its tokenizer
ARCHITECTURES = {
    "bert": ("BertTransformer.v1", "BertWordpieceEncoder.v1", "BertTokenizer"),
    "roberta": ("RobertaTransformer.v1", "ByteBpeEncoder.v1", "RobertaTokenizer"),
    "camembert": ("CamembertTransformer.v1", "CamembertSentencepieceEncoder.v1", "CamembertTokenizer"),
    "xlm-roberta": ("XlmrTransformer.v1", "XlmrSentencepieceEncoder.v1", "XLMRobertaTokenizer"),
}
# What the architectures call the settings of an encoder's config.json
SETTINGS = {
    "vocab_size": "vocab_size",
    "type_vocab_size": "type_vocab_size",
    "hidden_width": "hidden_size",
    "intermediate_width": "intermediate_size",
    "num_hidden_layers": "num_hidden_layers",
    "num_attention_heads": "num_attention_heads",
    "max_position_embeddings": "max_position_embeddings",
    "hidden_act": "hidden_act",
    "hidden_dropout_prob": "hidden_dropout_prob",
    "attention_probs_dropout_prob": "attention_probs_dropout_prob",
    "layer_norm_eps": "layer_norm_eps",
    "padding_idx": "pad_token_id",
}
ACTIVATIONS = ("relu", "gelu", "gelu_new")


@dataclass(frozen=True)
class Encoder:
    """A Hugging Face encoder.

    name (str): As given: a name on the hub, or a folder.
    revision (str): The commit on the hub; empty for a folder.
    settings (dict[str, Any]): What its config.json says.
    tokenizer (str): The class of its tokenizer; empty if it is the usual one of such encoders.
    """

    name: str
    revision: str
    settings: dict[str, Any]
    tokenizer: str


def find_encoder_folder(name: str | None) -> list[Path]:
    """RETURNS (list[Path]): An encoder's folder, if it is given as one."""
    return [Path(name)] if name and Path(name).is_dir() else []


def find_encoder(name: str) -> Encoder:
    """Find an encoder. Of one on the hub, two small files are fetched, unless the cache has them.

    name (str): A name on the Hugging Face Hub, or a folder.
    RETURNS (Encoder): The encoder.
    RAISES (ProjectError): If there is none.
    """
    path = Path(name)
    find = path.joinpath if path.is_dir() else partial(_fetch, name)
    try:
        config = find("config.json")
        settings = srsly.read_json(config)
        if not isinstance(settings, dict) or not isinstance(settings.get("model_type"), str):
            raise ValueError("its config.json names no model_type")
    except (OSError, ValueError) as error:
        raise ProjectError(
            f"No encoder {name!r}",
            "Set --vars.encoder to a name on https://huggingface.co/models (without a network, one that was fetched "
            "before), or to a folder that save_pretrained of Hugging Face's transformers wrote.",
            [Place("project.yml", None, f"vars.encoder is {name!r}", str(error).strip().splitlines()[0])],
        ) from None
    try:
        tokenizer = srsly.read_json(find("tokenizer_config.json")).get("tokenizer_class")
    except (OSError, ValueError):
        tokenizer = None
    tokenizer = tokenizer or settings.get("tokenizer_class") or ""
    return Encoder(name, "" if path.is_dir() else config.parent.name, settings, tokenizer.removesuffix("Fast"))


def _fetch(name: str, file: str) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError

    try:
        return Path(hf_hub_download(name, file))
    except HfHubHTTPError as error:
        raise OSError(str(error)) from None


def set_encoder(config: dict[str, Any], encoder: Encoder) -> None:
    """Set a training config to an encoder.

    config (dict[str, Any]): The config, changed in place. Its component "transformer", if it has one, is of
        spacy-curated-transformers, to be completed with the encoder's sizes, and turned into one of spacy-transformers
        where the former does not know such an encoder.
    encoder (Encoder): The encoder.
    """
    config["paths"]["encoder"] = encoder.name
    if "transformer" not in config["components"]:
        return
    if _is_curated(encoder):
        _complete(config, encoder)
    else:
        _turn(config)


def _is_curated(encoder: Encoder) -> bool:
    settings = encoder.settings
    return (
        settings["model_type"] in ARCHITECTURES
        and encoder.tokenizer in ("", ARCHITECTURES[settings["model_type"]][-1])
        and settings.get("hidden_act") in ACTIVATIONS
        and settings.get("position_embedding_type", "absolute") == "absolute"
        and all(name in settings for name in SETTINGS.values())
    )


def _complete(config: dict[str, Any], encoder: Encoder) -> None:
    transformer, pieces, _ = ARCHITECTURES[encoder.settings["model_type"]]
    sizes = {ours: encoder.settings[theirs] for ours, theirs in SETTINGS.items()}
    config["components"]["transformer"]["model"] |= {
        "@architectures": f"{CURATED}.{transformer}",
        **sizes,
        "piece_encoder": {"@architectures": f"{CURATED}.{pieces}"},
    }
    for section in find_sections(config["components"]):
        if section.get("@architectures") == LISTENER:
            section["width"] = sizes["hidden_width"]
    if encoder.revision:
        for loader in config["initialize"]["components"]["transformer"].values():
            loader["revision"] = encoder.revision


def _turn(config: dict[str, Any]) -> None:
    """Turn a component of spacy-curated-transformers, and what listens to it, into those of spacy-transformers."""
    model = config["components"]["transformer"]["model"]
    windows = {key: value for key, value in model["with_spans"].items() if key in ("window", "stride")}
    config["components"]["transformer"] = {
        "factory": "transformer",
        "model": {
            "@architectures": "spacy-transformers.TransformerModel.v3",
            "name": ENCODER,
            "mixed_precision": model["mixed_precision"],
            "get_spans": {"@span_getters": "spacy-transformers.strided_spans.v1", **windows},
        },
    }
    for section in find_sections(config["components"]):
        if section.get("@architectures") == LISTENER:
            del section["width"]
            section["@architectures"] = "spacy-transformers.TransformerListener.v1"
    del config["initialize"]["components"]["transformer"]


def find_sections(section: dict[str, Any]) -> list[dict[str, Any]]:
    """RETURNS (list[dict[str, Any]]): A section of a config, and all sections in it."""
    inner = [found for value in section.values() if isinstance(value, dict) for found in find_sections(value)]
    return [section, *inner]
