"""The demonstration forum: complete, harmless, and never near a real one."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from coprod import clocks, outbox
from coprod.exceptions import NoLongerDue
from coprod.models import AuditEvent, Forum, Message
from expenses.models import Claim, Policy, Recognition
from meetings.models import (
    ActionItem,
    AgendaItem,
    Ask,
    Comment,
    Correction,
    Document,
    Meeting,
    Minutes,
    Paragraph,
    Reply,
    Version,
)
from meetings.models.agreement import tally
from members.models import MemberGroup, Organisation, Person, Seat, Sector

PASSWORD = re.compile(r"^Password: ([a-z]+-[a-z]+-[a-z]+-\d\d)$", re.MULTILINE)


def said_by(*arguments):
    """What the command prints."""
    out = StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.EMAIL_URL = ""
    return tmp_path


@pytest.fixture
def no_pdf(monkeypatch):
    """PDFs are slow, and not what these tests are about."""
    monkeypatch.setattr("meetings.pdf.minutes_pdf", lambda version: b"%PDF-1.7")


@pytest.fixture(scope="class")
def loaded(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demonstration, loaded once for a whole class; what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    with (
        django_db_blocker.unblock(),
        override_settings(DATA_DIR=folder, EMAIL_URL=""),
        transaction.atomic(),
    ):
        yield said_by()
        transaction.set_rollback(True)


class Links(HTMLParser):
    """The addresses that a page's links name."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.found.append(dict(attrs).get("href") or "")


def crawl(client, first, most):
    """Follow links from ``first`` on, breadth first; a page that breaks raises. Their addresses."""
    waiting, seen = list(first), []
    while waiting and len(seen) < most:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.append(address)
        response = client.get(address, follow=True)
        assert response.status_code in {200, 403, 404}, address
        if "text/html" in response.headers.get("Content-Type", ""):
            links = Links()
            links.feed(response.content.decode())
            waiting += [
                link.split("#")[0]
                for link in links.found
                if link.startswith("/") and not link.startswith(("//", "/accounts/logout"))
            ]
    return seen


