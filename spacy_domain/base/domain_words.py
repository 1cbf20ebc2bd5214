"""What words say of the text that they are in: whether it is of the domain.

(Naive Bayes on words, with add-one smoothing: Manning, Raghavan and Schütze 2008, Introduction to Information
Retrieval, chapter 13. "Levi" is a brand where the talk is of jeans.)
"""

import math
from collections import Counter
from collections.abc import Iterable

from spacy.lookups import Table
from spacy.tokens import Doc

from ..recipes.joined_entities import WORDS


def weigh_words(domain: Iterable[Doc], others: Iterable[Doc]) -> Table:
    """Weigh words by how often they are in texts of the domain, and in others.

    domain (Iterable[Doc]): Texts of the domain.
    others (Iterable[Doc]): Texts of other kinds.
    RETURNS (Table): By word, in small letters, the logarithm of how many times as likely it is in the domain. Empty if
        one of the two is.
    """
    here, there = (
        Counter(token.lower_ for doc in docs for token in doc if not token.is_space) for docs in (domain, others)
    )
    words = sorted({*here, *there})
    if not here or not there:
        return Table(WORDS)
    ratio = math.log((there.total() + len(words)) / (here.total() + len(words)))
    return Table(WORDS, {word: math.log((here[word] + 1) / (there[word] + 1)) + ratio for word in words})
