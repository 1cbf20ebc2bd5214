"""A training that is watched, and is ended when there is no hope for it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from spacy.util import load_config, registry

LOGGER = "watched"  # as configs name it
Hopeless = Callable[[int, float], bool]


class EndedError(Exception):
    """There was no hope for a training."""


def watch(config: Path, folder: Path, hopeless: Hopeless) -> Path:
    """Lay a logger around that of a config, which ends the training.

    config (Path): The complete training config.
    folder (Path): Where to write the same with the logger; it is good for this process alone.
    hopeless (Callable[[int, float], bool]): Is told each score on dev, with its step, and says whether to end it.
    RETURNS (Path): The config to train with, which raises an EndedError in the end.
    """

    def lay_around(logger: Any) -> Any:
        def start(*streams: Any) -> Any:
            log, finish = logger(*streams)

            def log_and_look(info: dict[str, Any] | None) -> None:
                log(info)
                if info and info["score"] is not None and hopeless(info["step"], info["score"]):
                    raise EndedError

            return log_and_look, finish

        return start

    registry.loggers.register(LOGGER, func=lay_around)
    settings = load_config(config)
    settings["training"]["logger"] = {"@loggers": LOGGER, "logger": settings["training"]["logger"]}
    folder.mkdir(parents=True, exist_ok=True)
    settings.to_disk(folder / "config.cfg", interpolate=False)
    return folder / "config.cfg"
