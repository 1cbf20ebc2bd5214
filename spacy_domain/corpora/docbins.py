"""Records -> Docs -> DocBins, on all cores."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import srsly
from spacy.attrs import ENT_TYPE, ORTH, SPACY
from spacy.language import Language
from spacy.strings import StringStore
from spacy.tokens import Doc, DocBin

from ..annotations import SPLITS
from ..base.pipeline import load_tokenizer
from .align import OnMisaligned, align
from .audit import Audit
from .processes import Processes
from .serialization import load_record
from .store import Chunk, Store

ATTRIBUTES = ["ENT_IOB", "ENT_TYPE"]  # all that preprocess knows of a token, beside its text
PLACED = (
    "dev",
    "test",
)  # splits whose Docs know where they come from: reading that takes time, which training would lose


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


def align_all(
    store: Store, processes: Processes, base_model: str, on_misaligned: OnMisaligned
) -> Iterator[AlignedChunk]:
    """Align all records that are used.

    store (Store): The records.
    processes (Processes): The processes.
    base_model (str): The pipeline whose tokenizer the model will use.
    on_misaligned (OnMisaligned): What to do with spans that do not fit the tokens.
    YIELDS (AlignedChunk): What became of them, in the order of the data.
    """
    return processes.map(partial(_align, base_model=base_model, on_misaligned=on_misaligned), store.chunks())


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
            group = {"group": record.group} if record.group else {}
            docbins[split].user_data.append(packer.pack({"source": f"{record.file}:{record.line}", **group}))
        aligned.audit.add(record, split, doc, account)
        for ent in doc.ents:
            aligned.entities.append((number, ent.start_char, ent.end_char, ent.label_, ent.text.casefold()))
    for split, docbin in docbins.items():
        docbin.store_user_data = split in PLACED
        _add_strings(docbin, nlp.vocab.strings)
    aligned.docbins = {split: docbin.to_bytes() for split, docbin in docbins.items() if len(docbin)}
    return aligned


def _add(doc: Doc, docbin: DocBin) -> None:
    """Do as DocBin.add does, in a fraction of its time: nothing but text and entities is there to be stored.

    The strings are left to `_add_strings`.
    """
    tokens = doc.to_array([*docbin.attrs, SPACY])
    docbin.tokens.append(tokens[:, :-1])
    docbin.spaces.append(tokens[:, -1:].astype(bool))
    docbin.cats.append(doc.cats)
    docbin.flags.append({"has_unknown_spaces": doc.has_unknown_spaces})
    docbin.span_groups.append(doc.spans.to_bytes())


def _add_strings(docbin: DocBin, strings: StringStore) -> None:
    """Add the strings of all tokens and labels, each of them once."""
    if docbin.tokens:
        used = np.unique(
            np.concatenate(
                [tokens[:, (docbin.attrs.index(ORTH), docbin.attrs.index(ENT_TYPE))] for tokens in docbin.tokens]
            )
        )
        docbin.strings.update(strings[key] for key in used.tolist() if key)


def _align(chunk: Chunk, base_model: str, on_misaligned: OnMisaligned) -> AlignedChunk:
    return align_chunk(chunk, load_tokenizer(base_model), on_misaligned)
