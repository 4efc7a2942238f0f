"""Answering an ask: by the letter's link, signed in, or written down for somebody."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from coprod import links
from coprod.exceptions import TransitionNotAllowed
from coprod.templatetags.forum import first_lower
from coprod.views import fetch_permitted, private_link, refuse_link
from meetings import asked
from meetings.forms.asks import AnswerForm
from meetings.models import Ask
from meetings.services import asks as services
from members.models import Person


@private_link
def ask_answer_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Answer from the letter, without an account. Opening the link changes nothing."""
    try:
        link = links.read("ask", token)
        person = Person.objects.filter(pk=link.person_id, is_active=True).first()
        ask = Ask.objects.with_all().filter(pk=link.about, answerer=person).first()
        if ask is None or person is None or not person.is_officer:
            raise links.LinkInvalid
    except links.LinkInvalid as error:
        return refuse_link(request, error, purpose="ask", token=token)
    return _answer(request, ask, by=person, token=token)


def ask_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer as the officer who is named; or write down, as coordinator, what they answered."""
    rows = Ask.objects.with_all()
    ask = fetch_permitted(request.user, rows, "meetings.answer_ask", pk=pk)
    return _answer(request, ask, by=request.user)


def _answer(request: HttpRequest, ask: Ask, *, by: Any, token: str = "") -> HttpResponse:
    """One page: the ask and four answers; then all of it to check; then that it is kept."""
    words = asked.words_for(by, ask)
    if words is None and not token:
        raise Http404
    refusal = _refusal(ask) if words is not None else "This ask isn’t put to you any more."
    written_down = ask.answerer_id != by.pk
    form = AnswerForm(
        request.POST or None,
        ask=ask,
        written_down=written_down,
        back="" if token else ask.get_absolute_url(),
        corrects="correct" in request.GET,
        initial={"via": request.GET["via"]} if "via" in request.GET else None,
    )
    checks = False
    if request.method == "POST" and not refusal and form.is_valid():
        do = request.POST.get("do")
        if do == "send" and _keep(form, ask, by):
            if written_down:
                messages.success(request, f"Kept: {first_lower(form.rows[0]['value'])}.")
                return redirect(ask)
            return redirect(request.path)
        checks = do == "look" or (do == "send" and not form.errors)
    context = {
        "ask": ask,
        "words": words,
        "person": by,
        "link": bool(token),
        "form": form,
        "checks": checks,
        "refusal": refusal,
        "written_down": written_down,
        "answered": _shows_thanks(request, ask, form, written_down),
        "answers": _answers(ask) if words is not None else [],
        "where": asked.where_said(ask) if words is not None else ("What parents asked", ""),
        "status": asked.status_of(ask),
        "is_public": asked.is_public(ask),
    }
    return render(request, "meetings/ask_answer.html", context)


def _refusal(ask: Ask) -> str:
    """Why nothing can be answered now; empty when it can."""
    try:
        services.refuse_closed(ask)
    except TransitionNotAllowed as reason:
        return str(reason)
    return ""


def _keep(form: AnswerForm, ask: Ask, by: Any) -> bool:
    """Keep the answer; False when it was refused, with the reason on the form."""
    try:
        services.answer_ask(ask=ask, by=by, **form.cleaned_data)
    except TransitionNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _shows_thanks(request: HttpRequest, ask: Ask, form: AnswerForm, written_down: bool) -> bool:
    asks_again = {"again", "correct"} & set(request.GET)
    return bool(ask.newest_answer and not form.is_bound and not asks_again and not written_down)


def _answers(ask: Ask) -> list[dict[str, Any]]:
    """Every answer so far, newest first, as those who give them read them."""
    return [
        {"title": each.get_outcome_display(), "html": asked.answer_html(each, names=True)}
        for each in reversed(ask.answers.all())
    ]
