"""The page's scripts: ES modules from components/, which a browser fetches once and keeps."""

import gzip
import hashlib
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mnist_demo.serving.routes.access import guarded

FOLDER = Path(__file__).parent / "components"
FILES = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in sorted(FOLDER.rglob("*.js"))}
# Part of every address, and so of those that the modules import by relative addresses: what is kept is never stale.
VERSION = hashlib.sha256(repr(FILES).encode()).hexdigest()[:12]
ADDRESS = f"modules/{VERSION}"
HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "Content-Encoding": "gzip"}


def build_scripts_route() -> Route:
    """Return the route of all modules, by their path from components/ on."""
    compressed = {name: gzip.compress(content, mtime=0) for name, content in FILES.items()}

    async def script(request: Request) -> Response:
        version, name = request.path_params["version"], request.path_params["name"]
        if version != VERSION or name not in compressed:
            raise HTTPException(404, "there is no such script")
        return Response(compressed[name], headers=HEADERS, media_type="text/javascript")

    return Route("/modules/{version}/{name:path}", guarded(script))


def preload_scripts() -> str:
    """Return the links in the page's head that have all modules fetched at once, not one after the other imports it."""
    return "".join(f'<link rel="modulepreload" href="{ADDRESS}/{name}">' for name in FILES)
