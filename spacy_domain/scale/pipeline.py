"""A pipeline in a worker: loaded once, its memory flat, and not stopped by a text that it fails on."""

import sys
import tempfile
import warnings
import zipfile
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import spacy
from spacy.tokens import Doc

from ..base.location import find_base
from ..project.errors import Place, ProjectError
from ..project.flat_memory import FlatMemory
from ..project.freshness import digest
from ..project.gpu import use_gpu

CONFIDENCE = "entity_confidence"
unpacked = ExitStack()  # wheels stay unpacked while the process lives


class Annotation(NamedTuple):
    """What a pipeline found in a text.

    entities (list[dict[str, Any]]): Text, label, start, end (in code points, the end exclusive) and confidence.
    cats (Optional[dict[str, float]]): Scores of categories, where the pipeline has them.
    """

    entities: list[dict[str, Any]]
    cats: dict[str, float] | None


class Model(NamedTuple):
    """A pipeline to annotate with.

    package (str): What spaCy loads: a package's name, or a folder.
    name (str): Name and version.
    digest (str): SHA-256 of its files.
    """

    package: str
    name: str
    digest: str


@cache
def find_model(model: str) -> Model:
    """Find a pipeline. A wheel is unpacked, and can be imported from then on, in this process and those that it starts.

    model (str): An installed package's name, a wheel, or a folder.
    RETURNS (Model): The pipeline.
    RAISES (ProjectError): If there is none.
    """
    package = _unpack(Path(model)) if model.endswith(".whl") else model
    try:
        base = find_base(package)
    except ProjectError as error:
        remedy = "Give an installed package's name, a wheel (spacy project run all makes one), or a pipeline's folder."
        raise ProjectError(f"No pipeline {model!r}", remedy, error.places) from None
    if base is None:
        remedy = "Give an installed package's name, a wheel, or a pipeline's folder."
        raise ProjectError(f"{model} finds nothing", remedy, [Place(model, None, "is blank")])
    name = f"{base.meta['lang']}_{base.meta.get('name', 'pipeline')}-{base.meta.get('version', '0.0.0')}"
    return Model(package, name, digest(base.path))


def _unpack(wheel: Path) -> str:
    folder = unpacked.enter_context(tempfile.TemporaryDirectory(prefix="annotate-", ignore_cleanup_errors=True))
    try:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
    except (OSError, zipfile.BadZipFile) as error:
        remedy = "Make it: spacy project run all, or give an installed package's name or a pipeline's folder."
        raise ProjectError(f"No wheel {wheel}", remedy, [Place(str(wheel), None, str(error))]) from None
    sys.path.insert(0, folder)
    return wheel.name.partition("-")[0]


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
    return Annotator(found, confidence, gpu_id)
