"""What everybody may read of meetings: who sees which, nothing private, nothing stale."""

import gzip
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone

from coprod import clocks, pages
from coprod.models import StoredPage
from meetings.models import ActionItem, FormerAddress, Meeting, Minutes
from meetings.services.publicity import withdraw_minutes
from members.services import change_forum
from tests.factories.meetings import (
    AgendaItemFactory,
    MeetingFactory,
    SeriesFactory,
    coming_meeting,
    invite,
    past_meeting,
    reply,
)
from tests.factories.published import (
    agree,
    agreed_minutes,
    circulated_minutes,
    publish,
    published_minutes,
    send_out,
    withhold,
    written_minutes,
)

CANARY = "Xanthippe"
LIST = "/meetings/"
PEOPLE = [
    "public",
    "rep",
    "rep_of_other_group",
    "staff",
    "officer",
    "coordinator",
    "treasurer",
    "administrator",
    "stranger",
]


@pytest.fixture
def everyone(
    rep, rep_of_other_group, staff, officer, coordinator, treasurer, administrator, stranger
):
    return {
        "public": None,
        "rep": rep,
        "rep_of_other_group": rep_of_other_group,
        "staff": staff,
        "officer": officer,
        "coordinator": coordinator,
        "treasurer": treasurer,
        "administrator": administrator,
        "stranger": stranger,
    }


@pytest.fixture
def published(rep, officer, rep_of_other_group, coordinator):
    """A meeting twenty days ago, its minutes public, one paragraph of them withheld."""
    meeting = past_meeting(rep, officer, days=20, absent=[rep_of_other_group])
    items = [("Transport", f"All went well.\n\nWe met {CANARY}.\n\nAction: Print cards. (Ann)")]
    minutes = written_minutes(meeting, by=coordinator, items=items)
    withhold(minutes, CANARY, by=coordinator)
    return publish(agree(send_out(minutes, by=coordinator, days_ago=10)), by=coordinator)


def _address(minutes: Minutes) -> str:
    return minutes.meeting.get_absolute_url()


# Who may know of which meeting --------------------------------------------------------------------

#: Typed by hand from the decisions on parents' meetings and on announcing.
SEEN_BY = {
    "announced": set(PEOPLE),
    "not announced": {"coordinator"},
    "parents, announced": {"coordinator", "rep", "rep_of_other_group", "staff"},
    "parents, draft out": {"coordinator", "rep", "rep_of_other_group", "staff"},
    "parents, published": set(PEOPLE),
    "parents, withdrawn": {"coordinator", "rep", "rep_of_other_group", "staff"},
    "withdrawn": set(PEOPLE),
}


@pytest.fixture
def one_meeting(request, rep, coordinator):
    kind = request.param
    audience = "parents" if kind.startswith("parents") else "services"
    if kind == "not announced":
        return MeetingFactory(announced_at=None)
    if kind.endswith("announced"):
        return MeetingFactory(audience=audience)
    meeting = past_meeting(rep, days=20, audience=audience)
    if kind.endswith("draft out"):
        return circulated_minutes(meeting, by=coordinator).meeting
    minutes = published_minutes(meeting, by=coordinator)
    if kind.endswith("withdrawn"):
        withdraw_minutes(minutes=minutes, reason="Wrong figures.", by=coordinator)
    return meeting


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize(
    ("one_meeting", "kind"), [(k, k) for k in SEEN_BY], indirect=["one_meeting"]
)
def test_meeting_when_asked_for_then_seen_as_decided(one_meeting, kind, who, everyone, client_for):
    person, seen = everyone[who], who in SEEN_BY[kind]
    visible = Meeting.objects.visible_to(person or AnonymousUser())
    assert visible.filter(pk=one_meeting.pk).exists() is seen
    client = client_for(person)
    assert client.get(one_meeting.get_absolute_url()).status_code == (200 if seen else 404)
    assert (one_meeting.get_absolute_url() in client.get(LIST).text) is seen


