"""Who may come in: the page that this server gave out, in a browser on this machine, and nobody else.

Any page that is open in a browser can send requests to this machine. Three things keep it out: the Host of a request
has to be this server (else a name on the web that leads here would do), its Origin too, if it has one, and whatever is
not the page itself has to come with a token that only the page holds.
"""

import hmac
import secrets
from urllib.parse import urlsplit

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..service.guard import RAW_HEADERS

HEADER = "x-review-token"
API = "/api/"
LARGEST = 10_000_000  # bytes of a body


class Door:
    """An ASGI application around another.

    app (ASGIApp): The other.
    hosts (set[str]): The names that this server goes by, without port.
    """

    def __init__(self, app: ASGIApp, hosts: set[str]):
        self.app, self.hosts = app, hosts
        self.token = secrets.token_urlsafe(24)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *RAW_HEADERS]
            await send(message)

        why = self._why_not(scope)
        app = JSONResponse({"detail": why}, 403) if why else self.app
        await app(scope, receive, send_guarded)

    def _why_not(self, scope: Scope) -> str:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        host, origin = headers.get("host", ""), headers.get("origin", "")
        if self.hosts and urlsplit(f"//{host}").hostname not in self.hosts:
            return "This server goes by another name"
        if origin and urlsplit(origin).netloc != host:
            return "Only its own page may ask this server"
        if not scope["path"].startswith(API):
            return ""
        if not hmac.compare_digest(headers.get(HEADER, "").encode("latin-1"), self.token.encode()):
            return "The server was started anew: load the page again"
        length = headers.get("content-length", "0")
        if scope["method"] == "POST" and not (length.isdecimal() and 0 < int(length) <= LARGEST):
            return "Too large, or of unknown size"
        return ""
