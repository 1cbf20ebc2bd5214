"""The server: a supervisor that starts worker processes, each with its own model, and replaces them."""

import os
import socket
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, distribution
from json import dumps, loads
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from ..project.errors import ProjectError
from .settings import Settings

FAILED = 3  # uvicorn ends when a worker ends with this code
FAILURE = "SERVICE_FAILURE"  # names the file where the first worker that does so leaves why
REMEDY = "Give an installed package's name, a wheel, or a folder with a pipeline"
# Without this, glibc hands the memory of a batch back to the system and takes it anew for the next: a tenth of the time
KEEP = {"MALLOC_TRIM_THRESHOLD_": str(2**26), "MALLOC_MMAP_THRESHOLD_": str(2**25)}


def run_server(settings: Settings, host: str, port: int, workers: int, recycle: int) -> None:
    """Serve a pipeline until the process is asked to end.

    settings (Settings): What is served, and within which limits. The model may be a wheel.
    host (str): Address to listen on.
    port (int): Port to listen on; 0 for any that is free.
    workers (int): How many processes, each with its own model.
    recycle (int): Requests after which a process is replaced; a tenth more or less.
    RAISES (ProjectError): If a package is missing, or the model cannot be loaded.
    """
    try:
        import uvicorn
        from uvicorn.supervisors import Multiprocess

        from .protocol import Protocol
    except ImportError as error:
        remedy = 'Install what serves: pip install -e ".[serve]", or -r requirements/serve.lock without the project'
        raise ProjectError(f"{error.name} is not installed", remedy) from error
    with tempfile.TemporaryDirectory(prefix="serve-") as folder:
        if Path(settings.model).suffix == ".whl":
            settings = replace(settings, model=_unpack(Path(settings.model), Path(folder) / "wheel"))
        _check(settings.model)
        metrics = Path(folder) / "metrics"
        metrics.mkdir()
        failure = Path(folder) / "failure.json"
        os.environ.update({**KEEP, **os.environ, "PROMETHEUS_MULTIPROC_DIR": str(metrics), FAILURE: str(failure)})
        settings.to_environment()
        config = uvicorn.Config(
            f"{__name__}:load_app",
            factory=True,
            host=host,
            port=port,
            http=Protocol,
            workers=workers,
            access_log=False,  # it would hold query strings
            server_header=False,
            limit_max_requests=recycle - recycle // 10,
            limit_max_requests_jitter=recycle // 5,  # so that not all are replaced at once
            timeout_graceful_shutdown=int(settings.timeout) + 5,
        )
        # also with one worker: it is replaced when it is killed, and after so many requests
        listener = config.bind_socket()
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux: else what a client does not read keeps its connection for ever
            patience = int(settings.timeout * 1000)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, patience)
        Multiprocess(config, sockets=[listener]).run()
        if failure.exists():
            raise ProjectError(*loads(failure.read_text(encoding="utf-8")))


def load_app() -> Any:
    """RETURNS (ASGIApp): The application, in a worker process; that ends here if the model does not load."""
    from spacy_domain.service.app import make_app  # the supervisor needs neither spaCy nor the model

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
