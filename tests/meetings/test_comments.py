"""Commenting on a paragraph, from the page and from a link; what becomes of each comment."""

import re
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from coprod import clocks, links
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from meetings.models import Comment
from meetings.services import minutes as services
from meetings.services.comments import comment_on, settle_comment
from tests.factories.meetings import past_meeting
from tests.factories.minutes import circulated, comment, paragraphs, rewrite

WORDS = "We said a quarter, and to look again after Easter."


@pytest.fixture
def meeting(coordinator, rep, officer, rep_of_other_group):
    return past_meeting(coordinator, rep, officer, absent=[rep_of_other_group])


@pytest.fixture
def version(coordinator, meeting):
    return circulated(meeting, "A third of places is a fair share.\n\nMore.", by=coordinator)


def at(name, meeting, *args):
    return reverse(f"meetings:{name}", args=[meeting.slug, *args])


def by_link(name, person, meeting):
    invitation = meeting.invitations.get(person=person)
    token = links.make("draft", person=person, about=invitation.pk)
    return reverse(f"meetings:minutes_{name}_by_link", args=[token])


def typed(of, place=0, **fields):
    """What a comment form sends."""
    values = {
        "uid": paragraphs(of)[place]["uid"],
        "version": of.number,
        "once": str(uuid.uuid4()),
        "kind": "wrong",
        "text": WORDS,
        "quote": "",
        "speaking_for": "group",
    } | fields
    return {f"c-{name}": value for name, value in values.items()}


def test_form_when_opened_by_address_stands_at_its_paragraph(client_for, rep, meeting, version):
    uid = paragraphs(version)[1]["uid"]

    page = client_for(rep).get(f"{at('minutes_draft', meeting)}?comment={uid}")

    inside = page.text[page.text.index('id="p1-2"') :]
    assert "Your comment on 1.2" in inside
    assert f"My group, {rep.seats.get().group}" in inside
    assert not Comment.objects.exists()


@pytest.mark.parametrize("uid", ["", "x", "6f1c2b0e-5d1a-4f6e-9a57-0c1f2d3e4a5b", "'; --"])
def test_form_when_paragraph_is_unknown_is_just_the_page(client_for, rep, meeting, version, uid):
    page = client_for(rep).get(at("minutes_draft", meeting), {"comment": uid})

    assert page.status_code == 200
    assert "Your comment on" not in page.text


@pytest.mark.parametrize("way", ["signed in", "link"])
def test_comment_when_sent_stands_at_its_paragraph(client_for, rep, meeting, version, way):
    client = client_for(rep if way == "signed in" else None)
    address = (
        at("minutes_comment", meeting) if way == "signed in" else by_link("comment", rep, meeting)
    )

    answer = client.post(address, typed(version, 1, quote="More."))

    assert answer.status_code == 302
    assert answer.url.endswith("#p1-2")
    page = client.get(answer.url)
    assert WORDS in page.text
    assert "Thank you. Your comment has been sent" in page.text
    kept = Comment.objects.get()
    assert (kept.author.person, kept.made_by, kept.number) == (rep, rep, "1.2")
    assert AuditEvent.objects.filter(verb="comment", by_id=rep.pk).count() == 1


def test_comment_when_sent_twice_is_kept_once(client_for, rep, meeting, version):
    form = typed(version)

    for _ in range(2):
        assert client_for(rep).post(at("minutes_comment", meeting), form).status_code == 302

    assert Comment.objects.count() == 1


def test_comment_when_form_of_another_person_is_reused_is_refused(rep, rep_of_other_group, version):
    once = uuid.uuid4()
    comment(version, rep, once=once)

    with pytest.raises(TransitionNotAllowed):
        comment(version, rep_of_other_group, once=once)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": ""}, "Write your comment"),
        ({"kind": ""}, "Choose what kind of comment it is"),
        ({"kind": "hack"}, "Choose one of the answers shown"),
        ({"speaking_for": ""}, "Choose who you are speaking for"),
        ({"text": "x" * 4001}, "use 4000 characters or fewer"),
        ({"quote": "words that nobody wrote"}, "aren’t in 1.1"),
        ({"version": "9"}, "Open this page afresh"),
        ({"once": "x"}, "Open this page afresh"),
        ({"uid": str(uuid.uuid4())}, "isn’t in the version"),
    ],
)
def test_comment_when_something_is_wrong_keeps_all_that_was_typed(
    client_for, rep, meeting, version, fields, words
):
    page = client_for(rep).post(
        at("minutes_comment", meeting), typed(version, **({"text": WORDS} | fields))
    )

    assert page.status_code == 200
    summary = page.text[page.text.index("govuk-error-summary") :][:1500]
    assert words in summary
    assert fields.get("text", WORDS) in page.text
    assert "<title>Error: " in page.text
    for link in re.findall(r'href="#(id_[^"]+)"', summary):
        assert f'id="{link}"' in page.text
    assert not Comment.objects.exists()


