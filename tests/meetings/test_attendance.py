"""Invitations as they were sent, replies, who was there, and the counts, through the pages."""

from datetime import time, timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from coprod import clocks, links
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from meetings.models import Attendance, Invitation, Meeting, Minutes, Reply
from meetings.services import attendance, calendar, invitations
from meetings.services.calendar import InviteePlan
from meetings.tasks import invite_when_due
from members.models import Person
from tests.factories.meetings import MeetingFactory, coming_meeting, invite, past_meeting, reply
from tests.factories.members import (
    MemberGroupFactory,
    OrganisationFactory,
    PersonFactory,
    RoleFactory,
    SeatFactory,
)
from tests.factories.minutes import answer, circulated


@pytest.fixture
def page(client_for, coordinator):
    return client_for(coordinator)


def at(name, meeting):
    return reverse(f"meetings:{name}", args=[meeting.slug])


def said(response):
    """The last message that a page will show."""
    return str([*get_messages(response.wsgi_request)][-1])


def defaults(meeting):
    return [options[0] for options in calendar.default_invitees(meeting).values()]


# Who is invited


def test_people_when_nobody_is_invited_then_the_usual_people_are_listed(
    page, rep, staff, officer, coordinator, treasurer, stranger
):
    meeting = MeetingFactory()
    listed = [
        options[0] for options in page.get(at("meeting_people", meeting)).context["candidates"]
    ]
    assert {(plan.person, plan.capacity) for plan in listed} == {
        (rep, "parent"),
        (staff, "staff"),
        (officer, "officer"),
        (coordinator, "coordinator"),
    }


def test_people_when_a_parents_meeting_then_no_officer_is_listed_nor_can_be_sent(
    page, rep, officer, organisation
):
    meeting = MeetingFactory(audience="parents")
    assert officer not in [plan.person for plan in defaults(meeting)]
    page.post(at("meeting_invite", meeting), {"p": f"{officer.pk}.officer.{organisation.pk}"})
    assert not meeting.invitations.exists()


def test_invite_when_sent_then_frozen_rows_and_one_letter_each_by_their_own_channel(
    page, rep, group, officer, organisation, person_without_email, coordinator
):
    meeting = MeetingFactory()
    ticked = {"p": [rep.pk, officer.pk, person_without_email.pk]}
    ticked["p"] = [f"{plan.person.pk}.{plan.code}" for plan in defaults(meeting)
                   if plan.person.pk in ticked["p"]]  # fmt: skip
    shown = page.get(at("meeting_invite", meeting), ticked)
    assert "2 e-mails and 1 letter" in shown.content.decode()
    assert not meeting.invitations.exists()
    page.post(at("meeting_invite", meeting), ticked)
    rows = {i.person: i for i in meeting.invitations.all()}
    assert (rows[rep].capacity, rows[rep].group, rows[rep].invited_by) == (
        "parent", group, coordinator,
    )  # fmt: skip
    assert (rows[officer].organisation, rows[officer].sector) == (organisation, "education")
    channels = Message.objects.values_list("person__name", "channel")
    assert set(channels) == {
        ("Nadia Karim", "email"),
        ("Owen Pryce", "email"),
        ("Peter Wragg", "letter"),
    }
    meeting.refresh_from_db()
    assert meeting.invited_at is not None
    assert AuditEvent.objects.filter(verb="invite", object_id=meeting.pk).count() == 1


def test_invite_when_pressed_twice_then_sent_once(page, rep):
    meeting = MeetingFactory()
    ticked = {"p": [f"{p.person.pk}.{p.code}" for p in defaults(meeting)]}
    page.post(at("meeting_invite", meeting), ticked)
    sent = Message.objects.count()
    page.post(at("meeting_invite", meeting), ticked)
    assert Message.objects.count() == sent == meeting.invitations.count()


