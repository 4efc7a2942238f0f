"""Every route × every kind of person answers as the matrix says, GET and POST."""

import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from coprod import clocks, links
from coprod.models import Message
from meetings.models import ActionItem, Minutes, Paper, PublicityChannel
from meetings.services.agreement import answer_minutes
from meetings.services.cancelling import cancel_meeting
from meetings.services.comments import comment_on
from meetings.services.events import sign_up
from meetings.services.feeds import make_calendar_key
from meetings.services.minutes import circulate_minutes, keep_private, open_minutes, save_section
from meetings.services.publicity import publish_minutes, tick_tasks
from members.models import Role
from tests.factories.meetings import (
    AgendaItemFactory,
    ClosedPeriodFactory,
    MeetingFactory,
    SeriesFactory,
    invite,
)
from tests.factories.members import (
    ForumFactory,
    MemberGroupFactory,
    OrganisationFactory,
    PersonFactory,
    RoleFactory,
    SeatFactory,
)
from tests.house.matrix import COLUMNS, ELSEWHERE, ROWS
from tests.house.world_of_asks import kwargs_of_asks
from tests.house.world_of_money import kwargs_of_money
from tests.house.world_of_projects import kwargs_of_projects

PARTS = [f"{name} {method}" for name in ROWS for method in ("GET", "POST")]


