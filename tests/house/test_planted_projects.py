"""Words planted in projects where nobody outside may read: in no public channel at all.

Planted: a project that isn't public with everything that hangs on it; of public projects what
isn't theirs to read: an officer's and a parent's name, a refusal's reason, a document that was
only asked for, an unpublished story, words taken back, an entry that is being written, rows of
tables, misuse; asks, decisions and agenda items that aren't public. Channels: every page that
can be reached by links, every route of projects and asks with each project's and row's own
address, the list with every filter, searches, the report as page, PDF and CSV, exports, feeds,
sitemap, mail to others, the audit.
"""

import io
import re
import zipfile
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from coprod import clocks
from coprod.models import AuditEvent
from meetings.models import AgendaItem, Ask, Decision
from meetings.services.asks import answer_ask, link_project, name_answerer
from meetings.services.publicity import withdraw_minutes
from projects.ladder import quarter_of
from projects.models import (
    Import,
    Involvement,
    LevelAtQuarter,
    LogDraft,
    LogoPermission,
    Misuse,
    Project,
    Story,
)
from projects.services.accounts import say_involved, take_back_account
from projects.services.claims import Decision as Decided
from projects.services.claims import claim_level, confirm_level, end_confirmation
from projects.services.levels import open_quarter
from projects.services.news import write_update
from projects.services.overrides import override_status
from projects.services.people import name_person
from projects.services.projects import change_project
from projects.services.reports import make_edition
from tests.factories.asks import heard_ask
from tests.factories.meetings import AgendaItemFactory, coming_meeting, past_meeting
from tests.factories.members import OrganisationFactory, PersonFactory, RoleFactory, SeatFactory
from tests.factories.minutes import circulated
from tests.factories.projects import InvolvementFactory, ProjectFactory, ThemeFactory
from tests.factories.published import (
    agree,
    publish,
    published_minutes,
    send_out,
    withhold,
    written_minutes,
)
from tests.house.test_planted_words import PLANTED, _reach

TOKEN = r'name="csrfmiddlewaretoken" value="[^"]*"'
#: Signed in, an officer's name may be read.
OFFICER = "canarypryce"


@pytest.fixture
def planted(coordinator, rep, officer):
    """One project that isn't public, one that is; both full of what nobody outside may read."""
    service = OrganisationFactory(name="Travel team")
    lead = RoleFactory(
        kind="officer", person=PersonFactory(name="Olaf Canarypryce"), organisation=service
    ).person
    hidden = _hidden(coordinator, lead)
    shown = _shown(coordinator, lead)
    _meetings(coordinator, rep, hidden, shown)
    make_edition(prepared_by="Ruth", thoughts="", note="", by=coordinator)
    open_quarter(clocks.today())
    return SimpleNamespace(hidden=hidden, shown=shown, lead=lead)


def _everything(project, by, lead, word):
    """Words in every table that hangs on a project."""
    rung = SimpleNamespace(name="Participation", level=3)
    write_update(project=project, text=f"{word}News", on=clocks.today(), by=by)
    project.updates.create(on=clocks.today(), text=f"{word}Imported", is_imported=True)
    entry = InvolvementFactory(
        project=project,
        parents=2,
        officers=1,
        title=f"{word}Session",
        said=f"{word}Said",
        changed=f"{word}Changed",
        unchanged=f"{word}Unchanged",
        why=f"{word}Why",
        told_how=f"{word}Told",
        replied_on=clocks.today(),
        replied_at=timezone.now(),
        made_by=lead,
    )
    Involvement.objects.filter(pk=entry.pk).update(
        taken_back_at=timezone.now(), taken_back_reason=f"{word}Back"
    )
    InvolvementFactory(project=project, parents=1, officers=1, title=f"{word}Second", made_by=lead)
    claim_level(project=project, rung=rung, reason=f"{word}Claim", by=lead)
    decided = Decided(clocks.today(), f"{word}Where", "", f"{word}Words")
    kept = confirm_level(project=project, rung=rung, decision=decided, replaces=None, by=by)
    LogoPermission.objects.create(
        project=project,
        document=f"{word}Document",
        least_level=3,
        state="given",
        decided_at=timezone.now(),
    )
    end_confirmation(project=project, reason=f"{word}Ended", replaces=kept.pk, by=by)
    project.rounds.create(began_on=clocks.today(), name=f"{word}Round")
    override_status(project=project, status="overdue", reason=f"{word}Override", by=by)
    story(project, f"{word}Story", published_at=timezone.now())