def test_invite_when_a_rep_of_two_groups_then_one_row_for_the_group_chosen(
    page, rep, group, other_group
):
    SeatFactory(group=other_group, person=rep)
    meeting = MeetingFactory()
    sent = {"p": str(rep.pk), f"for-{rep.pk}": f"parent.{other_group.pk}"}
    page.post(at("meeting_invite", meeting), sent)
    assert [i.group for i in meeting.invitations.filter(person=rep)] == [other_group]


@pytest.mark.parametrize(
    "code", ["", "x", "9999999", "0.parent.1", "{pk}.officer.0", "{pk}.king.1"]
)
def test_invite_when_the_code_names_nothing_then_nobody_is_invited(page, stranger, code):
    meeting = MeetingFactory()
    page.post(at("meeting_invite", meeting), {"p": code.format(pk=stranger.pk)})
    assert not meeting.invitations.exists()


def test_invite_when_somebody_joins_later_then_a_row_is_added_and_only_they_are_told(
    page, rep, rep_of_other_group, coordinator
):
    meeting = coming_meeting(rep)
    plan = InviteePlan(rep_of_other_group, "parent", rep_of_other_group.current_seats[0].group)
    calendar.invite_to_meeting(meeting=meeting, people=[plan], by=coordinator)
    assert meeting.invitations.count() == 2
    assert [m.person for m in Message.objects.all()] == [rep_of_other_group]


def test_invite_when_the_meeting_is_over_then_rows_only(page, rep):
    meeting = MeetingFactory(date=clocks.today() - timedelta(days=40))
    ticked = {"p": [f"{p.person.pk}.{p.code}" for p in defaults(meeting)]}
    assert "Nothing is sent" in page.get(at("meeting_invite", meeting), ticked).content.decode()
    page.post(at("meeting_invite", meeting), ticked)
    assert meeting.invitations.filter(person=rep).exists()
    assert not Message.objects.exists()


def test_person_add_when_an_officer_is_new_then_on_the_list_and_nothing_sent(page, organisation):
    meeting = MeetingFactory()
    response = page.post(
        at("meeting_person_add", meeting),
        {"name": "Imani Cole", "capacity": "officer", "organisation": organisation.pk},
    )
    person = Person.objects.get(name="Imani Cole")
    shown = page.get(response.url)
    assert [plan.person for plan in shown.context["extras"]] == [person]
    assert not meeting.invitations.exists()
    assert not Message.objects.exists()
    page.post(at("meeting_invite", meeting), {"p": f"{person.pk}.officer.{organisation.pk}"})
    assert meeting.invitations.get().sector == "education"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"capacity": "parent"}, "person"),
        ({"name": "Imani Cole", "capacity": "officer"}, "organisation"),
        ({"name": "Imani Cole", "capacity": "staff"}, "group"),
        ({"name": "Imani Cole", "capacity": "parent", "email": "nadia@larkmere.example"}, "email"),
        ({"name": "Imani Cole"}, "capacity"),
    ],
)
def test_person_add_when_something_is_missing_then_its_field_says_so(page, rep, sent, field):
    response = page.post(at("meeting_person_add", MeetingFactory()), sent)
    assert list(response.context["form"].errors) == [field]
    assert not Person.objects.filter(name="Imani Cole").exists()


def test_minute_taker_when_invited_then_given_and_when_not_then_refused(
    page, rep, stranger, coordinator
):
    meeting = coming_meeting(rep)
    page.post(at("minute_taker_give", meeting), {"person": rep.pk})
    meeting.refresh_from_db()
    assert meeting.minute_taker == rep
    page.post(at("minute_taker_give", meeting), {"person": stranger.pk})
    meeting.refresh_from_db()
    assert meeting.minute_taker == rep
    with pytest.raises(TransitionNotAllowed):
        calendar.give_minutes_to(meeting=meeting, person=stranger, by=coordinator)


# Frozen


