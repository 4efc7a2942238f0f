"""Is it a fair record? Who may say, what counts, and when minutes are agreed."""

from datetime import timedelta
from unittest import mock

import pytest
import time_machine
from django.db import connection
from django.test import TransactionTestCase
from django.urls import reverse
from django.utils import timezone

from coprod import links
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from meetings import tasks
from meetings.models import Agreement, Attendance, Minutes
from meetings.models.agreement import tally
from meetings.services import agreement
from meetings.services import minutes as services
from meetings.services.agreement import agree_if_met, answer_minutes
from meetings.services.comments import settle_comment
from tests.factories.meetings import past_meeting
from tests.factories.members import (
    ForumFactory,
    MemberGroupFactory,
    PersonFactory,
    RoleFactory,
    SeatFactory,
)
from tests.factories.minutes import answer, circulated, comment, rewrite
from tests.meetings.test_minutes import ROUNDS, THREADS, at_once


@pytest.fixture
def meeting(coordinator, rep, officer, rep_of_other_group):
    """The coordinator, a rep and an officer came; a rep of another group didn't."""
    return past_meeting(coordinator, rep, officer, absent=[rep_of_other_group])


@pytest.fixture
def version(coordinator, meeting):
    return circulated(meeting, "It was said.", by=coordinator)


def at(name, meeting, *args):
    return reverse(f"meetings:{name}", args=[meeting.slug, *args])


def by_link(name, person, meeting):
    invitation = meeting.invitations.get(person=person)
    token = links.make("draft", person=person, about=invitation.pk)
    return reverse(f"meetings:minutes_{name}_by_link", args=[token])


def said(answer="fair", reason="", version=1):
    return {"a-answer": answer, "a-reason": reason, "a-version": version}


# Answering ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["signed in", "link"])
def test_answer_when_given_is_shown_and_can_be_changed(client_for, rep, meeting, version, way):
    client = client_for(rep if way == "signed in" else None)
    address = (
        at("minutes_answer", meeting) if way == "signed in" else by_link("answer", rep, meeting)
    )

    page = client.post(address, said(), follow=True)
    assert "Thank you. Your answer: <strong>Yes, it’s a fair record" in page.text
    assert "You can change it until the minutes are published" in page.text

    client.post(address, said("not_yet", "2.1 is wrong"))
    kept = Agreement.objects.get()
    assert (kept.answer, kept.reason, kept.answered_by) == ("not_yet", "2.1 is wrong", rep)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (said(""), "Choose your answer"),
        (said("not_yet", "  "), "Say what has to change"),
        (said("maybe"), "Choose one of the answers shown"),
    ],
)
def test_answer_when_incomplete_says_what_is_missing(
    client_for, rep, meeting, version, form, words
):
    page = client_for(rep).post(at("minutes_answer", meeting), form)

    assert words in page.text
    assert "govuk-error-summary" in page.text
    assert not Agreement.objects.exists()


def test_answer_when_person_was_not_there_is_refused_everywhere(
    client_for, rep_of_other_group, meeting, version
):
    assert (
        client_for(rep_of_other_group).post(at("minutes_answer", meeting), said()).status_code
        == 403
    )
    assert (
        client_for(None).post(by_link("answer", rep_of_other_group, meeting), said()).status_code
        == 403
    )
    with pytest.raises(TransitionNotAllowed, match="Only people who were at the meeting"):
        answer(version, rep_of_other_group)
    page = client_for(rep_of_other_group).get(at("minutes_draft", meeting))
    assert "Send my answer" not in page.text
    assert not Agreement.objects.exists()


def test_answer_when_link_is_of_another_is_the_links_own(
    client_for, rep, officer, meeting, version
):
    client_for(officer).post(by_link("answer", rep, meeting), said())

    assert Agreement.objects.get().invitation.person == rep


def test_answer_when_link_is_only_opened_is_none(client_for, rep, meeting, version):
    assert client_for(None).get(by_link("draft", rep, meeting)).status_code == 200
    assert client_for(None).get(by_link("answer", rep, meeting)).status_code == 405
    assert not Agreement.objects.exists()


def test_answer_when_text_is_older_is_refused_and_kept(
    client_for, coordinator, rep, meeting, version
):
    rewrite(version.minutes, "It was said twice.", by=coordinator)
    services.circulate_minutes(minutes=version.minutes, number=2, by=coordinator)

    page = client_for(rep).post(at("minutes_answer", meeting), said("not_yet", "My reason"))

    assert "A newer version has gone out" in page.text
    assert "My reason" in page.text
    assert not Agreement.objects.exists()


def test_answer_when_new_version_goes_out_is_asked_again(coordinator, rep, version):
    answer(version, rep)
    rewrite(version.minutes, "It was said twice.", by=coordinator)
    second = services.circulate_minutes(minutes=version.minutes, number=2, by=coordinator)

    assert tally(version).answered == 1
    assert tally(second).answered == 0


