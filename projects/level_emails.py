"""Letters about levels and the logo: one function each; never decides to send.

Each asks again, when it is written, whether its reader may still have it and it still holds.
"""

from typing import Any

from django.urls import reverse

from coprod import letters
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from coprod.registry import Letter, letter
from members.emails import reader_of
from members.models import Person
from projects.ladder import rung_names
from projects.models import Claim, Confirmation, LogoPermission, Project
from projects.rules import is_named_officer

State = LogoPermission.State


def _coordinator(message: Message) -> Person:
    person = reader_of(message)
    if not person.is_coordinator:
        raise NoLongerDue("This person doesn’t run the forum any more.")
    return person


def _officer(message: Message, project: Project) -> Person:
    person = reader_of(message)
    if not is_named_officer(person, project):
        raise NoLongerDue("This person isn’t on this project any more.")
    return person


def _write(name: str, context: dict[str, Any], project: Project) -> Letter:
    if context["person"].is_coordinator:
        why = "You get this because you run the forum."
    else:
        why = f"You get this because you are on “{project}” for your service."
    return letters.write(name, {**context, "project": project}, why=why)


@letter("projects/level_claimed")
def level_claimed(message: Message) -> Letter:
    """An officer claims a level: to the coordinators, who put it to a parents' meeting."""
    person = _coordinator(message)
    claim = Claim.objects.select_related("project", "claimed_by").get(pk=message.ids["claim"])
    if claim.ended_at is not None:
        raise NoLongerDue("This claim was replaced or taken back.")
    project = claim.project
    context = {
        "person": person,
        "claim": claim,
        "proven": rung_names().get(project.level) if project.level is not None else "",
        "url": reverse("projects:level_confirm", args=[project.slug]),
    }
    return _write("projects/level_claimed", context, project)


@letter("projects/level_confirmed")
def level_confirmed(message: Message) -> Letter:
    """What the forum confirms, and whether it differs from the claim: to the officers."""
    confirmation = Confirmation.objects.select_related("project").get(
        pk=message.ids["confirmation"]
    )
    project = confirmation.project
    person = _officer(message, project)
    if confirmation.ended_at is not None:
        raise NoLongerDue("Another confirmation has replaced this one.")
    claim = project.claims.filter(ended_at__isnull=True).first()
    context = {
        "person": person,
        "confirmation": confirmation,
        "claim": claim if claim and claim.level != confirmation.level else None,
        "url": project.get_absolute_url(),
    }
    return _write("projects/level_confirmed", context, project)


@letter("projects/confirmation_ended")
def confirmation_ended(message: Message) -> Letter:
    """The forum doesn't confirm a level any more, and why: to the officers."""
    ended = Confirmation.objects.select_related("project").get(pk=message.ids["confirmation"])
    person = _officer(message, ended.project)
    if ended.project.confirmed_level is not None:
        raise NoLongerDue("The forum has confirmed a level again.")
    context = {"person": person, "ended": ended, "url": ended.project.get_absolute_url()}
    return _write("projects/confirmation_ended", context, ended.project)


def _permission(message: Message) -> LogoPermission:
    return LogoPermission.objects.select_related("project", "asked_by").get(pk=message.ids["logo"])


@letter("projects/logo_asked")
def logo_asked(message: Message) -> Letter:
    """An officer asks for the logo on one document: to the coordinators."""
    person = _coordinator(message)
    asked = _permission(message)
    if asked.state != State.ASKED:
        raise NoLongerDue("This was decided already.")
    url = reverse("projects:logo_decide", args=[asked.pk])
    return _write(
        "projects/logo_asked", {"person": person, "asked": asked, "url": url}, asked.project
    )


@letter("projects/logo_decided")
def logo_decided(message: Message) -> Letter:
    """Whether the document may carry the logo, and why not: to the officers."""
    logo = _permission(message)
    person = _officer(message, logo.project)
    if logo.state not in (State.GIVEN, State.REFUSED):
        raise NoLongerDue("This has changed since. A newer message tells of it.")
    given = logo.state == State.GIVEN
    path = reverse("projects:logo_code", args=[logo.code]) if given else ""
    context = {
        "person": person,
        "logo": logo,
        "given": given,
        "check": letters.absolute(path),
        "url": path or reverse("projects:ladder_detail"),
    }
    return _write("projects/logo_decided", context, logo.project)


@letter("projects/logo_withdrawn")
def logo_withdrawn(message: Message) -> Letter:
    """The document may not carry the logo any more: to the officers."""
    logo = _permission(message)
    person = _officer(message, logo.project)
    if logo.state != State.WITHDRAWN:
        raise NoLongerDue("This has changed since. A newer message tells of it.")
    context = {"person": person, "logo": logo, "url": logo.project.get_absolute_url()}
    return _write("projects/logo_withdrawn", context, logo.project)