def test_invitation_when_the_rep_changes_group_then_it_stays_as_it_was(rep, group, other_group):
    meeting = coming_meeting(rep)
    rep.seats.get().end(by=None)
    SeatFactory(group=other_group, person=rep)
    assert meeting.invitations.get().group == group


def test_invitation_when_saved_or_updated_then_refused_by_model_and_database(rep, other_group):
    invitation = coming_meeting(rep).invitations.get()
    invitation.group = other_group
    with pytest.raises(ValidationError):
        invitation.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(group=other_group)


# By the timetable


def test_invite_when_due_28_days_before_then_the_usual_people_once(rep, officer):
    meeting = MeetingFactory(date=clocks.today() + timedelta(days=28))
    MeetingFactory(date=clocks.today() + timedelta(days=29), title="Too early")
    invite_when_due()
    invite_when_due()
    assert {i.person for i in Invitation.objects.all()} == {rep, officer}
    assert {i.meeting for i in Invitation.objects.all()} == {meeting}
    assert Message.objects.count() == 2


def test_invite_when_due_but_unannounced_past_or_recorded_later_then_nobody(rep):
    soon = clocks.today() + timedelta(days=3)
    MeetingFactory(date=soon, announced_at=None)
    MeetingFactory(date=clocks.today() - timedelta(days=1), title="Past")
    MeetingFactory(date=soon, title="Begun", invited_at=timezone.now())
    invite_when_due()
    assert not Invitation.objects.exists()


@time_machine.travel("2026-10-14 11:30+01:00")
def test_invite_when_due_on_the_day_itself_after_it_began_then_nobody(rep):
    MeetingFactory(date=clocks.today(), starts=time(11), ends=time(12))
    invite_when_due()
    assert not Invitation.objects.exists()


def test_invite_when_due_and_one_meeting_fails_then_the_others_are_invited(rep, monkeypatch):
    MeetingFactory(date=clocks.today() + timedelta(days=3), title="Broken")
    MeetingFactory(date=clocks.today() + timedelta(days=4), title="Whole")
    real = calendar.invite_by_default

    def break_one(*, meeting):
        if meeting.title == "Broken":
            raise RuntimeError
        return real(meeting=meeting)

    monkeypatch.setattr(invitations, "invite_by_default", break_one)
    invite_when_due()
    assert {i.meeting.title for i in Invitation.objects.all()} == {"Whole"}


# Letters


@pytest.fixture
def invited(rep, coordinator):
    """Nadia's invitation to a coming meeting, whose letter waits in the outbox."""
    meeting = MeetingFactory(
        date=clocks.today() + timedelta(days=14),
        format="both",
        online_link="https://meet.example/forum",
        expect="Tea at a quarter to ten.",
    )
    calendar.invite_to_meeting(meeting=meeting, people=defaults(meeting), by=coordinator)
    return meeting.invitations.get(person=rep)


def test_invitation_letter_then_says_when_where_and_holds_the_link(invited, outbox_drained):
    [mail] = [mail for mail in outbox_drained() if mail.to == [invited.person.email]]
    assert mail.subject.startswith("Say if you can come on ")
    assert len(mail.subject) <= 50
    assert "10am to 12 noon" in mail.body
    assert "Kiln Lane Centre" in mail.body
    assert "for Larkmere Autism Families" in mail.body
    assert "https://meet.example/forum" in mail.body
    assert "Tea at a quarter to ten." in mail.body
    assert "/meetings/reply/" in mail.body


def test_invitation_letter_when_the_seat_has_ended_or_the_meeting_begun_then_not_sent(
    invited, coordinator, outbox_drained
):
    invited.person.seats.get().end(by=coordinator)
    assert {mail.to[0] for mail in outbox_drained()} == {coordinator.email}
    Message.objects.update(state="queued", claimed_at=None)
    before = Message.objects.filter(state="sent").count()
    outbox_drained(now=timezone.now() + timedelta(days=1))
    assert Message.objects.filter(person=invited.person, state="dropped").count() == 1
    assert before == 0


