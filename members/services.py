"""What changes several rows of people, roles, groups and seats, or tells somebody."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from coprod import by_hand, news, outbox, pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Forum, Message
from members import signing_in
from members.models import MemberGroup, Organisation, Person, Role, Seat, Standing

#: The pages that name groups and the people who chose to be named.
PUBLIC_PAGES = "/groups/"


@transaction.atomic
def add_person(
    *, by: Person | None, invite: bool = True, at: datetime | None = None, **fields: Any
) -> Person:
    """Add a person and, where they can sign in, send their invitation.

    Nobody signs up by themselves: this is the only way in. Raises TransitionNotAllowed when
    two people add one address at once.
    """
    try:
        with transaction.atomic():
            person = Person.objects.create_user(**fields, **({"created_at": at} if at else {}))
    except IntegrityError as error:
        raise TransitionNotAllowed("Somebody has just added this e-mail address.") from error
    AuditEvent.record("add_person", person, by=by, at=at)
    if invite and person.email:
        invite_person(person=person, by=by, at=at)
    return person


@transaction.atomic
def welcome_person(
    *,
    by: Person,
    fields: dict[str, Any],
    invite: bool,
    group: MemberGroup | None = None,
    is_staff: bool = False,
    organisation: Organisation | None = None,
) -> Person:
    """Add a person together with their seat or their place in a service, all or nothing.

    ``organisation`` may be one that isn't stored yet. Raises TransitionNotAllowed where the
    group has no seat to give.
    """
    person = add_person(by=by, invite=False, **fields)
    if group is not None:
        seat_person(group=group, person=person, by=by, is_staff=is_staff)
    if organisation is not None:
        if organisation._state.adding:
            organisation.save()
        give_role(person=person, kind=Role.Kind.OFFICER, organisation=organisation, by=by)
    if invite and person.email:
        invite_person(person=person, by=by)
    return person


@transaction.atomic
def change_person(*, person: Person, by: Person, fields: list[str]) -> None:
    """Save corrected details. Somebody else's correction is told to the person themselves.

    A changed e-mail address is told to the former one too, because codes go elsewhere then,
    and ends the links in letters so far. Raises TransitionNotAllowed when somebody has just
    taken the address, and for one's own, which its own page confirms.
    """
    former = Person.objects.select_for_update().get(pk=person.pk).email
    if "email" in fields and by.pk == person.pk:
        raise TransitionNotAllowed("Your own address is confirmed by a code: use its own page.")
    try:
        with transaction.atomic():
            person.save(update_fields=fields)
    except IntegrityError as error:
        raise TransitionNotAllowed("Somebody has just taken this e-mail address.") from error
    event = AuditEvent.record("change_person", person, by=by, fields=fields)
    pages.forget(PUBLIC_PAGES)
    if by.pk != person.pk:
        outbox.queue(
            key=f"details-changed:{event.pk}",
            template="members/details_changed",
            person=person,
            ids={"fields": fields},
            urgent=True,
        )
    if former != person.email:
        signing_in.revoke_links(person, by=by)
        if former:
            signing_in.tell_former_address(person, former, event=event)


@transaction.atomic
def switch_off_person(*, person: Person, by: Person) -> None:
    """Let a person take no more part: no sign-in, no letters. Raises TransitionNotAllowed.

    Every session of theirs ends for good: its hash hangs on the password, which goes.
    """
    if person.pk == by.pk:
        raise TransitionNotAllowed("Nobody switches off their own account.")
    person.is_active = False
    person.set_unusable_password()
    person.save(update_fields=["is_active", "password"])
    signing_in.revoke_links(person, by=by)
    AuditEvent.record("switch_off_person", person, by=by)
    pages.forget(PUBLIC_PAGES)


@transaction.atomic
def switch_on_person(*, person: Person, by: Person) -> None:
    """Let a person take part again. They sign in by code."""
    person.is_active = True
    person.save(update_fields=["is_active"])
    AuditEvent.record("switch_on_person", person, by=by)
    pages.forget(PUBLIC_PAGES)


@transaction.atomic
def invite_person(*, person: Person, by: Person | None, at: datetime | None = None) -> None:
    """Send the letter that says what the forum is and how to sign in.

    By e-mail whatever channel they prefer, because its button is about that address. Raises
    TransitionNotAllowed for somebody without an address of their own or switched off.
    """
    if not person.email:
        raise TransitionNotAllowed("An invitation needs their own e-mail address. Add it first.")
    if not person.is_active:
        raise TransitionNotAllowed(f"{person.name} is switched off. Switch them on first.")
    event = AuditEvent.record("invite_person", person, by=by, at=at)
    outbox.queue(
        key=f"welcome:{event.pk}",
        template="members/welcome",
        person=person,
        address=person.email,
        channel=Message.Channel.EMAIL,
        at=at,
    )


@transaction.atomic
def give_role(
    *,
    person: Person,
    kind: str,
    by: Person | None,
    organisation: Organisation | None = None,
    at: datetime | None = None,
) -> Role:
    """Give a role from now on. Raises TransitionNotAllowed for oneself or a role already held."""
    if by is not None and by.pk == person.pk:
        raise TransitionNotAllowed("Nobody gives themselves a role. Ask another administrator.")
    if person.roles.current().filter(kind=kind).exists():
        raise TransitionNotAllowed(f"{person.name} holds this role already.")
    try:
        with transaction.atomic():
            role = Role.objects.create(
                person=person,
                kind=kind,
                organisation=organisation,
                started_by=by,
                started_at=at or timezone.now(),
            )
    except IntegrityError as error:
        raise TransitionNotAllowed(f"{person.name} has just been given this role.") from error
    AuditEvent.record("give_role", person, by=by, at=at, role=kind)
    return role


@transaction.atomic
def end_role(*, role: Role, by: Person) -> None:
    """End a role now. Raises TransitionNotAllowed for oneself."""
    if role.person_id == by.pk:
        raise TransitionNotAllowed("Nobody ends their own role. Ask another administrator.")
    if Role.objects.filter(pk=role.pk, ended_at__isnull=True).update(
        ended_at=timezone.now(), ended_by=by
    ):
        AuditEvent.record("end_role", role.person, by=by, role=role.kind)


@transaction.atomic
def add_group(
    *, name: str, by: Person | None, at: datetime | None = None, **fields: Any
) -> MemberGroup:
    """Put a group on the map, with the first step of its standing."""
    slug = base = slugify(name)[:70] or "group"
    number = 2
    # "new" is the address at which groups are added.
    while slug == "new" or MemberGroup.objects.filter(slug=slug).exists():
        slug, number = f"{base}-{number}", number + 1
    group = MemberGroup.objects.create(
        name=name, slug=slug, **fields, **({"created_at": at} if at else {})
    )
    Standing.objects.create(group=group, standing=group.standing, by=by, at=at or timezone.now())
    AuditEvent.record("add_group", group, by=by, at=at)
    pages.forget(PUBLIC_PAGES)
    return group


@transaction.atomic
def change_group(*, group: MemberGroup, by: Person, fields: list[str]) -> None:
    """Save what a group's page says. Its address stays."""
    group.save(update_fields=fields)
    AuditEvent.record("change_group", group, by=by, fields=fields)
    pages.forget(PUBLIC_PAGES)