def test_comment_when_window_has_closed_is_refused_and_keeps_the_words(
    client_for, rep, meeting, version
):
    form = typed(version)

    with time_machine.travel(timezone.now() + timedelta(days=8)):
        page = client_for(rep).post(at("minutes_comment", meeting), form)

    assert "Comments on these minutes have closed" in page.text
    assert WORDS in page.text
    assert not Comment.objects.exists()


def test_comment_when_it_is_the_last_evening_is_kept(client_for, rep, meeting, version):
    last = timezone.now().replace(hour=12) + timedelta(days=7)

    with time_machine.travel(last):
        client_for(rep).post(at("minutes_comment", meeting), typed(version))

    assert Comment.objects.exists()


def test_comment_when_newer_version_went_out_stays_with_its_own(
    client_for, rep, coordinator, meeting, version
):
    rewrite(version.minutes, "A third of places is fair.\n\nMore.", by=coordinator)
    services.circulate_minutes(minutes=version.minutes, number=2, by=coordinator)

    page = client_for(rep).post(at("minutes_comment", meeting), typed(version), follow=True)

    assert Comment.objects.get().version == version
    assert "About earlier wording, in version 1" in page.text


def test_comment_when_its_paragraph_is_gone_keeps_the_words(
    client_for, rep, coordinator, meeting, version
):
    rewrite(version.minutes, "Another thing altogether.", by=coordinator)
    services.circulate_minutes(minutes=version.minutes, number=2, by=coordinator)

    page = client_for(rep).post(at("minutes_comment", meeting), typed(version, kind=""))

    assert "isn’t in the newest version" in page.text
    assert WORDS in page.text


def test_comment_when_html_is_typed_shows_it_as_words(client_for, rep, meeting, version):
    hostile = "<script>alert(1)</script>\x00\u202e"

    page = client_for(rep).post(
        at("minutes_comment", meeting), typed(version, text=hostile), follow=True
    )

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<script>alert" not in page.text
    assert Comment.objects.get().text == "<script>alert(1)</script>"


def test_comment_when_link_is_of_another_is_the_links_own(
    client_for, rep, rep_of_other_group, meeting, version
):
    """Signed in as one person with the link of another: the link says who speaks."""
    client_for(rep).post(by_link("comment", rep_of_other_group, meeting), typed(version))

    assert Comment.objects.get().author.person == rep_of_other_group


def test_comment_when_person_came_for_no_group_can_not_speak_for_one(
    client_for, officer, meeting, version
):
    page = client_for(officer).get(
        f"{at('minutes_draft', meeting)}?comment={paragraphs(version)[0]['uid']}"
    )
    assert "My group" not in page.text

    client_for(officer).post(at("minutes_comment", meeting), typed(version))
    assert not Comment.objects.exists()


def test_comment_when_it_came_by_phone_shows_who_wrote_it_down(
    client_for, coordinator, rep, meeting, version
):
    invitation = meeting.invitations.get(person=rep)

    page = client_for(coordinator).post(
        at("minutes_comment", meeting),
        typed(version, author=invitation.pk, via="phone"),
        follow=True,
    )

    kept = Comment.objects.get()
    assert (kept.author, kept.made_by) == (invitation, coordinator)
    assert f"By phone, written down by {coordinator.name} on " in page.text


def test_comment_when_rep_names_another_author_stays_their_own(
    client_for, rep, officer, meeting, version
):
    other = meeting.invitations.get(person=officer)

    client_for(rep).post(at("minutes_comment", meeting), typed(version, author=other.pk))

    assert Comment.objects.get().author.person == rep


def test_comment_when_reader_was_not_invited_is_refused_by_the_service_too(
    coordinator, stranger, version
):
    elsewhere = past_meeting(stranger)

    with pytest.raises(TransitionNotAllowed):
        comment_on(
            version=version,
            invitation=elsewhere.invitations.get(),
            uid=paragraphs(version)[0]["uid"],
            kind="wrong",
            speaking_for="myself",
            text=WORDS,
            once=uuid.uuid4(),
            by=stranger,
        )


