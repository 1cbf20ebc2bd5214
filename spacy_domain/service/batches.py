"""Texts that come at the same time are worked on together: requests and streams, one thread, batch after batch."""

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from .metrics import BATCH_TEXTS
from .recognizer import BATCH_SIZE, Entity, Recognizer

BATCH_CHARACTERS = 100_000  # long texts make smaller batches, so that others do not wait long
PAUSE = 0.005


class FullError(Exception):
    """So many texts wait already that further ones are turned away."""


@dataclass(frozen=True)
class Asked:
    """Texts of one request, and what was found in them so far.

    number (int): How many texts.
    answer (asyncio.Future): What will be found, or what went wrong, in each.
    found (list[list[Entity] | Exception]): That of the first texts.
    """

    number: int
    answer: "asyncio.Future[list[list[Entity] | Exception]]"
    found: list[list[Entity] | Exception] = field(default_factory=list)

    def add(self, found: list[Entity] | Exception) -> None:
        """Take what was found in the next text. The last one gives the answer."""
        if self.answer.done():  # given up: the request took too long
            return
        self.found.append(found)
        if len(self.found) == self.number:
            self.answer.set_result(self.found)


Waiting = deque[tuple[Asked, str, bool]]


class Batches:
    """Feeds a recognizer with the texts that wait, batch after batch, in one thread.

    When many texts of requests wait, further requests are turned away. One that comes before is taken whole, so that
    none is too large for an idle server. Streams are never turned away: each gives one piece after the other, and they
    wait for one another. Batches take texts of requests and of streams in turn, so that neither starves the other.

    recognizer (Recognizer): The recognizer.
    max_waiting (int): When so many texts of requests wait, further ones are turned away; of streams, no more wait.
    """

    def __init__(self, recognizer: Recognizer, max_waiting: int):
        self.recognizer = recognizer
        self.max_waiting = max_waiting
        self.piece = min(BATCH_SIZE, max_waiting)
        self.room = asyncio.Semaphore(max_waiting // self.piece)
        self.requests: Waiting = deque()
        self.pieces: Waiting = deque()
        self.arrival = asyncio.Event()

    @property
    def full(self) -> bool:
        """RETURNS (bool): Whether further requests are turned away."""
        return len(self.requests) >= self.max_waiting

    async def find(self, texts: Sequence[str], confident: Sequence[bool]) -> list[list[Entity]]:
        """Find the entities of texts, together with those of other requests.

        texts (Sequence[str]): The texts.
        confident (Sequence[bool]): For each, whether to tell how likely its entities are right.
        RETURNS (list[list[Entity]]): The entities of each.
        RAISES (FullError): If too many texts wait already. What the recognizer raises for one of the texts.
        """
        if self.full:
            raise FullError
        found = []
        for one in await self._find(texts, confident, self.requests):
            if isinstance(one, Exception):
                raise one
            found.append(one)
        return found

    async def find_piece(self, texts: Sequence[str], confident: Sequence[bool]) -> list[list[Entity] | Exception]:
        """Find the entities of the next texts of a stream, when there is room for them.

        texts (Sequence[str]): The texts, as many as `piece` says at most.
        confident (Sequence[bool]): For each, whether to tell how likely its entities are right.
        RETURNS (list[list[Entity] | Exception]): The entities of each; or what the recognizer raised for it.
        """
        async with self.room:
            return await self._find(texts, confident, self.pieces)

    async def _find(
        self, texts: Sequence[str], confident: Sequence[bool], waiting: Waiting
    ) -> list[list[Entity] | Exception]:
        if not texts:
            return []
        asked = Asked(len(texts), asyncio.get_running_loop().create_future())
        waiting.extend((asked, *one) for one in zip(texts, confident, strict=True))
        self.arrival.set()
        return await asked.answer

    async def run(self) -> None:
        """Work until cancelled."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, "recognizer") as thread:
            company = False
            while True:
                self.arrival.clear()
                if not (self.requests or self.pieces):
                    await self.arrival.wait()
                if company and len(self.requests) + len(self.pieces) < BATCH_SIZE:
                    # Clients that were just answered together are about to ask again; one alone does not wait.
                    await asyncio.sleep(PAUSE)
                batch = self._take()
                company = len(batch) > 1
                if not batch:
                    continue
                BATCH_TEXTS.observe(len(batch))
                texts, confident = [text for _, text, _ in batch], [asked_for for *_, asked_for in batch]
                results = await loop.run_in_executor(thread, self.recognizer.find, texts, confident)
                for (asked, *_), found in zip(batch, results, strict=True):
                    asked.add(found)

    def _take(self) -> list[tuple[Asked, str, bool]]:
        batch: list[tuple[Asked, str, bool]] = []
        characters = 0
        this, other = self.requests, self.pieces
        while (this or other) and len(batch) < BATCH_SIZE and characters < BATCH_CHARACTERS:
            asked, text, confident = (this or other).popleft()
            this, other = other, this
            if not asked.answer.done():
                batch.append((asked, text, confident))
                characters += len(text)
        return batch
