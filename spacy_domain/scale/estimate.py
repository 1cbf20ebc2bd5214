"""How long it would take, from a sample."""

import time
from dataclasses import dataclass
from itertools import islice

from .columns import sample_pieces
from .plan import Settings, list_texts
from .records import PieceReader, measure_row

FILES, RECORDS, SIZE = 10, 300, 2**20  # that are annotated for it: so many of each of so many files


@dataclass(frozen=True)
class Estimate:
    """What a sample tells.

    files (int): How many files there are.
    size (int): Of how many bytes.
    texts (int): About how many texts are in them.
    rate (float): How many texts a worker annotates in a second.
    load (float): Seconds that each worker takes before it begins.
    sampled (int): How many texts that was told from.
    """

    files: int
    size: int
    texts: int
    rate: float
    load: float
    sampled: int

    def describe(self, workers: int, price: float) -> str:
        """Say how long it would take.

        workers (int): How many workers there would be.
        price (float): What one costs in an hour; 0 to say nothing of that.
        RETURNS (str): All of it in words.
        """
        seconds = self.load + (self.texts / self.rate / workers if self.rate else 0.0)
        cost = f", {seconds * workers / 3600 * price:,.2f} to pay" if price else ""
        return (
            f"{self.files} files, {self.size / 1e6:,.1f} MB, about {self.texts:,} texts. "
            f"A worker takes {self.load:.1f} seconds to begin, and annotates {self.rate:,.0f} texts a second "
            f"(told from {self.sampled}). {workers} workers: {show_time(seconds)}{cost}"
        )


def estimate(settings: Settings, model: str, gpu_id: int) -> Estimate:
    """Annotate a sample in this process, and tell from that about all.

    settings (Settings): How texts are annotated, and which.
    model (str): The pipeline.
    gpu_id (int): GPU to use, -1 for CPU.
    RETURNS (Estimate): What it tells.
    """
    from .pipeline import load_annotator  # spaCy is loaded for this alone

    sources, _ = list_texts(settings.texts)
    begin = time.perf_counter()
    annotator = load_annotator(model, settings.digest, settings.confidence, gpu_id)
    annotator.annotate(["Ready?"])
    load = time.perf_counter() - begin
    sampled, covered, seconds = 0, 0.0, 0.0
    for piece in sample_pieces(sources, FILES, SIZE):
        records = list(islice(PieceReader(piece, settings.column), RECORDS))
        texts = [record.text for record in records if not record.wrong]
        begin = time.perf_counter()
        annotator.annotate(texts)
        seconds += time.perf_counter() - begin
        sampled += len(texts)
        covered += sum(len(record.raw) + 1 for record in records) or len(records) * measure_row(piece)
    size = sum(source.size for source in sources)
    total = round(sampled * size / covered) if covered else 0
    return Estimate(len(sources), size, total, sampled / seconds if seconds else 0.0, load, sampled)


def show_time(seconds: float) -> str:
    """RETURNS (str): A time as people say it."""
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} seconds"
