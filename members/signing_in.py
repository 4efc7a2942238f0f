"""What changes who can get in: links, addresses, second steps, sessions; and telling the owner.

Services like those of ``services.py``: atomic, with the audit event, messages by the outbox.
"""

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.utils import timezone

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from members import sessions
from members.models import Person


def revoke_links(person: Person, *, by: Person | None) -> None:
    """Let no link of theirs answer any more that was made until now. Inside a change."""
    person.links_ended_at = timezone.now()
    person.links_ended_by = by
    person.save(update_fields=["links_ended_at", "links_ended_by"])


@transaction.atomic
def end_links(*, person: Person, by: Person) -> None:
    """End every personal link in letters sent so far, and tell the person."""
    revoke_links(person, by=by)
    event = AuditEvent.record("end_links", person, by=by)
    _tell(person, "links_ended", f"links-ended:{event.pk}", own=by.pk == person.pk)


@transaction.atomic
def change_own_address(*, person: Person, email: str) -> None:
    """Make a confirmed address the one for signing in. The former one is told; links end.

    Raises TransitionNotAllowed when somebody else has it, or has just taken it.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    former, person.email = person.email, email.lower()
    try:
        with transaction.atomic():
            person.save(update_fields=["email"])
    except IntegrityError as error:
        raise TransitionNotAllowed("This address can’t be used here. Choose another.") from error
    event = AuditEvent.record("change_own_address", person, by=person, fields=["email"])
    revoke_links(person, by=person)
    if former and former != person.email:
        tell_former_address(person, former, event=event)


def tell_former_address(person: Person, former: str, *, event: AuditEvent) -> None:
    """Sign-in codes go elsewhere from now on: whoever reads the old address must hear of it."""
    outbox.queue(
        key=f"email-changed:{event.pk}",
        template="members/email_changed",
        person=person,
        address=former,
        channel=Message.Channel.EMAIL,
        urgent=True,
    )


@transaction.atomic
def warn_of_wanted_address(*, address: str) -> None:
    """Somebody wants an address for signing in that is another person's: tell its owner.

    Whoever asked reads the same page as if a code had been sent.
    """
    owner = Person.objects.active().filter(email=address).first()
    if owner is not None:
        key = f"address-wanted:{owner.pk}:{timezone.localdate()}"
        _tell(owner, "address_wanted", key)


@transaction.atomic
def reset_second_step(*, person: Person, by: Person | None) -> None:
    """Take away a lost second step with its recovery codes, and sign the person out everywhere.

    They sign in by code and set up another. Raises TransitionNotAllowed for oneself.
    """
    if by is not None and by.pk == person.pk:
        raise TransitionNotAllowed("Nobody resets their own. Ask another administrator.")
    Authenticator.objects.filter(user_id=person.pk).delete()
    for session in sessions.of(person):
        session.end()
    event = AuditEvent.record("reset_second_step", person, by=by)
    _tell(person, "second_step_reset", f"second-step-reset:{event.pk}")


@transaction.atomic
def record_second_step(*, person: Person, change: str, kind: str) -> None:
    """Keep that somebody added, removed or renewed a second step of their own."""
    AuditEvent.record(f"{change}_second_step", person, by=person, kind=kind)


@transaction.atomic
def warn_of_wrong_codes(*, person: Person) -> None:
    """Tell the owner of an account that somebody guesses at it; once a day at most."""
    _tell(person, "wrong_codes", f"wrong-codes:{person.pk}:{timezone.localdate()}")


@transaction.atomic
def end_session(*, person: Person, number: int) -> bool:
    """Sign out one of their own devices; False where it was over already."""
    found = next((each for each in sessions.of(person) if each.pk == number), None)
    if found is None:
        return False
    found.end()
    AuditEvent.record("end_session", person, by=person)
    return True


@transaction.atomic
def end_other_sessions(*, person: Person, but: str) -> int:
    """Sign out every device of theirs but the one with this session key; how many it were."""
    others = [each for each in sessions.of(person) if each.session_key != but]
    for each in others:
        each.end()
    AuditEvent.record("end_other_sessions", person, by=person, count=len(others))
    return len(others)


def _tell(person: Person, template: str, key: str, **ids: object) -> None:
    """A security notice: at once, whatever the hour, by their own channel."""
    outbox.queue(key=key, template=f"members/{template}", person=person, ids=ids, urgent=True)
