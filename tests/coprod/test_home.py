"""The public home: only what exists, every figure from records; robots and the demo's mail."""

from datetime import timedelta

import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from coprod import clocks, demo_views, mail
from tests.factories.meetings import AgendaItemFactory, MeetingFactory, coming_meeting, past_meeting
from tests.factories.published import SHORT, published_minutes


def test_home_when_forum_is_new_then_friendly_and_empty_of_figures(forum, client_for):
    text = client_for(None).get("/").text
    assert "The date isn’t set yet" in text
    for absent in ("Newest minutes", "Promises we keep", "round the table", "kept"):
        assert absent not in text
    assert forum.phone in text


def test_home_when_set_up_has_not_happened_then_still_a_page(client_for):
    assert client_for(None).get("/").status_code == 200


def test_home_when_meetings_come_then_shows_the_public_one(client_for, forum):
    for days, fields in (
        (3, {"audience": "parents", "title": "Parents’ evening"}),
        (4, {"announced_at": None, "title": "Secret plan"}),
        (5, {"title": "Forum meeting", "agenda_sent_at": timezone.now()}),
        (6, {"title": "Later meeting"}),
    ):
        meeting = MeetingFactory(date=clocks.today() + timedelta(days=days), **fields)
        AgendaItemFactory(meeting=meeting, title=f"Item of {meeting.title}")
        AgendaItemFactory(meeting=meeting, title="Hidden", is_private=True, private_reason="X")
    text = client_for(None).get("/").text
    assert "Forum meeting" in text
    assert "Item of Forum meeting" in text
    for absent in ("Parents’ evening", "Secret plan", "Later meeting", "Hidden"):
        assert absent not in text


def test_home_when_next_meeting_has_no_agenda_yet_then_names_no_items(client_for, forum):
    AgendaItemFactory(meeting=MeetingFactory(), title="Buses")
    assert "Buses" not in client_for(None).get("/").text


def test_home_when_minutes_are_public_then_newest_short_version_and_table(
    rep, officer, coordinator, client_for
):
    older = past_meeting(rep, days=60, title="Older")
    newer = past_meeting(rep, officer, days=20, title="Newer")
    # Published first, held last: what counts is when people met.
    published_minutes(newer, by=coordinator)
    published_minutes(older, by=coordinator, short="Something from long ago.")
    text = client_for(None).get("/").text
    assert SHORT.splitlines()[0] in text
    assert "Something from long ago." not in text
    assert newer.get_absolute_url() in text
    assert "1 of the 2 people round the table were parents or carers." in text


def test_home_when_promises_have_results_then_counts_them(rep, coordinator, client_for):
    past_meeting(rep, days=30)
    text = client_for(None).get("/").text
    assert "Draft minutes within 14 days" in text
    assert "0 of 1 kept, 1 late" in text


@pytest.mark.parametrize("more", [0, 30])
def test_home_when_public_then_few_questions(
    more, rep, officer, coordinator, client_for, django_assert_max_num_queries
):
    published_minutes(past_meeting(rep, officer, days=20), by=coordinator)
    meeting = coming_meeting(rep, agenda_sent_at=timezone.now())
    AgendaItemFactory(meeting=meeting)
    for n in range(more):
        past_meeting(rep, days=25 + n, title=f"M{n}")
        coming_meeting(rep, days=20 + n, title=f"N{n}")
    client = client_for(None)
    client.get("/")
    with django_assert_max_num_queries(7):
        found = client.get("/")
    assert found["Cache-Control"] == "no-cache"
    assert not found.cookies
    assert client.get("/", HTTP_IF_NONE_MATCH=found["ETag"]).status_code == 304


def test_home_when_signed_in_then_private_and_public_one_unchanged(rep, client_for):
    own = client_for(rep).get("/")
    assert own["Cache-Control"] == "private, no-store"
    assert rep.name in own.text
    assert rep.name not in client_for(None).get("/").text


def test_robots_when_read_then_personal_pages_are_shut(client_for, settings):
    text = client_for(None).get("/robots.txt").text
    assert "Disallow: /today/" in text
    assert "Disallow: /\n" not in text
    settings.COPROD_DEMO = True
    assert "Disallow: /\n" in client_for(None).get("/robots.txt").text


# The demonstration's mail -------------------------------------------------------------------------


@pytest.fixture
def mails(settings, tmp_path, forum):
    settings.MAIL_FOLDER = tmp_path / "mail"
    settings.COPROD_ORIGIN = "http://forum.example"
    demo_views._head.cache_clear()
    for n, to in enumerate(["ann@larkmere.example", "ben@larkmere.example"]):
        sent = EmailMultiAlternatives(
            subject=f"Say if you can come, {n}",
            body="Hello <b>Ann</b>\n\nhttp://forum.example/meetings/reply/abc/",
            to=[to],
        )
        sent.attach_alternative(
            '<html><head></head><body><a href="http://forum.example/meetings/">Go</a>'
            "<script>alert(1)</script></body></html>",
            "text/html",
        )
        mail.FolderBackend().send_messages([sent])
    return sorted(mail.folder().keys())


def test_mail_when_listed_then_for_one_person_too(mails, client_for):
    client = client_for(None)
    text = client.get("/demo/mail/").text
    assert "Say if you can come, 0" in text
    assert "Say if you can come, 1" in text
    text = client.get("/demo/mail/?to=ben@larkmere.example").text
    assert "Say if you can come, 0" not in text
    assert "1 message to ben@larkmere.example" in text


def test_mail_when_opened_then_its_link_leads_into_this_portal(mails, client_for):
    found = client_for(None).get(f"/demo/mail/{mails[0]}/")
    assert 'href="/meetings/reply/abc/"' in found.text
    assert "&lt;b&gt;Ann&lt;/b&gt;" in found.text
    assert f'src="/demo/mail/{mails[0]}/html/"' in found.text
    assert "frame-src 'self'" in found["Content-Security-Policy"]


def test_mail_when_framed_then_may_style_itself_and_nothing_else(mails, client_for):
    found = client_for(None).get(f"/demo/mail/{mails[0]}/html/")
    policy = found["Content-Security-Policy"]
    assert found["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "sandbox allow-top-navigation-by-user-activation" in policy
    assert '<base target="_top">' in found.text
    assert 'href="/meetings/"' in found.text


def test_mail_when_unknown_then_404(mails, client_for):
    for address in ("/demo/mail/nothing/", "/demo/mail/nothing/html/"):
        assert client_for(None).get(address).status_code == 404


def test_mail_when_there_is_none_then_says_so(settings, tmp_path, forum, client_for):
    settings.MAIL_FOLDER = tmp_path / "mail"
    assert "No mail yet" in client_for(None).get("/demo/mail/").text