def test_invitation_letter_when_the_date_moved_then_it_says_so(coordinator, rep, outbox_drained):
    meeting = MeetingFactory()
    was = meeting.date
    meeting.date = was + timedelta(days=7)
    calendar.change_meeting(meeting=meeting, by=coordinator, fields=["date"])
    calendar.invite_to_meeting(meeting=meeting, people=defaults(meeting), by=coordinator)
    [mail] = [mail for mail in outbox_drained() if mail.to == [rep.email]]
    assert f"planned for {was:%A} {was.day} {was:%B %Y}" in " ".join(mail.body.split())


# Replies


def link(invitation, purpose="reply", person=None):
    token = links.make(purpose, person=person or invitation.person, about=invitation.pk)
    return reverse("meetings:reply_by_link", args=[token])


def test_reply_by_link_when_opened_then_it_shows_whose_it_is_and_changes_nothing(client, invited):
    response = client.get(link(invited))
    assert response.status_code == 200
    assert "Nadia Karim" in response.content.decode()
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert not Reply.objects.exists()


def test_reply_by_link_when_pressed_then_kept_and_can_be_changed(client, invited):
    url = link(invited)
    response = client.post(url, {"answer": "online", "needs": "Large print"}, follow=True)
    assert "I’ll join online" in response.content.decode()
    kept = Reply.objects.get()
    assert (kept.invitation, kept.answer, kept.needs) == (invited, "online", "Large print")
    assert kept.replied_by == invited.person
    assert client.get(url + "?change=1").context["form"].initial["answer"] == "online"
    client.post(url, {"answer": "cannot"})
    assert Reply.objects.get().answer == "cannot"
    assert AuditEvent.objects.filter(verb="reply", object_id=invited.pk).count() == 2


def test_reply_by_link_when_nothing_is_chosen_then_the_words_are_kept(client, invited):
    response = client.post(link(invited), {"needs": "A lift, please"})
    content = response.content.decode()
    assert "Choose whether you can come" in content
    assert "A lift, please" in content
    assert not Reply.objects.exists()


@pytest.mark.parametrize("answer", ["online", "perhaps"])
def test_reply_when_the_format_does_not_offer_it_then_refused(client, invited, answer):
    Meeting.objects.update(format="room")
    client.post(link(invited), {"answer": answer})
    assert not Reply.objects.exists()
    invited.refresh_from_db()
    with pytest.raises(TransitionNotAllowed):
        attendance.reply(invitation=invited, answer=answer, by=invited.person)


def refused(client, url, status):
    for response in (client.get(url), client.post(url, {"answer": "room"})):
        assert response.status_code == status
        assert "01632 960 100" in response.content.decode()
        assert response["Referrer-Policy"] == "no-referrer"
    assert not Reply.objects.exists()


def test_reply_by_link_when_altered_then_a_page_in_words(client, invited):
    token = links.make("reply", person=invited.person, about=invited.pk)
    for broken in (token[:-4], "x" + token, "nonsense"):
        refused(client, reverse("meetings:reply_by_link", args=[broken]), 404)


def test_reply_by_link_when_of_another_purpose_then_refused(client, invited):
    refused(client, link(invited, purpose="draft"), 404)


def test_reply_by_link_when_signed_for_another_person_then_refused(
    client, invited, rep_of_other_group
):
    refused(client, link(invited, person=rep_of_other_group), 404)


def test_reply_by_link_when_the_person_has_left_then_refused(client, invited):
    Person.objects.filter(pk=invited.person.pk).update(is_active=False)
    refused(client, link(invited), 410)


def test_reply_by_link_when_it_holds_something_else_then_refused(client, invited):
    for inside in ("text", [1], {"a": 1}):
        token = signing.dumps(inside, salt="link:reply")
        refused(client, reverse("meetings:reply_by_link", args=[token]), 404)


