"""Checking a copy of minutes against what was agreed: public, and nothing is kept.

The form changes nothing and belongs to nobody, so it needs neither a session nor a token;
without one the file can be hashed as it comes in.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from coprod import pages
from meetings.checking import verdict_on
from meetings.forms.checking import CheckForm, HashOnly


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def document_check(request: HttpRequest) -> HttpResponse:
    """Choose a PDF or type a fingerprint, and read in words what it is.

    ``?sha256=`` is a fingerprint to look at straight away, for links from pages.
    """
    if request.method == "POST":
        reader = HashOnly(request)
        request.upload_handlers = [reader]
        form = CheckForm(request.POST, request.FILES, too_big=reader.too_big)
    elif asked := request.GET.get("sha256"):
        form = CheckForm({"fingerprint": asked})
    else:
        form = CheckForm()
    verdict = verdict_on(form.sha256) if form.is_bound and form.is_valid() else None
    context = {"form": form, "verdict": verdict}
    if request.method == "POST":
        response = render(request, "meetings/document_check.html", context)
        response["Cache-Control"] = "no-store"
        return response
    return pages.answer(request, "meetings/document_check.html", context)
