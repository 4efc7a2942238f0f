"""Requests and Today: what is open for an officer, and being reminded of replies."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from coprod import clocks, registry
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from coprod.outbox import write
from projects.models import LogDraft
from projects.services.chasing import remind_of_replies
from tests.factories.projects import InvolvementFactory, NamedFactory, ProjectFactory

pytestmark = pytest.mark.django_db
NOVEMBER = "2026-11-19"


def on(day):
    return time_machine.travel(datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=UTC))


@pytest.fixture
def project(forum):
    with on("2026-10-01"):
        return ProjectFactory(
            title="School transport", slug="school-transport", last_news_on=date(2026, 11, 10)
        )


@pytest.fixture
def lead(project, officer):
    return NamedFactory(project=project, person=officer, part="lead").person


@pytest.fixture
def asked(project):
    with on("2026-09-29"):
        return InvolvementFactory(
            project=project, method="survey", on="2026-09-28", reply_due_on="2026-11-27", parents=9
        )


def page(client_for, person, path="/projects/requests/"):
    return client_for(person).get(path).content.decode()


# Letters ------------------------------------------------------------------------------------------


def days_of_letters(first, last):
    day, found = date.fromisoformat(first), []
    while day <= date.fromisoformat(last):
        before = Message.objects.count()
        with on(day.isoformat()):
            remind_of_replies()
            remind_of_replies()
        if Message.objects.count() > before:
            found.append(day.isoformat())
        day += timedelta(days=1)
    return found


def test_reply_when_owed_then_a_letter_a_week_before_and_on_the_day(lead, asked):
    assert days_of_letters("2026-11-10", "2026-12-15") == ["2026-11-20", "2026-11-27"]
    assert set(Message.objects.values_list("person", "template")) == {
        (lead.pk, "projects/reply_due")
    }


def test_reply_when_the_timetable_stood_still_then_caught_up_once(lead, asked):
    assert days_of_letters("2026-11-29", "2026-12-02") == ["2026-11-29"]


def test_reply_when_long_overdue_then_no_letter_comes_back(lead, asked):
    assert days_of_letters("2026-12-20", "2026-12-22") == []


def test_reply_when_its_day_had_passed_as_it_was_logged_then_no_letter(lead, project):
    with on("2026-11-19"):
        InvolvementFactory(
            project=project, method="survey", on="2026-09-01", reply_due_on="2026-11-15", parents=9
        )
    assert days_of_letters("2026-11-19", "2026-11-25") == []


@pytest.mark.parametrize(
    "change",
    [
        {"replied_on": "2026-11-01", "replied_at": datetime(2026, 11, 1, tzinfo=UTC)},
        {"taken_back_at": datetime(2026, 11, 1, tzinfo=UTC), "taken_back_reason": "So"},
        {"method": "told"},
    ],
)
def test_reply_when_none_is_owed_then_no_letter(lead, asked, change):
    type(asked).objects.filter(pk=asked.pk).update(**change)
    assert days_of_letters("2026-11-19", "2026-11-28") == []


def test_entry_without_parents_when_its_day_comes_then_no_letter(lead, asked):
    asked.participations.update(came=0)
    assert days_of_letters("2026-11-19", "2026-11-28") == []


def test_project_when_nobody_leads_it_then_the_coordinator_hears(coordinator, asked):
    days_of_letters("2026-11-20", "2026-11-20")
    message = Message.objects.get()
    assert message.person == coordinator
    assert "nobody leads this project yet" in write(message).text


def test_letter_when_written_then_asks_again_whether_it_is_due(lead, project, asked):
    with on("2026-11-20"):
        remind_of_replies()
        letter = write(Message.objects.get())
        assert len(letter.subject) <= 50
        assert "Friday 27 November 2026" in letter.text
        assert f"/projects/school-transport/log/{asked.pk}/reply/" in letter.text
        lead.on_projects.update(ended_at=datetime(2026, 11, 1, tzinfo=UTC))
        with pytest.raises(NoLongerDue):
            write(Message.objects.get())


def test_letter_when_answered_meanwhile_then_not_due(lead, asked):
    with on("2026-11-20"):
        remind_of_replies()
        asked.replied_on, asked.replied_at = date(2026, 11, 20), datetime(2026, 11, 20, tzinfo=UTC)
        asked.save()
        with pytest.raises(NoLongerDue):
            write(Message.objects.get())


# Requests -----------------------------------------------------------------------------------------


def test_requests_when_a_reply_is_owed_then_listed_with_its_days(client_for, lead, asked):
    with on(NOVEMBER):
        words = page(client_for, lead)
        assert "Parents wait for a reply" in words
        assert "8 days left" in words
    with on("2026-12-01"):
        assert "4 days late" in page(client_for, lead)


def test_requests_when_another_officer_looks_then_nothing_of_it(client_for, asked, coordinator):
    words = page(client_for, coordinator)
    assert "Nothing is open" in words
    assert "School transport" not in words


def test_requests_when_a_named_next_time_has_passed_then_asked_to_log(client_for, lead, project):
    with on(NOVEMBER):
        entry = InvolvementFactory(
            project=project, on="2026-10-01", next_on="2026-11-12", officers=2
        )
        assert "The log named Thursday 12 November 2026" in page(client_for, lead)
        InvolvementFactory(project=project, on="2026-11-12")
        assert "The log named" not in page(client_for, lead)
        entry.refresh_from_db()
        assert entry.is_standing


def test_requests_when_a_project_is_quiet_then_its_lead_is_asked(client_for, lead, project):
    with on("2027-01-20"):
        assert "Nobody has heard anything for 71 days." in page(client_for, lead)


def test_requests_when_something_was_begun_then_it_is_found_again(client_for, lead, project):
    LogDraft.objects.create(project=project, person=lead)
    assert "You began to log something" in page(client_for, lead)


def test_requests_when_another_app_adds_its_own_then_listed(client_for, lead, monkeypatch):
    def asks(person, today):
        yield registry.Request(section="To answer", title="Buses", url="/x/", by=clocks.today())

    monkeypatch.setattr(registry, "requests", [*registry.requests, asks])
    words = page(client_for, lead)
    assert "To answer" in words
    assert "Buses" in words
    assert "Today</" in words


@pytest.mark.parametrize(("persona", "seen"), [("officer", True), ("rep", False), (None, False)])
def test_navigation_when_an_officer_then_requests_stand_in_it(
    client_for, request, forum, persona, seen
):
    person = request.getfixturevalue(persona) if persona else None
    assert ("/projects/requests/" in page(client_for, person, "/projects/")) is seen


def test_navigation_when_on_requests_then_one_place_is_current(client_for, officer):
    assert page(client_for, officer).count('aria-current="page"') == 1


@pytest.mark.parametrize("count", [3, 60])
def test_requests_when_many_then_as_many_questions(
    client_for, lead, count, django_assert_max_num_queries
):
    for n in range(count):
        project = ProjectFactory()
        NamedFactory(project=project, person=lead, part="lead")
        InvolvementFactory(
            project=project, parents=2, on="2026-01-01", reply_due_on="2026-03-01", title=str(n)
        )
    client = client_for(lead)
    with django_assert_max_num_queries(14):
        assert client.get("/projects/requests/").status_code == 200
    with django_assert_max_num_queries(15):
        assert client.get("/today/").status_code == 200


# Today --------------------------------------------------------------------------------------------


def test_today_when_a_reply_is_near_then_it_stands_there(client_for, lead, asked):
    with on("2026-11-01"):
        assert "Tell parents what came of it" not in page(client_for, lead, "/today/")
    with on(NOVEMBER):
        assert "Tell parents what came of it: School transport" in page(client_for, lead, "/today/")


def test_today_of_the_coordinator_when_a_reply_is_owed_then_waits_on_its_officer(
    client_for, coordinator, lead, asked
):
    with on(NOVEMBER):
        words = page(client_for, coordinator, "/today/")
        assert "A reply to parents: School transport" in words
        assert lead.name in words


def test_today_of_a_rep_when_on_a_project_then_their_word_is_asked(client_for, rep, project):
    with on("2026-08-01"):
        NamedFactory(project=project, person=rep, part="rep")
    with on(NOVEMBER):
        words = page(client_for, rep, "/today/")
        assert "Say if you were involved: School transport" in words
        assert "By Thursday 31 December" in words
