"""Twenty do it at once: one agreement, one publication, one confirmation, no answer lost.

Each has its control with the row lock dropped, which must break on PostgreSQL.
"""

import uuid
from datetime import timedelta
from unittest import mock

import pytest
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from meetings.models import AgendaItem, Agreement, Comment, Document, Minutes, Version
from meetings.models.agreement import tally
from meetings.services import agreement, comments, confirming, publicity
from meetings.services import minutes as services
from meetings.services.confirm_items import put_on_agenda
from tests.factories.meetings import past_meeting
from tests.factories.members import ForumFactory, PersonFactory, RoleFactory
from tests.factories.minutes import answer, circulated, paragraphs, rewrite
from tests.meetings.test_minutes import ROUNDS, THREADS, at_once

LOCKED = (services, agreement, comments, confirming, publicity)


def unlocked(minutes):
    return Minutes.objects.select_related("meeting").get(pk=minutes.pk)


class Races(TransactionTestCase):
    """Rounds of ``one_round``, which says what broke in it; with the lock nothing, else something.

    ``controls``: whether dropping the lock can break it at all.
    """

    __test__ = False

    def setUp(self):
        ForumFactory(agree_every_group=False)
        self.coordinator = RoleFactory(kind="coordinator").person
        self.people = [PersonFactory() for _ in range(THREADS)]

    def one_round(self) -> list[str]:
        raise NotImplementedError

    def test_rounds_when_locked_hold(self):
        for _ in range(ROUNDS):
            assert self.one_round() == []

    def test_rounds_when_the_lock_is_dropped_break(self):
        if connection.vendor != "postgresql":
            pytest.skip("SQLite lets one writer in at a time: nothing to break")
        broken = []
        patches = [mock.patch.object(module, "lock_minutes", unlocked) for module in LOCKED]
        for patch in patches:
            patch.start()
        try:
            for _ in range(max(ROUNDS, 10)):
                broken += self.one_round()
                if broken:
                    break
        finally:
            for patch in patches:
                patch.stop()
        assert broken

    def circulated(self, *, days_ago=8):
        meeting = past_meeting(*self.people, days=20)
        return circulated(meeting, "One.", "Two.", by=self.coordinator, days_ago=days_ago)

    def unexpected(self, results):
        return [repr(r) for r in results if isinstance(r, Exception) and not _refused(r)]


def _refused(error):
    return isinstance(error, TransitionNotAllowed)


def events(verb, minutes):
    return AuditEvent.objects.filter(verb=verb, object_id=minutes.pk).count()


@pytest.mark.race
class PublishTwice(Races):
    """Published once: one event, one PDF, one message for each; the rest are told so."""

    __test__ = True

    def one_round(self):
        version = self.circulated()
        for person in self.people:
            answer(version, person)
        minutes = Minutes.objects.get(pk=version.minutes_id)
        publicity.tick_tasks(minutes=minutes, tasks={"no_child", "private"}, by=self.coordinator)
        before = Message.objects.count()

        def press(n):
            publicity.publish_minutes(
                minutes=Minutes.objects.get(pk=minutes.pk), by=self.coordinator
            )

        with mock.patch("meetings.pdf.minutes_pdf", return_value=b"%PDF"):
            results = at_once(press)
        broken = self.unexpected(results)
        if sum(r is None for r in results) != 1:
            broken.append("published more than once, or not at all")
        if events("publish", minutes) != 1:
            broken.append("two events")
        if Document.objects.filter(version=version).count() != 1:
            broken.append("not one PDF")
        if Message.objects.count() - before != THREADS:
            broken.append("not one message for each")
        return broken


@pytest.mark.race
class CommentWhileCirculating(Races):
    """Comments come in, some forms twice, while version 2 goes out: nothing is lost or doubled."""

    __test__ = True

    def one_round(self):
        version = self.circulated(days_ago=1)
        rewrite(version.minutes, "One, changed.", by=self.coordinator)
        forms = [uuid.uuid4() for _ in range(THREADS // 4)]
        uid = paragraphs(version)[1]["uid"]
        meeting = version.minutes.meeting
        authors = [meeting.invitations.get(person=person) for person in self.people]

        def press(n):
            if n % 2:
                return services.circulate_minutes(
                    minutes=Minutes.objects.get(pk=version.minutes_id),
                    number=2,
                    by=self.coordinator,
                )
            place = (n // 2) % len(forms)
            return comments.comment_on(
                version=Version.objects.get(pk=version.pk),
                invitation=authors[place],
                uid=uid,
                kind="wrong",
                speaking_for="myself",
                text="Not so.",
                once=forms[place],
                by=authors[place].person,
            )

        results = at_once(press)
        broken = self.unexpected(results)
        if version.minutes.versions.count() != 2 or events("circulate", version.minutes) != 2:
            broken.append("not one second version")
        kept = Comment.objects.filter(version__minutes=version.minutes)
        if kept.count() != len(forms) or kept.exclude(version=version).exists():
            broken.append("a comment was lost, doubled or moved")
        return broken


@pytest.mark.race
class ConfirmWhileAnswering(Races):
    """A meeting confirms while people say “not yet”: never agreed over somebody unheard."""

    __test__ = True

    def one_round(self):
        version = self.circulated()
        Agreement.objects.all().delete()
        meeting = past_meeting(*self.people[:3], days=1)
        item = put_on_agenda(meeting=meeting, minutes=version.minutes, by=self.coordinator)

        def press(n):
            if n % 4:
                said = "not_yet" if n == 1 else "fair"
                return answer(Version.objects.get(pk=version.pk), self.people[n], said)
            return confirming.confirm_minutes(
                item=AgendaItem.objects.get(pk=item.pk), words="All agreed", by=self.coordinator
            )

        results = at_once(press)
        minutes = Minutes.objects.get(pk=version.minutes_id)
        count = tally(Version.objects.get(pk=version.pk))
        broken = self.unexpected(results)
        agreed = minutes.state == "agreed"
        if agreed and count.unconfirmed:
            broken.append("agreed over somebody who wasn't heard")
        if agreed != agreement.is_agreed(version, count):
            broken.append("the state doesn't follow from the records")
        steps = events("agree", minutes) + events("confirm", minutes) - events("reopen", minutes)
        if steps != int(agreed):
            broken.append("a step was taken twice")
        return broken


@pytest.mark.race
class AnswerAndRespell(Races):
    """Answers come in while a spelling-only version goes out: each is carried, or asked anew."""

    __test__ = True

    def one_round(self):
        version = self.circulated(days_ago=1)
        rewrite(version.minutes, "One,", by=self.coordinator)
        first = timezone.now() - timedelta(hours=1)
        Message.objects.update(sent_at=first)

        def press(n):
            if n == 0:
                return services.circulate_minutes(
                    minutes=Minutes.objects.get(pk=version.minutes_id),
                    number=2,
                    by=self.coordinator,
                    spelling_only=True,
                )
            return answer(Version.objects.get(pk=version.pk), self.people[n])

        results = at_once(press)
        broken = self.unexpected(results)
        second = version.minutes.versions.get(number=2)
        given = set(version.agreements.values_list("invitation", flat=True))
        carried = set(second.agreements.values_list("invitation", flat=True))
        if given != carried:
            broken.append("an answer was kept and not carried")
        if sum(r is None for r in results) != len(given):
            broken.append("somebody was thanked whose answer isn't kept")
        return broken
