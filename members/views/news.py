"""One page for how news comes and how we reach somebody; and leaving the weekly letter by link."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from coprod import links
from coprod.views import private_link, refuse_link, require
from members import services
from members.forms.messages import NEWS, NewsForm, ReachForm
from members.http import SignedInRequest
from members.models import Person


def my_news(request: SignedInRequest) -> HttpResponse:
    """When news comes, and by which channel everything comes: one's own choice."""
    person = get_object_or_404(Person, pk=request.user.pk)
    require(request.user, "members.change_own_details", person)
    form = ReachForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        services.choose_news(
            person=person, news_comes=said["news"], channel=said["channel"], by=request.user
        )
        messages.success(request, "Your choice is saved.")
        return redirect("members:my_news")
    return render(request, "members/my_news.html", {"form": form, "person": person})


@private_link
def news_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Leave the weekly letter, or choose otherwise, without signing in.

    Opening the link changes nothing. Mail programs that offer "Unsubscribe" post to it
    (RFC 8058); a person presses a button.
    """
    try:
        link = links.read("news", token)
        person = Person.objects.active().filter(pk=link.person_id).first()
        if person is None:
            raise links.LinkInvalid(ended=True)
    except links.LinkInvalid as refused:
        return refuse_link(request, refused)
    if request.method == "POST" and request.POST.get("List-Unsubscribe") == "One-Click":
        services.choose_news(person=person, news_comes=Person.News.NONE, by=person)
        return HttpResponse("You get no more news.", content_type="text/plain; charset=utf-8")
    form = NewsForm(request.POST or None, initial={"news": person.news})
    if request.method == "POST" and form.is_valid():
        services.choose_news(person=person, news_comes=form.cleaned_data["news"], by=person)
        return redirect(f"{request.path}?saved=1")
    context: dict[str, Any] = {
        "form": form,
        "person": person,
        "saved": "saved" in request.GET and not form.is_bound,
        "choice": dict(NEWS)[person.news],
    }
    return render(request, "members/news_by_link.html", context)