@pytest.mark.django_db
class TestLoaded:
    def test_minutes_when_counted_then_every_state_occurs(self, loaded):
        states = Counter(Minutes.objects.values_list("state", flat=True))
        assert set(states) == set(Minutes.State.values)
        assert states["published"] >= 6
        assert states["agreed"] >= 3

    def test_draft_when_sent_late_then_its_clock_says_so(self, loaded):
        late = [m for m in Minutes.objects.select_related("meeting") if m.clock.is_late]
        assert [m.clock.day for m in late] == [16]

    def test_open_draft_when_tallied_then_six_of_nine_have_answered(self, loaded):
        version = Version.objects.get(minutes__state="circulated")
        count = tally(version)
        assert (count.answered, count.present, count.not_yet) == (6, 9, 1)
        assert (count.open_comments, count.all_comments) == (1, 3)
        assert version.comments_open
        outcomes = Comment.objects.filter(version=version).values_list("outcome", flat=True)
        assert sorted(outcomes) == ["", "changed", "not_changed"]
        written = Comment.objects.filter(version=version).exclude(
            made_by__pk__in=[c.author.person_id for c in version.comments.all()]
        )
        assert written.count() == 1

    def test_agreed_minutes_when_dated_then_their_window_had_closed(self, loaded):
        agreed = Minutes.objects.filter(agreed_version__isnull=False)
        for minutes in agreed.select_related("agreed_version", "meeting"):
            closed = minutes.agreed_version.comments_close_on
            assert clocks.today(minutes.agreed_at) > closed, minutes
            assert tally(minutes.agreed_version).is_met, minutes

    def test_public_rendition_when_searched_then_holds_nothing_private(self, loaded):
        hidden = 0
        for version in Version.objects.all():
            public = json.dumps(version.public, ensure_ascii=False)
            for item in version.full["items"]:
                for paragraph in item["paragraphs"]:
                    if paragraph["private"] or item["private"]:
                        hidden += 1
                        assert paragraph["text"] not in public
        assert hidden >= 6

    def test_published_minutes_when_listed_then_each_has_its_pdf(self, loaded):
        public = Minutes.objects.filter(published_at__isnull=False)
        assert Document.objects.filter(version__shown_as__in=public).count() == public.count()
        corrected = Correction.objects.count()
        assert corrected == 1
        assert Document.objects.count() == public.count() + corrected
        assert all(bytes(d.body).startswith(b"%PDF-") for d in Document.objects.all())

    def test_action_and_ask_when_written_then_owner_and_date_are_understood(self, loaded):
        assert not Paragraph.objects.filter(text__contains="{").exists()
        assert not ActionItem.objects.filter(owner="").exists()
        assert not ActionItem.objects.filter(due_on=None).exists()
        assert not Ask.objects.filter(of_whom="").exists()
        assert not Ask.objects.filter(due_on=None).exists()

    def test_actions_when_counted_then_most_are_done_and_one_is_late(self, loaded):
        actions = ActionItem.objects.filter(due_on__lt=clocks.today())
        assert actions.filter(done_at=None).count() == 1
        assert actions.exclude(done_at=None).count() >= 20

    def test_people_when_counted_then_every_role_and_channel_occurs(self, loaded):
        assert MemberGroup.objects.members().count() == 7
        assert set(MemberGroup.objects.values_list("standing", flat=True)) == {
            *("member", "contacted", "visited", "declined")
        }
        assert set(MemberGroup.objects.values_list("kind", flat=True)) == {
            *("parents", "youth", "linked")
        }
        assert set(Organisation.objects.values_list("sector", flat=True)) == set(Sector.values)
        channels = {person.reached_by for person in Person.objects.reps()}
        assert channels == {"email", "letter", "phone"}
        seats = Counter(Seat.objects.current().values_list("person", flat=True))
        assert 2 in seats.values()
        assert Seat.objects.filter(ended_at__isnull=False).count() == 1

    def test_year_when_listed_then_held_coming_and_still_unannounced(self, loaded):
        today = clocks.today()
        assert Meeting.objects.filter(date__lt=today).count() == 17
        coming = Meeting.objects.filter(date__gte=today)
        assert coming.filter(announced_at__isnull=False).count() >= 12
        assert coming.filter(announced_at__isnull=True).exists()
        assert not any(meeting.is_recorded_later for meeting in Meeting.objects.all())
        upcoming = coming.filter(series__audience="services").earliest("date")
        replies = Reply.objects.filter(invitation__meeting=upcoming)
        assert 0.4 < replies.count() / upcoming.invitations.count() < 0.6
        assert replies.exclude(needs="").count() >= 2
        assert upcoming.agenda_items.filter(state=AgendaItem.State.PROPOSED).exists()

    def test_nothing_when_dated_then_lies_in_the_future(self, loaded):
        now = timezone.now()
        assert not AuditEvent.objects.filter(at__gt=now).exists()
        assert not Message.objects.filter(created_at__gt=now).exists()
        assert not Comment.objects.filter(made_at__gt=now).exists()

    def test_mail_when_waiting_then_is_fresh_few_and_for_nobody_real(self, loaded):
        waiting = Message.objects.filter(state=Message.State.QUEUED)
        letters = Counter(waiting.filter(channel="email").values_list("template", flat=True))
        assert sum(letters.values()) <= 60
        assert letters["meetings/minutes_draft"] >= 10
        assert letters["meetings/invitation"] >= 5
        assert letters["meetings/comment_outcomes"] >= 1
        assert not waiting.filter(created_at__lt=timezone.now() - timedelta(days=5)).exists()
        addresses = {*Message.objects.values_list("address", flat=True)}
        addresses |= {*Person.objects.exclude(email=None).values_list("email", flat=True)}
        addresses |= {Forum.current().email}
        assert [a for a in addresses if a and not a.endswith(".example")] == []

    def test_mail_when_waiting_then_can_be_written(self, loaded):
        for message in Message.objects.filter(state=Message.State.QUEUED):
            try:
                assert outbox.write(message).subject
            except NoLongerDue as reason:
                pytest.fail(f"{message}: {reason}")

    def test_output_when_read_then_names_people_and_a_password_that_opens(self, loaded):
        password = PASSWORD.search(loaded)[1]
        listed = [p for p in Person.objects.exclude(email=None) if p.email in loaded]
        assert len(listed) >= 8
        assert all(person.check_password(password) for person in listed)
        roles = {kind for person in listed for kind in person.role_kinds}
        assert roles == {"coordinator", "treasurer", "approver", "administrator", "officer"}

    def test_demo_when_asked_again_then_says_the_same_and_changes_nothing(self, loaded):
        before = AuditEvent.objects.count(), Message.objects.count()
        assert said_by() == loaded
        assert said_by("--if-empty") == loaded
        assert (AuditEvent.objects.count(), Message.objects.count()) == before

    def test_today_when_opened_by_the_coordinator_then_asks_for_this_weeks_work(self, loaded):
        client = Client()
        client.force_login(Person.objects.get(name="Hester Quayle"))
        page = client.get("/today/").content.decode()
        assert "Publish the minutes: Forum meeting with services" in page
        assert "Publish the minutes: Parents’ meeting" not in page

    @pytest.mark.parametrize(
        ("name", "begins"),
        [
            ("", []),
            ("Hester Quayle", ["/today/", "/money/"]),
            ("Safiya Durrant", ["/today/", "/money-back/"]),
            ("Ned Farrowby", ["/today/"]),
            ("Gwil Marsden", ["/today/", "/money/", "/money/claims/?show=all"]),
        ],
    )
    def test_pages_when_followed_then_none_breaks(self, loaded, name, begins):
        client = Client()
        first = ["/", *[m.get_absolute_url() for m in Meeting.objects.order_by("date")]]
        if name:
            client.force_login(Person.objects.get(name=name))
        assert len(crawl(client, begins + first, most=60)) >= 12

    def test_claims_when_counted_then_in_every_state_that_waits(self, loaded):
        states = set(Claim.objects.values_list("state", flat=True))
        waiting = {"draft", "unconfirmed", "submitted", "questioned", "approved"}
        assert states >= waiting | {"declined", "paid"}
        assert Policy.objects.confirmed().count() == 2
        assert Recognition.objects.values("state").distinct().count() >= 3
        for claim in Claim.objects.filter(state="paid").prefetch_related("lines"):
            assert claim.total == claim.payments.get().pence


