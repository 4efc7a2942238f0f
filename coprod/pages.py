"""Public pages: stored ones served with an ETag to everyone without a session, and live ones.

A reader with a session or a preference cookie gets a page made for them; everyone else gets
the stored bytes. Stored pages hold no form and no token. Whatever changes a page drops it
(``forget``), and the next reader has it made again from public renditions only.
"""

import gzip
import hashlib
import uuid
from collections.abc import Callable
from datetime import time
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from coprod import clocks
from coprod.context import frame
from coprod.models import StoredPage

#: A reader who has one of these is answered for themselves.
PERSONAL_COOKIES = (settings.SESSION_COOKIE_NAME, "reading", "messages")
HTML = "text/html; charset=utf-8"
#: The address of the one row that says how often pages were forgotten. No page has it.
COUNTER = "*"


def is_personal(request: HttpRequest) -> bool:
    """Whether this request must be answered for one reader."""
    return any(name in request.COOKIES for name in PERSONAL_COOKIES)


# Making a page ------------------------------------------------------------------------------------


def public_html(request: HttpRequest, template: str, context: dict[str, Any]) -> bytes:
    """A page as the public reads it: nothing of whoever asked goes into it, signed in or not."""
    outside = {
        **frame(path=request.path, forum=context.get("forum")),
        "user": AnonymousUser(),
        **context,
    }
    return render_to_string(template, outside).encode()


def answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A public page that goes stale by the clock: made now, for this reader or for the public."""
    if is_personal(request):
        return render(request, template, context)
    return live(request, public_html(request, template, context))


def live(request: HttpRequest, body: bytes) -> HttpResponse:
    """Bytes made just now for the public: small on the way, and 304 when nothing changed."""
    etag = _etag(body)
    if _is_held(request, etag):
        return _not_modified(etag)
    zipped = _takes_gzip(request)
    # The lightest level: these bytes are sent once.
    return _whole(gzip.compress(body, 1, mtime=0) if zipped else body, HTML, etag, zipped)


# Stored pages -------------------------------------------------------------------------------------


def generation() -> str:
    """Changes whenever pages are forgotten. Read it before reading what a page shows."""
    found = StoredPage.objects.filter(address=COUNTER).values_list("etag", flat=True).first()
    return found or ""


@transaction.atomic
def store(address: str, body: bytes, *, since: str, content_type: str = HTML) -> StoredPage:
    """Keep ``body`` as the public answer of ``address``.

    ``since`` is the ``generation`` that was current before the page's rows were read. When
    pages were forgotten meanwhile, the body may be old: it is answered once and not kept.
    """
    page = StoredPage(
        address=address,
        build=build(),
        body=body,
        gzipped=gzip.compress(body, 9, mtime=0),
        content_type=content_type,
        etag=_etag(body),
        made_at=timezone.now(),
    )
    counter, _ = StoredPage.objects.select_for_update().get_or_create(
        address=COUNTER, defaults={"build": "", "content_type": "", "etag": ""}
    )
    if counter.etag == since:
        StoredPage.objects.filter(address=address).delete()
        page.save(force_insert=True)
    return page


def forget(prefix: str) -> None:
    """Drop every stored page whose address begins with ``prefix``, and those being made."""
    StoredPage.objects.update_or_create(
        address=COUNTER, defaults={"build": "", "content_type": "", "etag": uuid.uuid4().hex}
    )
    StoredPage.objects.filter(address__startswith=prefix).delete()


def stored(request: HttpRequest, *, same_for_all: bool = False) -> HttpResponse | None:
    """The stored answer of this address, or None: ask for it before asking for anything else.

    A page stored before today is made again, because what is overdue changes at midnight.
    ``same_for_all``: a file, which signed-in readers get too.
    """
    if is_personal(request) and not same_for_all:
        return None
    zipped = _takes_gzip(request)
    row = _row(request.path, zipped, request.headers.get("If-None-Match", ""))
    if row is None:
        return None
    body, content_type, etag = row
    if body is None:
        return _not_modified(etag)
    return _whole(bytes(body), content_type, etag, zipped)


def _row(address: str, zipped: bool, held: str) -> tuple[Any, str, str] | None:
    """Body, type and ETag of a stored page in one question; no body for a reader who holds it.

    Written in SQL because building the same question from a queryset takes longer than the
    whole rest of the answer.
    """
    column = "gzipped" if zipped else "body"
    midnight = clocks.local(clocks.today(), time())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT CASE WHEN etag = %s THEN NULL ELSE {column} END, content_type, etag "
            f"FROM {StoredPage._meta.db_table} "
            "WHERE address = %s AND build = %s AND made_at >= %s",
            [
                held.removeprefix("W/"),
                address,
                build(),
                connection.ops.adapt_datetimefield_value(midnight),
            ],
        )
        row: tuple[Any, str, str] | None = cursor.fetchone()
        return row


def serve(request: HttpRequest, make: Callable[[], bytes]) -> HttpResponse:
    """Answer with the stored page of this address, making it first where there is none."""
    since = generation()
    return stored(request) or keep(request, make(), since=since)


def keep(
    request: HttpRequest, body: bytes, *, since: str, content_type: str = HTML
) -> HttpResponse:
    """Store a page that was made just now, and answer with it."""
    page = store(request.path, body, since=since, content_type=content_type)
    if _is_held(request, page.etag):
        return _not_modified(page.etag)
    zipped = _takes_gzip(request)
    return _whole(
        bytes(page.gzipped if zipped else page.body), page.content_type, page.etag, zipped
    )


def build() -> str:
    """What a new release changes: stored pages of an older one name files that are gone."""
    return f"{settings.BUILD}-{getattr(staticfiles_storage, 'manifest_hash', '')}"[:40]


# Answers ------------------------------------------------------------------------------------------


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _is_held(request: HttpRequest, etag: str) -> bool:
    return request.headers.get("If-None-Match", "").removeprefix("W/") == etag


def _takes_gzip(request: HttpRequest) -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "")


def _not_modified(etag: str) -> HttpResponse:
    response = HttpResponseNotModified()
    response["ETag"] = etag
    return _public(response)


def _whole(body: bytes, content_type: str, etag: str, zipped: bool) -> HttpResponse:
    response = HttpResponse(body, content_type=content_type)
    response["ETag"] = etag
    if zipped:
        response["Content-Encoding"] = "gzip"
    return _public(response)


def _public(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ["Cookie", "Accept-Encoding"])
    return response
