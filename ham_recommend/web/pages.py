"""The pages: the collections, a collection, the description of the API; and the files they consist of."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ham_recommend.errors import ArtifactMissingError
from ham_recommend.web.api.requests import asked_by, services_of, takes_gzip
from ham_recommend.web.assets import Asset, address, assets, version
from ham_recommend.web.problems import Refused

router = APIRouter(include_in_schema=False)

_FOR_GOOD = {"cache-control": "public, max-age=31536000, immutable"}
_ASK_AGAIN = {"cache-control": "no-cache"}
INTERFACE = tuple(name for name in assets() if name.startswith("frontend/static/") and name.endswith(".js"))


@router.get("/")
async def start(request: Request) -> Response:
    """List the collections."""
    asked_by(request).visitor  # noqa: B018 - whoever looks gets the cookie that remembers them
    return _page("Collections", "start", modules=("web/static/start.js",))


@router.get("/upload")
async def upload(request: Request) -> Response:
    """Take pictures in."""
    asked_by(request).visitor  # noqa: B018
    return _page("Your own pictures", "upload", modules=("web/static/upload.js",))


@router.get("/frame")
async def frame(request: Request) -> Response:
    """Hang works on a wall, one at a time."""
    asked_by(request).visitor  # noqa: B018
    names = ("frame", "frame_wall", "frame_store", "frame_settings", "frame_history", "page", "sending")
    modules = tuple(f"web/static/{name}.js" for name in names)
    return _page("Frame", "frame", modules=modules, styles=("web/static/frame.css",))


@router.get("/docs")
async def docs() -> Response:
    """Describe the API."""
    return _page("API", "docs", modules=("web/static/docs.js",))


@router.get("/static/{of}/{name:path}")
async def static(request: Request, of: str, name: str) -> Response:
    """Return a file of the pages; under an older version, the one that took its place."""
    asset = assets().get(name)
    if asset is None:
        raise Refused(404, "There is no such file.")
    return _file(request, asset, _FOR_GOOD if of == version() else _ASK_AGAIN)


@router.get("/sw.js")
async def worker(request: Request) -> Response:
    """Return the service worker, which has to lie at the root of what it serves."""
    return _file(request, assets()["web/static/sw.js"], _ASK_AGAIN)


@router.get("/manifest.webmanifest")
async def manifest() -> Response:
    """Say what the page is called and looks like once it is installed."""
    icons = [
        {"src": address("web/static/icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
        *(
            {
                "src": address(f"web/static/icon-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": "any",
            }
            for size in (192, 512)
        ),
        {
            "src": address("web/static/icon-maskable-512.png"),
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        },
    ]
    body = {
        "name": "HAM recommend",
        "short_name": "HAM",
        "description": "Explore a museum's collection by words, by pictures and by taste.",
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#ffffff",
        "icons": icons,
    }
    return Response(orjson.dumps(body), headers=_ASK_AGAIN, media_type="application/manifest+json")


@router.get("/{collection}")
async def gallery(request: Request, collection: str) -> Response:
    """Show a collection."""
    try:
        services_of(request).collections.root(collection)
    except ArtifactMissingError:
        return _page("Not here", "missing", modules=("web/static/start.js",), status=404)
    asked_by(request).visitor  # noqa: B018
    modules = (
        *INTERFACE,
        *(f"web/static/{name}.js" for name in ("gallery", "model", "address", "questions", "page")),
    )
    return _page(collection, "gallery", modules=modules, collection=collection)


@router.get("/{collection}/")
async def with_slash(collection: str) -> Response:
    """Lead to the page without the slash."""
    return RedirectResponse(f"/{quote(collection, safe='')}", 308)


def _file(request: Request, asset: Asset, headers: dict[str, str]) -> Response:
    packed = bool(asset.compressed) and takes_gzip(request)
    encoding = {"content-encoding": "gzip"} if packed else {}
    content = asset.compressed if packed else asset.content
    return Response(
        content, headers={**headers, **encoding, "vary": "accept-encoding"}, media_type=asset.media_type
    )


def _page(
    title: str,
    view: str,
    *,
    modules: Iterable[str],
    styles: Iterable[str] = (),
    collection: str = "",
    status: int = 200,
) -> HTMLResponse:
    """Return a page: its head, an empty body, and the modules that fill it."""
    *early, entry = sorted(modules, key=lambda name: name == f"web/static/{view}.js")
    loads = "".join(f'<link rel="modulepreload" href="{address(name)}">' for name in early)
    more = "".join(f'<link rel="stylesheet" href="{address(name)}">\n' for name in styles)
    body = f"""<!DOCTYPE html>
<html lang="en" data-view="{view}" data-collection="{escape(collection)}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="#ffffff">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#17181a">
<title>{escape(title)} · HAM recommend</title>
<link rel="icon" href="{address("web/static/icon.svg")}" type="image/svg+xml">
<link rel="apple-touch-icon" href="{address("web/static/icon-192.png")}">
<link rel="manifest" href="/manifest.webmanifest">
<link rel="stylesheet" href="{address("frontend/static/interface.css")}">
<link rel="stylesheet" href="{address("web/static/page.css")}">
{more}{loads}
<script type="module" src="{address(entry)}"></script>
<body>
<noscript>This page needs JavaScript.</noscript>
</body>
</html>
"""
    return HTMLResponse(body, status, _ASK_AGAIN)