@transaction.atomic
def change_standing(
    *,
    group: MemberGroup,
    standing: str,
    by: Person,
    note: str = "",
    minutes: int = 0,
    at: datetime | None = None,
) -> None:
    """Move a group along, dated, with the minutes that the outreach took."""
    group.standing = standing
    group.save(update_fields=["standing"])
    Standing.objects.create(
        group=group,
        standing=standing,
        by=by,
        at=at or timezone.now(),
        note=note,
        minutes=minutes,
    )
    AuditEvent.record("change_standing", group, by=by, at=at, standing=standing)
    pages.forget(PUBLIC_PAGES)


@transaction.atomic
def seat_person(
    *,
    group: MemberGroup,
    person: Person,
    by: Person | None,
    is_staff: bool = False,
    at: datetime | None = None,
) -> Seat:
    """Give ``person`` the lowest free seat of ``group``.

    The row lock makes two people who save at once wait for each other; were it missing,
    the unique constraints would still refuse a fourth seat. Raises TransitionNotAllowed
    with the reason when there is none to give.
    """
    group = MemberGroup.objects.select_for_update().get(pk=group.pk)
    held = list(group.seats.current().select_related("person"))
    if any(seat.person_id == person.pk for seat in held):
        raise TransitionNotAllowed(f"{person.name} has a seat in {group.name} already.")
    number = _free_number(group, held, is_staff)
    try:
        with transaction.atomic():
            seat = Seat.objects.create(
                group=group,
                person=person,
                number=number,
                is_staff=is_staff,
                started_by=by,
                started_at=at or timezone.now(),
            )
    except IntegrityError as error:
        raise TransitionNotAllowed(
            f"Somebody else has just taken this seat of {group.name}. Look again."
        ) from error
    AuditEvent.record("seat_person", seat, by=by, at=at, group=group.pk, person=person.pk)
    pages.forget(PUBLIC_PAGES)
    return seat


def _free_number(group: MemberGroup, held: list[Seat], is_staff: bool) -> int:
    """The lowest free seat. Raises TransitionNotAllowed with the reason when there is none."""
    cap = Forum.current().seat_cap
    if not group.is_member:
        raise TransitionNotAllowed(f"{group.name} isn’t a member group yet, so it has no seats.")
    if is_staff and any(seat.is_staff for seat in held):
        raise TransitionNotAllowed(
            f"{group.name} has its one staff seat already. The other seats are for parents."
        )
    free = sorted(set(range(1, cap + 1)) - {seat.number for seat in held})
    if not free:
        names = ", ".join(seat.person.name for seat in held)
        raise TransitionNotAllowed(
            f"All {cap} seats of {group.name} are taken, by {names}. End one first."
        )
    return free[0]


