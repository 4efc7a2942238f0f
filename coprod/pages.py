"""Stored public pages: rendered once, served with an ETag to everyone without a session.

A reader with a session cookie gets a page made for them; everyone else gets the stored
bytes. Stored pages hold no form and no token. Whatever changes a page drops it
(``forget``), and the next reader has it made again from public renditions only.
"""

import gzip
import hashlib
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from coprod.models import StoredPage

#: A reader who has one of these is answered for themselves.
PERSONAL_COOKIES = (settings.SESSION_COOKIE_NAME, "reading")


def is_personal(request: HttpRequest) -> bool:
    """Whether this request must be answered for one reader."""
    return any(name in request.COOKIES for name in PERSONAL_COOKIES)


def store(address: str, body: bytes, content_type: str = "text/html; charset=utf-8") -> StoredPage:
    """Keep ``body`` as the public answer of ``address``, in the caller's transaction."""
    digest = hashlib.sha256(body).hexdigest()
    page, _ = StoredPage.objects.update_or_create(
        address=address,
        defaults={
            "build": settings.BUILD,
            "body": body,
            "gzipped": gzip.compress(body, 9, mtime=0),
            "content_type": content_type,
            "etag": f'"{digest[:32]}"',
            "made_at": timezone.now(),
        },
    )
    return page


def forget(prefix: str) -> None:
    """Drop every stored page whose address begins with ``prefix``."""
    StoredPage.objects.filter(address__startswith=prefix).delete()


def serve(
    request: HttpRequest, make: Callable[[], bytes], content_type: str = "text/html; charset=utf-8"
) -> HttpResponse:
    """Answer with the stored page of this address, making it first where there is none."""
    wanted = request.headers.get("If-None-Match", "")
    if wanted and _current().filter(address=request.path, etag=wanted.removeprefix("W/")).exists():
        response: HttpResponse = HttpResponseNotModified()
        response["ETag"] = wanted
        return _public(response)
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    column = "gzipped" if zipped else "body"
    found = _current().filter(address=request.path).values_list(column, "content_type", "etag")
    row = found.first()
    if row is None:
        page = store(request.path, make(), content_type)
        row = (getattr(page, column), page.content_type, page.etag)
    response = HttpResponse(bytes(row[0]), content_type=row[1])
    response["ETag"] = row[2]
    if zipped:
        response["Content-Encoding"] = "gzip"
    return _public(response)


def _current():  # type: ignore[no-untyped-def]
    return StoredPage.objects.filter(build=settings.BUILD)


def _public(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ["Cookie", "Accept-Encoding"])
    return response