def _routes(resolver=None, space=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _routes(pattern, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{space}{pattern.name}"


def test_route_when_it_exists_then_has_a_row():
    declared = {name.split()[0] for name in ROWS} | set(ELSEWHERE)
    assert set(_routes()) - declared == set()


def test_row_when_declared_then_has_a_route_and_every_column():
    routes = set(_routes())
    assert {name.split()[0] for name in ROWS} - routes == set()
    for name, (_, get, post) in ROWS.items():
        assert len(get) == len(COLUMNS), name
        assert post == "=" or len(post) == len(COLUMNS), name


def _people(group, other_group):
    """One of each column. M sits in the same group as R; N has an organisation of their own."""

    def seated(name, where, *, is_staff=False):
        return SeatFactory(group=where, person=PersonFactory(name=name), is_staff=is_staff).person

    def role(name, kind, **fields):
        return RoleFactory(person=PersonFactory(name=name), kind=kind, **fields).person

    kind = Role.Kind
    return {
        "P": None,
        "S": PersonFactory(name="Sam Stranger"),
        "R": seated("Rita Rep", group),
        "I": PersonFactory(name="Ivo Absent"),
        "X": seated("Xenia Elsewhere", other_group),
        "G": seated("Grace Staff", group, is_staff=True),
        "O": role("Owen Officer", kind.OFFICER, organisation=OrganisationFactory()),
        "N": role("Nell Notinvited", kind.OFFICER, organisation=OrganisationFactory()),
        "C": role("Cleo Coordinator", kind.COORDINATOR),
        "T": role("Tom Treasurer", kind.TREASURER),
        "A": role("Ada Administrator", kind.ADMINISTRATOR),
        "M": seated("Mina Taker", group),
    }


def _met(people, coordinator, title, days_ago, audience):
    meeting = MeetingFactory(
        title=title, date=clocks.today() - timedelta(days=days_ago), audience=audience
    )
    for letter in "RIGOM" if audience != "parents" else "RIGM":
        came = "room" if letter in "RGO" else ""
        fields = {"capacity": "parent"} if letter == "I" else {}
        invite(meeting, people[letter], came=came, **fields)
    AgendaItemFactory(meeting=meeting)
    minutes = open_minutes(meeting=meeting, by=coordinator)
    section = minutes.sections.get()
    save_section(section=section, text="One.\n\nTwo.", edit_no=0, by=coordinator)
    circulate_minutes(minutes=minutes, number=1, by=coordinator)
    return meeting


def _unsent(people, coordinator):
    """Written, and nothing has gone out; M takes the minutes."""
    meeting = MeetingFactory(title="Unsent", date=clocks.today() - timedelta(days=4))
    for letter in "RIGOM":
        fields = {"capacity": "parent"} if letter == "I" else {}
        invite(meeting, people[letter], came="room" if letter in "RGO" else "", **fields)
    meeting.minute_taker = people["M"]
    meeting.save()
    AgendaItemFactory(meeting=meeting)
    minutes = open_minutes(meeting=meeting, by=coordinator)
    save_section(section=minutes.sections.get(), text="One.", edit_no=0, by=coordinator)
    return meeting


def _comment(meeting, author):
    version = meeting.minutes.latest
    return comment_on(
        version=version,
        invitation=meeting.invitations.get(person=author),
        uid=version.full["items"][0]["paragraphs"][0]["uid"],
        kind="wrong",
        speaking_for="myself",
        text="Not so.",
        once=uuid.uuid4(),
        by=author,
    )


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """One world for all rows; each request's changes are taken back by the test."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield _world()
        transaction.set_rollback(True)


def _private_paragraph(section, coordinator):
    paragraph = section.paragraphs.last()
    keep_private(paragraph=paragraph, reason="One family", by=coordinator)
    return paragraph.uid


def _world():
    """The rows that the routes are about, by the names that the matrix uses."""
    ForumFactory()
    group, other_group = MemberGroupFactory(), MemberGroupFactory()
    people = _people(group, other_group)
    coordinator, rep = people["C"], people["R"]
    met = _met(people, coordinator, "With services", 5, "services")
    met.minute_taker = people["M"]
    met.save()
    unsent = _unsent(people, coordinator)
    parents = _met(people, coordinator, "Parents only", 6, "parents")
    published = _met(people, coordinator, "Published", 40, "services")
    minutes = published.minutes
    Minutes.objects.filter(pk=minutes.pk).update(
        state="agreed", agreed_version=minutes.versions.get(), agreed_at=timezone.now()
    )
    tick_tasks(minutes=minutes, tasks={"no_child", "private"}, by=coordinator)
    publish_minutes(minutes=minutes, by=coordinator)
    coming = MeetingFactory(title="Coming", date=clocks.today() + timedelta(days=20))
    invitations = {
        letter: invite(coming, people[letter], **({"capacity": "parent"} if letter == "I" else {}))
        for letter in "RIGOM"
    }
    event = MeetingFactory(title="Open", audience="open")
    action = ActionItem.objects.create(
        paragraph=met.minutes.sections.get().paragraphs.first(), text="Ring"
    )
    paper = Paper.objects.create(
        item=AgendaItemFactory(meeting=coming), title="Times", summary="Two.", asked="Which?"
    )
    channel = PublicityChannel.objects.create(name="Local Offer")
    signed_up = sign_up(meeting=event, name="Marta", email="marta@family.example")
    cancelled = MeetingFactory(title="Cancelled", date=clocks.today() + timedelta(days=25))
    cancel_meeting(meeting=cancelled, reason="The hall is flooded", by=coordinator)
    closed = ClosedPeriodFactory(
        first_day=clocks.today(), last_day=clocks.today(), imported_from="The council"
    )
    planned = MeetingFactory(title="Planned", announced_at=None, series=SeriesFactory())
    draft = met.invitations.get(person=rep)
    comment = _comment(met, rep)
    message = Message.objects.create(
        key="matrix", person=rep, template="members/welcome", channel="letter"
    )
    call = Message.objects.create(
        key="matrix call", person=rep, template="members/welcome", channel="phone"
    )
    needless = Message.objects.create(
        key="matrix needless",
        person=PersonFactory(is_active=False),
        template="members/welcome",
        channel="phone",
    )
    section = met.minutes.sections.get()
    not_yet = answer_minutes(
        version=met.minutes.latest, invitation=draft, answer="not_yet", reason="2 is wrong", by=rep
    )
    to_confirm = AgendaItemFactory(meeting=met, kind="confirm", about_minutes=unsent.minutes)
    private_item = AgendaItemFactory(meeting=coming, is_private=True, private_reason="One family")
    offer = Message.objects.create(
        key="matrix offer",
        person=rep,
        template="members/seat_offer",
        ids={"group": other_group.pk, "is_staff": False, "by": rep.pk},
    )
    return SimpleNamespace(
        people=people,
        kwargs={
            "": {},
            "group": {"slug": group.slug},
            "rep": {"public_id": rep.public_id},
            "role": {"pk": people["T"].roles.get().pk},
            "seat": {"pk": group.seats.get(person=people["G"]).pk},
            "message": {"uuid": message.uuid},
            "call": {"uuid": call.uuid},
            "needless call": {"uuid": needless.uuid},
            "series": {"pk": planned.series_id},
            "met": {"slug": met.slug},
            "unsent": {"slug": unsent.slug},
            "parents": {"slug": parents.slug},
            "published": {"slug": published.slug},
            "published version": {"slug": published.slug, "number": 1},
            "published place": {"slug": published.slug, "place": "short"},
            "met place": {"slug": met.slug, "place": "short"},
            "planned": {"slug": planned.slug},
            "cancelled": {"slug": cancelled.slug},
            "closed": {"pk": closed.pk},
            "imported": {"pk": closed.pk},
            "coming": {"slug": coming.slug},
            "coming invitation": {"slug": coming.slug, "pk": invitations["R"].pk},
            "coming item": {"slug": coming.slug, "pk": AgendaItemFactory(meeting=coming).pk},
            "met invitation": {
                "slug": met.slug,
                "pk": met.invitations.get(person=people["I"]).pk,
            },
            "met section": {"slug": met.slug, "pk": section.item_id},
            "met paragraph": {"slug": met.slug, "uid": section.paragraphs.first().uid},
            "private paragraph": {
                "slug": met.slug,
                "uid": _private_paragraph(section, coordinator),
            },
            "private item": {"slug": coming.slug, "pk": private_item.pk},
            "met not yet": {"slug": met.slug, "pk": not_yet.pk},
            "met confirm item": {"slug": met.slug, "pk": to_confirm.pk},
            "met comment": {"slug": met.slug, "pk": comment.pk},
            "met version": {"slug": met.slug, "number": 1},
            "join link": {"token": links.make("join", person=rep, about=rep.pk)},
            "set-up link": {"token": links.make("set-up", person=rep, about=rep.pk)},
            "bad link": {"token": "not-a-token"},
            "news link": {"token": links.make("news", person=rep, about=rep.pk)},
            "bad link comment": {"token": "not-a-token", "pk": comment.pk},
            "draft link comment": {
                "token": links.make("draft", person=rep, about=draft.pk),
                "pk": comment.pk,
            },
            "no device": {"pk": 1},
            "seat link": {"token": links.make("seat", person=rep, about=offer.pk)},
            "action": {"pk": action.pk},
            "coming paper": {"slug": coming.slug, "pk": paper.pk},
            "channel": {"pk": channel.pk},
            "published channel": {"slug": published.slug, "pk": channel.pk},
            "event": {"slug": event.slug},
            "signed up": {"uuid": signed_up.uuid},
            "event signed up": {"slug": event.slug, "pk": signed_up.pk},
            "calendar key": {"key": make_calendar_key(person=rep, by=rep)},
            "bad calendar key": {"key": "0" * 32},
            "reply link": {"token": links.make("reply", person=rep, about=invitations["R"].pk)},
            "draft link": {"token": links.make("draft", person=rep, about=draft.pk)},
            **kwargs_of_projects(people),
            **kwargs_of_asks(people),
            **kwargs_of_money(people),
        },
    )


def _cell(response):
    code = response.status_code
    if code in (301, 302):
        return "l" if reverse("account_login") in response["Location"] else "r"
    return {200: "y", 400: "y", 403: "n", 404: ".", 410: ".", 405: "m", 503: "y"}.get(
        code, str(code)
    )


# The mark makes the test database even where no other test of a run asks for one; without it
# the world would be written into the installation's own.
@pytest.mark.django_db
@pytest.mark.parametrize("part", PARTS)
def test_page_when_asked_by_each_then_answers_as_typed(part, world):
    route, _, method = part.rpartition(" ")
    about, get, post = ROWS[route]
    expected = get if method == "GET" or post == "=" else post
    name = route.split()[0]
    kwargs = world.kwargs[about]
    address = "/accounts/signup/" if name == "members:closed" else reverse(name, kwargs=kwargs)
    found = ""
    for letter in COLUMNS:
        # Each asks in the same world: what one of them changed is taken back.
        with transaction.atomic():
            client = Client()
            if world.people[letter] is not None:
                client.force_login(world.people[letter])
            if method == "GET":
                cell = _cell(client.get(address))
            else:
                data = {"once": str(uuid.uuid4())}
                cell = _cell(client.post(address, data)).replace("r", "y")
            transaction.set_rollback(True)
        cache.clear()
        found += cell if len(cell) == 1 else f"<{letter}:{cell}>"
    assert found == expected, f"{COLUMNS}\n{expected} expected\n{found} found"