def test_reply_by_link_when_ended_then_gone_in_words(client, invited):
    url = link(invited)
    with time_machine.travel(timezone.now() + timedelta(days=links.DAYS["reply"] + 1)):
        refused(client, url, 410)


def test_reply_when_the_meeting_is_over_then_closed(client, invited):
    url = link(invited)
    with time_machine.travel(timezone.now() + timedelta(days=20)):
        assert "This meeting is over" in client.get(url).content.decode()
        client.post(url, {"answer": "room"})
    assert not Reply.objects.exists()


def test_reply_signed_in_when_invited_then_ones_own_and_when_not_then_refused(
    client_for, invited, rep_of_other_group
):
    url = at("meeting_reply", invited.meeting)
    client_for(invited.person).post(url, {"answer": "room"})
    assert Reply.objects.get().invitation == invited
    assert client_for(rep_of_other_group).post(url, {"answer": "room"}).status_code == 403
    assert Reply.objects.count() == 1


def test_reply_record_when_somebody_rang_then_it_shows_who_wrote_it_down(
    page, invited, coordinator, client_for
):
    url = reverse("meetings:reply_record", args=[invited.meeting.slug, invited.pk])
    assert page.get(url).context["form"]["via"].value() == "phone", "most of it comes by phone"
    assert page.get(f"{url}?via=post").context["form"]["via"].value() == "post"
    page.post(url, {"answer": "cannot", "needs": "", "via": "phone"})
    kept = Reply.objects.get()
    assert (kept.invitation, kept.replied_by, kept.via) == (invited, coordinator, "phone")
    assert client_for(invited.person).get(url).status_code == 403


def test_needs_when_told_then_the_coordinator_reads_them_and_nobody_else(
    page, client_for, invited, rep_of_other_group
):
    reply(invited, needs="A chair by the door")
    invite(invited.meeting, rep_of_other_group)
    assert "A chair by the door" in page.get(at("meeting_people", invited.meeting)).content.decode()
    for name in ("meeting_detail", "meeting_reply"):
        shown = client_for(rep_of_other_group).get(at(name, invited.meeting)).content.decode()
        assert "A chair by the door" not in shown


# Who was there


def ticks(meeting, **changes):
    """What the page sends: each row as it stands, and ``changes`` by the person's id."""
    sent = {}
    for row in meeting.invitations.select_related("attendance"):
        was = row.attendance.how if row.attended else ""
        sent |= {f"was_{row.pk}": was, f"how_{row.pk}": changes.get(f"p{row.person_id}", was)}
    return sent


@pytest.fixture
def today_meeting(rep, staff, rep_of_other_group, officer, coordinator):
    meeting = MeetingFactory(date=clocks.today())
    for person in (rep, staff, rep_of_other_group, officer, coordinator):
        invite(meeting, person)
    return meeting


def test_attendance_when_ticked_then_recorded_and_the_share_is_said(
    page, today_meeting, rep, officer, coordinator
):
    url = at("meeting_attendance", today_meeting)
    changes = {f"p{rep.pk}": "room", f"p{officer.pk}": "online"}
    response = page.post(url, ticks(today_meeting, **changes))
    assert {(a.invitation.person, a.how) for a in Attendance.objects.all()} == {
        (rep, "room"),
        (officer, "online"),
    }
    assert Attendance.objects.first().recorded_by == coordinator
    assert said(response) == "Saved for 2 people. Parents 1 of 2 (50%)."


def test_attendance_when_unticked_then_taken_away_with_a_trace(page, today_meeting, rep):
    invitation = today_meeting.invitations.get(person=rep)
    Attendance.objects.create(invitation=invitation)
    page.post(at("meeting_attendance", today_meeting), ticks(today_meeting, **{f"p{rep.pk}": ""}))
    assert not Attendance.objects.exists()
    event = AuditEvent.objects.get(verb="record_attendance")
    assert event.data["rows"] == {str(invitation.pk): "not there"}


