"""Whether a claimant was there: by the register, else as somebody else says."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from expenses.models import AttendanceCheck
from expenses.services.attendance import answer_attendance, ask_attendance
from members.models import Role
from tests.factories.meetings import MeetingFactory, invite
from tests.factories.members import PersonFactory, RoleFactory
from tests.factories.money import AttendanceCheckFactory, ClaimFactory, PolicyFactory

pytestmark = pytest.mark.django_db
LIST = "/money/attendance/"


@pytest.fixture
def policy(forum):
    return PolicyFactory()


@pytest.fixture
def meeting(policy, rep, coordinator):
    meeting = MeetingFactory(title="Parents’ meeting", date=timezone.now().date() - timedelta(3))
    meeting.invited = invite(meeting, rep)
    return meeting


def tick(meeting, by):
    from meetings.models import Attendance

    return Attendance.objects.create(invitation=meeting.invited, recorded_by=by)


def sent(person, **fields):
    return ClaimFactory(person=person, state="submitted", **fields)


def words(page):
    return page.content.decode()


def asked(person):
    return Message.objects.filter(template="expenses/attendance_due", person=person)


# Asking ------------------------------------------------------------------------------------------


def test_check_when_the_register_shows_them_then_nobody_is_asked(meeting, rep, coordinator):
    tick(meeting, coordinator)
    check = ask_attendance(claim=sent(rep, meeting=meeting), by=rep)
    assert check.answer == "register"
    assert not asked(coordinator).exists()
    assert not AttendanceCheck.objects.open().exists()


def test_check_when_they_ticked_themselves_then_the_coordinator_is_asked(meeting, rep, coordinator):
    tick(meeting, rep)
    check = ask_attendance(claim=sent(rep, meeting=meeting), by=rep)
    assert check.answer == ""
    assert asked(coordinator).count() == 1


def test_check_when_there_was_no_meeting_then_asked_whether_it_was_asked_of_them(
    policy, rep, coordinator, client_for
):
    check = ask_attendance(claim=sent(rep), by=rep)
    page = words(client_for(coordinator).get(f"{LIST}{check.pk}/"))
    assert "Was Nadia Karim asked to do this for the forum?" in page


def test_check_when_many_come_on_a_day_then_one_letter_the_next_morning(
    policy, coordinator, outbox_drained
):
    for _ in range(5):
        ask_attendance(claim=sent(PersonFactory()), by=None)
    assert asked(coordinator).count() == 1
    letter = next(mail for mail in outbox_drained() if mail.to == [coordinator.email])
    assert "5 people" in letter.subject


def test_check_when_sent_again_then_asked_again(policy, rep, coordinator):
    claim = sent(rep)
    check = ask_attendance(claim=claim, by=rep)
    answer_attendance(check=check, there=True, note="I saw her", by=coordinator)
    check = ask_attendance(claim=claim, by=rep)
    assert (check.answer, check.note, check.answered_by) == ("", "", None)


@pytest.mark.parametrize("other", [False, True])
def test_check_when_it_is_about_the_only_coordinator_then_a_treasurer_is_asked(
    other, policy, coordinator, treasurer, client_for
):
    second = RoleFactory(kind=Role.Kind.COORDINATOR).person if other else None
    check = ask_attendance(claim=sent(coordinator), by=coordinator)
    assert not asked(coordinator).exists()
    assert asked(treasurer).exists() is not other
    page = client_for(treasurer).post(f"{LIST}{check.pk}/", {"there": "yes"})
    assert page.status_code == (403 if other else 302)
    check.refresh_from_db()
    assert check.answered_by == (None if other else treasurer)
    if second:
        assert client_for(second).post(f"{LIST}{check.pk}/", {"there": "no"}).status_code == 302


# Answering ---------------------------------------------------------------------------------------


@pytest.fixture
def check(policy, rep):
    return AttendanceCheckFactory(claim=sent(rep, lines=[{"pence": 98_765}]))


def test_list_when_the_coordinator_reads_it_then_no_sum_stands_there(
    check, coordinator, client_for
):
    client = client_for(coordinator)
    for path in (LIST, f"{LIST}{check.pk}/"):
        page = words(client.get(path))
        assert "Nadia Karim" in page
        assert "987" not in page
    assert client.get(f"/money/claims/{check.claim_id}/").status_code == 404


def test_answer_when_not_there_then_the_claim_waits_and_its_decider_reads_it(
    check, coordinator, treasurer, client_for
):
    page = client_for(coordinator).post(f"{LIST}{check.pk}/", {"there": ""})
    assert "Choose yes or no" in words(page)
    fields = {"there": "no", "note": "Sent her apologies"}
    client_for(coordinator).post(f"{LIST}{check.pk}/", fields)
    check.refresh_from_db()
    assert (check.answer, check.answered_by) == ("not_there", coordinator)
    assert check.claim.state == "submitted"
    page = words(client_for(treasurer).get(f"/money/claims/{check.claim_id}/"))
    assert "No: Ruth Adeyemi says so. Sent her apologies" in page
    event = AuditEvent.objects.about(check).first()
    assert event.data == {"claim": check.claim_id, "answer": "not_there"}


def test_answer_when_given_while_a_page_is_open_then_that_page_approves_nothing(
    check, coordinator, treasurer, client_for
):
    read = check.claim.edit_no
    answer_attendance(check=check, there=False, by=coordinator)
    fields = {"edit_no": read, "shown": check.claim.total}
    page = client_for(treasurer).post(f"/money/claims/{check.claim_id}/approve/", fields)
    assert page.status_code == 409
    assert "No: Ruth Adeyemi says so." in words(page)


def test_answer_when_wrong_then_put_right_until_it_is_decided(check, coordinator, client_for):
    client = client_for(coordinator)
    client.post(f"{LIST}{check.pk}/", {"there": "no"})
    assert "Put it right" in words(client.get(LIST))
    client.post(f"{LIST}{check.pk}/", {"there": "yes"})
    check.refresh_from_db()
    assert check.answer == "there"
    check.claim.approved_at, check.claim.approved_by = timezone.now(), PersonFactory()
    check.claim.state = "approved"
    check.claim.save()
    page = client.post(f"{LIST}{check.pk}/", {"there": "no"})
    assert "This claim isn’t being checked any more." in words(page)
    check.refresh_from_db()
    assert check.answer == "there"


def test_answer_when_about_oneself_then_refused_by_page_service_and_database(
    policy, coordinator, client_for
):
    RoleFactory(kind=Role.Kind.COORDINATOR)
    check = AttendanceCheckFactory(claim=sent(coordinator))
    client = client_for(coordinator)
    page = words(client.get(LIST))
    assert "This is you, so somebody else says it." in page
    assert f"{LIST}{check.pk}/" not in page
    assert client.post(f"{LIST}{check.pk}/", {"there": "yes"}).status_code == 403
    with pytest.raises(TransitionNotAllowed):
        answer_attendance(check=check, there=True, by=coordinator)
    with pytest.raises(IntegrityError), transaction.atomic():
        AttendanceCheck.objects.filter(pk=check.pk).update(answered_by=coordinator, answer="there")
    check.refresh_from_db()
    assert (check.answer, check.answered_by) == ("", None)


def test_answer_when_by_somebody_without_the_duty_then_refused(
    check, coordinator, treasurer, rep_of_other_group, client_for
):
    for person, status in ((treasurer, 403), (rep_of_other_group, 404), (check.claimant, 404)):
        page = client_for(person).post(f"{LIST}{check.pk}/", {"there": "yes"})
        assert page.status_code == status
        with pytest.raises(TransitionNotAllowed):
            answer_attendance(check=check, there=True, by=person)
