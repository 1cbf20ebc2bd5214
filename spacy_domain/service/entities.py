"""The path that everything is for: the entities of a text, of several, or of a stream of them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from .answers import ERRORS, FAILED, JSON, LINES, encode
from .batches import Batches, FullError
from .bodies import Stream, read_lines, read_whole
from .guard import ENDING, log_error
from .messages import ENTITIES, TEXT, EntitiesAnswer, EntitiesRequest, RequestError, parse, render
from .recognizer import Entity
from .settings import Settings


class EntitiesPath:
    """Answers requests for entities.

    batches (Batches): What finds them.
    settings (Settings): How large requests may be, and how long an answer may take.
    model (str): The model's name and version, for answers.
    """

    def __init__(self, batches: Batches, settings: Settings, model: str):
        self.batches = batches
        self.settings = settings
        self.model = model

    def make_router(self) -> APIRouter:
        """RETURNS (APIRouter): The path, and what the OpenAPI document says about it."""
        router = APIRouter()

        @router.post(
            "/v1/entities",
            response_model=EntitiesAnswer,
            responses={**ERRORS, 200: {"content": _examples()}},
            openapi_extra={"requestBody": {"required": True, "content": _request_content()}},
            summary="Find the entities of a text, of several, or of a stream of them",
        )
        async def entities(request: Request) -> Response:
            return await self.answer(request)

        return router

    async def answer(self, request: Request) -> Response:
        """Answer a request, be it whole or a stream.

        request (Request): The request.
        RETURNS (Response): The answer.
        RAISES (RequestError): If there is none.
        """
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in (JSON, LINES):
            raise RequestError(415, f"Send {JSON}, or {LINES} with a request a line")
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise RequestError(415, "Send the body as it is, without Content-Encoding")
        if kind == LINES:
            return Stream(self._stream(request), LINES)
        body = await read_whole(request, self.settings.max_body, self.settings.timeout)
        asked = parse(body, self.settings.max_text, self.settings.max_texts)
        return Response(encode({"model": self.model, "results": await self._find(asked)}), media_type=JSON)

    async def _find(self, asked: EntitiesRequest) -> list[dict[str, Any]]:
        texts = asked.all_texts()
        try:
            finding = self.batches.find(texts, [asked.confidence] * len(texts))
            found = await asyncio.wait_for(finding, self.settings.timeout)
        except FullError:
            raise RequestError(503, "Too many texts wait already") from None
        except TimeoutError:
            raise RequestError(504, f"No answer within {self.settings.timeout:g} seconds") from None
        return [render(text, entities, asked) for text, entities in zip(texts, found, strict=True)]

    async def _stream(self, request: Request) -> AsyncIterator[bytes]:
        """The results of a stream. It has no time to be done in: no more of it is read than is worked on."""
        piece = self.batches.piece
        try:
            async for lines in read_lines(request, self.settings.max_body, self.settings.timeout):
                for first in range(0, len(lines), piece):
                    answers = await self._answer_lines(lines[first : first + piece])
                    yield b"".join(encode(answer) + b"\n" for answer in answers)
        except RequestError as error:  # too late for a status
            yield encode({"error": error.reason}) + b"\n"
        except asyncio.CancelledError:  # else a client could take what was cut off for the whole
            yield encode({"error": ENDING}) + b"\n"

    async def _answer_lines(self, lines: list[bytes]) -> list[dict[str, Any]]:
        parsed = [_parse_line(line, self.settings) for line in lines]
        asked = [one for one in parsed if isinstance(one, EntitiesRequest)]
        found = await self.batches.find_piece([one.text for one in asked], [one.confidence for one in asked])
        results = map(_answer_line, asked, found)
        return [one if isinstance(one, dict) else next(results) for one in parsed]


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


def _request_content() -> dict[str, Any]:
    examples = {
        "one text": {"value": {"text": TEXT}},
        "several": {"value": {"texts": [TEXT, "Thanks!"], "labels": ["TIME"], "confidence": True, "offsets": "utf-16"}},
    }
    return {
        JSON: {"schema": EntitiesRequest.model_json_schema(), "examples": examples},
        LINES: {"schema": {}, "example": encode({"text": TEXT}).decode() + "\n"},  # a request with one text a line
    }


def _examples() -> dict[str, Any]:
    answer = {"model": "en_event_scheduling-1.0.0", "results": [{"entities": ENTITIES}]}
    return {JSON: {"example": answer}, LINES: {"schema": {"type": "string"}}}
