"""How fast what learns: by epochs of a corpus, and by part of the network. Configs name these functions with `@`."""

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import spacy
from spacy.tokens import Doc
from spacy.training import Corpus
from spacy.training.corpus import walk_corpus
from spacy.util import registry
from thinc.api import Optimizer


@registry.misc("template.steps.v1")
def count_steps(
    corpus: Path, batcher: Callable[[Iterable[Doc]], Iterable[list[Doc]]], epochs: float, at_least: int
) -> int:
    """Count the steps of some epochs: a learning rate that decays has to know when training ends.

    corpus (Path): The training corpus.
    batcher (Callable[[Iterable[Doc]], Iterable[list[Doc]]]): What makes batches of it. (Training shuffles the texts, so
        that an epoch may come out at a step more or less.)
    epochs (float): How many epochs.
    at_least (int): The least number of steps: with few texts, some epochs are no training.
    RETURNS (int): The number of steps, rounded up to tens.
    """
    return 10 * math.ceil(max(epochs * sum(1 for _ in batcher(_read(corpus))), at_least) / 10)


@registry.misc("template.batch_size.v1")
def size_batches(corpus: Path, epochs: float, steps: int, least: int, most: int) -> int:
    """Find how large batches can be for some epochs to have enough steps.

    corpus (Path): The training corpus.
    epochs (float): How many epochs.
    steps (int): How many steps they should have.
    least (int): The least size, in words.
    most (int): The greatest, in words.
    RETURNS (int): The size, in words.
    """
    words = sum(len(doc) for doc in _read(corpus))
    return min(max(int(epochs * words / steps), least), most)


def _read(corpus: Path) -> Iterable[Doc]:
    return Corpus(corpus).read_docbin(spacy.blank("xx").vocab, walk_corpus(corpus, ".spacy"))


@registry.misc("template.tenth.v1")
def divide_by_ten(steps: int) -> int:
    """Divide a number of steps, for the first tenth of training, say.

    steps (int): The number of steps, as `count_steps` gives it.
    RETURNS (int): A tenth of it.
    """
    return steps // 10


class TwoRates(Optimizer):
    """Adam with another learning rate for what is on top of an encoder: it begins with random weights and has to learn
    fast, while the encoder has to change little.

    head (float): What to multiply the learning rate with for all weights outside of PyTorch, where encoders live.
    freeze_embeddings (bool): Whether an encoder's embeddings rest.
    """

    __slots__ = ("freeze_embeddings", "head")

    def __init__(self, learn_rate: Any, head: float, freeze_embeddings: bool, L2: float):
        super().__init__(learn_rate, L2=L2, use_averages=False)
        self.head = head
        self.freeze_embeddings = freeze_embeddings

    def __call__(self, key: tuple[int, str], weights: Any, gradient: Any, *, lr_scale: float = 1.0) -> Any:
        # PyTorch's names say where in the network weights are: "encoder.layer.0.output.dense.weight"
        in_encoder = "." in key[1]
        if in_encoder and self.freeze_embeddings and "embeddings." in key[1]:
            return weights, gradient
        return super().__call__(key, weights, gradient, lr_scale=lr_scale if in_encoder else lr_scale * self.head)


@registry.optimizers("template.two_rates.v1")
def create_two_rates(learn_rate: Any, head: float, freeze_embeddings: bool = False, L2: float = 0.01) -> TwoRates:
    """Create an Adam with two learning rates.

    learn_rate (Union[float, Schedule]): The learning rate of the encoder.
    head (float): What to multiply it with for what is on top of the encoder.
    freeze_embeddings (bool): Whether the encoder's embeddings stay what they are: half of the weights of a small one,
        of which each text moves a few.
    L2 (float): By how much weights shrink in each step, as a share of the learning rate.
    RETURNS (TwoRates): The optimizer.
    """
    return TwoRates(learn_rate, head, freeze_embeddings, L2)
