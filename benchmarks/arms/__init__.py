"""What is compared. An arm is a name in ARMS and a module here with two functions:

train(arm, corpus, folder, seed): learn from the DocBins in a corpus folder, and save a model in an empty folder; an arm
    in TEACHERS is also given the model of another one, if that was trained with the same seed, as teacher=...;
load(arm, folder): give what finds entities: a function from texts to Docs.

Each works in a process of its own (train.py, predict.py here), so that it pays for what it imports.
"""

from importlib import import_module
from types import ModuleType

ARMS = {
    "crf": "recipe",
    "crf-md": "recipe",
    "cnn": "recipe",
    "frozen": "recipe",
    "transformer": "recipe",
    "distil": "recipe",
    "efficiency": "quickstart",
    "accuracy": "quickstart",
    "accuracy-md": "quickstart",
    "accuracy-no-vectors": "quickstart",
    "crfsuite": "crfsuite",
    "huggingface": "huggingface",
}

TEACHERS = {"distil": "transformer"}  # the second would be trained again for the first: same recipe, corpus and seed

CANNOT_RUN = 77  # exit code of train.py for it; other programs use it so, too


class CannotRunError(Exception):
    """An arm needs what there is not; the message says what."""


def find(arm: str) -> ModuleType:
    """Import the module of an arm.

    arm (str): A name in ARMS.
    RETURNS (ModuleType): The module.
    RAISES (CannotRunError): If it needs a package that is not installed.
    """
    try:
        return import_module(f"arms.{ARMS[arm]}")
    except ModuleNotFoundError as error:
        raise CannotRunError(f"{error.name} is not installed") from error