def test_parents_meeting_when_officer_is_invited_then_seen_by_that_officer(officer, client_for):
    meeting = coming_meeting(officer, audience="parents")
    assert client_for(officer).get(meeting.get_absolute_url()).status_code == 200
    assert client_for(None).get(meeting.get_absolute_url()).status_code == 404


# Nothing private ----------------------------------------------------------------------------------


def test_words_when_private_then_in_no_public_channel(published, client_for):
    assert CANARY in str(published.agreed_version.full)
    client = client_for(None)
    for address in (_address(published), LIST, "/", "/promises/", "/robots.txt"):
        response = client.get(address)
        assert response.status_code == 200
        assert CANARY not in response.text, address
    assert "It points to one family." in client.get(_address(published)).text
    assert all(CANARY.encode() not in bytes(page.body) for page in StoredPage.objects.all())
    assert CANARY.encode() not in client.get(f"{_address(published)}minutes.pdf").content


@pytest.mark.parametrize("who", ["officer", "rep", "coordinator"])
def test_words_when_private_then_not_on_the_public_page_of_those_who_know_them(
    who, published, everyone, client_for
):
    assert CANARY not in client_for(everyone[who]).get(_address(published)).text


def test_draft_when_circulated_then_public_reads_none_of_it(rep, coordinator, client_for):
    meeting = past_meeting(rep, days=5)
    circulated_minutes(meeting, by=coordinator, items=[("Cards", f"We met {CANARY}.")])
    client = client_for(None)
    for address in (meeting.get_absolute_url(), LIST, "/"):
        assert CANARY not in client.get(address).text
    assert client.get(f"{meeting.get_absolute_url()}minutes.pdf").status_code == 404
    assert "Minutes being checked" in client.get(LIST).text


def test_absent_parent_when_minutes_are_public_then_never_named(
    published, rep, rep_of_other_group, officer, client_for
):
    text = client_for(None).get(_address(published)).text
    for person in (rep, rep_of_other_group, officer):
        assert person.name not in text
    assert rep_of_other_group.current_seats[0].group.name in text


@pytest.mark.parametrize(
    ("who", "named"),
    [("public", False), ("stranger", False), ("rep", False), ("coordinator", True)],
)
def test_private_item_when_agenda_is_out_then_named_only_to_who_runs_it(
    who, named, everyone, rep, client_for
):
    meeting = coming_meeting(rep, agenda_sent_at=timezone.now())
    AgendaItemFactory(meeting=meeting, title="Buses")
    AgendaItemFactory(
        meeting=meeting, title=CANARY, note=CANARY, is_private=True, private_reason="One family"
    )
    text = client_for(everyone[who]).get(meeting.get_absolute_url()).text
    assert "Buses" in text
    assert "One family" in text
    assert (CANARY in text) is named


def test_private_item_when_reader_was_there_then_named_to_them(rep, rep_of_other_group, client_for):
    meeting = past_meeting(rep, absent=[rep_of_other_group], agenda_sent_at=timezone.now())
    AgendaItemFactory(meeting=meeting, title=CANARY, is_private=True, private_reason="One family")
    assert CANARY in client_for(rep).get(meeting.get_absolute_url()).text
    assert CANARY not in client_for(rep_of_other_group).get(meeting.get_absolute_url()).text
    meeting.minute_taker = rep_of_other_group
    meeting.save()
    assert CANARY in client_for(rep_of_other_group).get(meeting.get_absolute_url()).text


def test_agenda_when_not_sent_then_only_the_coordinator_sees_it(rep, coordinator, client_for):
    meeting = coming_meeting(rep)
    AgendaItemFactory(meeting=meeting, title="Buses")
    for person in (None, rep):
        assert "Buses" not in client_for(person).get(meeting.get_absolute_url()).text
    assert "Buses" in client_for(coordinator).get(meeting.get_absolute_url()).text


