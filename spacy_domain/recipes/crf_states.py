"""What a network that is not trained makes of each token in its text. Travels inside the wheel."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from spacy.tokens import Doc
from spacy.util import minibatch, registry
from thinc.api import Model, chain, list2array
from thinc.types import Floats2d
from tqdm import tqdm

AT_ONCE = 32  # texts that a network reads together while training


def create_states(tok2vec: Model[list[Doc], list[Floats2d]], dimensions: int) -> Model[list[Doc], Floats2d]:
    """Have a conditional random field see the states of a network, which it does not train.

    tok2vec (Model[list[Doc], list[Floats2d]]): The network, or what listens to one: a transformer, say.
    dimensions (int): What is learned of: so many principal components of the states in the training corpus.
    RETURNS (Model[list[Doc], Floats2d]): From texts to the states of all their tokens.
    """
    model: Model[list[Doc], Floats2d] = chain(tok2vec, list2array())
    model.attrs["dimensions"] = dimensions
    return model


def read_states(model: Model[list[Doc], Floats2d], docs: Sequence[Doc]) -> np.ndarray:
    """RETURNS (np.ndarray): The states of all tokens of texts that what it listens to has worked on; an empty array if
    there is nothing but white space in them."""
    return model.ops.to_numpy(model.predict([doc for doc in docs if len(doc)]))


def learn_states(model: Model[list[Doc], Floats2d], docs: Sequence[Doc], upstream: Sequence[Any]) -> np.ndarray:
    """Have a network read the training texts, once: those of about the same length together, since it computes all of
    a batch at the length of the longest.

    model (Model[list[Doc], Floats2d]): As `create_states` gives it.
    docs (Sequence[Doc]): The texts, not changed.
    upstream (Sequence[Pipe]): What it listens to.
    RETURNS (np.ndarray): The states of all tokens, in 32 bits: 1.5 kB a token with a width of 384.
    """
    model.initialize(X=list(docs[:10]))
    ends = np.cumsum([len(doc) for doc in docs])
    order = sorted((number for number, doc in enumerate(docs) if len(doc)), key=lambda number: len(docs[number]))
    states = np.zeros((0, 0), dtype="float32")
    with tqdm(total=len(order), desc="Reading", unit=" texts", disable=None, leave=False) as bar:
        for numbers in minibatch(order, AT_ONCE):
            some = [docs[number].copy() for number in numbers]
            for pipe in upstream:
                pipe.set_annotations(some, pipe.predict(some))
            found = read_states(model, some)
            if found.size and not states.size:
                states = np.zeros((int(ends[-1]), found.shape[1]), dtype="float32")
            rows = [np.arange(ends[number] - len(docs[number]), ends[number]) for number in numbers]
            if found.size:
                states[np.concatenate(rows)] = found
            bar.update(len(numbers))
    return states


# As in crf_features.py: two wheels may bring this file, and the first one stays
if "template.crf_states.v1" not in registry.architectures:
    registry.architectures("template.crf_states.v1", func=create_states)
