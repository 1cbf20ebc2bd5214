"""The page for people, from a folder or from within a .pyz file."""

from importlib.resources import files

from fastapi import APIRouter
from fastapi.responses import Response

from .messages import RequestError

TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def read_page(package: str) -> dict[str, tuple[bytes, str]]:
    """RETURNS (dict[str, tuple[bytes, str]]): The files of the page in a package, and their types, by name."""
    return {
        file.name: (file.read_bytes(), TYPES[kind])
        for file in (files(package) / "page").iterdir()
        if (kind := file.name.rpartition(".")[2]) in TYPES
    }


def make_page_router() -> APIRouter:
    """RETURNS (APIRouter): The paths of the page and its files, all of which are read now."""
    router = APIRouter()
    found = read_page(__package__)

    @router.get("/", include_in_schema=False)
    @router.get("/page/{name}", include_in_schema=False)
    async def page(name: str = "index.html") -> Response:
        if name not in found:
            raise RequestError(404, "There is no such file")
        content, media_type = found[name]
        return Response(content, media_type=media_type)

    return router