def test_answer_when_sent_twice_is_one_event(rep, version):
    answer(version, rep)
    answer(version, rep)

    assert AuditEvent.objects.filter(verb="answer_minutes").count() == 1


def test_answer_when_it_came_by_phone_is_written_down_by_the_coordinator(
    client_for, coordinator, rep, meeting, version
):
    form = {"f-invitation": meeting.invitations.get(person=rep).pk, "f-answer": "fair"}
    form["f-via"] = "post"

    page = client_for(coordinator).post(
        at("minutes_answer_for", meeting), form | {"f-version": 1}, follow=True
    )

    assert f"{rep.name}’s answer is kept" in page.text
    kept = Agreement.objects.get()
    assert (kept.invitation.person, kept.answered_by, kept.via) == (rep, coordinator, "post")
    assert client_for(rep).post(at("minutes_answer_for", meeting), form).status_code == 403


def test_answers_when_some_came_are_counted_in_words(client_for, rep, officer, meeting, version):
    answer(version, officer)

    page = client_for(rep).get(at("minutes_draft", meeting))

    assert "1 of 3 have answered" in page.text
    assert "Saying nothing never counts as yes" in page.text


# The rule -----------------------------------------------------------------------------------------

#: Two people each of groups A and B, one officer O, one guest for no group N: six were there.
PEOPLE = ["a1", "a2", "b1", "b2", "o", "n"]


@pytest.fixture
def six(coordinator):
    groups = {"a": MemberGroupFactory(name="Alder"), "b": MemberGroupFactory(name="Birch")}
    people = {name: PersonFactory(name=name) for name in PEOPLE}
    for name in ("a1", "a2", "b1", "b2"):
        SeatFactory(group=groups[name[0]], person=people[name])
    RoleFactory(person=people["o"], kind="officer")
    return people


@pytest.mark.parametrize(
    ("answers", "agreed", "missing"),
    [
        ({}, False, "3 more of those"),  # silence is never yes
        ({"a1": "fair", "b1": "fair", "o": "fair"}, True, ""),
        ({"a1": "fair", "a2": "fair", "b1": "fair"}, True, ""),
        ({"a1": "fair", "b1": "fair"}, False, "1 more of those"),  # too few
        ({"a1": "fair", "a2": "fair", "o": "fair"}, False, "from Birch"),  # a group is missing
        ({"a1": "fair", "b1": "fair", "o": "fair", "n": "not_yet"}, False, "“not yet”"),
        # Whoever says that they weren't there leaves the count: five are left, three are half.
        ({"a1": "fair", "b1": "fair", "o": "fair", "n": "not_there"}, True, ""),
        ({"a1": "fair", "b1": "not_there", "b2": "not_there", "o": "fair"}, True, ""),
        (dict.fromkeys(PEOPLE, "not_there"), False, "Nobody is recorded"),
    ],
)
def test_rule_when_window_has_closed_follows_the_table(coordinator, six, answers, agreed, missing):
    version = circulated(past_meeting(*six.values(), days=20), "Said.", by=coordinator, days_ago=8)

    for name, what in answers.items():
        answer(version, six[name], what)

    minutes = Minutes.objects.get()
    assert (minutes.state == "agreed") == agreed
    assert tally(version).is_met == agreed
    assert missing in " ".join(tally(version).missing)


def test_rule_when_share_and_groups_are_the_forums_own_follows_them(coordinator, six, forum):
    forum.agree_share, forum.agree_every_group = 100, False
    forum.save()
    version = circulated(past_meeting(*six.values(), days=20), "Said.", by=coordinator, days_ago=8)

    for name in PEOPLE[:-1]:
        answer(version, six[name])
    assert Minutes.objects.get().state == "circulated"
    answer(version, six["n"])

    assert Minutes.objects.get().state == "agreed"


def test_rule_when_it_changes_later_leaves_what_went_out(coordinator, six, forum):
    version = circulated(past_meeting(*six.values(), days=20), "Said.", by=coordinator, days_ago=8)
    forum.agree_share = 100
    forum.save()

    for name in ("a1", "b1", "o"):
        answer(version, six[name])

    assert Minutes.objects.get().state == "agreed"


def test_agreed_when_window_is_open_waits_for_the_timetable(coordinator, rep, officer, version):
    for person in (coordinator, rep, officer):
        answer(version, person)
    tasks.agree_when_due()
    assert Minutes.objects.get().state == "circulated"

    with time_machine.travel(timezone.now() + timedelta(days=8)):
        tasks.agree_when_due()
        tasks.agree_when_due()

    minutes = Minutes.objects.get()
    assert (minutes.state, minutes.agreed_version) == ("agreed", version)
    assert AuditEvent.objects.filter(verb="agree").count() == 1


