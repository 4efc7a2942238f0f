"""The personas: named people with fixed relations, the same in every test.

``rep`` and ``staff`` sit for ``group``; ``rep_of_other_group`` sits for ``other_group``;
``officer`` belongs to ``organisation``; ``stranger`` is an active person with no role or seat;
``person_without_email`` sits for ``group`` and is reached by post and phone. The three who run
things hold one role each, so that a permission is never right by accident.
"""

import os
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache, caches
from django.test import Client
from django.utils import timezone

from coprod import news, outbox
from coprod.models import Message
from members.models import Role
from tests.factories.members import (
    ForumFactory,
    MemberGroupFactory,
    OrganisationFactory,
    PersonFactory,
    RoleFactory,
    SeatFactory,
)


def pytest_configure(config):
    """Where tests run side by side on one Redis, each process clears a cache of its own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    cache_of = settings.CACHES["default"]
    if worker and str(cache_of.get("LOCATION", "")).startswith("redis:"):
        cache_of["LOCATION"] = f"{cache_of['LOCATION'].rsplit('/', 1)[0]}/{int(worker) + 1}"


@pytest.fixture(autouse=True)
def _no_counted_tries():
    """Limits on tries live in the cache: each test begins without any, and keeps no page."""
    cache.clear()
    caches["pieces"].clear()


@pytest.fixture
def forum(db):
    return ForumFactory()


@pytest.fixture
def group(forum):
    return MemberGroupFactory(name="Larkmere Autism Families", slug="larkmere-autism-families")


@pytest.fixture
def other_group(forum):
    return MemberGroupFactory(name="Down’s Syndrome Larkmere", slug="downs-syndrome-larkmere")


@pytest.fixture
def organisation(forum):
    return OrganisationFactory(name="Larkmere Council SEND team")


@pytest.fixture
def coordinator(forum):
    person = PersonFactory(name="Ruth Adeyemi", email="ruth@larkmere.example")
    return RoleFactory(person=person, kind=Role.Kind.COORDINATOR).person


@pytest.fixture
def treasurer(forum):
    person = PersonFactory(name="Tom Hesketh", email="tom@larkmere.example")
    return RoleFactory(person=person, kind=Role.Kind.TREASURER).person


@pytest.fixture
def administrator(forum):
    person = PersonFactory(name="Ada Brankovic", email="ada@larkmere.example")
    return RoleFactory(person=person, kind=Role.Kind.ADMINISTRATOR).person


@pytest.fixture
def officer(organisation):
    person = PersonFactory(name="Owen Pryce", email="owen@council.example")
    return RoleFactory(person=person, kind=Role.Kind.OFFICER, organisation=organisation).person


@pytest.fixture
def rep(group):
    person = PersonFactory(name="Nadia Karim", email="nadia@larkmere.example")
    return SeatFactory(group=group, person=person).person


@pytest.fixture
def staff(group):
    person = PersonFactory(name="Grace Onslow", email="grace@autism-families.example")
    return SeatFactory(group=group, person=person, is_staff=True).person


@pytest.fixture
def person_without_email(group):
    person = PersonFactory(
        name="Peter Wragg",
        email=None,
        phone="01632 960 155",
        postal_address="4 Mill Row\nLarkmere\nLK2 7QT",
        channel=Message.Channel.LETTER,
    )
    return SeatFactory(group=group, person=person).person


@pytest.fixture
def rep_of_other_group(other_group):
    person = PersonFactory(name="Leah Tomlin", email="leah@larkmere.example")
    return SeatFactory(group=other_group, person=person).person


@pytest.fixture
def stranger(forum):
    return PersonFactory(name="Sam Oduya", email="sam@larkmere.example")


@pytest.fixture
def client_for(db):
    """``client_for(rep)`` is that person's browser, signed in; ``client_for(None)`` is nobody's."""

    def make(person, **options):
        client = Client(**options)
        if person is not None:
            client.force_login(person)
        return client

    return make


@pytest.fixture
def outbox_drained(db):
    """``outbox_drained()`` delivers all that is due by tomorrow noon and returns the mails.

    Tomorrow, because a test may run in quiet hours. A letter that can't be written is an error
    of the test, not something to be tried again. News goes with the weekly letter: pass a time
    after the next Monday, or it stays where it is, also when tomorrow is one.
    """

    def drain(now=None):
        if now:
            news.gather(now)
        now = now or timezone.now() + timedelta(days=1)
        while outbox.deliver_due(now=now):
            unwritten = Message.objects.filter(reason__contains="could not be written")
            assert not unwritten.exists(), f"Not written: {list(unwritten)}; see the log."
        return mail.outbox

    return drain
