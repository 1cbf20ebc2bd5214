"""Serve a pipeline: a REST API, and a page for people."""

import typer
import uvicorn

from .service.app import make_app


def serve(
    model: str = typer.Argument(..., help="An installed package's name, or a folder"),
    host: str = typer.Option("127.0.0.1"),
    port: int = typer.Option(8080),
) -> None:
    """Serve a pipeline."""
    uvicorn.run(make_app(model), host=host, port=port)


if __name__ == "__main__":
    typer.run(serve)
