"""Records -> Docs -> DocBins, on all cores when there are many."""

import multiprocessing
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import chain, islice

import srsly
from spacy.attrs import SPACY
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from ..annotations import SPLITS
from ..base.pipeline import load_base
from ..errors import ProjectError
from .align import OnMisaligned, align
from .audit import Audit
from .store import Store, load_record

ATTRIBUTES = ["ENT_IOB", "ENT_TYPE"]  # all that preprocess knows of a token, beside its text
PLACED = (
    "dev",
    "test",
)  # splits whose Docs know where they come from: reading that takes time, which training would lose
Chunk = list[tuple[int, str, str]]


@dataclass
class AlignedChunk:
    """What became of a few thousand records.

    docbins (dict[str, bytes]): A DocBin of each split that has any.
    audit (Audit): The account of the records and their spans.
    entities (list[tuple[int, int, int, str, str]]): Number of the record, start, end, label, and text without case, of
        each entity.
    """

    docbins: dict[str, bytes]
    audit: Audit = field(default_factory=Audit)
    entities: list[tuple[int, int, int, str, str]] = field(default_factory=list)


def align_all(store: Store, base_model: str, nlp: Language, on_misaligned: OnMisaligned) -> Iterator[AlignedChunk]:
    """Align all records that are used, with a process for each core if there is more than one chunk of them.

    store (Store): The records.
    base_model (str): The pipeline whose tokenizer the model will use.
    nlp (Language): The same, loaded.
    on_misaligned (OnMisaligned): What to do with spans that do not fit the tokens.
    YIELDS (AlignedChunk): What became of them, in the order of the data, whatever the number of cores.
    RAISES (ProjectError): If a process dies.
    """
    chunks = store.chunks()
    first = list(islice(chunks, 2))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if len(first) < 2 or cores < 2:
        yield from (align_chunk(chunk, nlp, on_misaligned) for chunk in chain(first, chunks))
        return
    # spawn is the one way that works on every system
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores, mp_context=context, initializer=_load, initargs=(base_model,)) as pool:
        waiting: deque[Future[AlignedChunk]] = deque()
        try:
            for chunk in chain(first, chunks):
                waiting.append(pool.submit(_align_chunk, chunk, on_misaligned))
                if len(waiting) > cores:  # no more than these are in memory
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            remedy = "Memory may have run out: run the command again with fewer programs beside it."
            raise ProjectError("A process that tokenizes was stopped", remedy) from None


def align_chunk(chunk: Chunk, nlp: Language, on_misaligned: OnMisaligned) -> AlignedChunk:
    """Align some records.

    chunk (list[tuple[int, str, str]]): Their numbers, splits and contents.
    nlp (Language): The pipeline whose tokenizer the model will use.
    on_misaligned (OnMisaligned): What to do with spans that do not fit the tokens.
    RETURNS (AlignedChunk): What became of them.
    """
    docbins = {split: DocBin(attrs=ATTRIBUTES) for split in SPLITS}
    # srsly would make a packer for each Doc, which takes longer than all the rest
    packer = srsly.msgpack.Packer(use_bin_type=True)
    aligned = AlignedChunk({})
    for number, split, data in chunk:
        record = load_record(data)
        doc, account = align(record, nlp, on_misaligned)
        _add(doc, docbins[split])
        if split in PLACED:
            docbins[split].user_data.append(packer.pack({"source": f"{record.file}:{record.line}"}))
        aligned.audit.add(record, split, doc, account)
        for ent in doc.ents:
            aligned.entities.append((number, ent.start_char, ent.end_char, ent.label_, ent.text.casefold()))
    for split in PLACED:
        docbins[split].store_user_data = True
    aligned.docbins = {split: docbin.to_bytes() for split, docbin in docbins.items() if len(docbin)}
    return aligned


def _add(doc: Doc, docbin: DocBin) -> None:
    """Do as DocBin.add does, in a third of its time: nothing but text and entities is there to be stored."""
    tokens = doc.to_array([*docbin.attrs, SPACY])
    docbin.tokens.append(tokens[:, :-1])
    docbin.spaces.append(tokens[:, -1:].astype(bool))
    docbin.strings.update(token.text for token in doc)
    docbin.strings.update(ent.label_ for ent in doc.ents)
    docbin.cats.append(doc.cats)
    docbin.flags.append({"has_unknown_spaces": doc.has_unknown_spaces})
    docbin.span_groups.append(doc.spans.to_bytes())


_nlp: Language


def _load(base_model: str) -> None:
    """Load the pipeline once for each process."""
    global _nlp
    _nlp = load_base(base_model)


def _align_chunk(chunk: Chunk, on_misaligned: OnMisaligned) -> AlignedChunk:
    return align_chunk(chunk, _nlp, on_misaligned)