def story(project, word, **fields):
    words = {"before": word, "did": word, "changed": word, "reach": word}
    return Story.objects.create(
        project=project, title=word, due_to_parents="shaped", **words, **fields
    )


def _hidden(coordinator, lead):
    project = ProjectFactory(
        title="CanaryHidden",
        slug="canaryhidden",
        is_public=False,
        summary="CanarySummary",
        driver="CanaryDriver",
        involved="CanaryInvolved",
        wards="CanaryWards",
        started_text="CanaryStart",
        due_text="CanaryDue",
        theme=ThemeFactory(name="CanaryTheme", slug="canarytheme"),
        lead=OrganisationFactory(name="CanaryService"),
    )
    name_person(project=project, person=lead, part="lead", by=coordinator)
    _everything(project, coordinator, lead, "Canary")
    say_involved(
        project=project,
        person=coordinator,
        were_involved=True,
        group=None,
        text="CanaryAccount",
        by=coordinator,
    )
    public = heard_ask(by=coordinator, text="Tell us who drives", project=project)
    answer_ask(ask=public, outcome="done", text="They are told.", via="post", by=coordinator)
    return project


def _shown(coordinator, lead):
    project = ProjectFactory(title="Buses", slug="buses", lead=lead.current_roles[0].organisation)
    name_person(project=project, person=lead, part="lead", by=coordinator)
    _everything(project, coordinator, lead, "Plain")
    parent = SeatFactory(person=PersonFactory(name="Canaryparent Karim")).person
    name_person(project=project, person=parent, part="rep", by=coordinator)
    words = {"project": project, "person": parent, "were_involved": True, "by": parent}
    say_involved(group=parent.current_seats[0].group, text="PlainAccount", **words)
    back = say_involved(group=None, text="CanaryTaken", when_text="CanaryWhen", **words)
    take_back_account(account=back, by=parent)
    LogDraft.objects.create(
        project=project, person=lead, answers={"how": {"title": "CanaryDraft"}, "who": {}}
    )
    for state, word in (("refused", "CanaryRefused"), ("asked", "CanaryAsked")):
        LogoPermission.objects.create(
            project=project,
            document=word,
            reason=f"{word}Reason",
            least_level=3,
            state=state,
            decided_at=timezone.now() if state == "refused" else None,
        )
    Misuse.objects.create(where="CanaryMisuse", seen_on=clocks.today(), note="CanaryMisuseNote")
    story(project, "CanaryUntold")
    for state, word in (("read", "CanaryRow"), ("done", "CanaryAdded")):
        table = Import.objects.create(
            name=f"{word}.tsv",
            headings=["Task", f"{word}Heading"],
            columns={"0": "title"},
            state=state,
            reason=f"{word}Remark",
            source=b"CanarySource",
        )
        table.rows.create(
            number=1, cells=["Buses", f"{word}Kept"], outcome="new", key="k", project=project
        )
    ask = heard_ask(by=coordinator, text="PlainAsk", project=project)
    name_answerer(ask=ask, person=lead, answer_by=clocks.today(), by=coordinator)
    return project


TEXT = (
    "All else is public.\n\nDecision: {word}Decision is so. (All)\n\n"
    "Ask: {word}Ask, please (Travel team)"
)


def _linked(meeting, project, by):
    """Every decision and ask of a meeting is about ``project``, and was answered."""
    about = {"paragraph__section__minutes__meeting": meeting}
    assert Decision.objects.filter(**about).update(project=project)
    for ask in Ask.objects.filter(**about):
        link_project(ask=ask, project=project, by=by)
        answer_ask(
            ask=ask,
            outcome="partly",
            text="CanaryAnswer" if "Canary" in ask.text else "PlainAnswer",
            reason="CanaryReason" if "Canary" in ask.text else "PlainReason",
            changed="CanaryEffect" if "Canary" in ask.text else "PlainEffect",
            via="phone",
            by=by,
        )


