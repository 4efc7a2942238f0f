"""Comments after agreement: late, not in the text, on the next agenda, their author told why.

Case 5 of the messy cases: a comment after approval.
"""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from coprod import links
from coprod.exceptions import TransitionNotAllowed
from meetings.models import AgendaItem, Comment, Minutes
from meetings.services import matters
from meetings.services.cancelling import carry_agenda
from meetings.services.comments import comment_on
from meetings.services.publicity import withdraw_minutes
from tests.factories.meetings import coming_meeting, past_meeting
from tests.factories.published import (
    agree,
    agreed_minutes,
    circulated_minutes,
    publish,
    send_out,
    withhold,
    written_minutes,
)

ITEMS = [("Transport", "The training is in March.\n\nWe met Barnaby privately.")]


@pytest.fixture
def meeting(rep, officer, coordinator, rep_of_other_group):
    return past_meeting(rep, officer, coordinator, days=20, absent=[rep_of_other_group])


@pytest.fixture
def minutes(meeting, coordinator):
    written = written_minutes(meeting, by=coordinator, items=ITEMS)
    withhold(written, "Barnaby", by=coordinator)
    return agree(send_out(written, by=coordinator, days_ago=10))


def uid_of(minutes, number="1.1"):
    items = minutes.latest.full["items"]
    return next(p["uid"] for item in items for p in item["paragraphs"] if p["number"] == number)


def said(minutes, number="1.1", text="It was in May.", **more):
    """What the comment form sends."""
    return {
        "c-uid": uid_of(minutes, number),
        "c-version": minutes.latest.number,
        "c-once": str(uuid.uuid4()),
        "c-kind": "wrong",
        "c-speaking_for": "myself",
        "c-text": text,
        **more,
    }


def late(minutes, person, number="1.1", text="It was in May."):
    return matters.comment_later(
        version=minutes.latest,
        invitation=minutes.meeting.invitations.get(person=person),
        uid=uid_of(minutes, number),
        kind="wrong",
        speaking_for="myself",
        text=text,
        once=uuid.uuid4(),
        by=person,
    )


@pytest.mark.parametrize("state", ["agreed", "published"])
def test_case_5_comment_after_approval(
    client_for, coordinator, rep, meeting, minutes, outbox_drained, state
):
    """Accepted, marked late, not in the text; on the next agenda; the author is told why."""
    coming = coming_meeting(rep, days=30)
    if state == "published":
        publish(minutes, by=coordinator)
    before = Minutes.objects.get().versions.get().public

    client = client_for(rep)
    draft = client.get(reverse("meetings:minutes_draft", args=[meeting.slug]))
    assert "goes to the next meeting as a matter arising" in draft.text
    answer = client.post(
        reverse("meetings:minutes_comment", args=[meeting.slug]), said(minutes), follow=True
    )

    assert "These minutes are agreed, so your comment doesn’t change them" in answer.text
    comment = Comment.objects.get()
    assert comment.is_late
    assert comment.outcome == ""
    item = AgendaItem.objects.get(kind="matter")
    assert comment.matter == item
    assert item.meeting == coming
    assert item.about_minutes == minutes
    assert item.title.startswith("A comment on 1.1 of the minutes of ")
    assert "May" not in item.title
    assert Minutes.objects.get().versions.get().public == before
    assert Minutes.objects.get().state == state

    settle = reverse("meetings:comment_settle", args=[meeting.slug, comment.pk])
    prefix = f"s{comment.pk}"
    client_for(coordinator).post(settle, {f"{prefix}-outcome": "next", f"{prefix}-reason": ""})
    told = [mail for mail in outbox_drained() if "became of your comment" in mail.subject]
    assert [mail.to[0] for mail in told] == [rep.email]
    assert "The minutes had been agreed by then" in told[0].body
    assert "as a matter arising, on " in told[0].body


def test_late_comment_when_sent_by_link_then_kept(client_for, rep, minutes):
    token = links.make("draft", person=rep, about=minutes.meeting.invitations.get(person=rep).pk)
    address = reverse("meetings:minutes_comment_by_link", args=[token])
    page = client_for(None).post(address, said(minutes), follow=True)
    assert "doesn’t change them" in page.text
    assert Comment.objects.get().author.person == rep


