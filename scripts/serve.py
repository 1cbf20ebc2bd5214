"""Serve a pipeline: a REST API, and a page for people."""

import sys

import typer
from wasabi import msg

from spacy_domain.project.errors import ProjectError
from spacy_domain.service.server import run_server
from spacy_domain.service.settings import Settings

Opt = typer.Option


def serve(
    model: str = typer.Argument(
        ..., envvar="SERVICE_MODEL", help="An installed package's name, a wheel, or a folder with a pipeline"
    ),
    host: str = Opt("127.0.0.1", help="Address to listen on; 0.0.0.0 for all"),
    port: int = Opt(8080, envvar="SERVICE_PORT", min=0, max=65535, help="Port to listen on; 0 for any that is free"),
    workers: int = Opt(1, min=1, help="Processes, each with its own model"),
    max_body: int = Opt(Settings.max_body, min=1, help="Most bytes of a body, and of a line of a stream"),
    max_text: int = Opt(Settings.max_text, min=1, help="Most characters of a text"),
    max_texts: int = Opt(Settings.max_texts, min=1, help="Most texts of a request"),
    max_waiting: int = Opt(
        Settings.max_waiting,
        min=1,
        help="Texts that wait for the model, for each process, when further requests are turned away",
    ),
    max_requests: int = Opt(Settings.max_requests, min=1, help="Most requests at once, for each process"),
    timeout: float = Opt(Settings.timeout, min=0.1, help="Most seconds to read a request, and again to answer it"),
    recycle: int = Opt(100_000, min=1, help="Requests after which a process is replaced; a tenth more or less"),
) -> None:
    """Serve a pipeline over HTTP. If the variable SERVICE_TOKEN is set, requests have to be authorized with it.

    It takes no lock on the project: a model can be served while the next one is trained.
    """
    settings = Settings(model, max_body, max_text, max_texts, max_waiting, max_requests, timeout)
    run_server(settings, host, port, workers, recycle)


def main() -> None:
    """Run the command, without the project's lock and rooms: they are not there where a wheel is served."""
    try:
        typer.run(serve)
    except ProjectError as error:
        msg.fail(error.title)
        msg.text(f"What to do: {error.remedy}")
        sys.exit(1)


if __name__ == "__main__":
    main()
