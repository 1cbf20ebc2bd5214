"""Skeleton: to be replaced."""

from pathlib import Path
from typing import Any

import spacy
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import Response

PAGE = Path(__file__).parent / "page"
TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def make_app(model: str) -> FastAPI:
    nlp = spacy.load(model)
    component = nlp.create_pipe("entity_confidence") if nlp.has_factory("entity_confidence") else None
    app = FastAPI(docs_url=None, redoc_url=None)

    @app.middleware("http")
    async def headers(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers["Content-Security-Policy"] = CSP
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    @app.post("/v1/entities")
    async def entities(request: Request) -> dict[str, Any]:
        body = await request.json()
        results = []
        for text in body.get("texts", [body.get("text")]):
            doc = nlp(text)
            if body.get("confidence") and component:
                component(doc)
            found = []
            for ent in doc.ents:
                if "labels" in body and ent.label_ not in body["labels"]:
                    continue
                start, end = ent.start_char, ent.end_char
                if body.get("offsets") == "utf-16":
                    start, end = (len(text[:at].encode("utf-16-le")) // 2 for at in (start, end))
                one = {"text": ent.text, "label": ent.label_, "start": start, "end": end}
                if body.get("confidence"):
                    one["confidence"] = ent._.confidence
                found.append(one)
            results.append({"entities": found})
        return {"model": f"{nlp.meta['lang']}_{nlp.meta['name']}-{nlp.meta['version']}", "results": results}

    @app.get("/v1/model")
    async def about() -> dict[str, Any]:
        meta = nlp.meta
        keys = ("version", "lang", "description", "license", "sources", "provenance", "performance")
        labels = sorted({label for labels in meta["labels"].values() for label in labels})
        return {"name": f"{meta['lang']}_{meta['name']}", "labels": labels, **{key: meta.get(key) for key in keys}}

    @app.get("/")
    @app.get("/page/{name}")
    async def page(name: str = "index.html") -> Response:
        kind = TYPES.get(name.rpartition(".")[2])
        if "/" in name or not kind or not (PAGE / name).is_file():
            raise HTTPException(404)
        return Response((PAGE / name).read_bytes(), media_type=kind)

    @app.get("/livez")
    @app.get("/readyz")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    return app
