"""Bodies as they arrive: bounded in size and time."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .messages import RequestError

# Clients send all before they listen, and miss an answer that comes with a closed connection. So what is too large by
# less than this is read, and forgotten.
PATIENCE = 10


async def read_whole(request: Request, max_body: int, timeout: float) -> bytearray:
    """Read a body.

    request (Request): Its request.
    max_body (int): Most bytes.
    timeout (float): Most seconds that it may take.
    RETURNS (bytearray): The body.
    RAISES (RequestError): If it is too large, by its own account or while it comes, or too slow.
    """
    too_large = RequestError(413, f"The body is larger than {max_body} bytes")
    if int(request.headers.get("content-length", "0")) > PATIENCE * max_body:
        raise too_large

    async def read() -> bytearray:
        body, size = bytearray(), 0
        async for chunk in request.stream():
            size += len(chunk)
            if size <= max_body:
                body += chunk
            elif size > PATIENCE * max_body:
                break
        if size > max_body:
            raise too_large
        return body

    try:
        return await asyncio.wait_for(read(), timeout)
    except TimeoutError:
        raise RequestError(408, f"The body did not arrive within {timeout:g} seconds") from None


async def read_lines(request: Request, max_line: int, timeout: float) -> AsyncIterator[list[bytes]]:
    """Read the lines of a body of any size, as they arrive.

    request (Request): Its request.
    max_line (int): Most bytes of a line.
    timeout (float): Most seconds between two chunks.
    YIELDS (list[bytes]): Lines that are whole, without blank ones.
    RAISES (RequestError): If a line is too long, or the next chunk too slow.
    """
    chunks, rest = request.stream(), b""
    while True:
        try:
            chunk = await asyncio.wait_for(anext(chunks, None), timeout)
        except TimeoutError:
            raise RequestError(408, f"Nothing arrived for {timeout:g} seconds") from None
        *lines, rest = (rest + (b"\n" if chunk is None else chunk)).split(b"\n")
        if max(map(len, [*lines, rest])) > max_line:
            raise RequestError(413, f"A line is longer than {max_line} bytes")
        yield [line for line in lines if line.strip()]
        if chunk is None:
            return


class Stream(Response):
    """An answer that is sent while its request arrives. Starlette's own would take the request's chunks for itself.

    lines (AsyncIterator[bytes]): The answer, piece by piece.
    media_type (str): Its type.
    """

    def __init__(self, lines: AsyncIterator[bytes], media_type: str):
        super().__init__(media_type=media_type)
        del self.headers["content-length"]
        self.lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for piece in self.lines:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})