def test_agenda_when_of_parents_meeting_then_only_for_invited_people(
    rep, rep_of_other_group, client_for
):
    meeting = coming_meeting(rep, audience="parents", agenda_sent_at=timezone.now())
    AgendaItemFactory(meeting=meeting, title="Buses")
    assert "Buses" in client_for(rep).get(meeting.get_absolute_url()).text
    assert "Buses" not in client_for(rep_of_other_group).get(meeting.get_absolute_url()).text


def test_online_link_when_meeting_is_public_then_only_for_invited_people(
    rep, rep_of_other_group, client_for
):
    meeting = coming_meeting(rep, online_link="https://meet.larkmere.example/abc")
    address = meeting.get_absolute_url()
    assert "meet.larkmere.example" in client_for(rep).get(address).text
    for person in (None, rep_of_other_group):
        assert "meet.larkmere.example" not in client_for(person).get(address).text


# Withdrawn ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [5, 6])
def test_page_when_minutes_are_long_then_leads_to_each_item_and_names_no_private_one(
    rep, coordinator, client_for, count
):
    meeting = past_meeting(rep, coordinator, days=20)
    titles = [f"Item about {CANARY}" if n == 2 else f"Item {n}" for n in range(1, count + 1)]
    written = written_minutes(
        meeting, by=coordinator, items=[(title, "It was said.") for title in titles]
    )
    meeting.agenda_items.filter(title__contains=CANARY).update(is_private=True)
    publish(agree(send_out(written, by=coordinator, days_ago=10)), by=coordinator)

    page = client_for(None).get(meeting.get_absolute_url()).text

    assert CANARY not in page
    for number in range(1, count + 1):
        assert f'id="i{number}"' in page
        assert (f'href="#i{number}"' in page) == (count > 5)


def test_minutes_when_withdrawn_then_gone_everywhere_at_once(published, coordinator, client_for):
    client, address = client_for(None), _address(published)
    pdf = f"{address}minutes.pdf"
    etag = client.get(address)["ETag"]
    assert "All went well." in client.get(address).text
    assert client.get(pdf).status_code == 200
    withdraw_minutes(minutes=published, reason="Wrong figures.", by=coordinator)
    after = client.get(address, HTTP_IF_NONE_MATCH=etag)
    assert after.status_code == 200
    assert "Wrong figures." in after.text
    for gone in ("All went well.", "Print cards", "minutes.pdf", "Families will know"):
        assert gone not in after.text
        assert gone not in client.get("/").text
    assert client.get(pdf).status_code == 410
    assert client.get(pdf, HTTP_IF_NONE_MATCH=client.get(LIST)["ETag"]).status_code == 410


def test_minutes_when_published_again_then_back(published, coordinator, client_for):
    withdraw_minutes(minutes=published, reason="Wrong figures.", by=coordinator)
    client = client_for(None)
    client.get(_address(published))
    publish(Minutes.objects.get(pk=published.pk), by=coordinator)
    text = client.get(_address(published)).text
    assert "All went well." in text
    assert "Wrong figures." not in text


# Stored pages -------------------------------------------------------------------------------------


def test_page_when_public_then_stored_with_etag_and_no_cookie(
    published, client_for, django_assert_max_num_queries
):
    client = client_for(None)
    client.get(_address(published))
    with django_assert_max_num_queries(2):
        found = client.get(_address(published))
    assert not found.cookies
    assert found["Cache-Control"] == "no-cache"
    assert "Cookie" in found["Vary"]
    assert "<form" not in found.text
    assert "csrf" not in found.text
    with django_assert_max_num_queries(2):
        again = client.get(_address(published), HTTP_IF_NONE_MATCH=found["ETag"])
    assert again.status_code == 304
    assert not again.content
    assert again["ETag"] == found["ETag"]


