"""The application, put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from .answers import fail, refuse
from .batches import Batches
from .entities import EntitiesPath
from .guard import Guard
from .messages import RequestError
from .page_files import make_page_router
from .recognizer import Recognizer
from .settings import Settings
from .state import make_state_router


def make_app(settings: Settings) -> ASGIApp:
    """Make the application; the model is loaded when this returns.

    settings (Settings): What to serve.
    RETURNS (ASGIApp): The application.
    RAISES (ProjectError): If the model does not load.
    """
    recognizer = Recognizer(settings.model)
    batches = Batches(recognizer, settings.max_waiting)
    about = recognizer.describe()
    full_name = f"{about['name']}-{about['version']}"

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(batches.run())
        yield
        await asyncio.sleep(0.1)  # for requests that were cancelled to be told so
        task.cancel()

    # No page for the OpenAPI document: FastAPI's comes from elsewhere on the web
    app = FastAPI(
        title=full_name,
        version=about["version"],
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.add_exception_handler(RequestError, refuse)  # type: ignore[arg-type]  # it wants one that takes any exception
    app.add_exception_handler(Exception, fail)
    app.include_router(EntitiesPath(batches, settings, full_name).make_router())
    app.include_router(make_state_router(batches, about))
    app.include_router(make_page_router())
    return Guard(app, settings)
