"""Somebody who comes in another's place for one meeting. It never adds a seat.

Source: a group has at most its three places round the table; a substitute takes the place of
the one who can't come, so the two are never counted together.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import outbox, pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Forum, Message
from meetings.models import Invitation, Meeting, Reply
from meetings.services.invitations import send_invitation, sends_letters
from members.models import Person, Role
from members.services import add_person

#: How often one invited person may name somebody for one meeting: it writes to strangers.
MOST_NAMED = 3


def may_have_substitute(invitation: Invitation) -> bool:
    """Whether somebody can come in this person's place: they come for a group or organisation."""
    return invitation.substitute_for_id is None and bool(
        invitation.comes_for or invitation.organisation_id
    )


def known_substitutes(invitation: Invitation) -> Any:
    """People of the same group or organisation who aren't invited themselves."""
    people = Person.objects.active().exclude(invitations__meeting=invitation.meeting_id)
    group = invitation.comes_for
    if group is not None:
        same = {"seats__group": group, "seats__ended_at__isnull": True}
    else:
        same = {
            "roles__organisation": invitation.organisation_id,
            "roles__kind": Role.Kind.OFFICER,
            "roles__ended_at__isnull": True,
        }
    return people.filter(**same).distinct().order_by("name")


@transaction.atomic
def name_substitute(
    *,
    invitation: Invitation,
    by: Any,
    person: Person | None = None,
    name: str = "",
    email: str = "",
    phone: str = "",
    at: datetime | None = None,
) -> Invitation:
    """Invite somebody in the place of one who can't come; both are kept in mind as one place.

    ``person`` is somebody of the same group or organisation; else somebody new is added, who
    can't sign in. Raises TransitionNotAllowed.
    """
    now = at or timezone.now()
    meeting = Meeting.objects.select_for_update().get(pk=invitation.meeting_id)
    invitation = meeting.invitations.with_people().get(pk=invitation.pk)
    _check_named(meeting, invitation, now)
    if person is None:
        if not (email or phone):
            raise TransitionNotAllowed("Say how we can reach them: an e-mail address or a phone.")
        channel = Message.Channel.EMAIL if email else Message.Channel.PHONE
        # Never a sign-in address: nobody learns here whose address it is, and an account is
        # given by the forum alone.
        person = add_person(
            by=by, invite=False, name=name, contact_email=email, phone=phone, channel=channel
        )
    elif not known_substitutes(invitation).filter(pk=person.pk).exists():
        raise TransitionNotAllowed(
            f"{person.name} can’t come in this place: they are invited themselves, or come for "
            "somebody else."
        )
    made = Invitation.objects.create(
        meeting=meeting,
        person=person,
        capacity=invitation.capacity,
        group=invitation.comes_for,
        organisation=invitation.organisation,
        sector=invitation.sector,
        substitute_for=invitation,
        invited_at=now,
        invited_by=by,
    )
    _keep_cannot(invitation, by=by, now=now)
    if sends_letters(meeting, now):
        send_invitation(made, at=at)
    AuditEvent.record(
        "name_substitute", meeting, by=by, at=at, place=invitation.pk, invitation=made.pk
    )
    pages.forget("/meetings/")
    return made


def _check_named(meeting: Meeting, invitation: Invitation, now: datetime) -> None:
    if meeting.is_cancelled:
        raise TransitionNotAllowed("This meeting is cancelled.")
    if meeting.ends_at <= now:
        raise TransitionNotAllowed("This meeting is over.")
    if not may_have_substitute(invitation):
        raise TransitionNotAllowed(
            "Nobody can come in this place: it isn’t a group’s or an organisation’s."
        )
    if invitation.attended:
        raise TransitionNotAllowed(f"{invitation.person.name} is ticked as being there.")
    if standing_in := Invitation.objects.filter(substitute_for=invitation).first():
        raise TransitionNotAllowed(
            f"{standing_in.person.name} comes in this place already. One place, one person."
        )
    named = AuditEvent.objects.about(meeting).filter(
        verb="name_substitute", data__place=invitation.pk
    )
    if named.count() >= MOST_NAMED:
        raise TransitionNotAllowed("Somebody was named three times already. Please ring us.")


def _keep_cannot(invitation: Invitation, *, by: Any, now: datetime) -> None:
    """Whoever sends somebody else has said that they can't come."""
    answer = {"answer": Reply.Answer.CANNOT, "to_confirm": False, "replied_at": now}
    kept = getattr(invitation, "reply", None)
    if kept is None or kept.answer != Reply.Answer.CANNOT or kept.to_confirm:
        Reply.objects.update_or_create(invitation=invitation, defaults={**answer, "replied_by": by})


@transaction.atomic
def stand_down(*, invitation: Invitation, by: Any, at: datetime | None = None) -> bool:
    """Take back that somebody comes in this person's place, and tell them. False: nobody did.

    Raises TransitionNotAllowed once the substitute is ticked as having been there.
    """
    Meeting.objects.select_for_update().get(pk=invitation.meeting_id)
    standing_in = (
        Invitation.objects.filter(substitute_for=invitation)
        .select_related("person", "meeting", "attendance")
        .first()
    )
    if standing_in is None:
        return False
    if standing_in.attended:
        raise TransitionNotAllowed(
            f"{standing_in.person.name} is ticked as being there in this place. Only one of the "
            "two is counted."
        )
    meeting, person, pk = standing_in.meeting, standing_in.person, standing_in.pk
    Message.objects.filter(key=f"invitation:{pk}", state=Message.State.QUEUED).update(
        state=Message.State.DROPPED, reason="They needn’t come after all."
    )
    if meeting.minute_taker_id == person.pk:
        Meeting.objects.filter(pk=meeting.pk).update(minute_taker=None)
    standing_in.delete()
    if sends_letters(meeting, at or timezone.now()):
        outbox.queue(
            key=f"stood-down:{pk}",
            template="meetings/stood_down",
            person=person,
            ids={"meeting": meeting.pk, "place": invitation.pk},
            at=at,
        )
    AuditEvent.record("stand_down", meeting, by=by, at=at, place=invitation.pk, invitation=pk)
    pages.forget("/meetings/")
    return True


def refuse_crowd(meeting: Meeting, ticked: Collection[int]) -> None:
    """After some were ticked: one place, one person, and no group beyond its places.

    ``ticked`` are invitations; only their places and groups are looked at, so that what was
    recorded before never stands in the way of something else. Raises TransitionNotAllowed,
    which takes the ticks back.
    """
    there = {each.pk: each for each in meeting.invitations.attended().with_people()}
    for pk in ticked:
        each = there.get(pk)
        other = there.get(each.substitute_for_id or 0) if each else None
        other = other or next((i for i in there.values() if i.substitute_for_id == pk), None)
        if each is not None and other is not None:
            raise TransitionNotAllowed(
                f"{each.person.name} and {other.person.name} have one place between them. Tick "
                "the one who was there."
            )
    groups = {each.comes_for for pk in ticked if (each := there.get(pk)) and each.comes_for}
    cap = Forum.current().seat_cap if groups else 0
    for group in groups:
        if sum(each.comes_for == group for each in there.values()) > cap:
            raise TransitionNotAllowed(
                f"{group} has {cap} places, and more people than that would be ticked. Untick "
                "somebody first, or add the next one for no group."
            )