def _meetings(coordinator, rep, hidden, shown):
    """Minutes in every state, each with a decision and an ask about the public project."""
    circulated(
        draft := past_meeting(coordinator, rep, days=3, title="Draft"),
        TEXT.format(word="Canary"),
        by=coordinator,
    )
    circulated(
        parents := past_meeting(
            coordinator, rep, days=4, title="CanaryKitchen", audience="parents"
        ),
        TEXT.format(word="Canary"),
        by=coordinator,
    )
    partly = past_meeting(coordinator, rep, days=30, title="Partly")
    minutes = written_minutes(
        partly, by=coordinator, items=(("Buses", TEXT.format(word="Canary")),)
    )
    withhold(minutes, "Canary", by=coordinator)
    publish(agree(send_out(minutes, by=coordinator, days_ago=10)), by=coordinator)
    gone = past_meeting(coordinator, rep, days=40, title="Gone")
    minutes = published_minutes(
        gone, by=coordinator, items=(("Buses", TEXT.format(word="Canary")),)
    )
    whole = past_meeting(coordinator, rep, days=50, title="Whole")
    published_minutes(whole, by=coordinator, items=(("Buses", TEXT.format(word="Plain")),))
    for meeting in (draft, parents, partly, gone, whole):
        _linked(meeting, shown, coordinator)
    withdraw_minutes(minutes=minutes, reason="A name stood in it", by=coordinator)
    opened = past_meeting(coordinator, rep, days=45, title="Opened", audience="parents")
    published_minutes(opened, by=coordinator, items=(("Buses", TEXT.format(word="Plain")),))
    # What everybody reads of it is its minutes: its agenda stays the parents' own.
    AgendaItemFactory(meeting=opened, title="CanaryOwn", project=shown)
    soon = coming_meeting(rep, days=20, title="Next", audience="services")
    table = coming_meeting(rep, days=25, title="CanaryTable", audience="parents")
    unsent = coming_meeting(rep, days=26, title="Later")
    planned = coming_meeting(rep, days=30, title="CanaryPlanned", announced_at=None)
    AgendaItemFactory(meeting=planned, title="CanaryPlannedItem", project=shown)
    private = {"is_private": True, "private_reason": "It would point to one family"}
    AgendaItemFactory(meeting=soon, title="Plain item", project=shown)
    AgendaItemFactory(meeting=soon, title="Another", project=hidden)
    AgendaItemFactory(meeting=soon, title="CanaryItem", project=shown, **private)
    AgendaItemFactory(meeting=soon, title="CanaryProposed", project=shown, state="proposed")
    AgendaItemFactory(meeting=table, title="CanaryTableItem", project=shown)
    AgendaItemFactory(meeting=unsent, title="CanaryUnsent", project=shown)
    for meeting in (soon, table, opened, planned):
        meeting.agenda_sent_at = timezone.now()
        meeting.save()
    assert AgendaItem.objects.filter(project=shown).count() == 7


# Reading everything that can be read --------------------------------------------------------------


def _routes():
    for name in ("projects", "asks"):
        resolver = next(
            each for each in get_resolver().url_patterns if getattr(each, "app_name", "") == name
        )
        for route in resolver.url_patterns:
            yield name, route


def _every_address(slugs, codes=("k7mw3tqz",)):
    """Each route of projects and asks with each slug, code, kind of file, and small numbers."""
    key = LogDraft.objects.get().key
    for space, route in _routes():
        wanted = set(route.pattern.converters) | set(route.pattern.regex.groupindex)
        choices = [{}]
        for name in wanted:
            values = {
                "slug": slugs,
                "code": codes,
                "format": ("csv", "xlsx", "json"),
                "key": (key,),
                "page": ("how", "who"),
                "token": ("x",),
            }.get(name, range(1, 6))
            choices = [{**each, name: value} for each in choices for value in values]
        for kwargs in choices:
            yield reverse(f"{space}:{route.name}", kwargs=kwargs)


