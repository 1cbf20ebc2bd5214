"""Whether a cross-validation is worth its time without being asked for. Imports no spaCy: mostly it is not."""

from enum import StrEnum
from pathlib import Path
from typing import Any

from confection import Config

from ..scoring.few import FEW_ENTITIES

MOST_WORDS = 10_000  # five trainings of `crf` on so many take about a minute
ALWAYS = "--vars.cross_validate=always"


class When(StrEnum):
    """When to cross-validate.

    few: where there is little to test on, and the recipe learns in seconds.
    always: in any case.
    never: not at all.
    """

    few = "few"
    always = "always"
    never = "never"


def tell_why_not(when: When, audit: dict[str, Any], config: Path) -> str:
    """Say why not to cross-validate.

    when (When): When to.
    audit (dict[str, Any]): What became of the annotations, as `preprocess` writes it.
    config (Path): The complete training config.
    RETURNS (str): The reason; empty where it is worth its time.
    """
    if when is not When.few:
        return "" if when is When.always else "as --vars.cross_validate=never has it"
    splits = audit["splits"]
    if audit["evidence"] and splits["test"]["spans"] >= FEW_ENTITIES:
        return f"there are {splits['test']['spans']} entities to test on"
    if not learns_in_seconds(Config().from_disk(config, interpolate=False)):
        return "each training would take long"
    if sum(split["tokens"] for split in splits.values()) > MOST_WORDS:
        return f"with more than {MOST_WORDS:,} words, it would take more than a minute"
    return ""


def learns_in_seconds(config: Config) -> bool:
    """RETURNS (bool): Whether a pipeline's recognizer is a conditional random field that learns from annotations alone:
    no encoder, no teacher, no base's recognizer beside it."""
    factories = {component.get("factory") for component in config["components"].values()}
    alone = not {"outside", "silver", "encoder"} & set(config["paths"])
    return "crf" in factories and alone and "transformer" not in config["components"]
