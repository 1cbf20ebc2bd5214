"""What answers have in common: their types, and what is said when something is wrong."""

from json import dumps
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from .messages import ErrorAnswer, RequestError

JSON, LINES = "application/json", "application/x-ndjson"
FAILED = "Something went wrong here"
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


def encode(answer: dict[str, Any]) -> bytes:
    """RETURNS (bytes): An answer as JSON."""
    return dumps(answer, ensure_ascii=False).encode("utf-8")


async def refuse(_: Request, error: RequestError) -> Response:
    """RETURNS (Response): The answer to a request that cannot be answered."""
    headers = {"Retry-After": "1"} if error.status == 503 else {}
    if error.status in (408, 413):
        headers["Connection"] = "close"  # what is left of the body is not read
    return Response(encode({"detail": error.reason}), error.status, headers, JSON)


async def fail(_: Request, error: Exception) -> Response:
    """RETURNS (Response): The answer when something went wrong here: nothing of the error, which may quote a text."""
    return Response(encode({"detail": FAILED}), 500, media_type=JSON)
