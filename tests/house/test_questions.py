"""Signed-in pages of projects, asks and money: at most fourteen questions, whatever there is."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from coprod import clocks
from expenses.models import Claim
from meetings.models import Answer, Ask
from projects.forms.entry import answers_of
from projects.models import LogDraft, LogoPermission, Misuse, OwnAccount, Participation, Project
from tests.factories.asks import heard_ask
from tests.factories.meetings import MeetingFactory, invite
from tests.factories.members import OrganisationFactory
from tests.factories.money import (
    AttendanceCheckFactory,
    ClaimFactory,
    HeadingFactory,
    RecognitionFactory,
)
from tests.factories.projects import (
    InvolvementFactory,
    NamedFactory,
    ProjectFactory,
    StoryFactory,
    ThemeFactory,
)
from tests.house.matrix import COLUMNS, ROWS
from tests.house.world_of_asks import kwargs_of_asks
from tests.house.world_of_money import kwargs_of_money
from tests.house.world_of_projects import kwargs_of_projects

MOST = 14
#: Pages that count or compare a whole year, and are opened a few times in one.
MORE = {
    r"/money/totals/": 22,
    r"/money/rates/\d+/confirm/": 17,
    r"/money/statements/\w+/\d+/": 16,
}
COUNTED = {"projects", "asks", "expenses"}


def fill(number, people, group):
    """So many more of everything: on as many projects, and all on the first one."""
    first, day = Project.objects.get(slug="transport"), clocks.today() - timedelta(days=100)
    for each in range(number):
        project = ProjectFactory(theme=ThemeFactory(), lead=OrganisationFactory())
        NamedFactory(project=project, person=people["O"], part="lead")
        NamedFactory(project=project, person=people["R"], part="rep")
        NamedFactory(project=first)
        for of in (first, project):
            entry = InvolvementFactory(
                project=of, on=day, officers=1, said="x", reply_due_on=day, next_on=day
            )
            Participation.objects.create(involvement=entry, who="parents", group=group, came=2)
            of.updates.create(on=day, text=f"News {each}")
            OwnAccount.objects.create(project=of, person=people["R"], were_involved=True)
            StoryFactory(project=of, published_at=timezone.now())
            LogoPermission.objects.create(project=of, document="Guide", least_level=3)
        LogDraft.objects.create(project=project, person=people["O"], answers=answers_of(entry))
        Misuse.objects.create(where="A leaflet", seen_on=date(2026, 3, 1))
    for each in range(2 * number):
        _ask(each, people, first, day)


def _ask(each, people, project, day):
    ask = heard_ask(by=people["C"], text=f"Ask {each}")
    Ask.objects.filter(pk=ask.pk).update(
        answerer=people["O"] if each % 2 else None, project=project if each % 3 else None
    )
    if each % 4 == 0:
        Answer.objects.create(ask=ask, outcome="will_do", text="Yes", will_do_by=day)


def fill_money(number, people):
    """So many claims of everybody in every state, with what hangs on them."""
    for each in range(number):
        meeting = MeetingFactory(date=clocks.today() - timedelta(days=5 + each))
        for person in (people["R"], people["M"]):
            invite(meeting, person, came="room")
            for state in ("draft", *Claim.STANDING, "declined"):
                claim = ClaimFactory(person=person, state=state, occasion=f"{state} {each}")
                if state not in ("draft", "declined"):
                    AttendanceCheckFactory(claim=claim)
            RecognitionFactory(person=person)
        HeadingFactory()


def addresses(who, kwargs):
    """Every page of projects, asks and money that somebody of this kind may open, and Today."""
    yield "/today/"
    for row, (subject, marks, _) in ROWS.items():
        name = row.split()[0]
        if name.split(":")[0] in COUNTED and marks[COLUMNS.index(who)] == "y":
            yield reverse(name, kwargs=kwargs[subject] if subject else {})


@pytest.mark.parametrize("number", [3, 60])
@pytest.mark.parametrize("who", ["R", "O", "C", "T"])
def test_pages_when_there_is_more_then_few_questions(
    who, number, rep, rep_of_other_group, officer, coordinator, treasurer, group, client_for
):
    people = {"R": rep, "O": officer, "C": coordinator, "T": treasurer, "M": rep_of_other_group}
    kwargs = kwargs_of_projects(people) | kwargs_of_asks(people) | kwargs_of_money(people)
    for subject, audience in (("met", "services"), ("parents", "parents")):
        meeting = MeetingFactory(date=clocks.today() - timedelta(days=3), audience=audience)
        invite(meeting, rep, came="room")
        kwargs[subject] = {"slug": meeting.slug}
    fill(number, people, group)
    fill_money(number, people)
    client, many = client_for(people[who]), {}
    for address in addresses(who, kwargs):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200, address
        most = next((n for path, n in MORE.items() if re.fullmatch(path, address)), MOST)
        if len(asked) > most:
            many[address] = len(asked)
    assert many == {}
