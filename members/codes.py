"""Six-digit codes for somebody who is signed in: to show that it is they, or that a new
e-mail address is theirs. A code belongs to one browser, one purpose and one address.
"""

import secrets
import uuid
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from coprod import outbox
from coprod.models import Message
from members.models import Person

LASTS = timedelta(minutes=15)
MOST_TRIES = 5


def send(request: HttpRequest, purpose: str, *, person: Person, address: str, template: str) -> str:
    """Begin a try: remember it in the session and queue the letter with the code."""
    code = f"{secrets.randbelow(10**6):06}"
    request.session[_name(purpose)] = {
        "address": address,
        "hash": _hash(code, address),
        "until": (timezone.now() + LASTS).timestamp(),
        "tries": 0,
    }
    outbox.queue(
        key=f"code:{uuid.uuid4()}",
        template=template,
        person=person,
        address=address,
        channel=Message.Channel.EMAIL,
        secret={"code": code},
        urgent=True,
    )
    return code


def expect_none(request: HttpRequest, purpose: str, *, address: str) -> None:
    """Wait for a code that doesn't exist: the page must look the same as when one was sent."""
    until = (timezone.now() + LASTS).timestamp()
    request.session[_name(purpose)] = {"address": address, "hash": "", "until": until, "tries": 0}


def waiting_for(request: HttpRequest, purpose: str) -> str:
    """The address that a code was sent to, while it can still be typed; else empty."""
    state = _state(request, purpose)
    return str(state["address"]) if state else ""


def check(request: HttpRequest, purpose: str, typed: str) -> bool:
    """Whether this is the code. Five wrong ones end it; a right one works once."""
    state = _state(request, purpose)
    if state is None:
        return False
    code = "".join(c for c in typed if c.isdigit())
    if state["hash"] and constant_time_compare(_hash(code, state["address"]), state["hash"]):
        forget(request, purpose)
        return True
    state["tries"] += 1
    request.session[_name(purpose)] = state
    return False


def forget(request: HttpRequest, purpose: str) -> None:
    """Wait for no code any more."""
    request.session.pop(_name(purpose), None)


def _name(purpose: str) -> str:
    return f"code:{purpose}"


def _state(request: HttpRequest, purpose: str) -> dict[str, Any] | None:
    state: dict[str, Any] | None = request.session.get(_name(purpose))
    if state is None or state["tries"] >= MOST_TRIES:
        return None
    return state if timezone.now().timestamp() <= state["until"] else None


def _hash(code: str, address: str) -> str:
    return salted_hmac("members.codes", f"{code}:{address}", algorithm="sha256").hexdigest()