# Outcomes -----------------------------------------------------------------------------------------


def settle(client, meeting, said, outcome, reason=""):
    return client.post(
        at("comment_settle", meeting, said.pk),
        {f"s{said.pk}-outcome": outcome, f"s{said.pk}-reason": reason},
        follow=True,
    )


def test_outcomes_when_page_is_opened_list_open_comments_first(
    client_for, coordinator, rep, meeting, version
):
    first, second = comment(version, rep, text="Done one"), comment(version, rep, text="Open one")
    settle_comment(comment=first, outcome="changed", reason="", by=coordinator)

    page = client_for(coordinator).get(at("comments_settle", meeting))

    assert "1 of 2 still needs an answer" in page.text
    assert page.text.index("Open one") < page.text.index("Done one")
    assert rep.name in page.text
    assert second.text in page.text


@pytest.mark.parametrize(
    ("outcome", "reason", "kept"),
    [("changed", "", True), ("not_changed", "Nobody said so.", True), ("not_changed", " ", False),
     ("", "Why", False)],
)  # fmt: skip
def test_outcome_when_given_needs_a_reason_where_nothing_changed(
    client_for, coordinator, rep, meeting, version, outcome, reason, kept
):
    said = comment(version, rep)

    page = settle(client_for(coordinator), meeting, said, outcome, reason)

    said.refresh_from_db()
    assert (said.outcome == outcome and said.outcome_at is not None) == kept or outcome == ""
    assert bool(said.outcome) == kept
    if not kept:
        assert "govuk-error-summary" in page.text


def test_outcome_when_all_of_ones_comments_have_one_is_told_in_one_letter(
    client_for, coordinator, rep, meeting, version, outbox_drained
):
    first, second = comment(version, rep, text="One thing"), comment(version, rep, text="Another")
    client = client_for(coordinator)

    settle(client, meeting, first, "changed")
    assert not Message.objects.filter(template="meetings/comment_outcomes").exists()
    settle(client, meeting, second, "not_changed", "nobody said so in the room")

    [mail] = [mail for mail in outbox_drained() if "became" in mail.subject]
    assert mail.to == [rep.email]
    for words in ("One thing", "Another", "nobody said so in the room", "Changed"):
        assert words in mail.body
    assert len(mail.subject) <= 50


def test_outcome_when_changed_again_is_told_again_and_the_old_letter_dropped(
    coordinator, rep, version, outbox_drained
):
    said = comment(version, rep)
    for reason in ("First words", "Second words", "Second words"):
        settle_comment(comment=said, outcome="not_changed", reason=reason, by=coordinator)

    mails = [mail for mail in outbox_drained() if "became" in mail.subject]

    assert len(mails) == 1
    assert "Second words" in mails[0].body
    assert Message.objects.filter(template="meetings/comment_outcomes").count() == 2


def test_outcome_when_text_changed_offers_the_next_version(
    client_for, coordinator, rep, meeting, version
):
    said = comment(version, rep)
    rewrite(version.minutes, "A quarter of places is a fair share.\n\nMore.", by=coordinator)

    page = settle(client_for(coordinator), meeting, said, "changed")

    assert "Send version 2" in page.text


def test_outcome_when_shown_on_the_draft_stands_beneath_its_comment(
    client_for, coordinator, rep, officer, meeting, version
):
    said = comment(version, rep, speaking_for="many")
    settle_comment(comment=said, outcome="not_changed", reason="Nobody said so.", by=coordinator)

    page = client_for(officer).get(at("minutes_draft", meeting))

    assert "Not changed, because" in page.text
    assert "Nobody said so." in page.text
    assert "for many families" in page.text
    assert rep.name not in page.text


@pytest.mark.parametrize(("days_ago", "open_for"), [(0, 7), (1, 6), (4, 5), (9, 5)])
def test_window_when_another_version_goes_out_then_never_shorter_than_promised(
    coordinator, meeting, days_ago, open_for
):
    minutes = circulated(meeting, "A third is fair.", by=coordinator, days_ago=days_ago).minutes
    rewrite(minutes, "A quarter is fair.", by=coordinator)

    newer = services.circulate_minutes(minutes=minutes, number=2, by=coordinator)

    assert newer.comments_close_on == clocks.today() + timedelta(days=open_for)
