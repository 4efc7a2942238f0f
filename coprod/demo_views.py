"""Pages of the demonstration only: its mail, and the gallery of components."""

from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import lru_cache
from urllib.parse import urlencode

from csp.decorators import csp, csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import urlize
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.clickjacking import xframe_options_sameorigin

from coprod import mail

#: Mails on one page, and the newest mails among which a person's are looked for.
PAGE, LOOKED_AT = 50, 2000


@dataclass(frozen=True)
class Head:
    """What a list shows of one mail."""

    key: str
    to: str
    subject: str
    at: datetime


def _parsed(key: str) -> EmailMessage:
    """One mail of the folder. Raises Http404."""
    try:
        raw = mail.folder().get_bytes(key)
    except KeyError:
        raise Http404 from None
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(raw)


@lru_cache(maxsize=LOOKED_AT)
def _head(key: str) -> Head:
    """A mail's head, read once: a mail in the folder never changes."""
    found = _parsed(key)
    return Head(key, str(found["to"]), str(found["subject"]), found["date"].datetime)


@login_not_required
def mail_list(request: HttpRequest) -> HttpResponse:
    """All mail that the demonstration would have sent, newest first; ``?to=`` for one person."""
    keys = sorted(mail.folder().keys(), reverse=True)[:LOOKED_AT]
    heads = sorted((_head(key) for key in keys), key=lambda head: head.at, reverse=True)
    to = request.GET.get("to", "")
    chosen = [head for head in heads if head.to == to] if to else heads
    context = {
        "page": Paginator(chosen, PAGE).get_page(request.GET.get("page")),
        "count": len(chosen),
        "to": to,
        "people": sorted({head.to for head in heads}),
    }
    return render(request, "demo/mail_list.html", context)


@login_not_required
@csp_update({"frame-src": ["'self'"]})
def mail_detail(request: HttpRequest, key: str) -> HttpResponse:
    """One mail: its words with links to follow, and how it looks in a mail program."""
    found = _parsed(key)
    context = {
        "head": _head(key),
        "text": _followable(_part(found, "plain")),
        "sender": found["from"],
        "has_html": bool(_part(found, "html")),
        "others": f"?{urlencode({'to': str(found['to'])})}",
    }
    return render(request, "demo/mail_detail.html", context)


@login_not_required
@xframe_options_sameorigin
@csp(
    {
        "default-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'self'"],
        "sandbox": ["allow-top-navigation-by-user-activation"],
    }
)
def mail_html(request: HttpRequest, key: str) -> HttpResponse:
    """The HTML form of one mail, for the frame on its page: it may style itself, nothing else."""
    html = _here(_part(_parsed(key), "html")).replace("<head>", '<head><base target="_top">', 1)
    return HttpResponse(html)


def _part(found: EmailMessage, kind: str) -> str:
    body = found.get_body((kind,))
    return str(body.get_content()) if body is not None else ""


def _here(text: str) -> str:
    """Links of this portal's own, to be followed wherever the demonstration is reached."""
    return text.replace(f'href="{settings.COPROD_ORIGIN}/', 'href="/')


def _followable(text: str) -> SafeString:
    """A mail's words, escaped, each address a link."""
    return mark_safe(_here(urlize(text, autoescape=True)))


@login_not_required
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component once, for looking at and for testing."""
    return render(request, "gallery.html", {})
