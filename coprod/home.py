"""The public home and Today, both asking the registry; never a rule."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from coprod import clocks, pages, registry
from coprod.models import Forum
from coprod.templatetags.forum import day, number_word, plural, weekday_month, when


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    """Who runs this, the next meeting, the newest minutes, what we promise, where to get help."""
    forum = Forum.current()
    context: dict[str, Any] = {"forum": forum, "promises": counted(forum)}
    for section in registry.home_sections:
        context |= section()
    return pages.answer(request, "home.html", context)


def counted(forum: Forum) -> list[registry.Promise]:
    """Every promise that has a result to show."""
    found = [promise for of in registry.promises for promise in of(forum)]
    return [promise for promise in found if promise.results]


@login_not_required
def promises(request: HttpRequest) -> HttpResponse:
    """How the promises on the home page are counted, line by line."""
    return pages.answer(request, "promises.html", {"promises": counted(Forum.current())})


# Today --------------------------------------------------------------------------------------------


def today(request: HttpRequest) -> HttpResponse:
    """The next three things for whoever is signed in, soonest first; the rest can wait."""
    now = clocks.today()
    forum = Forum.of(request)
    desks = [desk(request.user, now, forum) for desk in registry.today]
    things = sorted((t for desk in desks for t in desk.things), key=lambda thing: thing.by)
    waiting = sorted((w for desk in desks for w in desk.waiting), key=lambda each: each.due)
    coming = sorted((c for desk in desks for c in desk.coming), key=lambda each: each.date)
    context = {
        "now": now,
        "greeting": greeting(),
        "lead": lead(len(things)),
        "things": [_thing(thing, now) for thing in things[:3]],
        "rest": len(things) - 3,
        "waiting": [_waiting(each, now) for each in waiting[:6]],
        "coming": coming[:4],
    }
    return render(request, "today.html", context)


def greeting() -> str:
    """Good morning until noon, good afternoon until six, then good evening: UK time."""
    hour = timezone.localtime().hour
    return f"Good {'morning' if hour < 12 else 'afternoon' if hour < 18 else 'evening'}"


def lead(count: int) -> str:
    """How much there is to do, without alarm."""
    if count > 3:
        return "Three things next. The rest can wait."
    if count == 1:
        return "One thing next, and that’s all."
    return f"{number_word(count).capitalize()} things next, and that’s all." if count else ""


def by_words(due: date, now: date) -> str:
    """When something is due, in a sentence: late, today, or by a day."""
    if due < now:
        return f"It was due by {weekday_month(due)}, {when(due)}."
    if due == now:
        return "By the end of today."
    return f"By {weekday_month(due)}, {when(due)}."


def _thing(thing: registry.Thing, now: date) -> dict[str, Any]:
    time = f"About {plural(thing.minutes, 'minute')}."
    shown: dict[str, Any] = {
        "title": thing.title,
        "text": f"{thing.note} {by_words(thing.by, now) if thing.dated else ''}".strip(),
        "time": time,
        "url": thing.url,
        "button": thing.button,
    }
    if thing.other is not None:
        shown["other"] = {"label": thing.other[0], "url": thing.other[1]}
    if thing.clock is not None:
        shown["clock"] = {"day": max(thing.clock.day, 1), "of": thing.clock.days}
        shown["time"] = f"{thing.clock.words}. {time}"
    return shown


def _waiting(each: registry.Waiting, now: date) -> dict[str, Any]:
    if not each.counts:
        status = {"look": "wait", "text": f"Was due {day(each.due)}"}
        return {"title": each.title, "who": each.who, "url": each.url, "status": status}
    left = (each.due - now).days
    words = "Today" if left == 0 else f"{plural(left, 'day')} left"
    look = "late" if left < 0 else "todo"
    return {
        "title": each.title,
        "who": each.who,
        "url": each.url,
        "status": {"look": look, "text": f"{plural(-left, 'day')} late" if left < 0 else words},
        "side": f"Due {day(each.due)}",
    }
