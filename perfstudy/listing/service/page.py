"""The page at ``/`` and its assets: static files, and the switches of the variant.

The page itself needs no token: it holds no data, and asks the listing with the token in its own address's fragment.
"""

import mimetypes
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from perfstudy.errors import UsageError
from perfstudy.listing.service.ads.views import readonly
from perfstudy.listing.service.problems import Problem

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""No script, style or connection but the service's own, and no inline one."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    # Together these two give the page timers of full resolution, with which it is measured.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

PLAIN = '<html lang="en" data-on="" data-search="page">'
"""How every page's document begins; the switches are put in."""

SEARCHES = ("page", "server")

HASHED = "public, max-age=31536000, immutable"


@readonly
def view(request: HttpRequest) -> HttpResponse:
    """Answer with the page, under the switches of the variant.

    A parameter ``search`` of ``page`` or ``server`` says where it searches, in place of ``PERFSTUDY_SEARCH``.
    """
    return HttpResponse(current(request.GET.get("search", "")), headers=HEADERS | {"Cache-Control": "no-store"})


@readonly
def asset(request: HttpRequest, name: str) -> HttpResponse:
    """Answer with an asset, whose name changes with its contents."""
    found = list_assets(Path(settings.PERFSTUDY_PAGE)).get(name)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"The page has no asset {name!r}.")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return HttpResponse(found.read_bytes(), content_type=kind, headers=HEADERS | {"Cache-Control": HASHED})


def current(search: str = "") -> bytes:
    """Return the page of this process, searching where *search* says, or as usual.

    Raises:
        UsageError: its folder holds none.
    """
    place = search if search in SEARCHES else settings.PERFSTUDY_SEARCH
    return render(Path(settings.PERFSTUDY_PAGE), tuple(settings.PERFSTUDY_FRONTEND), place)


@cache
def render(folder: Path, switches: Iterable[str], search: str) -> bytes:
    """Return the page in *folder* with *switches* on.

    Raises:
        UsageError: the folder holds no page.
    """
    try:
        text = (folder / "index.html").read_text(encoding="utf-8")
    except OSError as error:
        raise _no_page(folder, f"cannot be read, {error.strerror}") from None
    if PLAIN not in text:
        raise _no_page(folder, f"does not begin with {PLAIN}")
    return text.replace(PLAIN, f'<html lang="en" data-on="{" ".join(switches)}" data-search="{search}">').encode()


@cache
def list_assets(folder: Path) -> dict[str, Path]:
    """Return the assets of the page in *folder* by name: no request names a path."""
    return {path.name: path for path in (folder / "assets").iterdir() if path.is_file()}


def _no_page(folder: Path, reason: str) -> UsageError:
    return UsageError(f"PERFSTUDY_PAGE is {str(folder)!r}, whose index.html {reason}; name the folder of a built page")