@transaction.atomic
def seat_newcomer(
    *, group: MemberGroup, name: str, email: str | None, by: Person, is_staff: bool = False
) -> Seat:
    """Seat somebody by name and address; a person whose address we know is not added twice.

    For those who see the list of people anyway. Raises TransitionNotAllowed where the group
    has no seat to give.
    """
    person = Person.objects.active().filter(email=email).first() if email else None
    newcomer = person is None
    if person is None:
        person = add_person(by=by, invite=False, name=name, email=email)
    seat = seat_person(group=group, person=person, by=by, is_staff=is_staff)
    if newcomer and email:
        invite_person(person=person, by=by)
    return seat


@transaction.atomic
def offer_seat(
    *, group: MemberGroup, name: str, email: str, by: Person, is_staff: bool = False
) -> None:
    """Offer a seat by e-mail, for a rep: it is taken by whoever says yes to the letter.

    Nobody learns from it whether the address is known, or whose it is: nothing about the
    person is in the answer. Raises TransitionNotAllowed where the group has no seat to give.
    """
    _free_number(group, list(group.seats.current().select_related("person")), is_staff)
    person = Person.objects.filter(email=email).first()
    if person is None:
        person = add_person(by=by, invite=False, name=name, email=email)
    event = AuditEvent.record("offer_seat", group, by=by, person=person.pk)
    outbox.queue(
        key=f"seat-offer:{event.pk}",
        template="members/seat_offer",
        person=person,
        address=email,
        channel=Message.Channel.EMAIL,
        ids={"group": group.pk, "is_staff": is_staff, "by": by.pk},
    )


@transaction.atomic
def accept_seat(*, offer: Message) -> Seat:
    """Take the seat that a letter offered. Raises TransitionNotAllowed when it is gone."""
    assert offer.person is not None
    group = MemberGroup.objects.get(pk=offer.ids["group"])
    seat = seat_person(
        group=group, person=offer.person, by=offer.person, is_staff=offer.ids["is_staff"]
    )
    if offer.person.last_login is None:
        invite_person(person=offer.person, by=offer.person)
    return seat


@transaction.atomic
def end_seat(*, seat: Seat, by: Person, at: datetime | None = None) -> None:
    """End a seat now. It stays in the group's history."""
    seat.end(by=by, at=at)
    pages.forget(PUBLIC_PAGES)


@transaction.atomic
def change_forum(
    *, forum: Forum, by: Person | None, fields: list[str], at: datetime | None = None
) -> None:
    """Save the forum's settings. Rules copied onto a meeting or version stay as they are."""
    forum.save()
    AuditEvent.record("change_forum", forum, by=by, at=at, fields=fields)
    pages.forget("/")


@transaction.atomic
def set_up_forum(*, forum: Forum, name: str, email: str, password: str) -> Person:
    """Begin an empty forum: its row, and its first administrator, who is coordinator too.

    Given by nobody, because there is nobody yet. Raises TransitionNotAllowed once the forum
    has an administrator. The forum's row is saved first: two who try at once wait for each
    other there, and the second is refused.
    """
    forum.save()
    if Role.objects.active_administrators().exists():
        raise TransitionNotAllowed("This forum has been set up already. Sign in instead.")
    person = add_person(by=None, invite=False, name=name, email=email, password=password)
    give_role(person=person, kind=Role.Kind.ADMINISTRATOR, by=None)
    give_role(person=person, kind=Role.Kind.COORDINATOR, by=None)
    pages.forget("/")
    return person


@transaction.atomic
def choose_news(*, person: Person, news_comes: str, by: Person, channel: str = "") -> None:
    """Keep how news comes, and by which channel everything comes. What waits follows at once."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    wanted = {"news": news_comes, **({"channel": channel} if channel else {})}
    changed = [name for name, value in wanted.items() if getattr(person, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(person, name, wanted[name])
    person.save(update_fields=changed)
    AuditEvent.record("choose_news", person, by=by, fields=changed)
    news.follow_choice(person=person)


@transaction.atomic
def mark_posted(*, messages: list[Message], by: Person) -> int:
    """Record that these letters went to the post; how many of them still waited for that."""
    posted = 0
    for message in messages:
        try:
            by_hand.mark_posted(message=message, by=by)
        except TransitionNotAllowed:
            continue  # somebody else has marked it in between
        posted += 1
    return posted


@transaction.atomic
def drop_message(*, message: Message, by: Person, reason: str) -> None:
    """Take a letter or call that has lost its point off the list."""
    if Message.objects.filter(pk=message.pk, state=Message.State.QUEUED).update(
        state=Message.State.DROPPED, reason=reason[:300], secret={}
    ):
        AuditEvent.record("drop_message", message, by=by)
