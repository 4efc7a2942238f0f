"""Levels kept on projects and by quarter; the officer's claim, the forum's confirmation."""

from datetime import UTC, date, datetime, timedelta
from unittest import mock

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import TransactionTestCase
from django.urls import reverse
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from projects.ladder import rungs_in_use, standing_of
from projects.models import Claim, Confirmation, LevelAtQuarter, LogoPermission, Project, Rung
from projects.rungs import ladder_of
from projects.services import claims, levels, logo
from projects.services.claims import Decision
from projects.tasks import keep_levels
from tests.factories.members import (
    ForumFactory,
    MemberGroupFactory,
    OrganisationFactory,
    RoleFactory,
)
from tests.factories.projects import InvolvementFactory, NamedFactory, ProjectFactory
from tests.meetings.test_minutes import ROUNDS, THREADS, at_once

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def project(forum, officer):
    project = ProjectFactory(title="School transport", slug="school-transport")
    NamedFactory(project=project, person=officer, part="lead")
    return project


def session(project, on, stage=1, **fields):
    """A whole session: a group's parents, officers, what was said and what changed."""
    entry = InvolvementFactory(
        project=project, on=on, stage=stage, said="Too early", changed="It is later", **fields
    )
    group = MemberGroupFactory()
    entry.participations.create(who="parents", group=group, came=3)
    entry.participations.create(who="officers", came=3)
    return entry


def rung(level):
    return next(rung for rung in rungs_in_use() if rung.level == level)


def decision(**fields):
    return Decision(
        **{"on": date(2026, 11, 10), "where": "the parents’ meeting", "words": "So.", **fields}
    )


def confirm(project, level, by, *, replaces=None, **fields):
    return claims.confirm_level(
        project=project, rung=rung(level), decision=decision(**fields), replaces=replaces, by=by
    )


def at(name, project, *args):
    return reverse(f"projects:{name}", args=[project.slug, *args])


# What the log proves ------------------------------------------------------------------------------


def test_standing_when_read_takes_three_queries(project, django_assert_num_queries):
    for n in range(12):
        session(project, date(2026, 3, 1) + timedelta(days=n))
    with django_assert_num_queries(3):
        assert standing_of(project, date(2026, 11, 18)).level == 3


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ({"changed": "It is later"}, 2),
        ({"unchanged": "The age", "why": "The law"}, 2),
        ({"unchanged": "The age"}, 1),
        ({}, 1),
    ],
)
def test_standing_when_the_reply_says_no_then_it_needs_a_why(project, words, level):
    InvolvementFactory(
        project=project,
        method="survey",
        parents=9,
        replied_on=date(2026, 4, 1),
        replied_at=NOON,
        **words,
    )
    assert standing_of(project, date(2026, 11, 18)).level == level


def test_standing_when_an_entry_was_taken_back_counts_without_it(project):
    entry = InvolvementFactory(project=project, parents=3)
    assert standing_of(project, date(2026, 11, 18)).level == 1
    entry.taken_back_at, entry.taken_back_reason = NOON, "Another project"
    entry.save()
    assert standing_of(project, date(2026, 11, 18)).level is None


def test_standing_when_young_people_took_part_lowers_no_share_and_counts_no_parent(project):
    entry = InvolvementFactory(project=project, stage=2, officers=2)
    entry.participations.create(who="young", came=30)
    assert standing_of(project, date(2026, 11, 18)).level == 0


@time_machine.travel(NOON, tick=False)
def test_level_when_refreshed_is_kept_with_its_event_and_quarter(project, coordinator):
    InvolvementFactory(project=project, method="told", told_how="By letter", parents=40)
    levels.refresh_level(project=project, by=coordinator)

    assert Project.objects.get(pk=project.pk).level == project.level == 1
    event = AuditEvent.objects.about(project).get(verb="change_level")
    assert (event.data, event.by_id) == ({"before": None, "after": 1}, coordinator.pk)
    row = project.quarters.get()
    assert (row.quarter, row.level, row.least_sessions, row.least_share) == (
        date(2026, 10, 1),
        1,
        2,
        33,
    )

    levels.refresh_level(project=project, by=coordinator)
    assert AuditEvent.objects.about(project).filter(verb="change_level").count() == 1


