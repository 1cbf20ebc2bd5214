"""The application: its paths, and what each answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from json import dumps
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from .batches import Batches, FullError
from .bodies import Stream, read_lines, read_whole
from .guard import ENDING, Guard, log_error
from .messages import (
    ENTITIES,
    TEXT,
    EntitiesAnswer,
    EntitiesRequest,
    ErrorAnswer,
    ModelAnswer,
    RequestError,
    parse,
    render,
)
from .metrics import expose
from .recognizer import Entity, Recognizer
from .settings import Settings

JSON, LINES = "application/json", "application/x-ndjson"
FAILED = "Something went wrong here"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
REASONS = {
    400: "Not JSON in UTF-8",
    401: "A token is needed",
    408: "The body was too slow",
    413: "Body, text or batch is too large",
    415: "Neither JSON nor lines of JSON, or compressed",
    422: "Not a request as described",
    503: "Too much to do; Retry-After tells when to ask again",
    504: "The answer took too long",
}
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": reason} for status, reason in REASONS.items()
}


def make_app(settings: Settings) -> ASGIApp:
    """Make the application; the model is loaded when this returns.

    settings (Settings): What to serve.
    RETURNS (ASGIApp): The application.
    RAISES (ProjectError): If the model does not load.
    """
    recognizer = Recognizer(settings.model)
    batches = Batches(recognizer, settings.max_waiting)
    about = recognizer.describe()
    full_name = f"{about['name']}-{about['version']}"

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(batches.run())
        yield
        await asyncio.sleep(0.1)  # for requests that were cancelled to be told so
        task.cancel()

    # No page for the OpenAPI document: FastAPI's comes from elsewhere on the web
    app = FastAPI(
        title=full_name,
        version=about["version"],
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )

    async def find(asked: EntitiesRequest) -> list[dict[str, Any]]:
        """The results of a request."""
        texts = asked.all_texts()
        try:
            finding = batches.find(texts, [asked.confidence] * len(texts))
            found = await asyncio.wait_for(finding, settings.timeout)
        except FullError:
            raise RequestError(503, "Too many texts wait already") from None
        except TimeoutError:
            raise RequestError(504, f"No answer within {settings.timeout:g} seconds") from None
        return [render(text, entities, asked) for text, entities in zip(texts, found, strict=True)]

    async def stream(request: Request) -> AsyncIterator[bytes]:
        """The results of a stream. It has no time to be done in: no more of it is read than is worked on."""
        try:
            async for lines in read_lines(request, settings.max_body, settings.timeout):
                for first in range(0, len(lines), batches.piece):
                    parsed = [_parse_line(line, settings) for line in lines[first : first + batches.piece]]
                    asked = [one for one in parsed if isinstance(one, EntitiesRequest)]
                    found = await batches.find_piece([one.text for one in asked], [one.confidence for one in asked])
                    results = map(_answer_line, asked, found)
                    answers = [one if isinstance(one, dict) else next(results) for one in parsed]
                    yield b"".join(_encode(answer) + b"\n" for answer in answers)
        except RequestError as error:  # too late for a status
            yield _encode({"error": error.reason}) + b"\n"
        except asyncio.CancelledError:  # else a client could take what was cut off for the whole
            yield _encode({"error": ENDING}) + b"\n"

    @app.exception_handler(RequestError)
    async def refuse(_: Request, error: RequestError) -> Response:
        headers = {"Retry-After": "1"} if error.status == 503 else {}
        if error.status in (408, 413):
            headers["Connection"] = "close"  # what is left of the body is not read
        return Response(_encode({"detail": error.reason}), error.status, headers, JSON)

    @app.exception_handler(Exception)
    async def fail(_: Request, error: Exception) -> Response:
        return Response(_encode({"detail": FAILED}), 500, media_type=JSON)

    @app.post(
        "/v1/entities",
        response_model=EntitiesAnswer,
        responses={**ERRORS, 200: {"content": _examples()}},
        openapi_extra={"requestBody": {"required": True, "content": _request_content()}},
        summary="Find the entities of a text, of several, or of a stream of them",
    )
    async def entities(request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in (JSON, LINES):
            raise RequestError(415, f"Send {JSON}, or {LINES} with a request a line")
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise RequestError(415, "Send the body as it is, without Content-Encoding")
        if kind == LINES:
            return Stream(stream(request), LINES)
        body = await read_whole(request, settings.max_body, settings.timeout)
        asked = parse(body, settings.max_text, settings.max_texts)
        return Response(_encode({"model": full_name, "results": await find(asked)}), media_type=JSON)

    @app.get("/v1/model", response_model=ModelAnswer, responses={401: ERRORS[401], 503: ERRORS[503]})
    async def model() -> Response:
        """What the package says about itself."""
        return Response(_encode(about), media_type=JSON)

    @app.get("/livez")
    async def livez() -> Response:
        """Whether the process answers at all."""
        return Response(b'{"status": "live"}', media_type=JSON)

    @app.get("/readyz", responses={503: ERRORS[503]})
    async def readyz() -> Response:
        """Whether texts are taken. (While the model loads, no connection is.)"""
        if batches.full:
            raise RequestError(503, "Too many texts wait already")
        return Response(b'{"status": "ready"}', media_type=JSON)

    @app.get("/metrics", response_class=PlainTextResponse, responses={401: ERRORS[401]})
    async def metrics() -> Response:
        """Numbers for Prometheus."""
        return PlainTextResponse(await asyncio.to_thread(expose), headers={"Content-Type": "text/plain; version=0.0.4"})

    @app.get("/", include_in_schema=False)
    @app.get("/page/{name}", include_in_schema=False)
    async def page(name: str = "index.html") -> Response:
        if name not in pages:
            raise RequestError(404, "There is no such file")
        return Response(pages[name][0], media_type=pages[name][1])

    pages = _read_pages()
    return Guard(app, settings)


def _read_pages() -> dict[str, tuple[bytes, str]]:
    """The files of the page, from a folder or from within a .pyz file."""
    found = [(file, TYPES.get(f".{file.name.rpartition('.')[2]}")) for file in (files(__package__) / "page").iterdir()]
    return {file.name: (file.read_bytes(), kind) for file, kind in found if kind}


def _parse_line(line: bytes, settings: Settings) -> EntitiesRequest | dict[str, str]:
    try:
        request = parse(line, settings.max_text, settings.max_texts)
        return {"error": "Give one text a line"} if "texts" in request.model_fields_set else request
    except RequestError as error:
        return {"error": error.reason}


def _answer_line(asked: EntitiesRequest, found: list[Entity] | Exception) -> dict[str, Any]:
    if isinstance(found, Exception):  # which does not end the stream: the other lines are none the worse for it
        log_error(found)
        return {"error": FAILED}
    return render(asked.text, found, asked)


def _encode(answer: dict[str, Any]) -> bytes:
    return dumps(answer, ensure_ascii=False).encode("utf-8")


def _request_content() -> dict[str, Any]:
    examples = {
        "one text": {"value": {"text": TEXT}},
        "several": {"value": {"texts": [TEXT, "Thanks!"], "labels": ["TIME"], "confidence": True, "offsets": "utf-16"}},
    }
    return {
        JSON: {"schema": EntitiesRequest.model_json_schema(), "examples": examples},
        LINES: {"schema": {}, "example": _encode({"text": TEXT}).decode() + "\n"},  # a request with one text a line
    }


def _examples() -> dict[str, Any]:
    answer = {"model": "en_event_scheduling-1.0.0", "results": [{"entities": ENTITIES}]}
    return {JSON: {"example": answer}, LINES: {"schema": {"type": "string"}}}
