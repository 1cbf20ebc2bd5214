"""A pipeline in a worker: loaded once, its memory flat, and not stopped by a text that it fails on."""

import ctypes
import gc
import sys
import warnings
from collections.abc import Sequence
from functools import cache
from typing import Any

import spacy
from spacy.tokens import Doc

from ..project.errors import Place, ProjectError
from ..project.flat_memory import FlatMemory
from ..project.gpu import use_gpu
from .model import Annotation, Model, find_model

CONFIDENCE = "entity_confidence"
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # as malloc.h has them


class Annotator:
    """Annotates texts with a pipeline.

    model (Model): The pipeline.
    confidence (bool): Whether to tell how likely entities are right, where the pipeline knows.
    gpu_id (int): GPU to use, -1 for CPU.
    RAISES (ProjectError): If it does not load.
    """

    def __init__(self, model: Model, confidence: bool, gpu_id: int):
        use_gpu(gpu_id)
        try:
            self.nlp = spacy.load(model.package)
        except Exception as error:  # what a damaged file leads to is for libraries to say
            said = " ".join(str(error).split())[:300] or type(error).__name__
            raise ProjectError(f"{model.name} does not load: {said}", "Install it anew, with what it needs.") from error
        self.memory = FlatMemory(self.nlp)
        knows = confidence and "confidence" in self.nlp.meta and self.nlp.has_factory(CONFIDENCE)
        self.confidence: Any = self.nlp.create_pipe(CONFIDENCE) if knows else None
        self.has_cats = any("doc.cats" in self.nlp.get_pipe_meta(name).assigns for name in self.nlp.pipe_names)

    def annotate(self, texts: Sequence[str]) -> list[Annotation | Exception]:
        """Annotate texts; one that the pipeline fails on does no harm to the others.

        texts (Sequence[str]): The texts.
        RETURNS (list[Annotation | Exception]): What was found in each, or what went wrong.
        """
        if not texts:
            return []
        try:
            with warnings.catch_warnings(action="ignore"), self.memory.batch():  # a warning could quote a text
                docs = list(self.nlp.pipe(texts))
                if self.confidence:
                    docs = list(self.confidence.pipe(docs))
                return [self._collect(doc) for doc in docs]
        except MemoryError:
            raise
        except Exception as error:
            if len(texts) == 1:
                return [error]
        half = len(texts) // 2
        return self.annotate(texts[:half]) + self.annotate(texts[half:])

    def _collect(self, doc: Doc) -> Annotation:
        entities = [
            {"text": ent.text, "label": ent.label_, "start": ent.start_char, "end": ent.end_char} for ent in doc.ents
        ]
        if self.confidence:
            for found, ent in zip(entities, doc.ents, strict=True):
                sure = ent._.confidence
                found["confidence"] = None if sure is None else round(sure, 4)  # further digits depend on the batch
        return Annotation(entities, dict(doc.cats) if self.has_cats else None)


@cache
def load_annotator(model: str, expected: str, confidence: bool, gpu_id: int) -> Annotator:
    """Load a pipeline, once in a process.

    model (str): An installed package's name, a wheel, or a folder.
    expected (str): The digest that it should have: on each machine of a cluster it lies anew.
    confidence (bool): Whether to tell how likely entities are right.
    gpu_id (int): GPU to use, -1 for CPU.
    RETURNS (Annotator): What annotates.
    RAISES (ProjectError): If there is no such pipeline, or it is another.
    """
    found = find_model(model)
    if found.digest != expected:
        places = [Place(model, None, f"has the digest {found.digest[:12]}, and {expected[:12]} was asked for")]
        raise ProjectError("Another pipeline lies on this machine", "Install the same one on all machines.", places)
    _keep_memory()
    annotator = Annotator(found, confidence, gpu_id)
    gc.freeze()  # what is loaded stays: looking for garbage in it again and again takes some percent of the time
    return annotator


def _keep_memory() -> None:
    """Have glibc keep the memory of a batch of long texts for the next, and not give it back and take it anew."""
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(TRIM_THRESHOLD, 2**26)
        libc.mallopt(MMAP_THRESHOLD, 2**25)
