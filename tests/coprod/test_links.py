"""Personal links: ended, never by opening; in no log, row or referrer."""

import io
import logging
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from coprod import clocks, links, outbox
from coprod.logs import HideLinks, hide_links
from coprod.models import AuditEvent, Message
from meetings.models import CalendarKey
from meetings.services import feeds
from meetings.services.asks import name_answerer
from meetings.services.invitations import default_invitees, invite_to_meeting
from meetings.services.minutes import circulate_minutes, open_minutes, save_section
from members import services, signing_in
from members.models import Person
from tests.factories.asks import heard_ask
from tests.factories.meetings import AgendaItemFactory, MeetingFactory, invite

JOIN = "members:join"
AGAIN = reverse("link_again")


# Ended -------------------------------------------------------------------------------------------


def reads(purpose, token):
    try:
        return links.read(purpose, token)
    except links.LinkInvalid as refused:
        return "ended" if refused.ended else "wrong"


def test_link_when_made_then_read_with_one_query(rep, django_assert_num_queries):
    token = links.make("reply", person=rep, about=7)
    with django_assert_num_queries(1):
        assert reads("reply", token) == links.Link(person_id=rep.pk, about=7)


def test_link_when_ended_by_its_owner_then_dead_and_later_ones_live(rep):
    with time_machine.travel("2026-11-10T10:00:00Z", tick=False) as clock:
        old = {purpose: links.make(purpose, person=rep, about=1) for purpose in ("reply", "draft")}
        clock.shift(timedelta(seconds=5))
        signing_in.end_links(person=rep, by=rep)
        assert {reads(purpose, token) for purpose, token in old.items()} == {"ended"}
        rep.refresh_from_db()
        # In the very second of the ending, and after it.
        assert reads("reply", links.make("reply", person=rep, about=1)).about == 1
        clock.shift(timedelta(seconds=5))
        assert reads("reply", links.make("reply", person=rep, about=1)).about == 1


def test_link_when_made_in_the_second_of_the_ending_then_dead(rep):
    with time_machine.travel("2026-11-10T10:00:00.400Z", tick=False):
        token = links.make("reply", person=rep, about=1)
        signing_in.end_links(person=rep, by=rep)
        assert reads("reply", token) == "ended"


def test_link_when_another_person_ends_theirs_then_lives(rep, stranger):
    token = links.make("reply", person=rep, about=1)
    signing_in.end_links(person=stranger, by=stranger)
    assert reads("reply", token).person_id == rep.pk


def test_link_when_its_person_is_switched_off_then_ended_for_good(rep, coordinator):
    token = links.make("reply", person=rep, about=1)
    services.switch_off_person(person=rep, by=coordinator)
    assert reads("reply", token) == "ended"
    services.switch_on_person(person=rep, by=coordinator)
    assert reads("reply", token) == "ended"


@pytest.mark.parametrize("purpose", sorted(links.DAYS))
def test_link_when_its_days_are_over_then_ended(purpose, rep):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        token = links.make(purpose, person=rep, about=1)
        clock.shift(timedelta(days=links.DAYS[purpose]) - timedelta(seconds=2))
        assert reads(purpose, token).about == 1
        clock.shift(timedelta(seconds=4))
        assert reads(purpose, token) == "ended"


@pytest.mark.parametrize("change", ["cut", "another purpose", "another person", "nothing of it"])
def test_link_when_altered_then_wrong(change, rep):
    token = links.make("reply", person=rep, about=1)
    body, _, rest = token.partition(":")
    altered = {
        "cut": token[:-1],
        "another purpose": links.make("draft", person=rep, about=1),
        "another person": f"{body[:-2]}xx:{rest}",
        "nothing of it": "x",
    }[change]
    assert reads("reply", altered) == "wrong"