def _filters():
    """The lists narrowed by everything that anybody could think of."""
    for name, values in {
        "status": ("overdue", "to_complete", "due_to_start", "completed"),
        "level": ("not-yet", "0", "1", "2", "3", "4"),
        "theme": ("canarytheme", "none"),
        "lead": [str(n) for n in range(1, 9)],
        "news": ("quiet", "month"),
        "words_in": ("Plain", "Buses"),
        "after": ("0.1900-01-01.1", "3.2026-01-01.1", "x"),
    }.items():
        yield from (f"/projects/?{name}={value}" for value in values)
    for name, values in {
        "state": ("overdue", "waiting", "will_do", "done", "partly", "not_possible"),
        "project": ("canaryhidden", "buses"),
        "whom": ("CanaryService", "Travel team"),
        "text": ("Plain", "told"),
        "page": ("1", "2"),
    }.items():
        yield from (f"/what-we-said/?{name}={value}" for value in values)


def _begin(planted):
    codes = list(LogoPermission.objects.values_list("code", flat=True))
    slugs = [planted.hidden.slug, planted.shown.slug]
    return [
        *("/", "/projects/", "/what-we-said/", "/sitemap.xml", "/meetings/", "/promises/"),
        *("/what-we-said/answers.atom", "/robots.txt", "/groups/"),
        *_filters(),
        *sorted(set(_every_address(slugs, codes))),
        *(f"/what-we-said/{ask.pk}/" for ask in Ask.objects.all()),
    ]


def _said(client, planted):
    """Everything that this reader can reach, with what it says; workbooks unpacked."""
    seen = _reach(client, _begin(planted))
    response = client.get("/projects/export.xlsx")
    with zipfile.ZipFile(io.BytesIO(response.getvalue())) as parts:
        seen["the workbook"] = " ".join(
            parts.read(name).decode("utf-8", "replace") for name in parts.namelist()
        )
    return seen


def _leaks(seen, allowed=()):
    """Planted words by address. An address that was asked for may be echoed, nothing else."""
    found = {}
    for address, words in seen.items():
        asked = {word.lower() for word in PLANTED.findall(address)}
        leaks = {word.lower() for word in PLANTED.findall(words)} - {*allowed} - asked
        if leaks:
            found[address] = leaks
    return found


def test_words_of_projects_when_planted_are_nowhere_that_the_public_reads(planted):
    seen = _said(Client(), planted)
    page = seen["/projects/buses/"]
    assert len(seen) > 150
    for word in ("News", "Second", "Claim", "Words", "Round", "Override", "Account", "Ask"):
        assert f"Plain{word}" in page, "the page shows nothing, so nothing can leak"
    assert "Plain item" in page
    assert "PlainDecision" in page
    for channel in ("/projects/", "/projects/reports/1/", "/projects/export.json", "the workbook"):
        assert "Buses" in seen[channel]
    assert "1 project" in seen["/projects/"]
    assert "Buses" in seen["/projects/reports/1/report.pdf"]
    assert "PlainAnswer" in seen["/what-we-said/answers.atom"]
    assert _leaks(seen) == {}


@pytest.mark.parametrize("who", ["officer", "rep_of_other_group"])
def test_words_of_projects_when_signed_in_without_part_show_an_officer_and_no_more(
    planted, who, request
):
    client = Client()
    client.force_login(request.getfixturevalue(who))
    seen = _said(client, planted)
    assert OFFICER in seen["/projects/buses/"].lower()
    # Representatives know of parents' meetings and of one another.
    theirs = {"canarykitchen", "canarytable", "canaryparent"} if "rep" in who else set()
    assert _leaks(seen, {OFFICER, *theirs}) == {}


def _same(client, one, other):
    """Whether two addresses answer alike, but for the words in which they differ."""
    first, second = client.get(one), client.get(other)
    texts = [
        re.sub("canary[a-z]*|never[a-z]*", "", r.getvalue().decode("utf-8", "replace"))
        for r in (first, second)
    ]
    return (
        first.status_code == second.status_code
        and len({re.sub(TOKEN, "", text) for text in texts}) == 1
    )


