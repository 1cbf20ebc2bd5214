"""What holds for every request, whatever its path: who may ask, how many at once, what is logged, and which headers."""

import asyncio
import hmac
import logging
import traceback
from json import dumps
from time import perf_counter

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .metrics import REQUESTS, SECONDS
from .settings import Settings

API = "/v1/"
FREE = ("/", "/page/", "/livez", "/readyz")  # without token: a browser and a health check send none
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
ENDING = "The server ends; send again what has no answer"
log = logging.getLogger("uvicorn.error")


class Guard:
    """An ASGI application around another.

    app (ASGIApp): The other.
    settings (Settings): The token, how many requests at once, and how long an answer may take to be read.
    """

    def __init__(self, app: ASGIApp, settings: Settings):
        self.app = app
        self.settings = settings
        self.expected = f"Bearer {settings.token}".encode()
        self.busy = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] == "HEAD":  # answered as GET; uvicorn leaves out the body
            scope = {**scope, "method": "GET"}
        started, status, holds = perf_counter(), 0, False

        async def send_guarded(message: Message) -> None:
            nonlocal status, holds
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *RAW_HEADERS]
            elif holds and not message.get("more_body"):
                holds = False  # before the client has the whole answer, and may send the next request
                self.busy -= 1
            await asyncio.wait_for(send(message), self.settings.timeout)  # a client that does not read it holds a place

        try:
            if not self._may(scope):
                await _refuse(send_guarded, 401, "A token is needed", (b"www-authenticate", b"Bearer"))
            elif not scope["path"].startswith(API):
                await self.app(scope, receive, send_guarded)
            elif self.busy >= self.settings.max_requests:
                await _refuse(send_guarded, 503, "Too many requests at once", (b"retry-after", b"1"))
            else:
                self.busy += 1
                holds = True
                await self.app(scope, receive, send_guarded)
        except ClientDisconnect:
            status = 0  # nobody is there to be answered, whatever was tried
        except (TimeoutError, OSError):
            pass
        except asyncio.CancelledError:  # uvicorn ends, and has waited as long as it waits
            if not status:
                await _refuse(send_guarded, 503, ENDING, (b"retry-after", b"1"))
        except Exception as error:
            log_error(error)
        finally:
            if holds:
                self.busy -= 1
            # Known paths alone: others could hold anything, and be any number
            path = getattr(scope.get("route"), "path", "other")
            REQUESTS.labels(path, str(status or 499)).inc()
            SECONDS.labels(path).observe(perf_counter() - started)

    def _may(self, scope: Scope) -> bool:
        path = scope["path"]
        if not self.settings.token or path in FREE or path.startswith("/page/"):
            return True
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        return hmac.compare_digest(given, self.expected)


def log_error(error: Exception) -> None:
    """Log an error's type and where it was raised, but not its message: that may quote a text.

    error (Exception): The error.
    """
    log.error("%s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))


async def _refuse(send: Send, status: int, detail: str, *headers: tuple[bytes, bytes]) -> None:
    body = dumps({"detail": detail}).encode()
    length = (b"content-length", str(len(body)).encode())
    all_headers = [(b"content-type", b"application/json"), length, *headers]
    await send({"type": "http.response.start", "status": status, "headers": all_headers})
    await send({"type": "http.response.body", "body": body})
