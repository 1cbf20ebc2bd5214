"""A client of a few lines, with the standard library alone: copy this file into your program."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypedDict
from urllib.request import Request, urlopen


class Entity(TypedDict):
    """An entity; start and end count characters as Python does, confidence is None if it is not known."""

    text: str
    label: str
    start: int
    end: int
    confidence: float | None


class Client:
    """Asks a server for entities. Errors are those of urllib: an HTTPError has status and reason.

    url (str): The server's address.
    token (str): What requests are authorized with, if the server wants that.
    timeout (float): Most seconds to wait for an answer.
    """

    def __init__(self, url: str = "http://127.0.0.1:8080", token: str = "", timeout: float = 60):
        self.url = url.rstrip("/")
        self.headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        self.timeout = timeout

    def find(self, text: str, labels: Sequence[str] | None = None) -> list[Entity]:
        """Find the entities of a text.

        text (str): The text.
        labels (Sequence[str] | None): Only entities with these labels; None for all.
        RETURNS (list[Entity]): The entities.
        """
        return next(self.find_all([text], labels))

    def find_all(
        self, texts: Iterable[str], labels: Sequence[str] | None = None, size: int = 64
    ) -> Iterator[list[Entity]]:
        """Find the entities of any number of texts.

        texts (Iterable[str]): The texts.
        labels (Sequence[str] | None): Only entities with these labels; None for all.
        size (int): How many to send at once.
        YIELDS (list[Entity]): The entities of each.
        """
        rest = iter(texts)
        while some := list(islice(rest, size)):
            body = {"texts": some, "confidence": True, **({} if labels is None else {"labels": list(labels)})}
            for result in self._ask("/v1/entities", body)["results"]:
                yield result["entities"]

    def about(self) -> dict[str, Any]:
        """RETURNS (dict[str, Any]): Name, version, labels, scores and licence of the model."""
        return self._ask("/v1/model")

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(self.url + path, data, self.headers), timeout=self.timeout) as answer:
            return json.load(answer)
