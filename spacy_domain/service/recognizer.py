"""A loaded pipeline that finds entities in many texts at once, for one thread."""

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import spacy
from spacy.tokens import Doc, Span

from ..project.errors import ProjectError
from ..project.flat_memory import FlatMemory

CONFIDENCE = "entity_confidence"  # registered by wheels of this project
BATCH_SIZE = 64
ABOUT = ("version", "lang", "description", "license", "sources", "provenance")
SCORES = ("ents_p", "ents_r", "ents_f", "ents_per_type")


class Entity(NamedTuple):
    """An entity of a text; `start` and `end` count code points.

    text (str): Its text.
    label (str): Its label.
    start (int): Where it starts.
    end (int): Where it ends, exclusive.
    confidence (float | None): How likely it is right, from 0 to 1; None if that was not asked for, or is not known.
    """

    text: str
    label: str
    start: int
    end: int
    confidence: float | None


class Recognizer:
    """Finds entities with a pipeline. Its memory stays flat (see FlatMemory): call `find` from one thread alone.

    model (str): An installed package's name, or a folder.
    RAISES (ProjectError): If there is no such pipeline, or it does not load.
    """

    def __init__(self, model: str):
        try:
            self.nlp = spacy.load(model)
            self.confidence = self.nlp.create_pipe(CONFIDENCE) if self.nlp.has_factory(CONFIDENCE) else None
            self.memory = FlatMemory(self.nlp)
            self._find_all(["Ready?"], [True])
        except Exception as error:  # what a damaged file leads to is for libraries to say
            said = " ".join(str(error).split())[:300] or type(error).__name__
            raise ProjectError(
                f"The model {model} does not load: {said}",
                "Give an installed package's name, a wheel, or a folder with a pipeline that works; "
                "install the wheel anew if it is damaged.",
            ) from error
        self.name = f"{self.nlp.lang}_{self.nlp.meta['name']}"
        warnings.simplefilter("ignore")  # from here on, one could quote a text

    def find(self, texts: Sequence[str], confident: Sequence[bool]) -> list[list[Entity] | Exception]:
        """Find the entities of texts; one that the pipeline fails on does no harm to the others.

        texts (Sequence[str]): The texts.
        confident (Sequence[bool]): For each, whether to tell how likely its entities are right.
        RETURNS (list[list[Entity] | Exception]): The entities of each, in their order; or what went wrong.
        """
        try:
            return [*self._find_all(texts, confident)]
        except Exception as error:
            if len(texts) == 1:
                return [error]
        return [found for one in zip(texts, confident, strict=True) for found in self.find(one[:1], one[1:])]

    def _find_all(self, texts: Sequence[str], confident: Sequence[bool]) -> list[list[Entity]]:
        with self.memory.batch():
            docs = list(self.nlp.pipe(texts, batch_size=BATCH_SIZE))
            asked_for = [doc for doc, asked in zip(docs, confident, strict=True) if asked and doc.ents]
            if self.confidence and asked_for:
                list(self.confidence.pipe(asked_for))  # type: ignore[attr-defined]
            return [_entities(doc, asked) for doc, asked in zip(docs, confident, strict=True)]

    def describe(self) -> dict[str, Any]:
        """RETURNS (dict[str, Any]): What the package says about itself, and the labels that it finds."""
        meta = self.nlp.meta
        finders = [name for name in self.nlp.pipe_names if "doc.ents" in self.nlp.get_pipe_meta(name).assigns]
        labels = sorted({label for name in finders for label in self.nlp.pipe_labels.get(name, [])})
        scores = {key: value for key, value in meta.get("performance", {}).items() if key in SCORES}
        about = {key: meta.get(key) for key in ABOUT}
        return {"name": self.name, "labels": labels, "performance": scores, **about}


def _entities(doc: Doc, confident: bool) -> list[Entity]:
    return [
        Entity(ent.text, ent.label_, ent.start_char, ent.end_char, _confidence(ent) if confident else None)
        for ent in doc.ents
    ]


def _confidence(ent: Span) -> float | None:
    found = ent._.confidence if ent.has_extension("confidence") else None
    return None if found is None else round(found, 4)  # further digits depend on the company in the batch
