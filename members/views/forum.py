"""The forum's settings, the pages about it that everybody may read, and the menu."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from coprod import agreeing, pages, registry
from coprod.models import Forum
from coprod.views import require
from members import services
from members.forms.forum import ForumForm
from members.http import SignedInRequest, recently_signed_in


@recently_signed_in
@require_http_methods(["GET", "POST"])
def forum_settings(request: SignedInRequest) -> HttpResponse:
    """What the forum decided about itself: name, contact, promises, rules."""
    require(request.user, "members.change_forum")
    forum = Forum.current()
    context = {"rule": agreeing.rule_words(forum), "examples": agreeing.examples(forum)}
    form = ForumForm(request.POST or None, instance=forum)
    if request.method == "POST" and form.is_valid():
        services.change_forum(forum=forum, by=request.user, fields=form.changed_data)
        messages.success(request, "The settings are saved.")
        return redirect("members:forum_settings")
    return render(request, "members/forum_settings.html", {"form": form, **context})


@login_not_required
def about(request: HttpRequest) -> HttpResponse:
    """Who we are, how we count promises, privacy and accessibility."""
    forum = Forum.current()
    links = [link for listed in registry.about_links for link in listed()]
    context = {"rule": agreeing.rule_words(forum), "links": links}
    return _open_page(request, "members/about.html", context)


@login_not_required
def own_child_help(request: HttpRequest) -> HttpResponse:
    """Who can help with one's own child: the forum can't."""
    return _open_page(request, "members/own_child_help.html", {})


def _open_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    if pages.is_personal(request):
        return render(request, template, context)
    return pages.serve(request, lambda: pages.public_html(request, template, context))


def menu(request: SignedInRequest) -> HttpResponse:
    """Every page that this person may open, and the way out."""
    running = [
        {"label": link.label, "url": reverse(link.url_name)}
        for link in sorted(registry.menu_links)
        if request.user.has_perm(link.permission)
    ]
    return render(request, "members/menu.html", {"running": running})
