"""Serving the page on which people review texts, to this machine."""

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from ..project.errors import ProjectError
from ..project.terminal import Stopped
from .door import Door

if TYPE_CHECKING:
    import uvicorn

LOCAL = {"127.0.0.1", "localhost", "::1"}


def hosts_of(host: str) -> set[str]:
    """RETURNS (set[str]): The names that a server goes by; none if it does not listen to this machine alone."""
    return LOCAL if host in LOCAL else set()


def open_port(host: str, port: int) -> socket.socket:
    """Take a port.

    host (str): Address to listen on.
    port (int): The port; 0 for any that is free.
    RETURNS (socket.socket): What listens there.
    RAISES (ProjectError): If it is taken.
    """
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        remedy = "Set --vars.review_port to another one, or to 0 for any that is free."
        raise ProjectError(f"Cannot listen on {host}:{port} ({error.strerror})", remedy) from None


def make_server(app: Door) -> "uvicorn.Server":
    """RETURNS (uvicorn.Server): What serves the page."""
    import uvicorn

    return uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=3)
    )


def run_review_server(app: Door, listener: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve the page until the process is asked to end.

    app (Door): The application.
    listener (socket.socket): What listens.
    ready (Callable[[str], None]): Told the page's address.
    """
    host, port = listener.getsockname()[:2]
    ready(f"http://{f'[{host}]' if ':' in host else host}:{port}/")
    with suppress(Stopped):  # that is how it ends, and nothing is undone by it
        make_server(app).run(sockets=[listener])