@pytest.mark.parametrize("who", ["", "stranger", "officer", "rep_of_other_group"])
def test_hidden_project_when_asked_for_answers_like_one_that_never_was(planted, who, request):
    client = Client()
    if who:
        client.force_login(request.getfixturevalue(who))
    told = []
    for space, route in _routes():
        if "slug" not in route.pattern.converters:
            continue
        values = {"slug": "canaryhidden", "pk": 1, "key": LogDraft.objects.get().key, "page": "how"}
        kwargs = {name: values[name] for name in route.pattern.converters}
        address = reverse(f"{space}:{route.name}", kwargs=kwargs)
        never = address.replace("canaryhidden", "neverheardof")
        if not _same(client, address, never):
            told.append(address)
        posts = [client.post(each, {"do": "send"}).status_code for each in (address, never)]
        if len(set(posts)) > 1:
            told.append(f"POST {address}")
    assert told == []


#: Each list's search, and words that stand only where its reader may not read.
SEARCHES = {
    "/projects/?words_in=": "Hidden Summary Driver Involved Service Wards pryce parent",
    "/projects/?theme=": "theme",
    "/what-we-said/?text=": "Ask Answer Reason Effect Hidden Decision pryce",
    "/what-we-said/?project=": "hidden",
    "/what-we-said/?whom=": "Service",
}


@pytest.mark.parametrize("who", ["", "stranger"])
def test_search_when_for_a_hidden_word_finds_what_a_nonsense_word_finds(planted, who, request):
    client = Client()
    if who:
        client.force_login(request.getfixturevalue(who))
    told = []
    for address, ends in SEARCHES.items():
        for end in ends.split():
            texts = {
                re.sub(TOKEN, "", client.get(address + word).content.decode()).replace(word, "")
                for word in (f"Canary{end}".replace("Canarytheme", "canarytheme"), f"Never{end}")
            }
            told += [(address, end)] if len(texts) > 1 else []
    assert told == []


def test_mail_about_projects_when_sent_to_others_holds_no_planted_word(
    planted, coordinator, rep, outbox_drained
):
    outbox_drained()
    insiders = {coordinator.email, planted.lead.email}
    leaks = []
    for letter in mail.outbox:
        body = f"{letter.subject} {letter.body} {letter.alternatives}"
        words = {w.lower() for w in PLANTED.findall(body)}
        if rep.email in letter.to:  # was in the room of every meeting
            words -= {"canarydecision", "canaryask", "canaryanswer", "canaryreason"}
            words -= {"canarykitchen", "canaryeffect", "canarytable"}
        if words and not insiders & set(letter.to):
            leaks.append((letter.to, letter.subject, words))
    assert mail.outbox
    assert [leak for leak in leaks if "canaryparent" not in leak[2]] == []


def test_history_of_projects_when_read_holds_ids_and_no_planted_word(planted):
    assert PLANTED.findall(str(list(AuditEvent.objects.values()))) == []


def test_chart_when_a_project_is_hidden_for_another_counts_the_other(planted, client, coordinator):
    """As many projects as before, so a count kept by number alone would be the old one's."""
    rules = {"least_sessions": 2, "least_share": 33}
    behind = quarter_of(quarter_of(clocks.today()) - timedelta(days=1))
    LevelAtQuarter.objects.create(project=planted.shown, quarter=behind, level=4, **rules)
    LevelAtQuarter.objects.create(project=planted.hidden, quarter=behind, level=1, **rules)
    Project.objects.filter(pk=planted.shown.pk).update(level=4)
    before = client.get("/projects/").content.decode()
    Project.objects.filter(pk=planted.hidden.pk).update(level=4)
    for project, is_public in ((planted.shown, False), (planted.hidden, True)):
        project.refresh_from_db()
        values, number = {"is_public": is_public}, project.edit_no
        change_project(project=project, values=values, edit_no=number, by=coordinator)
    after = client.get("/projects/").content.decode()
    assert "it was 1 of 1" in before
    assert "it was 0 of 1" in after


def test_export_when_signed_in_is_kept_by_nobody_on_the_way(planted, client, officer):
    client.force_login(planted.lead)
    response = client.get("/projects/export.json")
    assert "CanaryHidden" in response.getvalue().decode(), "the officer is on it"
    assert "private" in response["Cache-Control"]
    assert "no-store" in response["Cache-Control"]
    client.logout()
    response = client.get("/projects/export.json")
    assert "Cookie" in response["Vary"]