def test_late_comment_when_recorded_for_somebody_then_says_who_wrote_it_down(
    client_for, coordinator, rep, minutes
):
    author = minutes.meeting.invitations.get(person=rep)
    more = {"c-author": author.pk, "c-via": "phone"}
    client_for(coordinator).post(
        reverse("meetings:minutes_comment", args=[minutes.meeting.slug]), said(minutes, **more)
    )
    comment = Comment.objects.get()
    assert (comment.author, comment.made_by, comment.via) == (author, coordinator, "phone")
    assert comment.is_late


def test_late_comment_when_form_is_sent_twice_then_one(client_for, rep, minutes):
    coming_meeting(rep, days=30)
    form = said(minutes)
    for _ in range(2):
        client_for(rep).post(reverse("meetings:minutes_comment", args=[minutes.meeting.slug]), form)
    assert Comment.objects.count() == AgendaItem.objects.filter(kind="matter").count() == 1


def test_late_comment_when_made_then_undoes_no_agreement(client_for, rep, minutes):
    from tests.factories.minutes import answer

    late(minutes, rep)
    answer(minutes.agreed_version, rep, "fair")
    assert Minutes.objects.get().state == "agreed"


def test_late_comment_when_draft_is_out_then_refused(coordinator, rep, meeting):
    minutes = circulated_minutes(meeting, by=coordinator)
    with pytest.raises(TransitionNotAllowed):
        late(minutes, rep)


def test_ordinary_comment_when_agreed_then_refused(rep, minutes):
    with pytest.raises(TransitionNotAllowed):
        comment_on(
            version=minutes.latest,
            invitation=minutes.meeting.invitations.get(person=rep),
            uid=uid_of(minutes),
            kind="wrong",
            speaking_for="myself",
            text="Late",
            once=uuid.uuid4(),
            by=rep,
        )


def test_late_comment_when_withdrawn_then_refused(coordinator, rep, minutes):
    publish(minutes, by=coordinator)
    withdraw_minutes(minutes=minutes, reason="Why", by=coordinator)
    with pytest.raises(TransitionNotAllowed):
        late(Minutes.objects.get(), rep)


# Which meeting ------------------------------------------------------------------------------------


def test_matter_when_no_meeting_is_planned_then_placed_once_there_is_one(rep, minutes):
    comment = late(minutes, rep)
    assert comment.matter is None
    coming = coming_meeting(rep, days=30)

    for _ in range(2):
        matters.place_all_matters()

    assert AgendaItem.objects.get(kind="matter").meeting == coming
    assert Comment.objects.get().matter.meeting == coming


@pytest.mark.parametrize("audience", ["parents", "open"])
def test_matter_when_next_meeting_is_for_others_then_waits(rep, minutes, audience):
    coming_meeting(rep, days=30, audience=audience)
    late(minutes, rep)
    matters.place_all_matters()
    assert not AgendaItem.objects.filter(kind="matter").exists()


def test_matter_of_parents_when_placed_then_never_on_an_agenda_with_services(
    coordinator, rep, rep_of_other_group
):
    meeting = past_meeting(rep, coordinator, days=20, audience="parents")
    minutes = agreed_minutes(meeting, by=coordinator, items=ITEMS)
    coming_meeting(rep, days=20)
    parents = coming_meeting(rep, days=40, audience="parents")
    late(minutes, rep)
    assert AgendaItem.objects.get(kind="matter").meeting == parents


def test_matter_when_agenda_is_out_then_goes_to_the_one_after(rep, minutes):
    coming_meeting(rep, days=5, agenda_sent_at=timezone.now())
    after = coming_meeting(rep, days=40)
    late(minutes, rep)
    assert AgendaItem.objects.get(kind="matter").meeting == after


def test_matter_when_meeting_is_cancelled_then_moves_on_once(rep, coordinator, minutes):
    first = coming_meeting(rep, days=20)
    late(minutes, rep)
    after = coming_meeting(rep, days=40)
    first.cancelled_at = timezone.now()
    first.cancelled_reason = "Snow"
    first.save()

    matters.place_all_matters()
    matters.place_all_matters()

    assert after.agenda_items.filter(kind="matter").count() == 1
    assert Comment.objects.get().matter.meeting == after


def test_matter_when_carried_by_hand_then_not_placed_again(rep, coordinator, minutes):
    first = coming_meeting(rep, days=20)
    late(minutes, rep)
    after = coming_meeting(rep, days=40)
    first.cancelled_at = timezone.now()
    first.cancelled_reason = "Snow"
    first.save()
    carry_agenda(meeting=first, by=coordinator)

    matters.place_all_matters()

    assert after.agenda_items.filter(kind="matter").count() == 1


