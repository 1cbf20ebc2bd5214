"""Conversations with a language model: {"messages": [{"role", "content"}]} or {"conversations": [{"from", "value"}]}.

The text is what the user said first, without a "Text:" before it. The answers hold its entities without offsets, as
mentions.py knows them; or each answer lists the texts of the one label that its question names ("What describes person
in the text?"), as UniversalNER has it. All places of an entity are read, as whole words. Traps: a system's message is
no text; an answer that names nothing is an empty list; what an assistant only says ("I've read this text.") is none.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from ...project.errors import ProjectError
from ..formats import JsonFormat, formats
from ..json_values import Value, as_object
from ..record import FileRecord
from .mentions import Mention, locate, parse_answer, read_mentions

LISTS = ("messages", "conversations", "conversation", "dialog", "dialogue", "turns")
ROLES = ("role", "from", "speaker")
CONTENTS = ("content", "value", "text")
USERS = ("user", "human")
ASSISTANTS = ("assistant", "gpt", "model", "bot")
BEFORE = re.compile(r"\s*(?:text|sentence|input|passage)\s*:\s*", re.IGNORECASE)
QUESTION = re.compile(
    r"\s*(?:what|which)\s+(?:words\s+)?(?:describes?|are|is)\s+(?:the\s+)?(.+?)\s+in\s+the\s+(?:text|sentence|passage)",
    re.IGNORECASE,
)
Turn = tuple[str, str]  # who says it, and what


def fits(data: Any) -> bool:
    """Tell whether a JSON value is a conversation about entities.

    data (Any): The value.
    RETURNS (bool): Whether an assistant in it answers a user with entities.
    """
    turns = _turns(data)
    return bool(turns) and _read(turns) is not None


def _turns(data: Any) -> list[Turn]:
    """What users and assistants say; nothing if it is no conversation."""
    found = next((data[key] for key in LISTS if key in data), None) if isinstance(data, dict) else None
    turns = []
    for one in found if isinstance(found, list) else ():
        if not isinstance(one, dict):
            return []
        who = next((one[key] for key in ROLES if isinstance(one.get(key), str)), "")
        said = next((one[key] for key in CONTENTS if isinstance(one.get(key), str)), "")
        turns.append((who.casefold(), said))
    return [turn for turn in turns if turn[0] in (*USERS, *ASSISTANTS)]


def _read(turns: list[Turn]) -> list[Mention] | None:
    """The entities of all answers; None if no answer has any, nor says that there are none."""
    mentions: list[Mention] = []
    understood = False
    for (_, asked), (who, said) in zip([("", ""), *turns], turns, strict=False):
        if who not in ASSISTANTS:
            continue
        label = QUESTION.match(asked)
        texts = _texts(said) if label else None
        answer = parse_answer(said) if texts is None else None
        if label and texts is not None:
            mentions += [(text, label[1]) for text in texts]
        elif answer is not None:
            mentions += read_mentions(answer)
        understood = understood or texts is not None or answer is not None
    return mentions if understood else None


def _texts(said: str) -> list[str] | None:
    try:
        found = json.loads(said)
    except ValueError:
        return None
    return found if isinstance(found, list) and all(isinstance(one, str) for one in found) else None


def read(value: Value) -> Iterator[FileRecord]:
    """Read a conversation.

    value (Value): The conversation.
    YIELDS (FileRecord): The record of its first text, entities located.
    RAISES (ProjectError): If nobody said a text, or no answer has entities.
    """
    data = as_object(value.data, value)
    turns = _turns(data)
    text = next((said for who, said in turns if who in USERS), "")
    mentions = _read(turns)
    if not text.strip() or mentions is None:
        raise ProjectError("Conversation without text or entities", "Mend the record.", [value.place("found")])
    yield locate(text[found.end() :] if (found := BEFORE.match(text)) else text, mentions, value.line)


TITLE = "conversations with a language model about the entities of a text"
formats.register("conversations", func=JsonFormat(TITLE, fits, read, certain=True, not_gold=LISTS))