@time_machine.travel(NOON, tick=False)
def test_threshold_when_changed_counts_from_the_next_quarter(project, forum):
    session(project, date(2026, 3, 1))
    session(project, date(2026, 4, 1))
    levels.refresh_level(project=project, by=None)
    assert project.level == 3

    forum.ladder_sessions = 3
    forum.save()
    levels.refresh_level(project=project, by=None)
    assert project.level == 3

    with time_machine.travel(datetime(2027, 1, 1, 9, tzinfo=UTC), tick=False):
        keep_levels()
        project.refresh_from_db()
        assert project.level == 1
        missing = standing_of(project, clocks.today()).steps[3].missing
        assert missing[0].text.startswith("1 more session of parents and officers")
    rows = project.quarters.order_by("quarter").values_list("quarter", "level", "least_sessions")
    assert list(rows) == [(date(2026, 10, 1), 3, 2), (date(2027, 1, 1), 1, 3)]


def test_level_when_a_reply_is_overdue_falls_by_the_daily_job(project):
    entry = InvolvementFactory(
        project=project,
        method="survey",
        parents=9,
        changed="Later",
        replied_on=date(2026, 4, 1),
        replied_at=NOON,
    )
    InvolvementFactory(
        project=project,
        method="survey",
        parents=5,
        on=date(2026, 9, 19),
        reply_due_on=date(2026, 11, 18),
    )
    with time_machine.travel(NOON, tick=False):
        levels.refresh_level(project=project, by=None)
        keep_levels()
        assert Project.objects.get(pk=project.pk).level == 2
    with time_machine.travel(NOON + timedelta(days=4), tick=False):
        keep_levels()
        keep_levels()
        assert Project.objects.get(pk=project.pk).level == 1
        missing = standing_of(project, clocks.today()).steps[2].missing
    assert "19 September 2026 are unanswered" in missing[0].text
    assert entry.on.isoformat() not in missing[0].text
    assert AuditEvent.objects.about(project).filter(verb="change_level").count() == 2


def test_quarter_when_opened_twice_or_late_has_one_row_each(project):
    other = ProjectFactory(level=3)
    with time_machine.travel(datetime(2026, 3, 30, 9, tzinfo=UTC), tick=False):
        Project.objects.update(created_at=timezone.now())
        keep_levels()
        keep_levels()
        assert LevelAtQuarter.objects.count() == 2
    # Nothing ran from April to the middle of November.
    with time_machine.travel(NOON, tick=False):
        keep_levels()
        keep_levels()
    rows = other.quarters.order_by("quarter").values_list("quarter", "level")
    assert list(rows) == [(date(2026, month, 1), 3) for month in (1, 4, 7, 10)]


def test_quarter_when_opened_for_many_asks_little(project, django_assert_max_num_queries):
    ProjectFactory.create_batch(60)
    with django_assert_max_num_queries(16):
        levels.open_quarter(clocks.today())
    assert LevelAtQuarter.objects.count() == 61


# A new count -------------------------------------------------------------------------------------


@time_machine.travel(NOON, tick=False)
def test_round_when_begun_counts_from_its_day_and_says_so(project, coordinator, client_for):
    session(project, date(2026, 3, 1), stage=3)
    session(project, date(2026, 4, 1), stage=3)
    levels.refresh_level(project=project, by=None)
    assert project.level == 3

    answer = client_for(coordinator).post(
        at("round_begin", project), {"name": "The second contract", "began_on": "1 November 2026"}
    )
    assert answer.status_code == 302
    project.refresh_from_db()
    assert project.level is None
    shown = ladder_of(project)
    assert "A new count began on 1 November 2026: The second contract." in shown.count
    assert project.involvements.count() == 2

    session(project, date(2026, 11, 2))
    session(project, date(2026, 11, 3))
    levels.refresh_level(project=project, by=None)
    assert project.level == 3


@time_machine.travel(NOON, tick=False)
def test_round_when_views_are_unanswered_is_refused(project, coordinator, client_for):
    InvolvementFactory(project=project, method="survey", parents=5, reply_due_on=date(2026, 11, 17))
    page = client_for(coordinator).post(
        at("round_begin", project), {"name": "A way round", "began_on": "18 November 2026"}
    )
    assert "Reply to parents first." in page.text
    assert not project.rounds.exists()