def test_matter_when_taken_off_then_stays_off(rep, minutes):
    coming_meeting(rep, days=20)
    late(minutes, rep)
    AgendaItem.objects.filter(kind="matter").update(state="off")
    matters.place_all_matters()
    assert AgendaItem.objects.filter(kind="matter").count() == 1


# Private words ------------------------------------------------------------------------------------


def test_matter_when_paragraph_is_private_then_title_has_its_number_only(rep, minutes):
    coming_meeting(rep, days=20)
    late(minutes, rep, "1.2", "Barnaby was there twice.")
    title = AgendaItem.objects.get(kind="matter").title
    assert title.startswith("A comment on 1.2 of the minutes of ")
    assert "Barnaby" not in title


def test_matter_when_item_is_private_then_title_names_the_item_only(rep, coordinator, meeting):
    written = written_minutes(meeting, by=coordinator, items=ITEMS)
    item = written.sections.get().item
    item.is_private, item.private_reason = True, "About one family."
    item.save()
    minutes = agree(send_out(written, by=coordinator, days_ago=10))
    coming_meeting(rep, days=20)
    late(minutes, rep)
    title = AgendaItem.objects.get(kind="matter").title
    assert title.startswith("A comment on item 1 of the minutes of ")


def test_late_comment_when_paragraph_is_not_for_them_then_refused(rep_of_other_group, minutes):
    minutes.latest.paragraph(uid_of(minutes, "1.2"), full=False)
    comment = late(minutes, rep_of_other_group, "1.1")
    assert comment.number == "1.1"
    with pytest.raises(LookupError):
        matters.comment_later(
            version=minutes.latest,
            invitation=minutes.meeting.invitations.get(person=rep_of_other_group),
            uid=str(uuid.uuid4()),
            kind="wrong",
            speaking_for="myself",
            text="x",
            once=uuid.uuid4(),
            by=rep_of_other_group,
        )


def test_letter_when_author_may_not_know_of_the_next_meeting_then_no_date(
    coordinator, rep, officer, outbox_drained
):
    meeting = past_meeting(rep, officer, coordinator, days=20, audience="parents")
    minutes = agreed_minutes(meeting, by=coordinator, items=ITEMS)
    coming_meeting(rep, days=30, audience="parents", title="Only parents")
    comment = late(minutes, officer)
    matters.settle_later(comment=comment, outcome="next", reason="", by=coordinator)
    told = [mail for mail in outbox_drained() if "became of your comment" in mail.subject]
    assert len(told) == 1
    assert "matter arising." in told[0].body
    assert "matter arising, on" not in told[0].body


# Settling -----------------------------------------------------------------------------------------


def test_settle_when_answered_without_words_then_asked_for_them(
    client_for, coordinator, rep, minutes
):
    comment = late(minutes, rep)
    address = reverse("meetings:comment_settle", args=[minutes.meeting.slug, comment.pk])
    prefix = f"s{comment.pk}"
    page = client_for(coordinator).post(
        address, {f"{prefix}-outcome": "answered", f"{prefix}-reason": " "}
    )
    assert "<title>Error: " in page.text
    assert Comment.objects.get().outcome == ""


def test_settle_when_answered_then_author_reads_the_answer(
    client_for, coordinator, rep, minutes, outbox_drained
):
    comment = late(minutes, rep)
    address = reverse("meetings:comment_settle", args=[minutes.meeting.slug, comment.pk])
    prefix = f"s{comment.pk}"
    client_for(coordinator).post(
        address, {f"{prefix}-outcome": "answered", f"{prefix}-reason": "It was March indeed."}
    )
    told = [mail for mail in outbox_drained() if "became of your comment" in mail.subject]
    assert "It was March indeed." in told[0].body


def test_settle_when_comment_is_late_then_cannot_be_called_changed(
    client_for, coordinator, rep, minutes
):
    comment = late(minutes, rep)
    page = client_for(coordinator).get(
        reverse("meetings:comments_settle", args=[minutes.meeting.slug])
    )
    assert "Said after the minutes were agreed" in page.text
    assert 'value="changed"' not in page.text
    with pytest.raises(TransitionNotAllowed):
        matters.settle_later(comment=comment, outcome="changed", reason="", by=coordinator)