#: A Tuesday after midnight, the night when the clocks change, the day after a Christmas Tuesday.
AWKWARD = ["2027-03-02T00:10", "2027-03-28T00:30", "2029-12-26T09:00"]


@pytest.mark.django_db
@pytest.mark.parametrize("moment", AWKWARD)
def test_demo_when_loaded_on_an_awkward_day_then_is_as_complete(folder, no_pdf, moment):
    with time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=UTC), tick=False):
        said_by()
        assert set(Minutes.objects.values_list("state", flat=True)) == set(Minutes.State.values)
        assert not AuditEvent.objects.filter(at__gt=timezone.now()).exists()
        held = Meeting.objects.filter(date__lt=clocks.today())
        assert held.count() == held.filter(minutes__isnull=False).count() == 17


@pytest.mark.django_db
class TestRefused:
    """It may only ever fill what is empty."""

    def assert_nothing_happened(self, folder, people=0):
        assert Person.objects.count() == people
        assert not MemberGroup.objects.exists()
        assert not AuditEvent.objects.exists()
        assert not (folder / "demo").exists()

    def test_demo_when_one_person_exists_then_refuses(self, folder, django_user_model):
        django_user_model.objects.create_user(name="Somebody real")
        with pytest.raises(CommandError, match="holds a forum already"):
            said_by()
        assert said_by("--if-empty") == ""
        self.assert_nothing_happened(folder, people=1)

    def test_demo_when_a_forum_exists_then_refuses(self, folder, forum):
        with pytest.raises(CommandError, match="holds a forum already"):
            said_by()
        assert said_by("--if-empty") == ""
        self.assert_nothing_happened(folder)

    def test_demo_when_the_folder_was_given_another_database_then_refuses(
        self, folder, django_user_model
    ):
        (folder / "demo").write_text("kiln-otter-harbour-42\n")
        django_user_model.objects.create_user(name="Somebody real")
        with pytest.raises(CommandError, match="holds a forum already"):
            said_by()
        assert said_by("--if-empty") == ""

    def test_demo_when_mail_is_real_then_refuses(self, folder, settings):
        settings.EMAIL_URL = "smtp://mail.example:25"
        with pytest.raises(CommandError, match="EMAIL_URL"):
            said_by()
        assert "./run --new" in said_by("--if-empty")
        self.assert_nothing_happened(folder)

    def test_demo_when_it_is_switched_off_then_refuses(self, folder, monkeypatch):
        monkeypatch.setenv("COPROD_DEMO", "0")
        with pytest.raises(CommandError, match="COPROD_DEMO"):
            said_by()
        self.assert_nothing_happened(folder)

    @pytest.mark.parametrize("last", ["mark_old_messages", "Path.write_text"])
    def test_demo_when_interrupted_then_leaves_nothing(self, folder, monkeypatch, last):
        """The second is the very last step: the marker is there already."""

        def stop(*args, **kwargs):
            raise KeyboardInterrupt

        monkeypatch.setattr("meetings.demo.plan", lambda story: None)
        monkeypatch.setattr(f"coprod.management.commands.demo.{last}", stop)
        with pytest.raises(KeyboardInterrupt):
            said_by()
        self.assert_nothing_happened(folder)
