"""What words say of the text that they are in: whether it is of the domain.

(Naive Bayes: Maron 1961, Automatic Indexing, Journal of the ACM 8. "Levi" is a brand where the talk is of jeans.)
"""

import math
from collections import Counter
from collections.abc import Iterable

from spacy.lookups import Table
from spacy.tokens import Doc

from ..recipes.joined_entities import WORDS

PRIOR = 5  # tokens of each word that are taken to be there besides, in the domain as often as tokens are in all


def weigh_words(domain: Iterable[Doc], others: Iterable[Doc]) -> Table:
    """Weigh words by how often they are in texts of the domain, and in others.

    domain (Iterable[Doc]): Texts of the domain.
    others (Iterable[Doc]): Texts of other kinds.
    RETURNS (Table): By word, in small letters, the logarithm of how many times as likely it is in the domain: of a word
        that is as frequent in both, 0, however many texts there are of each. Empty if there are none of one kind.
    """
    here, there = (
        Counter(token.lower_ for doc in docs for token in doc if not token.is_space) for docs in (domain, others)
    )
    if not here or not there:
        return Table(WORDS)
    share = here.total() / (here.total() + there.total())
    known, other = PRIOR * share, PRIOR * (1 - share)
    return Table(
        WORDS,
        {
            word: math.log((here[word] + known) / (there[word] + other)) - math.log(share / (1 - share))
            for word in sorted({*here, *there})
        },
    )
