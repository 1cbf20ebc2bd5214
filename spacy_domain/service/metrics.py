"""What Prometheus is told, summed over the worker processes."""

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = (
    "PROMETHEUS_MULTIPROC_DIR"  # worker processes leave their numbers there; prometheus_client wants it when imported
)

REQUESTS = Counter("service_requests", "Requests", ["path", "status"])
SECONDS = Histogram(
    "service_request_seconds",
    "Seconds from a request to the end of its answer",
    ["path"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
)
BATCH_TEXTS = Histogram("service_batch_texts", "Texts that were worked on together", buckets=(1, 2, 4, 8, 16, 32, 64))


def expose() -> bytes:
    """RETURNS (bytes): The numbers of all worker processes, in Prometheus' text format."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, os.environ[FOLDER])
    return generate_latest(registry)
