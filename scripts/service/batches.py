"""Texts of requests that come at the same time are worked on together: one queue, one thread, batch after batch."""

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .metrics import BATCH_TEXTS
from .recognizer import BATCH_SIZE, Entity, Recognizer

BATCH_CHARACTERS = 100_000  # long texts make smaller batches, so that others do not wait long
PAUSE = 0.005


class FullError(Exception):
    """So many texts wait already that further ones are turned away."""


@dataclass(frozen=True)
class Waiting:
    """A text that waits for the model.

    text (str): The text.
    confident (bool): Whether to tell how likely its entities are right.
    found (asyncio.Future): What will be found.
    """

    text: str
    confident: bool
    found: "asyncio.Future[list[Entity]]"


class Batches:
    """Feeds a recognizer with the texts that wait, batch after batch, in one thread.

    recognizer (Recognizer): The recognizer.
    max_waiting (int): Most texts that wait.
    """

    def __init__(self, recognizer: Recognizer, max_waiting: int):
        self.recognizer = recognizer
        self.max_waiting = max_waiting
        self.waiting: deque[Waiting] = deque()
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
        if len(self.waiting) + len(texts) > self.max_waiting:
            raise FullError
        loop = asyncio.get_running_loop()
        new = [Waiting(text, asked, loop.create_future()) for text, asked in zip(texts, confident, strict=True)]
        self.waiting.extend(new)
        self.arrival.set()
        return list(await asyncio.gather(*(item.found for item in new)))

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
                texts, confident = [item.text for item in batch], [item.confident for item in batch]
                for item, found in zip(
                    batch, await loop.run_in_executor(thread, self.recognizer.find, texts, confident), strict=True
                ):
                    if item.found.done():  # given up: its request took too long
                        continue
                    if isinstance(found, Exception):
                        item.found.set_exception(found)
                    else:
                        item.found.set_result(found)

    def _take(self) -> list[Waiting]:
        batch: list[Waiting] = []
        characters = 0
        while self.waiting and len(batch) < BATCH_SIZE and characters < BATCH_CHARACTERS:
            item = self.waiting.popleft()
            if not item.found.done():
                batch.append(item)
                characters += len(item.text)
        return batch
