"""Tags as brackets: "(PERSON*", "*", "*)" and "(GPE)", as CoNLL-2012 has them.

http://conll.cemantix.org/2012/data.html
"""

import re

from .tags import NO_ENTITY, Tag

BRACKETS = re.compile(r"(?:\((?P<label>[^()*\s]+))?\*?(?P<end>\))?")


class Brackets:
    """Reads the brackets of one text.

    open (str): The label of the bracket that is open; empty if none is.
    """

    def __init__(self) -> None:
        self.open = ""

    def parse(self, tag: str) -> Tag | None:
        """Read the next tag.

        tag (str): The tag.
        RETURNS (Optional[Tag]): What it means; None if it is none, or does not fit those before it.
        """
        found = BRACKETS.fullmatch(tag)
        if tag == "-" or not found or not tag or (found["label"] and self.open) or (found["end"] and tag == ")"):
            return None
        mark = "B" if found["label"] else "I"
        label = found["label"] or self.open
        self.open = "" if found["end"] else label
        return Tag(mark, label) if label else NO_ENTITY
