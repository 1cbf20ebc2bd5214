"""Serve a pipeline: a REST API, and a page for people."""

import os
import socket
import sys
import tempfile
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from json import dumps, loads
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import typer
from wasabi import msg

from .errors import ProjectError
from .service.settings import Settings

Opt = typer.Option
FAILED = 3  # uvicorn ends when a worker ends with this code
FAILURE = "SERVICE_FAILURE"  # names the file where the first worker that does so leaves why
REMEDY = "Give an installed package's name, a wheel, or a folder with a pipeline"
# Without this, glibc hands the memory of a batch back to the system and takes it anew for the next: a tenth of the time
KEEP = {"MALLOC_TRIM_THRESHOLD_": str(2**26), "MALLOC_MMAP_THRESHOLD_": str(2**25)}


def serve(
    model: str = typer.Argument(
        ..., envvar="SERVICE_MODEL", help="An installed package's name, a wheel, or a folder with a pipeline"
    ),
    host: str = Opt("127.0.0.1", help="Address to listen on; 0.0.0.0 for all"),
    port: int = Opt(8080, envvar="SERVICE_PORT", help="Port to listen on; 0 for any that is free"),
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
    try:
        import uvicorn
        from uvicorn.supervisors import Multiprocess

        from .service.protocol import Protocol
    except ImportError as error:
        raise ProjectError(
            f"{error.name} is not installed",
            "Install what serves: pip install -r requirements-serve.txt",
        ) from error
    with tempfile.TemporaryDirectory(prefix="serve-") as folder:
        if Path(model).suffix == ".whl":
            model = _unpack(Path(model), Path(folder) / "wheel")
        _check(model)
        metrics = Path(folder) / "metrics"
        metrics.mkdir()
        failure = Path(folder) / "failure.json"
        os.environ.update({**KEEP, **os.environ, "PROMETHEUS_MULTIPROC_DIR": str(metrics), FAILURE: str(failure)})
        Settings(model, max_body, max_text, max_texts, max_waiting, max_requests, timeout).to_environment()
        config = uvicorn.Config(
            f"{__package__}.serve:load_app",
            factory=True,
            host=host,
            port=port,
            http=Protocol,
            workers=workers,
            access_log=False,  # it would hold query strings
            server_header=False,
            limit_max_requests=recycle - recycle // 10,
            limit_max_requests_jitter=recycle // 5,  # so that not all are replaced at once
            timeout_graceful_shutdown=int(timeout) + 5,
        )
        # also with one worker: it is replaced when it is killed, and after so many requests
        listener = config.bind_socket()
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux: else what a client does not read keeps its connection for ever
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(timeout * 1000))
        supervisor = Multiprocess(config, sockets=[listener])
        supervisor.run()
        if failure.exists():
            raise ProjectError(*loads(failure.read_text(encoding="utf-8")))


def load_app() -> Any:
    """RETURNS (ASGIApp): The application, in a worker process; that ends here if the model does not load."""
    from .service.app import make_app  # the supervisor needs neither spaCy nor the model

    try:
        return make_app(Settings.from_environment())
    except ProjectError as error:
        with suppress(FileExistsError), Path(os.environ[FAILURE]).open("x", encoding="utf-8") as file_:
            file_.write(dumps([error.title, error.remedy]))
        os._exit(FAILED)  # at once: uvicorn waits seconds for an answer of one that is on its way out


def _check(model: str) -> None:
    """What is not there at all is told at once; whether it loads, the workers see."""
    if not Path(model).is_dir():
        try:
            distribution(model)
        except (PackageNotFoundError, ValueError):
            raise ProjectError(f"There is no model {model}", REMEDY) from None


def _unpack(wheel: Path, folder: Path) -> str:
    if not wheel.is_file():
        raise ProjectError(f"There is no wheel {wheel}", "Make it: spacy project run all .")
    with ZipFile(wheel) as archive:
        archive.extractall(folder)
    sys.path.insert(0, str(folder))  # worker processes get it from here
    return wheel.name.partition("-")[0]


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
