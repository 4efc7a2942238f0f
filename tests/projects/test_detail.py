"""One project's page: what it says, to whom, and that it asks no more where there is more."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from coprod import clocks
from coprod.models import AuditEvent, Forum
from meetings.models import AgendaItem, Answer, Ask, Meeting
from members.models import Organisation
from projects import known, rungs
from projects.models import (
    Claim,
    Confirmation,
    LevelAtQuarter,
    LogoPermission,
    Override,
    OwnAccount,
    Participation,
    Project,
    StatusChange,
    Update,
)
from projects.vague import understand
from tests.factories.meetings import MeetingFactory
from tests.factories.members import MemberGroupFactory
from tests.factories.projects import (
    InvolvementFactory,
    NamedFactory,
    ProjectFactory,
    StoryFactory,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel("2026-11-20 12:00:00+00:00", tick=False):
        yield


@pytest.fixture
def project():
    made = ProjectFactory.build(title="School transport", slug="transport")
    made.lead = Organisation.objects.create(name="Transport team", sector="education")
    made.started, made.due = understand("Jan 2026"), understand("spring 2027")
    made.last_news_on = date(2026, 11, 16)
    made.save()
    return made


def page(project, client=None):
    response = (client or Client()).get(project.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


class TestWords:
    def test_dates_when_vague_then_shown_as_written_and_as_understood(self, project):
        html = page(project)
        assert "“spring 2027”" in html
        assert "We take it as by 31 May 2027" in html
        assert "Written as “Jan 2026”; we take it as some day from 1 to 31 January 2026." in html

    def test_date_when_guessed_then_the_doubt_is_said(self, project):
        project.started = understand("2019/20")
        project.due = understand('"023/24')
        project.save()
        assert project.due.doubt
        assert project.due.doubt in page(project).replace("&#x27;", "'")

    def test_status_when_set_by_hand_then_both_and_the_reason_stand(self, project):
        project.due = understand("May 2026")
        project.save()
        Override.objects.create(project=project, status="to_complete", reason="A new contract")
        html = page(project)
        assert "To complete" in html
        assert "A new contract" in html
        assert "By its dates:</strong> overdue" in html

    def test_status_before_when_known_then_shown_with_its_day(self, project):
        StatusChange.objects.create(project=project, status="due_to_start", on=date(2025, 11, 1))
        StatusChange.objects.create(project=project, status="to_complete", on=date(2026, 1, 1))
        assert "Before that due to start, until 1 January 2026." in page(project)

    def test_officer_when_read_by_the_public_then_the_service_stands_instead(
        self, project, officer, rep, client
    ):
        NamedFactory(project=project, person=officer, part="lead")
        assert officer.name not in page(project)
        assert "Transport team" in page(project)
        client.force_login(rep)
        assert officer.name in page(project, client)

    def test_project_when_silent_too_long_then_says_gone_quiet(self, project):
        Project.objects.update(last_news_on=TODAY - timedelta(days=61))
        assert "No news for 61 days" in page(project)


class TestTimeline:
    def test_entry_when_taken_back_then_struck_through_with_its_reason(self, project):
        InvolvementFactory(
            project=project,
            title="A mistaken meeting",
            parents=2,
            taken_back_at=timezone.now(),
            taken_back_reason="It was another project’s",
        )
        html = page(project)
        assert "It was another project’s" in html
        assert "<del>" in html

    def test_timeline_when_read_then_newest_first_with_claims_and_confirmations(self, project):
        InvolvementFactory(project=project, title="First session", on=date(2026, 3, 12), parents=2)
        Update.objects.create(project=project, on=date(2026, 11, 16), text="The guide is printed")
        Claim.objects.create(
            project=project,
            level=4,
            rung_name="Co-production",
            reason="Parents wrote half of it",
            claimed_at=datetime(2026, 10, 19, 9, tzinfo=UTC),
        )
        Confirmation.objects.create(
            project=project,
            level=3,
            rung_name="Participation",
            decided_on=date(2026, 11, 10),
            decided_where="the parents’ meeting",
            confirmed_at=datetime(2026, 11, 10, 9, tzinfo=UTC),
        )
        log = page(project).split('id="log"')[1]
        order = [
            "The guide is printed",
            "The forum confirmed Participation",
            "Parents wrote half of it",
            "First session",
            "Work began",
        ]
        places = [log.index(words) for words in order]
        assert places == sorted(places)
        assert "We see it differently" in page(project)

    def test_first_session_when_after_the_draft_then_marked_so(self, project):
        InvolvementFactory(project=project, stage=3, parents=2, on=date(2026, 3, 12))
        assert "Parents first came in here, after the draft was written" in page(project)

    def test_notes_when_imported_then_shown_as_notes_and_as_no_news(self, project):
        Update.objects.create(project=project, on=TODAY, text="Old words", is_imported=True)
        html = page(project)
        assert "Notes as they were given to us" in html
        assert "What’s new" not in html

    def test_quarters_when_read_then_named_as_the_ladder_names_them(self, project):
        for month, level in ((4, None), (7, 2)):
            LevelAtQuarter.objects.create(
                project=project,
                quarter=date(2026, month, 1),
                level=level,
                least_sessions=2,
                least_share=33,
            )
        html = page(project)
        assert "July to September 2026" in html
        assert "Not on the ladder yet</td>" in html

    def test_own_account_when_said_then_beside_the_log_until_taken_back(self, project, rep):
        account = OwnAccount.objects.create(
            project=project, person=rep, were_involved=False, text="Nobody rang us"
        )
        assert "Nobody rang us" in page(project)
        OwnAccount.objects.filter(pk=account.pk).update(taken_back_at=timezone.now())
        assert "Nobody rang us" not in page(project)

    def test_logo_when_allowed_then_its_document_stands_with_the_code(self, project):
        fields = {"project": project, "least_level": 3, "decided_at": timezone.now()}
        LogoPermission.objects.create(document="The guide", state="given", **fields)
        LogoPermission.objects.create(document="Old form", state="withdrawn", reason="x", **fields)
        html = page(project)
        assert "The guide" in html
        assert "Old form" not in html


class TestMeetings:
    """What meetings said of it is what everybody may read, whoever reads."""

    def ask(self, project, **fields):
        return Ask.objects.create(
            project=project,
            text="Give the number of the bus",
            shown_text="Give the number of the bus",
            said_on=date(2026, 9, 1),
            said_where="An open morning",
            **fields,
        )

    def test_ask_when_answered_then_answer_and_reason_stand(self, project):
        ask = self.ask(project)
        Answer.objects.create(
            ask=ask, outcome="partly", text="On the page", reason="No phone line at night"
        )
        html = page(project)
        assert "Give the number of the bus" in html
        assert "Answer: partly. On the page" in html
        assert "No phone line at night" in html

    def test_ask_when_late_then_says_since_when(self, project):
        self.ask(project, due_on=date(2026, 11, 9))
        assert "Was due 9 November 2026, 11 days ago" in page(project)

    def item(self, project, **fields):
        meeting = MeetingFactory(
            date=date(2026, 9, 29), announced_at=timezone.now(), agenda_sent_at=timezone.now()
        )
        Meeting.objects.filter(pk=meeting.pk).update(**fields)
        return AgendaItem.objects.create(
            meeting=meeting, title="The bus pages", project=project, position=1
        )

    def test_item_when_its_agenda_was_sent_then_meeting_is_listed(self, project):
        self.item(project)
        assert "On the agenda: The bus pages" in page(project)

    @pytest.mark.parametrize(
        "hidden",
        [
            {"audience": "parents"},
            {"announced_at": None},
            {"agenda_sent_at": None},
        ],
    )
    def test_item_when_the_public_may_not_read_it_then_nobody_reads_it_here(
        self, project, hidden, client, coordinator
    ):
        self.item(project, **hidden)
        client.force_login(coordinator)
        assert "The bus pages" not in page(project)
        assert "The bus pages" not in page(project, client)

    def test_item_when_private_then_not_listed(self, project):
        item = self.item(project)
        AgendaItem.objects.filter(pk=item.pk).update(is_private=True)
        assert "The bus pages" not in page(project)


class TestStories:
    def test_story_when_a_draft_then_only_the_coordinator_reads_it(
        self, project, client, rep, coordinator
    ):
        StoryFactory(project=project, title="Asked once, not every year")
        assert "Asked once" not in page(project)
        client.force_login(rep)
        assert "Asked once" not in page(project, client)
        client.force_login(coordinator)
        assert "Asked once" in page(project, client)


def fill(project, people, number):
    """So many of everything."""
    group = MemberGroupFactory()
    for each in range(number):
        on = TODAY - timedelta(days=each + 1)
        entry = InvolvementFactory(project=project, on=on, officers=2, said="x", changed="y")
        Participation.objects.create(involvement=entry, who="parents", group=group, came=2)
        Update.objects.create(project=project, on=on, text=f"News {each}")
        OwnAccount.objects.create(project=project, person=people[0], were_involved=True)
        StoryFactory(project=project, published_at=timezone.now())
        Claim.objects.create(
            project=project, level=3, rung_name="x", reason="y", ended_at=timezone.now()
        )
        ask = TestMeetings().ask(project)
        Answer.objects.create(ask=ask, outcome="done", text="Done")
        TestMeetings().item(project)
    for person in people:
        NamedFactory(project=project, person=person)


@pytest.mark.parametrize("number", [3, 60])
def test_questions_when_more_is_known_then_as_many(
    number, project, client, rep, officer, coordinator
):
    fill(project, [rep, officer, coordinator], number)
    page(project)  # SQLite is asked once whether it knows JSON
    with CaptureQueriesContext(connection) as asked:
        page(project)
    assert len(asked) <= 8, [q["sql"][:90] for q in asked]
    for person in (rep, officer, coordinator):
        client.force_login(person)
        with CaptureQueriesContext(connection) as asked:
            page(project, client)
        assert len(asked) <= 14, (person, [q["sql"][:90] for q in asked])


def test_what_is_known_when_read_together_then_the_same_as_one_by_one(project, rep, officer):
    """The union gives back every column of every row, and the ladder that follows from them."""
    fill(project, [rep, officer], 3)
    AuditEvent.record("change_level", project, by=None, before=None, after=2)
    plain = Project.objects.get(pk=project.pk)
    facts = known.read(project, Forum.current(), clocks.today())
    for name in known.LISTS:
        together, alone = list(getattr(project, name).all()), list(getattr(plain, name).all())
        assert [_columns(row) for row in together] == [_columns(row) for row in alone], name
    assert facts == rungs.read(plain, clocks.today())
    entry = project.involvements.all()[0]
    assert [str(part.group) for part in entry.participations.all()] == [
        str(part.group) for part in plain.involvements.all()[0].participations.all()
    ]


def _columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_hidden_project_when_outside_then_not_there(project, client, rep):
    Project.objects.update(is_public=False)
    assert Client().get(project.get_absolute_url()).status_code == 404
    client.force_login(rep)
    assert client.get(project.get_absolute_url()).status_code == 404
    NamedFactory(project=project, person=rep, part="rep")
    assert client.get(project.get_absolute_url()).status_code == 200
