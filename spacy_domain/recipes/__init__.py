"""Every function that configs name by `@`, and every component, registered here.

spaCy imports this by an entry point (see pyproject.toml) before it makes its first pipeline. So `spacy train`,
`spacy debug config` and all that reads a config or a model find them, without `--code`.
"""

from . import (
    confidence,
    crf,
    crf_features,
    crf_fitting,
    crf_states,
    gold_and_silver,
    joined_entities,
    own_functions,
    schedules,
    seen_entities,
    wide_recognizer,
    word_classes,
)

__all__ = [
    "confidence",
    "crf",
    "crf_features",
    "crf_fitting",
    "crf_states",
    "gold_and_silver",
    "joined_entities",
    "own_functions",
    "schedules",
    "seen_entities",
    "wide_recognizer",
    "word_classes",
]