@pytest.mark.parametrize("who", ["rep", "coordinator", "administrator"])
def test_links_when_ended_on_a_page_then_asked_first_told_and_audited(
    who, rep, request, client_for, outbox_drained
):
    by = request.getfixturevalue(who)
    own = who == "rep"
    address = (
        reverse("members:my_links_end")
        if own
        else reverse("members:person_links_end", args=[rep.public_id])
    )
    token = links.make("reply", person=rep, about=1)
    client = client_for(by)
    assert "stop working" in client.get(address).content.decode()
    assert reads("reply", token).about == 1
    client.post(address)
    assert reads("reply", token) == "ended"
    [mail] = outbox_drained()
    assert mail.to == [rep.email]
    assert ("You asked us" in mail.body) is own
    rep.refresh_from_db()
    assert rep.links_ended_by == by
    assert AuditEvent.objects.get(verb="end_links").by_id == by.pk


# A new one ---------------------------------------------------------------------------------------


@pytest.fixture
def invited(rep, coordinator, group):
    meeting = MeetingFactory(date=clocks.today() + timedelta(days=20), invited_at=None)
    people = [plans[0] for plans in default_invitees(meeting).values()]
    invite_to_meeting(meeting=meeting, people=people, by=coordinator)
    return meeting.invitations.get(person=rep)


def test_new_link_when_asked_for_then_the_same_letter_comes_to_its_owner(
    invited, rep, outbox_drained
):
    first = outbox_drained()
    assert any(rep.email in mail.to for mail in first)
    first.clear()
    token = links.make("reply", person=rep, about=invited.pk)
    signing_in.end_links(person=rep, by=rep)
    outbox_drained().clear()
    address = reverse("meetings:reply_by_link", args=[token])
    page = Client().get(address)
    assert page.status_code == 410
    assert "Send me a new link" in page.content.decode()
    assert f'value="{token}"' in page.content.decode()
    Client().post(AGAIN, {"purpose": "reply", "token": token})
    [mail] = outbox_drained()
    assert mail.to == [rep.email]
    fresh = re.search(r"/meetings/reply/\S+", mail.body).group()
    assert Client().get(fresh).status_code == 200
    assert token not in mail.body


def test_new_link_when_asked_for_twice_then_one_letter_a_day(invited, rep):
    token = links.make("reply", person=rep, about=invited.pk)
    before = Message.objects.count()
    for _ in range(3):
        Client().post(AGAIN, {"purpose": "reply", "token": token})
    assert Message.objects.count() == before + 1


def test_new_link_when_there_is_nothing_then_the_same_answer(invited, rep, stranger):
    good = links.make("reply", person=rep, about=invited.pk)
    answers = {
        Client().post(AGAIN, {"purpose": purpose, "token": token}).content
        for purpose, token in (
            ("reply", good),
            ("reply", "x"),
            ("reply", links.make("reply", person=stranger, about=invited.pk)),
            ("draft", good),
            ("nonsense", good),
            ("set-up", links.make("set-up", person=rep, about=0)),
            ("", ""),
        )
    }
    assert len(answers) == 1


def test_new_link_when_asked_for_without_end_then_limited(db, forum):
    pages = [Client().post(AGAIN, {"purpose": "reply", "token": "x"}) for _ in range(21)]
    assert pages[-1].status_code == 429


def test_new_link_when_its_owner_takes_part_no_more_then_none(invited, rep, coordinator):
    token = links.make("reply", person=rep, about=invited.pk)
    services.switch_off_person(person=rep, by=coordinator)
    before = Message.objects.count()
    Client().post(AGAIN, {"purpose": "reply", "token": token})
    assert Message.objects.count() == before


@pytest.mark.parametrize("purpose", ["reply", "draft", "join", "seat"])
def test_new_link_when_a_page_offers_it_then_somebody_knows_the_letter(purpose):
    assert purpose in links.letters_with


# Opening changes nothing --------------------------------------------------------------------------


