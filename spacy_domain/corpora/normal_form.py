"""A text reduced to its words: what two texts have in common that a reader would take for the same."""

import re

NO_WORD = re.compile(r"[\W_]+")
NUMBER = re.compile(r"\d+")


def normal_form(text: str) -> str:
    """Reduce a text to its words: case, punctuation and white space do not count.

    text (str): The text.
    RETURNS (str): The words, lower-case, with a space between any two.
    """
    return NO_WORD.sub(" ", text.casefold()).strip() or text.casefold()