def test_page_when_browser_takes_gzip_then_the_same_words_smaller(published, client_for):
    client = client_for(None)
    whole = client.get(_address(published)).content
    zipped = client.get(_address(published), HTTP_ACCEPT_ENCODING="br, gzip")
    assert zipped["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.content) == whole
    assert len(zipped.content) < len(whole) / 2


def test_page_when_coordinator_opens_it_first_then_never_stored_or_shared(
    published, coordinator, rep, client_for
):
    address = _address(published)
    for person in (coordinator, rep):
        own = client_for(person).get(address)
        assert own["Cache-Control"] == "private, no-store"
        assert "ETag" not in own
        assert person.name in own.text
    assert not StoredPage.objects.filter(address=address).exists()
    public = client_for(None).get(address)
    for word in (coordinator.name, rep.name, "Running this meeting", "/today/"):
        assert word not in public.text
    # And the other way round: what is stored for everyone doesn't take a person's page away.
    assert "Running this meeting" in client_for(coordinator).get(address).text


@pytest.mark.parametrize("cookie", ["reading", "messages", "sessionid"])
def test_page_when_reader_has_a_preference_then_made_for_them(published, client_for, cookie):
    client = client_for(None)
    client.get(_address(published))
    client.cookies[cookie] = "dark.large"
    own = client.get(_address(published))
    assert own["Cache-Control"] == "private, no-store"
    assert ("read-dark" in own.text) is (cookie == "reading")
    assert "read-dark" not in client_for(None).get(_address(published)).text


def test_page_when_it_moves_with_the_clock_then_not_stored(rep, coordinator, client_for):
    meetings = [
        coming_meeting(rep),
        past_meeting(rep, days=3),
        circulated_minutes(past_meeting(rep, days=6, title="B"), by=coordinator).meeting,
        agreed_minutes(past_meeting(rep, days=20, title="C"), by=coordinator).meeting,
    ]
    for meeting in meetings:
        found = client_for(None).get(meeting.get_absolute_url())
        assert found.status_code == 200
        assert found["Cache-Control"] == "no-cache"
        assert "Cookie" in found["Vary"]
    assert not StoredPage.objects.exclude(address=pages.COUNTER).exists()


def test_page_when_an_action_grows_late_overnight_then_says_so(published, client_for, time_machine):
    due = clocks.today()
    ActionItem.objects.update(due_on=due)
    pages.forget("/")
    client = client_for(None)
    assert "Overdue" not in client.get(_address(published)).text
    etag = client.get(_address(published))["ETag"]
    time_machine.move_to(timezone.now() + timedelta(days=1))
    after = client.get(_address(published), HTTP_IF_NONE_MATCH=etag)
    assert after.status_code == 200
    assert "Overdue" in after.text


def test_page_when_forum_changes_its_phone_then_shows_it(published, forum, coordinator, client_for):
    client = client_for(None)
    assert forum.phone in client.get(_address(published)).text
    forum.phone = "01632 960 999"
    change_forum(forum=forum, by=coordinator, fields=["phone"])
    assert "01632 960 999" in client.get(_address(published)).text


def _withdrawn_while_made(published, coordinator, client, monkeypatch):
    """A reader's page is being made while the minutes are withdrawn; then somebody else reads."""
    make = pages.public_html

    def slowly(*args):
        body = make(*args)
        withdraw_minutes(minutes=published, reason="Wrong figures.", by=coordinator)
        return body

    monkeypatch.setattr(pages, "public_html", slowly)
    client.get(_address(published))
    monkeypatch.setattr(pages, "public_html", make)
    return client.get(_address(published)).text


def test_page_when_withdrawn_while_it_is_made_then_not_kept(
    published, coordinator, client_for, monkeypatch
):
    text = _withdrawn_while_made(published, coordinator, client_for(None), monkeypatch)
    assert "All went well." not in text


def test_page_when_the_guard_is_gone_then_withdrawn_words_come_back(
    published, coordinator, client_for, monkeypatch
):
    """The control of the test above: without the count of forgettings, stale words are kept."""
    monkeypatch.setattr(pages, "generation", lambda: _count_now())
    store = pages.store
    monkeypatch.setattr(pages, "store", lambda *a, since, **k: store(*a, since=_count_now(), **k))
    text = _withdrawn_while_made(published, coordinator, client_for(None), monkeypatch)
    assert "All went well." in text


def _count_now() -> str:
    found = StoredPage.objects.filter(address=pages.COUNTER).values_list("etag", flat=True)
    return found.first() or ""


# The PDF and addresses ----------------------------------------------------------------------------


def test_pdf_when_published_then_the_stored_bytes(
    published, client_for, django_assert_max_num_queries
):
    client, address = client_for(None), f"{_address(published)}minutes.pdf"
    first = client.get(address)
    with django_assert_max_num_queries(1):
        found = client.get(address)
    assert found.content == first.content
    document = published.agreed_version.document
    assert found.content == bytes(document.body)
    assert found["Content-Type"] == "application/pdf"
    assert found["Content-Disposition"] == f'inline; filename="{published.meeting.slug}.pdf"'
    assert client.get(address, HTTP_IF_NONE_MATCH=found["ETag"]).status_code == 304
    page = client.get(_address(published)).text
    assert address in page
    assert document.sha256[:4] in page
    assert published.agreed_version.public_sha256[:8] in page


def test_pdf_when_reader_is_signed_in_then_the_same_bytes_and_nothing_of_theirs(
    published, rep, client_for, django_assert_max_num_queries
):
    address = f"{_address(published)}minutes.pdf"
    public = client_for(None).get(address)
    client = client_for(rep)
    with django_assert_max_num_queries(4):  # whose session, and may they go on; then the bytes
        assert client.get(address).content == public.content


def test_address_when_meeting_moved_then_redirects_for_ever(published, client_for):
    FormerAddress.objects.create(meeting=published.meeting, slug="2020-01-01-consortium")
    client = client_for(None)
    moved = client.get("/meetings/2020-01-01-consortium/")
    assert moved.status_code == 301
    assert moved["Location"] == _address(published)
    pdf = client.get("/meetings/2020-01-01-consortium/minutes.pdf")
    assert pdf["Location"] == f"{_address(published)}minutes.pdf"


def test_address_when_moved_meeting_may_not_be_known_then_404(client_for):
    meeting = MeetingFactory(audience="parents")
    FormerAddress.objects.create(meeting=meeting, slug="2020-01-01-consortium")
    assert client_for(None).get("/meetings/2020-01-01-consortium/").status_code == 404


# The list and what a person reads -----------------------------------------------------------------


def test_list_when_long_then_pages_hold_every_meeting_once(client_for):
    day = clocks.today() - timedelta(days=1)
    for n in range(125):
        MeetingFactory(title=f"Old {n}", date=day - timedelta(days=n // 2))
    client, address, seen = client_for(None), LIST, []
    for _ in range(3):
        text = client.get(address).text
        seen += [part.split('"')[0] for part in text.split('<h3><a href="/meetings/')[1:]]
        address = LIST + text.split(f'href="{LIST}?' if f'href="{LIST}?' in text else 'href="?')[
            -1
        ].split('"')[0].join(["?", ""])
    assert len(seen) == len(set(seen)) == 125


@pytest.mark.parametrize("query", ["?before=x", "?before=2026-01-01", "?before=.", "?page=9"])
def test_list_when_address_is_nonsense_then_first_page(client_for, query, forum):
    assert client_for(None).get(LIST + query).status_code == 200


@pytest.mark.parametrize("who", ["public", "rep", "coordinator"])
def test_list_when_longer_then_asks_no_more(
    who, everyone, client_for, django_assert_max_num_queries, rep, coordinator
):
    client, counts = client_for(everyone[who]), []
    for start, end in ((0, 3), (3, 60)):
        for n in range(start, end):
            coming_meeting(rep, days=5 + n, title=f"Next {n}")
            past_meeting(rep, days=5 + n, title=f"Past {n}")
        client.get(LIST)
        with django_assert_max_num_queries(6 if who == "public" else 14) as asked:
            client.get(LIST)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_list_when_invited_then_says_what_one_answered(rep, officer, client_for):
    meeting = coming_meeting(rep, officer)
    assert "Please reply" in client_for(rep).get(LIST).text
    reply(meeting.invitations.get(person=rep))
    assert "You’re coming" in client_for(rep).get(LIST).text
    assert "Please reply" in client_for(officer).get(LIST).text
    assert "Please reply" not in client_for(None).get(LIST).text


def test_list_when_empty_then_friendly(forum, coordinator, client_for):
    assert "The next date isn’t set yet" in client_for(None).get(LIST).text
    assert "Plan the year" in client_for(coordinator).get(LIST).text
    assert "Plan the year" not in client_for(None).get(LIST).text


def test_page_when_before_the_meeting_then_offers_the_reply(rep, client_for):
    meeting = coming_meeting(rep)
    address = reverse("meetings:meeting_reply", args=[meeting.slug])
    assert address in client_for(rep).get(meeting.get_absolute_url()).text
    assert address not in client_for(None).get(meeting.get_absolute_url()).text


def test_page_when_draft_is_due_then_shows_the_day(rep, client_for):
    meeting = past_meeting(rep, days=9)
    assert "Day 9 of 14" in client_for(None).get(meeting.get_absolute_url()).text
    late = past_meeting(rep, days=16, title="Other")
    assert "2 days late" in client_for(None).get(late.get_absolute_url()).text


@pytest.mark.parametrize(
    ("state", "label"),
    [
        ("not announced", "Announce the dates"),
        ("not invited", "Invite people"),
        ("invited", "Send the agenda"),
        ("held", "Tick who came"),
        ("attended", "Write the minutes"),
        ("circulated", "See what people say"),
        ("agreed", "Publish the minutes"),
    ],
)
def test_page_when_coordinator_looks_then_the_next_step_comes_first(
    state, label, rep, coordinator, client_for
):
    if state == "not announced":
        meeting = MeetingFactory(announced_at=None, series=SeriesFactory())
    elif state == "not invited":
        meeting = MeetingFactory()
    elif state == "invited":
        meeting = coming_meeting(rep)
    elif state == "held":
        meeting = past_meeting(absent=[rep])
    else:
        meeting = past_meeting(rep, days=20)
        if state == "circulated":
            circulated_minutes(meeting, by=coordinator)
        if state == "agreed":
            agreed_minutes(meeting, by=coordinator)
    text = client_for(coordinator).get(meeting.get_absolute_url()).text
    assert f">{label}</a></p>" in text


def test_page_when_it_is_the_day_then_begins_at_the_hour(rep, client_for, time_machine):
    meeting = coming_meeting(rep, days=10, expect="Bring a drink.")
    address = meeting.get_absolute_url()
    time_machine.move_to(meeting.starts_at - timedelta(minutes=1))
    before = client_for(None).get(address).text
    assert "Bring a drink." in before
    assert "<strong>Today</strong>" in before
    time_machine.move_to(meeting.starts_at + timedelta(minutes=1))
    after = client_for(None).get(address).text
    assert "Bring a drink." not in after
    assert "Draft due" in after


def test_page_when_agenda_is_late_then_says_so(rep, client_for):
    meeting = coming_meeting(rep, days=3)
    assert "isn’t out yet" in client_for(None).get(meeting.get_absolute_url()).text


def test_page_when_signed_in_then_few_questions(
    published, coordinator, rep, client_for, django_assert_max_num_queries
):
    invite(published.meeting, coordinator, came="room")
    meetings = [
        published.meeting,
        circulated_minutes(past_meeting(rep, days=6, title="B"), by=coordinator).meeting,
        coming_meeting(rep, agenda_sent_at=timezone.now()),
    ]
    for meeting in meetings:
        for person in (coordinator, rep):
            client = client_for(person)
            client.get(meeting.get_absolute_url())
            with django_assert_max_num_queries(14):
                client.get(meeting.get_absolute_url())
