"""What 10, 100 or 1,000 workers give: a simulation with the rates that were measured, and those that it reproduces.

Workers load the model, then take shards, one after the other: each is read from a store, annotated, written, and its
manifest is written. The store serves so many requests and bytes a second to all of them together, and so many bytes to
each. Some workers are slow, some are lost; a shard that is lost is done again.
"""

import heapq
import random
from dataclasses import dataclass, replace

import typer
from wasabi import msg


@dataclass(frozen=True)
class Setting:
    """What is annotated, by whom, and where it lies.

    texts (int): How many texts.
    text_bytes (int): How long one is, with the other columns.
    shard_bytes (int): How much is a shard.
    rate (float): How many texts a worker annotates in a second, reading and writing included.
    load (float): Seconds that a worker takes before its first shard.
    start (float): Seconds of the command before there are workers.
    workers (int): How many there are.
    growth (float): How many bytes are written for each that is read.
    store (float): Bytes a second that the store moves for all.
    line (float): And for one worker.
    requests (float): Requests a second that the store answers.
    latency (float): Seconds until it begins to answer one.
    slow (float): Share of the workers that take twice as long.
    losses (float): How often a worker is lost, in an hour of its work.
    """

    texts: int
    text_bytes: int = 500
    shard_bytes: int = 2**26
    rate: float = 2_000.0
    load: float = 3.0
    start: float = 3.0
    workers: int = 1
    growth: float = 1.5
    store: float = 10e9
    line: float = 50e6
    requests: float = 3_000.0
    latency: float = 0.05
    slow: float = 0.02
    losses: float = 0.01


@dataclass
class Result:
    """What a simulation came to.

    seconds (float): From start to end.
    busy (float): Share of the workers' time in which they annotate.
    again (int): Shards that were done more than once.
    tail (float): Seconds between the first worker that has nothing left to do, and the end.
    """

    seconds: float
    busy: float
    again: int
    tail: float


def simulate(setting: Setting, seed: int = 0) -> Result:
    """Play it through, shard by shard.

    setting (Setting): What is annotated, by whom, and where it lies.
    seed (int): Seed of what goes wrong.
    RETURNS (Result): What it came to.
    """
    chance = random.Random(seed)
    shards = -(-setting.texts * setting.text_bytes // setting.shard_bytes)
    texts = setting.texts / shards
    moved = texts * setting.text_bytes * (1 + setting.growth)
    line = min(setting.line, setting.store / setting.workers)
    waiting = moved / line + 4 * max(setting.latency, setting.workers / setting.requests)
    speed = [0.5 if chance.random() < setting.slow else 1.0 for _ in range(setting.workers)]
    free = [(setting.start + setting.load / speed[number], number) for number in range(setting.workers)]
    heapq.heapify(free)
    left, again, busy, first_idle, end = shards, 0, 0.0, 0.0, 0.0
    while free:
        now, number = heapq.heappop(free)
        if not left:
            first_idle = first_idle or now
            end = max(end, now)
            continue
        left -= 1
        work = texts / setting.rate / speed[number]
        if chance.random() < setting.losses * (work + waiting) / 3600:
            left, again = left + 1, again + 1
            now += chance.random() * (work + waiting) + setting.load  # another one takes its place
        else:
            now, busy = now + work + waiting, busy + work
        heapq.heappush(free, (now, number))
    return Result(end, busy / (setting.workers * end), again, end - first_idle)


def main(
    rate: float = typer.Option(..., help="Texts a second of one worker, as measured"),
    load: float = typer.Option(..., help="Seconds until a worker begins, as measured"),
    measured_texts: int = typer.Option(200_000, help="How many texts were measured"),
    measured_bytes: int = typer.Option(84, help="How long one of them was, in bytes"),
    price: float = typer.Option(0.04, help="What a core costs in an hour"),
    texts: int = typer.Option(10**9, help="How many texts to plan for"),
    text_bytes: int = typer.Option(500, help="How long one of them is, in bytes"),
) -> None:
    """Print what was measured as the simulation has it, and what more workers give."""
    shard = min(2**22, max(2**18, measured_texts * measured_bytes // 64))  # as annotate has it
    here = Setting(measured_texts, measured_bytes, shard, rate, load, 1.4, slow=0, losses=0, line=1e9, latency=0.001)
    rows = [(number, f"{simulate(replace(here, workers=number)).seconds:.1f}") for number in (1, 2)]
    msg.table(rows, header=("workers", f"seconds for {measured_texts:,} texts"), aligns=["r", "r"], divider=True)
    rows = []
    for number in (1, 10, 100, 1_000, 10_000):
        # A text that is so many times as long takes so many times as long
        slower = rate * measured_bytes / text_bytes
        found = simulate(Setting(texts, text_bytes, rate=slower, load=load, workers=number))
        hours = found.seconds / 3600
        cost = f"{hours * number * price:,.0f}"
        rows.append((f"{number:,}", f"{hours:,.1f}", f"{found.busy:.0%}", found.again, f"{found.tail / 60:.1f}", cost))
    header = ("workers", "hours", "busy", "again", "tail, minutes", "cost")
    msg.table(rows, header=header, aligns=["r"] * 6, divider=True)


if __name__ == "__main__":
    typer.run(main)