def test_attendance_when_two_save_at_once_then_neither_undoes_the_other(
    page, today_meeting, rep, officer
):
    url = at("meeting_attendance", today_meeting)
    first = ticks(today_meeting, **{f"p{rep.pk}": "room"})
    second = ticks(today_meeting, **{f"p{officer.pk}": "room"})
    page.post(url, first)
    page.post(url, second)
    there = {a.invitation.person for a in Attendance.objects.all()}
    assert there == {rep, officer}


def test_attendance_when_a_row_was_added_meanwhile_then_it_is_left_alone(
    page, today_meeting, stranger
):
    sent = ticks(today_meeting)
    invite(today_meeting, stranger, came="room")
    page.post(at("meeting_attendance", today_meeting), sent)
    assert Attendance.objects.get().invitation.person == stranger


def test_attendance_when_the_day_has_not_come_then_refused(page, rep, coordinator):
    meeting = coming_meeting(rep, days=1)
    assert "Not yet" in page.get(at("meeting_attendance", meeting)).content.decode()
    page.post(at("meeting_attendance", meeting), ticks(meeting, **{f"p{rep.pk}": "room"}))
    assert not Attendance.objects.exists()


def test_attendance_when_the_minutes_are_agreed_then_it_stays(page, rep, coordinator):
    meeting = past_meeting(rep)
    Minutes.objects.create(meeting=meeting)
    assert not attendance.is_settled(meeting)
    Minutes.objects.update(state="withdrawn", withdrawn_reason="It names a school.")
    meeting = Meeting.objects.get(pk=meeting.pk)
    response = page.post(at("meeting_attendance", meeting), ticks(meeting, **{f"p{rep.pk}": ""}))
    assert "agreed" in said(response)
    assert Attendance.objects.count() == 1


def test_latecomer_when_new_then_a_person_an_invitation_and_a_tick(page, today_meeting, group):
    page.post(
        at("latecomer_add", today_meeting),
        {"name": "Imani Cole", "capacity": "parent", "group": group.pk, "how": "online"},
    )
    row = today_meeting.invitations.get(person__name="Imani Cole")
    assert (row.capacity, row.group, row.attendance.how) == ("parent", group, "online")
    assert not Message.objects.exists()


def test_latecomer_when_known_then_no_second_person(page, today_meeting, stranger):
    sent = {"person": stranger.pk, "capacity": "parent", "how": "room"}
    people = Person.objects.count()
    page.post(at("latecomer_add", today_meeting), sent)
    assert today_meeting.invitations.get(person=stranger).attended
    assert Person.objects.count() == people
    response = page.post(at("latecomer_add", today_meeting), sent)
    assert "person" in response.context["form"].errors


def test_latecomer_when_the_day_has_not_come_then_refused_and_nobody_is_added(page, rep):
    meeting = coming_meeting(rep)
    page.post(
        at("latecomer_add", meeting), {"name": "Imani Cole", "capacity": "parent", "how": "room"}
    )
    assert meeting.invitations.count() == 1
    assert not Person.objects.filter(name="Imani Cole").exists()


def test_sign_in_sheet_then_everybody_invited_stands_on_it(page, today_meeting, rep, officer):
    content = page.get(at("sign_in_sheet", today_meeting)).content.decode()
    assert rep.name in content
    assert officer.name in content


# Counts