@time_machine.travel(NOON, tick=False)
def test_round_when_it_begins_no_later_than_the_one_before_is_refused(project, coordinator):
    first = {"project": project, "name": "Two", "by": coordinator}
    levels.begin_round(began_on=date(2026, 10, 1), **first)
    for day in (date(2026, 10, 1), date(2026, 9, 1), date(2026, 11, 19)):
        with pytest.raises(TransitionNotAllowed):
            levels.begin_round(began_on=day, **first)


# The claim ---------------------------------------------------------------------------------------


@time_machine.travel(NOON, tick=False)
def test_claim_when_made_raises_nothing_and_asks_the_coordinator(
    project, officer, coordinator, client_for, outbox_drained
):
    page = client_for(officer).post(
        at("level_claim", project),
        {"rung": "4", "reason": "Parents wrote it with us"},
        follow=True,
    )
    assert "The forum has been asked" in page.text
    project.refresh_from_db()
    assert project.level is None
    assert standing_of(project, clocks.today()).level is None
    assert project.quarters.get().claimed == 4
    (mail,) = outbox_drained()
    assert mail.to == [coordinator.email]
    assert "Owen Pryce says that “School transport” is at Co-production." in mail.body
    assert "The log proves no level yet." in mail.body


def test_claim_when_another_is_made_replaces_it(project, officer):
    first = claims.claim_level(project=project, rung=rung(3), reason="So.", by=officer)
    with pytest.raises(TransitionNotAllowed):
        claims.claim_level(project=project, rung=rung(3), reason="So.", by=officer)
    second = claims.claim_level(project=project, rung=rung(4), reason="So.", by=officer)
    first.refresh_from_db()
    assert first.ended_at is not None
    assert claims.standing_claim(project) == second
    claims.end_claim(project=project, by=officer)
    assert claims.standing_claim(project) is None
    assert project.claims.count() == 2


def test_claim_when_taken_back_before_its_letter_goes_then_no_letter(
    project, officer, coordinator, outbox_drained
):
    claims.claim_level(project=project, rung=rung(3), reason="So.", by=officer)
    claims.end_claim(project=project, by=officer)
    assert outbox_drained() == []


def test_claim_when_two_stand_the_database_refuses(project):
    row = {"project": project, "level": 3, "rung_name": "Participation", "reason": "So."}
    Claim.objects.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.create(**row)


# The confirmation --------------------------------------------------------------------------------


@time_machine.travel(NOON, tick=False)
def test_confirmation_when_made_stands_beside_claim_and_log(
    project, officer, coordinator, client_for, outbox_drained
):
    claims.claim_level(project=project, rung=rung(4), reason="Together", by=coordinator)
    page = client_for(coordinator).post(
        at("level_confirm", project),
        {
            "rung": "3",
            "decided_on": "10 November 2026",
            "decided_where": "the Corn Exchange",
            "minutes": "/meetings/2026-11-10/",
            "what": "Parents came in after the draft",
            "replaces": "",
        },
        follow=True,
    )
    assert "The forum confirms Participation." in page.text
    project.refresh_from_db()
    assert (project.level, project.confirmed_level) == (None, 3)
    row = project.quarters.get()
    assert (row.level, row.claimed, row.confirmed) == (None, 4, 3)

    shown = ladder_of(project)
    assert [step["confirmed"] for step in shown.rungs] == ["", "The forum confirms this", "", ""]
    assert [step["claimed"] for step in shown.rungs] == ["The service says this", "", "", ""]
    assert not any(step["reached"] for step in shown.rungs)
    words = " ".join(shown.differ)
    for each in ("not on the ladder yet", "Co-production", "“Together”", "after the draft"):
        assert each in words
    (mail,) = outbox_drained()
    assert mail.to == [officer.email]
    assert "The forum confirms Participation" in mail.body
    assert "You claim Co-production." in mail.body


