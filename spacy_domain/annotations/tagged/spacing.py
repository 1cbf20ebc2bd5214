r"""The white space at a token, as features say it: SpaceAfter=No, SpacesAfter=\s\n, SpacesBefore=\t.

The first is CoNLL-U's (https://universaldependencies.org/misc.html), the others and their escapes are UDPipe's
(https://ufal.mff.cuni.cz/udpipe/2/users-manual#run_udpipe_tokenizer); escapes of Python are read as well.
"""

import re

FEATURE = re.compile(r"\bSpaces?(After|Before)=([^\s|]*)")
# A cell that says nothing else, but for other features beside it
ALONE = re.compile(r"_|(?:[^\s|=]+=[^|]*\|)*(?:Spaces?(?:After|Before)=[^|]*)(?:\|[^\s|=]+=[^|]*)*")
ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U000[0-9a-fA-F]{5}|U0010[0-9a-fA-F]{4}|.)", re.DOTALL)
ESCAPED = {"s": " ", "t": "\t", "n": "\n", "r": "\r", "p": "|", "\\": "\\"}


def find_spacing(cell: str) -> list[tuple[str, str]]:
    """Find what a cell says of white space.

    cell (str): The cell.
    RETURNS (list[tuple[str, str]]): "After" or "Before", and the value, as it is written.
    """
    return FEATURE.findall(cell)


def read_spacing(value: str) -> str | None:
    """Read a value.

    value (str): It, as it is written.
    RETURNS (Optional[str]): The white space; None if it is something else.
    """
    found = "" if value == "No" else unescape(value)
    return None if found.strip() else found


def is_spacing(cell: str) -> bool:
    """RETURNS (bool): Whether a cell says nothing but what white space there is, or is empty ("_")."""
    return ALONE.fullmatch(cell) is not None


def escape(text: str) -> str:
    """RETURNS (str): A text in ASCII without white space, as `unescape` reads it."""
    return text.encode("unicode_escape").decode("ascii").replace(" ", "\\s")


def unescape(text: str) -> str:
    """RETURNS (str): A text without its escapes, UDPipe's and those of `escape`; what is none stays as it is."""
    return ESCAPE.sub(_meaning, text)


def _meaning(found: re.Match[str]) -> str:
    code = found[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else ESCAPED.get(code, found[0])
