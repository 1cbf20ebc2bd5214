"""What the service says about itself: its model, whether it takes texts, and numbers for Prometheus."""

import asyncio
from typing import Any

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from .answers import ERRORS, JSON, encode
from .batches import Batches
from .messages import ModelAnswer, RequestError
from .metrics import expose


def make_state_router(batches: Batches, about: dict[str, Any]) -> APIRouter:
    """Make the paths that say how the service is.

    batches (Batches): What finds entities: is it full?
    about (dict[str, Any]): What the package says about itself.
    RETURNS (APIRouter): The paths.
    """
    router = APIRouter()

    @router.get("/v1/model", response_model=ModelAnswer, responses={401: ERRORS[401], 503: ERRORS[503]})
    async def model() -> Response:
        """What the package says about itself."""
        return Response(encode(about), media_type=JSON)

    @router.get("/livez")
    async def livez() -> Response:
        """Whether the process answers at all."""
        return Response(b'{"status": "live"}', media_type=JSON)

    @router.get("/readyz", responses={503: ERRORS[503]})
    async def readyz() -> Response:
        """Whether texts are taken. (While the model loads, no connection is.)"""
        if batches.full:
            raise RequestError(503, "Too many texts wait already")
        return Response(b'{"status": "ready"}', media_type=JSON)

    @router.get("/metrics", response_class=PlainTextResponse, responses={401: ERRORS[401]})
    async def metrics() -> Response:
        """Numbers for Prometheus."""
        return PlainTextResponse(await asyncio.to_thread(expose), headers={"Content-Type": "text/plain; version=0.0.4"})

    return router
