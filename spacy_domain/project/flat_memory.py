"""A pipeline's memory, which does not grow with words that it has never seen."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language

KEPT_STRINGS = 20_000  # words, and their shapes and the like, that are kept
NEW_WORDS = 20_000  # after so many, at least, the vocabulary's tables are made anew
LEFT = ("vectors", "lookups")


class FlatMemory:
    """Keeps what a pipeline remembers of texts flat, whatever they are.

    The first words that come, among them most of the frequent ones, are kept, as spaCy does: making them anew for each
    batch is an eighth of the work. After these, what the pipeline would keep of texts lives in a memory zone, and goes
    with the batch. Zones belong to the pipeline and not to a thread: use this from one thread alone.

    nlp (Language): The pipeline, fresh from the disk.
    """

    def __init__(self, nlp: "Language"):
        self.nlp = nlp
        self.most_strings = len(nlp.vocab.strings) + KEPT_STRINGS

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Work on a batch of texts. Nothing of spaCy's that comes of them may be used after it."""
        if len(self.nlp.vocab.strings) < self.most_strings:
            yield
        else:
            with self.nlp.memory_zone():
                yield
        self._renew_vocabulary()

    def _renew_vocabulary(self) -> None:
        """Zones take words out of the vocabulary's hash tables, but leave these as large as they had become: without
        this, each million of new words takes some 50 MB. The length of a vocabulary counts what was ever added."""
        vocab = self.nlp.vocab
        if len(vocab) > max(NEW_WORDS, len(vocab.strings)):
            getters = dict(vocab.lex_attr_getters)  # type: ignore[attr-defined]
            vocab.from_bytes(vocab.to_bytes(exclude=LEFT), exclude=LEFT)
            # spaCy wraps one of them, each time
            vocab.lex_attr_getters.update(getters)  # type: ignore[attr-defined]