def test_confirmation_when_the_log_proves_another_level_needs_words(project, coordinator):
    with pytest.raises(TransitionNotAllowed):
        confirm(project, 3, coordinator, words="")
    Project.objects.filter(pk=project.pk).update(level=3)
    assert confirm(project, 3, coordinator, words="").level == 3


def test_confirmation_when_the_meeting_is_to_come_is_refused(project, coordinator):
    with pytest.raises(TransitionNotAllowed):
        confirm(project, 3, coordinator, on=clocks.today() + timedelta(days=1))


def test_confirmation_when_somebody_was_faster_is_refused_and_shows_theirs(
    project, coordinator, client_for
):
    first = confirm(project, 3, coordinator)
    data = {
        "rung": "4",
        "decided_on": "10 November 2026",
        "decided_where": "the Corn Exchange",
        "what": "So.",
        "replaces": "",
    }
    browser = client_for(coordinator)
    page = browser.post(at("level_confirm", project), data)
    assert "Somebody else has just changed what the forum confirms." in page.text
    assert "Participation, since" in page.text
    assert f'name="replaces" value="{first.pk}"' in page.text
    browser.post(at("level_confirm", project), {**data, "replaces": first.pk})
    assert claims.standing_confirmation(project).level == 4


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "//evil.example", "/\\evil.example", "evil.example"]
)
def test_confirmation_when_the_address_is_no_page_is_refused(
    project, coordinator, client_for, address
):
    data = {
        "rung": "3",
        "decided_on": "10 November 2026",
        "decided_where": "the Corn Exchange",
        "what": "So.",
        "minutes": address,
    }
    page = client_for(coordinator).post(at("level_confirm", project), data)
    assert "Copy the whole address of the page" in page.text
    assert not Confirmation.objects.exists()


@time_machine.travel(NOON, tick=False)
def test_confirmation_when_ended_says_why(project, officer, coordinator, outbox_drained):
    standing = confirm(project, 3, coordinator)
    claims.end_confirmation(
        project=project, reason="No meeting since June", replaces=standing.pk, by=coordinator
    )
    project.refresh_from_db()
    assert project.confirmed_level is None
    assert ladder_of(project).ended.ended_reason == "No meeting since June"
    (mail,) = outbox_drained()
    assert "“No meeting since June”" in mail.body
    with pytest.raises(TransitionNotAllowed):
        claims.end_confirmation(
            project=project, reason="Again", replaces=standing.pk, by=coordinator
        )


def test_letter_when_its_officer_left_the_project_is_not_sent(
    project, officer, coordinator, outbox_drained
):
    confirm(project, 3, coordinator)
    project.named.update(ended_at=timezone.now())
    assert outbox_drained() == []


@time_machine.travel(NOON, tick=False)
def test_rung_when_two_stand_on_one_level_evidence_reaches_the_lowest(project, coordinator):
    Rung.objects.filter(ladder__is_used=True, number=4).update(number=5)
    used = Rung.objects.filter(ladder__is_used=True).first().ladder
    design = used.rungs.create(number=4, name="Co-design", level=3)
    session(project, date(2026, 3, 1))
    session(project, date(2026, 4, 1))
    levels.refresh_level(project=project, by=None)

    def reached():
        return [step["name"] for step in ladder_of(project).rungs if step["reached"]]

    assert reached() == ["Participation", "Consultation", "Information"]
    claims.confirm_level(
        project=project, rung=design, decision=decision(), replaces=None, by=coordinator
    )
    assert reached() == ["Co-design", "Participation", "Consultation", "Information"]
    assert ladder_of(project).differ == []


@time_machine.travel(NOON, tick=False)
def test_ladder_when_it_rose_says_from_which_rung_and_when(project):
    InvolvementFactory(project=project, parents=4)
    levels.refresh_level(project=project, by=None, at=datetime(2026, 5, 4, 12, tzinfo=UTC))
    assert ladder_of(project).title == "Rung 1 of 4: Information, since May"
    session(project, date(2026, 3, 1))
    session(project, date(2026, 4, 1))
    levels.refresh_level(project=project, by=None)
    assert ladder_of(project).title == "Rung 3 of 4: Participation, up from 1 in November"


