"""The server behind the page on which people review texts."""

from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.requests import Request

from ..service.page_files import read_page
from .along import Along
from .door import API, Door
from .journal import Answer
from .queue import Outdated, Queue, Refused

PACKAGES = ("spacy_domain.service", __package__)  # the page is this room's, its looks are those of the other one


class Given(BaseModel):
    """A decision, as the page sends it.

    id (str): Of the text.
    answer (Answer): The decision.
    spans (list[tuple[int, int, str]]): First token, token behind the last, and label of its entities.
    seconds (float): How long it took.
    """

    id: str
    answer: Answer
    spans: list[tuple[int, int, str]] = []
    seconds: float = 0.0


class NewLabel(BaseModel):
    """A label that the page adds.

    label (str): The label.
    """

    label: str


class Labels:
    """The labels that can be given, and the guide's rule for each.

    rules (dict[str, str]): The rules by label; empty where there is none.
    """

    def __init__(self, rules: dict[str, str]):
        self.rules = dict(rules)

    def add(self, label: str) -> None:
        """Add a label, if it is one."""
        if label.strip():
            self.rules.setdefault(label.strip(), "")

    def to_data(self) -> list[dict[str, str]]:
        """RETURNS (list[dict[str, str]]): What the page shows."""
        return [{"label": label, "rule": rule} for label, rule in self.rules.items()]


@dataclass
class Screen:
    """All that the page shows.

    queue (Queue): The texts.
    labels (Labels): The labels.
    along (Along): The model that learns along.
    """

    queue: Queue
    labels: Labels
    along: Along

    def to_data(self) -> dict[str, Any]:
        """RETURNS (dict[str, Any]): The same as data."""
        task = self.queue.show()
        shown = task.to_data() if task else None
        for _, _, label in shown["spans"] if shown else ():
            self.labels.add(label)
        journal = self.queue.journal
        seconds = sorted(journal.seconds)
        return {
            "task": shown,
            "labels": self.labels.to_data(),
            "annotator": journal.annotator,
            "decided": {answer.value: journal.counts[answer] for answer in Answer},
            "others": len(journal.annotators - {journal.annotator}),
            "waiting": len(self.queue.waiting),
            "seconds": seconds[len(seconds) // 2] if seconds else None,
            "learned": self.along.to_data(),
        }


def make_review_app(screen: Screen, hosts: set[str]) -> Door:
    """Make the application.

    screen (Screen): What the page shows.
    hosts (set[str]): The names that the server goes by; empty if it does not matter.
    RETURNS (Door): The application.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    door = Door(app, hosts)
    files = {name: file for package in PACKAGES for name, file in read_page(package).items()}

    def refuse(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, 400)

    def fail(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": f"Nothing was saved: {error}"}, 500)

    app.add_exception_handler(Refused, refuse)
    app.add_exception_handler(RequestValidationError, refuse)
    app.add_exception_handler(Outdated, lambda _, __: JSONResponse(screen.to_data(), 409))
    app.add_exception_handler(OSError, fail)

    @app.get(f"{API}state")
    def _show() -> dict[str, Any]:
        return screen.to_data()

    @app.post(f"{API}decision")
    def _decide(given: Given) -> dict[str, Any]:
        screen.queue.decide(given.id, given.answer, given.spans, given.seconds)
        screen.along.count_one()
        return screen.to_data()

    @app.post(f"{API}undo")
    def _undo() -> dict[str, Any]:
        screen.queue.undo()
        return screen.to_data()

    @app.post(f"{API}label")
    def _add_label(new: NewLabel) -> dict[str, Any]:
        screen.labels.add(new.label)
        return screen.to_data()

    @app.get("/")
    @app.get("/page/{name}")
    def _page(name: str = "index.html") -> Response:
        if name not in files:
            return JSONResponse({"detail": "There is no such file"}, 404)
        content, media_type = files[name]
        return Response(content.replace(b"{{token}}", door.token.encode()), media_type=media_type)

    return door
