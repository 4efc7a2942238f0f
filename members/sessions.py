"""How long somebody stays signed in, when they last showed who they are, and on which device.

Sources: half an hour idle and half a day in all for those who run the forum, two weeks for
everybody else; what matters most wants a proof of the last quarter of an hour.
"""

import re
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from members.models import Person

#: Names in the session, each a moment in seconds since 1970.
SIGNED_IN, SEEN, PROVED = "signed_in_at", "seen_at", "proved_at"

IDLE = timedelta(minutes=30)
PRIVILEGED_TOTAL = timedelta(hours=12)
TOTAL = timedelta(days=14)
PROOF_LASTS = timedelta(minutes=15)
#: How stale the note of when somebody was last seen may be: each write costs.
NOTE_EVERY = timedelta(minutes=1)
NOTE_EVERY_ELSE = timedelta(hours=1)
#: What stands where a device's address would: none is kept.
NO_ADDRESS = "0.0.0.0"


def begin(request: HttpRequest, person: Person) -> None:
    """Note that somebody has just signed in here."""
    now = timezone.now()
    for name in (SIGNED_IN, SEEN, PROVED):
        request.session[name] = now.timestamp()
    if not request.session.session_key:
        request.session.save()
    UserSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "user": person,
            "ip": NO_ADDRESS,
            "user_agent": request.META.get("HTTP_USER_AGENT", "")[:200],
            "last_seen_at": now,
        },
    )


def why_ended(request: HttpRequest, person: Person) -> str:
    """Why this session is over, in a sentence; empty while it lasts."""
    now = timezone.now().timestamp()
    since, seen = request.session.get(SIGNED_IN), request.session.get(SEEN)
    if since is None or seen is None:  # begun before moments were noted
        request.session[SIGNED_IN] = request.session[SEEN] = now
        return ""
    if person.is_privileged and now - seen > IDLE.total_seconds():
        return "You were away for half an hour, so you were signed out. Sign in and go on."
    total = PRIVILEGED_TOTAL if person.is_privileged else TOTAL
    if now - since > total.total_seconds():
        long = "half a day" if person.is_privileged else "two weeks"
        return f"You signed in {long} ago. Please do it again, and go on where you were."
    return ""


def note_seen(request: HttpRequest, person: Person) -> None:
    """Remember that they are here, once in a while."""
    now = timezone.now()
    every = NOTE_EVERY if person.is_privileged else NOTE_EVERY_ELSE
    if now.timestamp() - request.session.get(SEEN, 0) > every.total_seconds():
        request.session[SEEN] = now.timestamp()
        UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=now)


def note_proof(request: HttpRequest) -> None:
    """They have just shown again who they are."""
    request.session[PROVED] = timezone.now().timestamp()


def proved_recently(request: HttpRequest) -> bool:
    """Whether they signed in, or showed who they are, in the last quarter of an hour."""
    age = timezone.now().timestamp() - request.session.get(PROVED, 0)
    return bool(age <= PROOF_LASTS.total_seconds())


def of(person: Person) -> list[UserSession]:
    """Where somebody is signed in, the newest first. Those that are over are forgotten."""
    found = UserSession.objects.purge_and_list(person)
    return sorted(found, key=lambda session: session.last_seen_at, reverse=True)


#: What a browser says it is, in the order in which it must be asked: most pretend to be others.
_BROWSERS = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox|FxiOS", "Firefox"),
    ("Chrome|CriOS|Chromium", "Chrome"),
    ("Safari", "Safari"),
]
_DEVICES = [
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android.*Mobile", "an Android phone"),
    ("Android", "an Android tablet"),
    ("CrOS", "a Chromebook"),
    ("Windows", "a Windows computer"),
    ("Macintosh|Mac OS", "a Mac"),
    ("Linux|X11", "a Linux computer"),
]


def device_words(user_agent: str) -> str:
    """``Chrome on an Android phone``, or what can be said."""
    browser = _first(_BROWSERS, user_agent) or "A browser"
    device = _first(_DEVICES, user_agent) or "a device that we don’t recognise"
    return f"{browser} on {device}"


def _first(known: list[tuple[str, str]], user_agent: str) -> str:
    return next((words for sign, words in known if re.search(sign, user_agent)), "")


def count_wrong(person: Person) -> int:
    """How many wrong codes of an app were typed for somebody within an hour, this one too."""
    name = f"wrong-app-codes:{person.pk}"
    cache.add(name, 0, timeout=3600)
    return cache.incr(name)
