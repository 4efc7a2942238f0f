"""Pages of the demonstration only: its mail, and the gallery of components."""

from email import policy
from email.parser import BytesParser

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from coprod import mail


@login_not_required
def mail_list(request: HttpRequest) -> HttpResponse:
    """All mail that the demonstration would have sent, newest first."""
    box = mail.folder()
    parser = BytesParser(policy=policy.default)
    mails = [
        {"key": key, "mail": parser.parsebytes(box.get_bytes(key), headersonly=True)}
        for key in sorted(box.keys(), reverse=True)
    ]
    return render(request, "demo/mail_list.html", {"mails": mails[:200], "count": len(mails)})


@login_not_required
def mail_detail(request: HttpRequest, key: str) -> HttpResponse:
    """One mail as text, its addresses to be followed."""
    try:
        raw = mail.folder().get_bytes(key)
    except KeyError:
        raise Http404 from None
    parsed = BytesParser(policy=policy.default).parsebytes(raw)
    body = parsed.get_body(("plain",))
    text = body.get_content() if body else ""
    return render(request, "demo/mail_detail.html", {"mail": parsed, "text": text})


@login_not_required
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component once, for looking at and for testing."""
    return render(request, "gallery.html", {})