def test_agreed_when_a_comment_has_no_outcome_waits_for_it(coordinator, rep, officer, version):
    note = comment(version, rep)
    for person in (coordinator, rep, officer):
        answer(version, person)

    with time_machine.travel(timezone.now() + timedelta(days=8)):
        tasks.agree_when_due()
        assert Minutes.objects.get().state == "circulated"
        settle_comment(comment=note, outcome="changed", reason="", by=coordinator)

    assert Minutes.objects.get().state == "agreed"


def test_agreed_when_a_change_was_not_sent_waits_for_the_next_version(
    client_for, coordinator, rep, officer, meeting
):
    version = circulated(meeting, "It was said.", by=coordinator, days_ago=8)
    rewrite(version.minutes, "It was said twice.", by=coordinator)

    for person in (coordinator, rep, officer):
        answer(version, person)

    assert Minutes.objects.get().state == "circulated"
    page = client_for(coordinator).get(at("minutes_publish", meeting))
    assert "Send version 2" in page.text


def test_agreed_when_somebody_says_not_yet_afterwards_is_open_again(
    coordinator, rep, officer, meeting
):
    version = circulated(meeting, "Said.", by=coordinator, days_ago=8)
    for person in (coordinator, rep, officer):
        answer(version, person)
    assert Minutes.objects.get().state == "agreed"

    answer(version, rep, "not_yet")

    minutes = Minutes.objects.get()
    assert (minutes.state, minutes.agreed_version) == ("circulated", None)


def test_agreed_when_text_would_change_is_refused(coordinator, rep, officer, meeting):
    version = circulated(meeting, "Said.", by=coordinator, days_ago=8)
    for person in (coordinator, rep, officer):
        answer(version, person)

    with pytest.raises(TransitionNotAllowed):
        rewrite(version.minutes, "Said otherwise.", by=coordinator)


def test_agreed_when_attendance_was_taken_back_counts_without(coordinator, rep, officer, version):
    answer(version, rep)
    Attendance.objects.filter(invitation__person=officer).delete()

    count = tally(version)

    assert (count.present, count.fair) == (2, 1)


# Two at once --------------------------------------------------------------------------------------


@pytest.mark.race
class AgreeAtOnce(TransactionTestCase):
    """Everybody answers in the same moment: one step to “agreed”, told of once."""

    def setUp(self):
        ForumFactory(agree_every_group=False)
        self.coordinator = RoleFactory(kind="coordinator").person
        self.people = [PersonFactory() for _ in range(THREADS)]

    def one_round(self):
        meeting = past_meeting(*self.people, days=20)
        version = circulated(meeting, "Said.", by=self.coordinator, days_ago=8)

        def press(n):
            answer(type(version).objects.get(pk=version.pk), self.people[n])

        return version, at_once(press)

    def events(self, version):
        return AuditEvent.objects.filter(verb="agree", object_id=version.minutes_id).count()

    def test_agree_when_all_answer_at_once_happens_once(self):
        for _ in range(ROUNDS):
            version, results = self.one_round()
            assert results == [None] * THREADS, results
            assert version.agreements.count() == THREADS
            assert Minutes.objects.get(pk=version.minutes_id).state == "agreed"
            assert self.events(version) == 1

    def test_agree_when_lock_is_dropped_breaks(self):
        """The control: without the lock, several see the rule met and each takes the step."""
        if connection.vendor != "postgresql":
            pytest.skip("SQLite lets one writer in at a time: nothing to break")

        def unlocked(minutes):
            return Minutes.objects.select_related("meeting").get(pk=minutes.pk)

        broken = 0
        for _ in range(ROUNDS):
            with mock.patch.object(agreement, "lock_minutes", unlocked):
                version, results = self.one_round()
            broken += self.events(version) != 1 or results != [None] * THREADS
        assert broken


def test_answer_when_given_by_oneself_then_nobody_else_changes_it(coordinator, rep, meeting):
    version = circulated(meeting, "Said.", by=coordinator)
    invitation = meeting.invitations.get(person=rep)
    own = {"version": version, "invitation": invitation}
    answer_minutes(**own, answer="not_yet", reason="Two names are wrong.", by=rep)
    with pytest.raises(TransitionNotAllowed, match="only they can change"):
        answer_minutes(**own, answer="fair", by=coordinator)
    assert version.agreements.get().answer == "not_yet"


def test_agree_when_somebody_was_unticked_since_then_a_new_version_must_go_out(
    coordinator, rep, rep_of_other_group
):
    meeting = past_meeting(rep, rep_of_other_group)
    version = circulated(meeting, "Said.", by=coordinator)
    answer(version, rep, "fair")
    answer(version, rep_of_other_group, "not_yet", reason="Not so.")
    meeting.invitations.get(person=rep_of_other_group).attendance.delete()
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        assert not agree_if_met(minutes=version.minutes)
