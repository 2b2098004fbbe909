"""The plain route that tells a room how to get here.

    GET address?page=URL    {"url", "qr"}: the address for other devices, and its QR code as an SVG

URL is where the asking page lies. If that is this very machine, the address is the one in the local network, or null
if nobody else can come in.
"""

import ipaddress
import socket
from collections.abc import Callable
from io import BytesIO
from urllib.parse import urlsplit

import segno
from starlette.requests import Request
from starlette.routing import Route

from mnist_demo.serving.routes.access import guarded

LONGEST = 300  # characters of an address


def build_address_route(is_open: Callable[[], bool]) -> Route:
    """Return the route; `is_open` tells whether the server listens to other machines."""

    async def address(request: Request) -> object:
        url = find_address(request.query_params.get("page", ""), is_open())
        return {"url": url, "qr": url and draw_qr(url)}

    return Route("/address", guarded(address))


def find_address(page: str, is_open: bool) -> str | None:
    """Return the address under which other devices reach the page at `page`; None if they do not.

    Args:
        page: where this browser sees the page.
        is_open: whether the server listens to other machines.

    Raises:
        ValueError: `page` is no address of a web page.
    """
    parts = urlsplit(page[: LONGEST + 1])
    if parts.scheme not in ("http", "https") or not parts.hostname or len(page) > LONGEST:
        raise ValueError(f"page: expected an http address of at most {LONGEST} characters, found {page!r:.50}")
    if not _is_this_machine(parts.hostname):
        return f"{parts.scheme}://{parts.netloc}{parts.path}"
    own = find_own_ip() if is_open else None
    return own and f"{parts.scheme}://{own}{f':{parts.port}' if parts.port else ''}{parts.path}"


def find_own_ip() -> str | None:
    """Return this machine's address in the local network, None if it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.255", 9))  # nothing is sent: it only chooses the network card
        except OSError:
            return None
        own = str(probe.getsockname()[0])
    return None if ipaddress.ip_address(own).is_loopback else own


def draw_qr(text: str) -> str:
    """Return the QR code of a text as SVG."""
    picture = BytesIO()
    segno.make(text, error="m", micro=False).save(picture, kind="svg", border=2, xmldecl=False, light="white")
    return picture.getvalue().decode()


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
