"""What Django and allauth say has happened while somebody signs in: the only hooks they offer.

Each receiver calls one function; no workflow lives here.
"""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import pre_save
from django.http import HttpRequest

from coprod.models import AuditEvent
from members import sessions, signing_in
from members.models import Person
from members.second_step import STEPS, steps_of

#: So many wrong codes of an app in a row are worth a letter.
WRONG = 5


def on_sign_in(request: HttpRequest, user: Person, **kwargs: Any) -> None:
    """However somebody came in, their session begins now."""
    sessions.begin(request, user)


def on_step(request: HttpRequest, **kwargs: Any) -> None:
    """Somebody who is signed in has shown again who they are."""
    if kwargs.get("reauthenticated"):
        sessions.note_proof(request)


def on_wrong_code(user: Person, last_attempt: bool = False, **kwargs: Any) -> None:
    """Five wrong codes from a letter: the owner should know."""
    if last_attempt:
        signing_in.warn_of_wrong_codes(person=user)


def on_wrong_app_code(user: Person, **kwargs: Any) -> None:
    """Wrong codes of an app, counted by account."""
    if sessions.count_wrong(user) >= WRONG:
        signing_in.warn_of_wrong_codes(person=user)


def on_added(
    request: HttpRequest, user: Person, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Whoever came in elsewhere before the first step has shown less than is asked from now on."""
    signing_in.record_second_step(person=user, change="add", kind=authenticator.type)
    if authenticator.type in STEPS and steps_of(user).count() == 1:
        signing_in.end_other_sessions(person=user, but=request.session.session_key or "")


def on_removed(user: Person, authenticator: Authenticator, **kwargs: Any) -> None:
    signing_in.record_second_step(person=user, change="remove", kind=authenticator.type)


def on_renewed(user: Person, authenticator: Authenticator, **kwargs: Any) -> None:
    signing_in.record_second_step(person=user, change="renew", kind=authenticator.type)


def on_password(user: Person, **kwargs: Any) -> None:
    """A password was set, changed or chosen anew."""
    AuditEvent.record("change_password", user, by=user)


def forget_address(instance: UserSession, **kwargs: Any) -> None:
    """No device's internet address is kept: what helps people is its kind and the time."""
    instance.ip = sessions.NO_ADDRESS


def connect() -> None:
    """Called when the app is ready."""
    user_logged_in.connect(on_sign_in)
    account.authentication_step_completed.connect(on_step)
    account.login_code_rejected.connect(on_wrong_code)
    mfa.authentication_failed.connect(on_wrong_app_code)
    mfa.authenticator_added.connect(on_added)
    mfa.authenticator_removed.connect(on_removed)
    mfa.authenticator_reset.connect(on_renewed)
    for signal in (account.password_set, account.password_changed, account.password_reset):
        signal.connect(on_password)
    pre_save.connect(forget_address, sender=UserSession)