def test_summary_then_people_groups_and_sectors_are_counted(
    today_meeting, rep, staff, officer, coordinator, group, django_assert_num_queries
):
    for person, how in ((rep, "room"), (staff, "online"), (officer, "room")):
        Attendance.objects.create(invitation=today_meeting.invitations.get(person=person), how=how)
    with django_assert_num_queries(1):
        summary = attendance.attendance_summary(today_meeting)
    assert (summary.invited, summary.total, summary.online) == (5, 3, 1)
    assert (summary.parents, summary.staff, summary.officers) == (1, 1, 1)
    assert summary.words == "Parents 1 of 3 (33%)"
    assert [(r.label, r.kind, r.invited, r.came) for r in summary.rows] == [
        ("Down’s Syndrome Larkmere", "parent", 1, 0),
        ("Larkmere Autism Families", "parent", 2, 2),
        ("Larkmere Council SEND team", "service", 1, 1),
        ("Forum coordinator", "service", 1, 0),
    ]
    assert summary.sectors_present == ["Education"]
    assert summary.sectors_missing == ["Health", "Children’s social care", "Adults’ social care"]
    assert sorted(summary.seats) == [
        ("parent", False), ("parent", True),
        ("service", False), ("service", True), ("service", True),
    ]  # fmt: skip
    assert [part["title"] for part in summary.parts] == [
        "Parents and carers", "Education", "Others",
    ]  # fmt: skip


def test_summary_when_a_rep_sits_for_two_groups_then_counted_once(rep, other_group, coordinator):
    SeatFactory(group=other_group, person=rep)
    meeting = MeetingFactory(date=clocks.today())
    options = calendar.default_invitees(meeting)[rep.pk]
    assert len(options) == 2
    calendar.invite_to_meeting(meeting=meeting, people=options, by=coordinator)
    attendance.record_attendance(
        meeting=meeting, changes={meeting.invitations.get().pk: "room"}, by=coordinator
    )
    summary = attendance.attendance_summary(meeting)
    assert (summary.invited, summary.parents, len(summary.rows)) == (1, 1, 1)


@pytest.mark.parametrize(
    ("parents", "others", "low"),
    [
        (1, 2, False),
        (1, 3, True),
        (0, 2, True),
        (0, 0, False),
        (33, 67, False),
        (32, 68, True),
    ],
)
def test_summary_when_parents_are_fewer_than_a_third_then_low(parents, others, low, forum):
    row = attendance.AttendanceSummary(
        invited=parents + others, total=parents + others, parents=parents, staff=0,
        officers=others, coordinators=0, online=0, rows=[], seats=[],
        sectors_present=[], sectors_missing=[], wanted=33,
    )  # fmt: skip
    assert row.is_low is low


def test_summary_when_parents_only_then_no_sector_is_missing(rep):
    meeting = past_meeting(rep, audience="parents")
    assert attendance.attendance_summary(meeting).sectors_missing == []


def test_summary_when_nobody_came_then_no_division(rep):
    meeting = coming_meeting(rep)
    summary = attendance.attendance_summary(meeting)
    assert (summary.percent, summary.is_low) == (None, False)


def test_summary_when_an_officer_moves_on_then_the_meeting_keeps_the_old_sector(officer):
    meeting = past_meeting(officer)
    health = OrganisationFactory(name="Larkmere Therapies", sector="health")
    officer.roles.update(ended_at=timezone.now())
    RoleFactory(person=officer, kind="officer", organisation=health)
    assert attendance.attendance_summary(meeting).sectors_present == ["Education"]


def test_summary_when_a_parent_comes_for_no_group_then_they_have_a_row(forum):
    meeting = past_meeting(PersonFactory())
    MemberGroupFactory()
    assert attendance.attendance_summary(meeting).rows[0].label == "Parents in no group"


def test_attendance_when_minutes_were_agreed_meanwhile_is_refused(
    coordinator, rep, rep_of_other_group
):
    people = [rep, rep_of_other_group]
    meeting = past_meeting(*people)
    version = circulated(meeting, by=coordinator, days_ago=8)
    opened = Meeting.objects.select_related("minutes").get(pk=meeting.pk)
    for person in people:
        answer(version, person)

    with pytest.raises(TransitionNotAllowed):
        attendance.record_attendance(
            meeting=opened, changes={meeting.invitations.get(person=rep).pk: ""}, by=coordinator
        )

    assert meeting.invitations.attended().count() == 2
