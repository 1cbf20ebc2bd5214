"""Texts of requests that come at the same time are worked on together: one queue, one thread, batch after batch."""

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
    answer (asyncio.Future): What will be found.
    found (list[list[Entity]]): The entities of the first texts.
    """

    number: int
    answer: "asyncio.Future[list[list[Entity]]]"
    found: list[list[Entity]] = field(default_factory=list)

    def add(self, found: list[Entity] | Exception) -> None:
        """Take what was found in the next text. The last one gives the answer, and so does an error."""
        if self.answer.done():  # given up: the request took too long, or failed
            return
        if isinstance(found, Exception):
            self.answer.set_exception(found)
            return
        self.found.append(found)
        if len(self.found) == self.number:
            self.answer.set_result(self.found)


class Batches:
    """Feeds a recognizer with the texts that wait, batch after batch, in one thread.

    recognizer (Recognizer): The recognizer.
    max_waiting (int): Most texts that wait.
    """

    def __init__(self, recognizer: Recognizer, max_waiting: int):
        self.recognizer = recognizer
        self.max_waiting = max_waiting
        self.waiting: deque[tuple[Asked, str, bool]] = deque()
        self.arrival = asyncio.Event()

    @property
    def full(self) -> bool:
        """RETURNS (bool): Whether not one more text is taken."""
        return len(self.waiting) >= self.max_waiting

    async def find(self, texts: Sequence[str], confident: Sequence[bool]) -> list[list[Entity]]:
        """Find the entities of texts, together with those of other requests.

        texts (Sequence[str]): The texts.
        confident (Sequence[bool]): For each, whether to tell how likely its entities are right.
        RETURNS (list[list[Entity]]): The entities of each.
        RAISES (FullError): If too many texts wait already.
        """
        if not texts:
            return []
        if len(self.waiting) + len(texts) > self.max_waiting:
            raise FullError
        asked = Asked(len(texts), asyncio.get_running_loop().create_future())
        self.waiting.extend((asked, *one) for one in zip(texts, confident, strict=True))
        self.arrival.set()
        return await asked.answer

    async def run(self) -> None:
        """Work until cancelled."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, "recognizer") as thread:
            company = False
            while True:
                self.arrival.clear()
                if not self.waiting:
                    await self.arrival.wait()
                if company and len(self.waiting) < BATCH_SIZE:
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
        while self.waiting and len(batch) < BATCH_SIZE and characters < BATCH_CHARACTERS:
            asked, text, confident = self.waiting.popleft()
            if not asked.answer.done():
                batch.append((asked, text, confident))
                characters += len(text)
        return batch