def test_ladder_when_shown_asks_a_fixed_number(project, coordinator, django_assert_num_queries):
    confirm(project, 3, coordinator)
    for n in range(3):
        session(project, date(2026, 3, 1) + timedelta(days=n))
    with django_assert_num_queries(7):
        ladder_of(project)


# Two at once -------------------------------------------------------------------------------------


@pytest.mark.race
class ConfirmAtOnce(TransactionTestCase):
    """Coordinators confirm at once, and allow the logo at once: one stands, nothing is undone."""

    def setUp(self):
        ForumFactory()
        self.coordinator = RoleFactory(kind="coordinator").person

    def one_round(self):
        project = ProjectFactory()
        officer = RoleFactory(kind="officer", organisation=OrganisationFactory()).person
        NamedFactory(project=project, person=officer, part="lead")

        def press(n):
            step = Rung(number=n % 4 + 1, level=n % 4 + 1, name=f"Rung {n}")
            return claims.confirm_level(
                project=Project.objects.get(pk=project.pk),
                rung=step,
                decision=decision(),
                replaces=None,
                by=self.coordinator,
            )

        results = at_once(press)
        refused = [r for r in results if isinstance(r, TransitionNotAllowed)]
        broken = [repr(r) for r in results if isinstance(r, Exception) and r not in refused]
        standing = project.confirmations.filter(ended_at__isnull=True)
        if standing.count() != 1 or project.confirmations.count() != 1:
            broken.append("not one confirmation")
        elif Project.objects.get(pk=project.pk).confirmed_level != standing.get().level:
            broken.append("another level is kept than stands")
        if Message.objects.filter(person=officer).count() != 1:
            broken.append("not one letter")
        if len(refused) != THREADS - 1:
            broken.append("somebody wasn't told")
        return broken

    def test_rounds_when_locked_hold(self):
        for _ in range(ROUNDS):
            assert self.one_round() == []

    def test_rounds_when_the_lock_is_dropped_break(self):
        if connection.vendor != "postgresql":
            pytest.skip("SQLite lets one writer in at a time: nothing to break")
        broken = []

        def unlocked(project):
            return Project.objects.get(pk=project.pk)

        with mock.patch.object(claims, "lock_project", unlocked):
            for _ in range(max(ROUNDS, 10)):
                broken += self.one_round()
                if broken:
                    break
        assert broken


@pytest.mark.race
class AllowWhileItFalls(TransactionTestCase):
    """The logo is allowed while the confirmation ends: none is left allowed without its level."""

    def setUp(self):
        ForumFactory()
        self.coordinator = RoleFactory(kind="coordinator").person

    def one_round(self):
        project = ProjectFactory()
        standing = confirm_with(project, self.coordinator)
        asked = [
            logo.ask_for_logo(project=project, document=f"Guide {n}", by=self.coordinator)
            for n in range(THREADS - 1)
        ]

        def press(n):
            if n == THREADS // 2:
                return claims.end_confirmation(
                    project=project, reason="So.", replaces=standing.pk, by=self.coordinator
                )
            which = asked[n if n < THREADS // 2 else n - 1]
            return logo.decide_logo(permission=which, allow=True, reason="", by=self.coordinator)

        results = at_once(press)
        broken = [
            repr(r)
            for r in results
            if isinstance(r, Exception) and not isinstance(r, TransitionNotAllowed)
        ]
        if project.logos.filter(state=LogoPermission.State.GIVEN).exists():
            broken.append("allowed without its level")
        return broken

    def test_rounds_when_locked_hold(self):
        for _ in range(ROUNDS):
            assert self.one_round() == []

    def test_rounds_when_the_lock_is_dropped_break(self):
        if connection.vendor != "postgresql":
            pytest.skip("SQLite lets one writer in at a time: nothing to break")

        def unlocked(permission):
            return LogoPermission.objects.select_related("project").get(pk=permission.pk)

        broken = []
        with mock.patch.object(logo, "lock_permission", unlocked):
            for _ in range(max(ROUNDS, 10)):
                broken += self.one_round()
                if broken:
                    break
        assert broken


def confirm_with(project, by):
    return claims.confirm_level(
        project=project,
        rung=Rung(number=3, level=3, name="Participation"),
        decision=decision(),
        replaces=None,
        by=by,
    )