def secret_routes(resolver=None, before="/", space=""):
    """Every route whose address holds a secret: its name, its whole pattern, the secret's name."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from secret_routes(pattern, path, inner)
        elif isinstance(pattern, URLPattern) and pattern.name and not path.startswith("/demo"):
            found = re.search(r"<(?:str|uuid):(token|key|uuid)>|(?P<key>\(\?P<key>)", path)
            public = getattr(pattern.callback, "login_required", True) is False
            if found and public:
                yield f"{space}{pattern.name}", path


@pytest.fixture
def world(invited, rep, coordinator, group, officer):
    """Rows that every link leads to, and the arguments of every route with a secret."""
    met = MeetingFactory(date=clocks.today() - timedelta(days=3))
    own = invite(met, rep, came="room")
    AgendaItemFactory(meeting=met)
    minutes = open_minutes(meeting=met, by=coordinator)
    save_section(section=minutes.sections.get(), text="One.", edit_no=0, by=coordinator)
    circulate_minutes(minutes=minutes, number=1, by=coordinator)
    services.offer_seat(group=group, name="Jo Marsh", email="jo@larkmere.example", by=rep)
    offer = Message.objects.get(template="members/seat_offer")
    draft = links.make("draft", person=rep, about=own.pk)
    ask = heard_ask(by=coordinator, due_on=clocks.today())
    name_answerer(ask=ask, person=officer, by=coordinator)
    tokens = {
        "meetings:reply_by_link": links.make("reply", person=rep, about=invited.pk),
        "members:join": links.make("join", person=rep, about=rep.pk),
        "members:set_up": links.make("set-up", person=Person(pk=0), about=0),
        "members:seat_offer": links.make("seat", person=offer.person, about=offer.pk),
        "asks:ask_answer_by_link": links.make("ask", person=officer, about=ask.pk),
        "members:news_by_link": links.make("news", person=rep, about=rep.pk),
    }
    tokens |= dict.fromkeys(
        (name for name, _ in secret_routes() if name.startswith("meetings:minutes_")), draft
    )
    been = links.make("reply", person=rep, about=own.pk)
    tokens["meetings:attendance_declare_by_link"] = been
    tokens["meetings:substitute_name_by_link"] = tokens["meetings:reply_by_link"]
    key = feeds.make_calendar_key(person=rep, by=rep)
    return {
        **{name: {"token": token} for name, token in tokens.items()},
        "meetings:private_calendar": {"key": key},
    }


def dump():
    """Every row of every table, as text."""
    rows = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608
            rows[model._meta.label] = repr(
                # PostgreSQL answers bytes as views, whose own words are their place in memory.
                [
                    [bytes(each) if isinstance(each, memoryview) else each for each in row]
                    for row in cursor.fetchall()
                ]
            )
    return rows


#: Routes with a secret that other tests open, with the reason.
ELSEWHERE = {
    "account_reset_password_from_key": "allauth's: it moves the key into the session, so that "
    "no page has it in its address",
    "account_confirm_email": "shut before allauth sees it",
    "meetings:sign_up_own": "its own row's number; tests/meetings/test_events.py",
    "meetings:comment_correct_by_link": "needs a comment; below by the same decorator",
}


def test_link_when_opened_by_a_scanner_then_changes_nothing(world):
    names = {name for name, _ in secret_routes()}
    missing = names - set(world) - set(ELSEWHERE)
    assert missing == set(), "A new route with a secret: add how it is opened"
    for name, kwargs in world.items():
        address = reverse(name, kwargs=kwargs)
        for method in ("get", "head"):
            before = dump()
            page = getattr(Client(), method)(address)
            assert page.status_code in (200, 302, 405, 410), (name, page.status_code)
            assert dump() == before, name


def test_link_page_when_answered_then_private_and_its_address_goes_nowhere(world):
    for name, kwargs in world.items():
        page = Client().get(reverse(name, kwargs=kwargs))
        if page.status_code == 405:
            continue
        assert page["Cache-Control"].startswith("private") or "no-store" in page["Cache-Control"]
        assert page["Referrer-Policy"] == "no-referrer", name
        refused = Client().get(reverse(name, kwargs=dict.fromkeys(kwargs, "x")))
        assert refused["Referrer-Policy"] == "no-referrer", name


# Kept nowhere ------------------------------------------------------------------------------------


def test_link_when_used_then_its_token_is_in_no_row(world, rep, outbox_drained):
    outbox_drained()
    reader = Client()
    for name, kwargs in world.items():
        reader.get(reverse(name, kwargs=kwargs))
    reply = reverse("meetings:reply_by_link", kwargs=world["meetings:reply_by_link"])
    reader.post(reply, {"answer": "room"})
    assert settings.SESSION_COOKIE_NAME not in reader.cookies  # nor in a session: there is none
    Client().post(AGAIN, {"purpose": "reply", **world["meetings:reply_by_link"]})
    outbox.deliver_due(now=timezone.now() + timedelta(days=1))
    text = "".join(dump().values())
    for name, kwargs in world.items():
        [secret] = kwargs.values()
        assert secret not in text, name
    assert CalendarKey.objects.get().sha256 in text  # the dump does see rows


def test_link_when_a_line_of_a_log_names_it_then_hidden(world):
    out = io.StringIO()
    logger = logging.Logger("test")
    handler = logging.StreamHandler(out)
    handler.addFilter(HideLinks())
    logger.addHandler(handler)
    for name, kwargs in world.items():
        address = reverse(name, kwargs=kwargs)
        logger.warning('"GET %s HTTP/1.1" 200', address)
        logger.warning("Refused: %s", f"http://forum.example{address}?a=b")
        try:
            raise ValueError(f"at {address}")
        except ValueError:
            logger.exception("Trouble")
    written = out.getvalue()
    for name, kwargs in world.items():
        [secret] = kwargs.values()
        assert secret not in written, name
    assert "/meetings/reply/[link]" in written
    assert "Trouble" in written


@pytest.mark.parametrize("name", [name for name, _ in secret_routes()])
def test_route_when_it_holds_a_secret_then_logs_hide_it(name):
    path = dict(secret_routes())[name]
    secret = "6f1c2b3a-1111-4222-8333-944455556666" if "uuid" in path else "s3cr3t"
    if name.startswith("account_"):
        pytest.skip("allauth's keys have a shape of their own; see the next test")
    address = re.sub(r"<(?:str|uuid):(?:token|key|uuid)>", secret, path)
    address = re.sub(r"<\w+:\w+>", "1", address)
    record = logging.LogRecord("x", logging.INFO, "", 0, "GET %s", (address,), None)
    HideLinks().filter(record)
    assert secret not in record.getMessage(), address


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/password/reset/key/1-cz8k2b-0123456789abcdef0123456789abcdef/",
        "/accounts/password/reset/key/1-set-password/",
        "/somewhere/new/WzEsMl0:1vKxyz:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/",
    ],
)
def test_log_when_a_secret_of_another_shape_is_named_then_hidden(address):
    record = logging.LogRecord("x", logging.INFO, "", 0, address, (), None)
    HideLinks().filter(record)
    assert "[link]" in record.getMessage()


@pytest.mark.parametrize(
    "address",
    ["/meetings/autumn-meeting/minutes/draft/", "/people/0123456789abcdef/", "/meetings/plan/3/"],
)
def test_log_when_an_address_holds_no_secret_then_kept(address):
    record = logging.LogRecord("x", logging.INFO, "", 0, address, (), None)
    HideLinks().filter(record)
    assert record.getMessage() == address


def test_link_when_it_stands_inside_another_address_then_hidden_too(rep):
    token = links.make("reply", person=rep, about=1)
    inside = urlencode({"next": reverse("meetings:reply_by_link", args=[token])})
    assert hide_links(f"/accounts/login/?{inside}") == "/accounts/login/?next=%2F[link]"
