"""The log: pages, drafts, entries, replies, putting right, taking back; who may."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from projects.methods import Method
from projects.models import Involvement, LogDraft, Participation
from projects.services.involvement import Reply, forget_drafts, reply_to_parents, take_back_entry
from tests.factories.members import PersonFactory, RoleFactory
from tests.factories.projects import InvolvementFactory, NamedFactory, ProjectFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(forum):
    return ProjectFactory(title="School transport", slug="school-transport")


@pytest.fixture
def lead(project, officer):
    return NamedFactory(project=project, person=officer, part="lead").person


@pytest.fixture
def client(client_for, lead):
    return client_for(lead)


def pages(group, **changed):
    """What is typed on each page of a meeting, by page."""
    typed = {
        "how": {"when": "today", "means": "meeting", "title": "Second writing group"},
        "who": {f"came_g{group.pk}": "2", f"invited_g{group.pk}": "3", "came_officers": "3"},
        "stage": {"stage": "1"},
        "said": {"said": "Say it in plain words.", "changed": "The form is one page."},
        "after": {"told": "no", "hours": "4"},
    }
    return typed | changed


def fill(client, project, typed):
    """Go through the pages as they lead on; the address of the last look."""
    response = client.post(
        f"/projects/{project.slug}/log/add/", {**typed["how"], "key": str(uuid.uuid4())}
    )
    while not (url := response.url).rstrip("/").endswith(_key(url)):
        page = url.rstrip("/").rsplit("/", 1)[1]
        assert client.get(url).status_code == 200
        response = client.post(url, typed[page])
        assert response.status_code == 302, response.context["form"].errors
    return url


def _key(url):
    return url.split("/log/add/")[1].split("/")[0]


def test_meeting_when_logged_page_by_page_then_an_entry_with_who_took_part(
    client, project, group, lead
):
    url = fill(client, project, pages(group))
    page = client.get(url)
    assert page.status_code == 200
    assert "2 parents, from Larkmere Autism Families; 3 officers" in page.content.decode()
    response = client.post(url)
    entry = Involvement.objects.get()
    assert response.url == f"/projects/school-transport/log/{entry.pk}/saved/"
    saved = client.get(response.url).content.decode()
    assert "It is in the log" in saved
    assert entry.made_by == lead
    assert entry.on == clocks.today()
    assert entry.minutes == 240
    assert entry.reply_due_on == entry.on + timedelta(days=60)
    parts = Participation.objects.values_list("who", "group", "invited", "came")
    assert list(parts.order_by("pk")) == [
        ("parents", group.pk, 3, 2),
        ("officers", None, None, 3),
    ]
    project.refresh_from_db()
    assert project.last_news_on == clocks.today()
    assert project.level == 1


# The pages ----------------------------------------------------------------------------------------


def check(client, project, typed):
    return client.get(fill(client, project, typed)).content.decode()


def save(client, project, typed):
    client.post(fill(client, project, typed))
    return Involvement.objects.latest("pk")


def errors(client, project, page, **typed):
    """What one page answers to what was typed, on its own."""
    draft = LogDraft.objects.create(
        project=project,
        person=NamedFactory._meta.model.objects.get(project=project, part="lead").person,
        answers={"how": {"when": "other", "on": "2026-03-01", "means": "meeting"}},
    )
    url = f"/projects/{project.slug}/log/add/{draft.key}/{page}/"
    return client.post(url, typed).context["form"].errors


CALL = {
    "how": {"when": "today", "means": "phone"},
    "who": {"came_other": "1", "came_officers": "1"},
    "stage": {"stage": "3"},
    "said": {"said": "Page two is unreadable.", "changed": "We cut it."},
}


def test_phone_call_when_logged_then_four_pages_and_it_counts_as_asking(client, project):
    entry = save(client, project, CALL)
    assert (entry.method, entry.said, entry.changed) == (
        "phone",
        "Page two is unreadable.",
        "We cut it.",
    )
    assert entry.awaits_reply
    assert entry.reply_due_on == entry.on + timedelta(days=60)


def test_telling_when_logged_then_how_is_asked_and_no_reply_is_owed(client, project):
    typed = {
        "how": {"when": "yesterday", "means": "told"},
        "who": {"came_other": "4000"},
        "stage": {"stage": "5"},
        "told": {"told_how": "A letter to every family"},
    }
    entry = save(client, project, typed)
    assert entry.on == clocks.today() - timedelta(days=1)
    assert (entry.parents_came, entry.told_how) == (4000, "A letter to every family")
    assert (entry.reply_due_on, entry.awaits_reply) == (None, False)
    project.refresh_from_db()
    assert project.level == 1


def test_nobody_when_ticked_then_an_honest_entry_that_lowers_the_level(client, project):
    typed = {
        "how": {"when": "today", "means": "board"},
        "who": {"none": "on", "came_officers": "5"},
        "stage": {"stage": "4"},
    }
    words = check(client, project, typed)
    assert "A stage without parents counts." in words
    save(client, project, typed)
    project.refresh_from_db()
    assert project.level == 0


def test_nobody_counted_when_not_ticked_then_asked(client, project):
    assert "tick “No parents took part”" in str(errors(client, project, "who"))
    both = errors(client, project, "who", came_other="2", none="on")
    assert "You counted parents above" in str(both)
    zero = errors(client, project, "who", came_other="0", came_officers="3")
    assert "Say how many parents took part" in str(zero)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "Choose how it was done"),
        ({"when": "other", "means": "meeting"}, "Enter the day"),
        ({"when": "other", "on": "1 January 2199", "means": "meeting"}, "1900 to 2100"),
        ({"when": "other", "on": "1 January 2099", "means": "meeting"}, "this day lies ahead"),
        ({"when": "today", "on": "3 March 2020", "means": "meeting"}, "leave this box empty"),
        ({"when": "today", "means": "seance"}, "Choose one of the answers shown"),
    ],
)
def test_first_page_when_something_is_wrong_then_says_what(client, project, typed, words):
    response = client.post(f"/projects/{project.slug}/log/add/", typed)
    assert words in str(response.context["form"].errors)
    assert not LogDraft.objects.exists()


def test_more_than_invited_when_logged_then_a_second_look_and_no_refusal(client, project, group):
    who = {f"came_g{group.pk}": "5", f"invited_g{group.pk}": "3", "came_officers": "1"}
    words = check(client, project, pages(group, who=who))
    assert "5 took part, and 3 were invited. That may be right: people bring others." in words


def test_session_without_officers_when_checked_then_says_what_that_means(client, project, group):
    words = check(client, project, pages(group, who={f"came_g{group.pk}": "5"}))
    assert "doesn’t count as a session of parents and officers together" in words


def test_no_when_without_a_reason_then_asked_why(client, project):
    found = errors(client, project, "said", said="So.", unchanged="The price")
    assert "Say why that didn’t change" in str(found["why"])
    found = errors(client, project, "said", said="So.", why="The law")
    assert "Say what didn’t change" in str(found["unchanged"])


def test_told_at_once_when_nothing_came_of_it_then_refused(client, project):
    found = errors(client, project, "after", told="yes", told_how="There", replied_on="today")
    assert "Say first what changed" in str(found["told"])
    assert "replied_on" in found
    found = errors(client, project, "after", told="no", told_how="There")
    assert "Choose “Yes”" in str(found["told"])
    found = errors(client, project, "after", told="no", next_on="1 February 2026")
    assert "can’t lie before" in str(found["next_on"])


def test_told_at_once_when_it_is_whole_then_no_reply_is_owed(client, project, group):
    today = clocks.today().isoformat()
    after = {"told": "yes", "told_how": "In the meeting", "replied_on": today}
    entry = save(client, project, pages(group, after=after))
    assert entry.replied_on == clocks.today()
    assert entry.replied_at is not None
    assert not entry.awaits_reply


def test_hidden_group_of_a_former_member_when_going_on_then_its_number_stays(
    client, project, group
):
    url = fill(client, project, pages(group))
    group.standing = "left"
    group.save()
    assert "2 parents, from Larkmere Autism Families" in client.get(url).content.decode()


@pytest.mark.parametrize("method", [method.value for method in Method])
@pytest.mark.parametrize("changed", ["", "It is one page."])
@pytest.mark.parametrize("parents", [0, 3])
def test_reply_when_owed_then_rows_and_queries_agree(project, method, changed, parents):
    entry = InvolvementFactory(project=project, method=method, changed=changed, parents=parents)
    asked = method in ("phone", "survey", "event")
    owed = bool(parents) and method != "told" and (asked or not changed)
    assert entry.awaits_reply is owed
    assert Involvement.objects.awaiting_reply().exists() is owed


# Drafts -------------------------------------------------------------------------------------------


def test_first_page_when_sent_twice_then_one_draft(client, project):
    typed = {"when": "today", "means": "phone", "key": str(uuid.uuid4())}
    for _ in range(2):
        assert client.post(f"/projects/{project.slug}/log/add/", typed).status_code == 302
    assert LogDraft.objects.count() == 1


def test_last_button_when_pressed_twice_then_one_entry_and_the_same_answer(client, project, group):
    url = fill(client, project, pages(group))
    first, second = client.post(url), client.post(url)
    assert first.url == second.url
    assert Involvement.objects.count() == 1
    assert LogDraft.objects.get().answers == {}


def test_draft_when_it_is_another_day_then_today_still_means_that_day(
    client_for, lead, project, time_machine
):
    time_machine.move_to("2026-11-10 12:00")
    url = fill(client_for(lead), project, CALL)
    time_machine.move_to("2026-11-11 12:00")
    client = client_for(lead)
    assert "Tuesday 10 November 2026" in client.get(url).content.decode()
    client.post(url)
    assert str(Involvement.objects.get().on) == "2026-11-10"


def test_draft_when_somebody_else_opens_it_then_not_there(client, client_for, rep, project, group):
    NamedFactory(project=project, person=rep, part="rep")
    url = fill(client, project, pages(group))
    assert client_for(rep).get(url).status_code == 404
    assert client_for(rep).post(url).status_code == 404
    assert client_for(rep).post(f"{url}who/", {"came_other": "9"}).status_code == 404
    key = _key(url)
    stolen = {"when": "today", "means": "phone", "key": key}
    client_for(rep).post(f"/projects/{project.slug}/log/add/", stolen)
    assert LogDraft.objects.get(key=key).answers["how"]["means"] == "meeting"


def test_draft_when_its_writer_is_off_the_project_then_forbidden(client, lead, project, group):
    url = fill(client, project, pages(group))
    lead.on_projects.update(ended_at="2026-01-01T00:00Z")
    assert client.post(url).status_code == 403
    assert not Involvement.objects.exists()


def test_draft_when_thrown_away_then_nothing_is_left(client, project, group):
    url = fill(client, project, pages(group))
    assert "Throw away what you began?" in client.get(f"{url}throw-away/").content.decode()
    client.post(f"{url}throw-away/")
    assert not LogDraft.objects.exists()
    assert client.get(url).status_code == 404


def test_drafts_when_left_for_long_then_forgotten(client, project, group, time_machine):
    time_machine.move_to("2026-01-10 12:00")
    draft = LogDraft.objects.create(project=project, person=project.named.get().person)
    time_machine.move_to("2026-04-09 12:00")
    forget_drafts()
    assert LogDraft.objects.filter(pk=draft.pk).exists()
    time_machine.move_to("2026-04-11 12:00")
    forget_drafts()
    assert not LogDraft.objects.exists()


# The reply ----------------------------------------------------------------------------------------


@pytest.fixture
def asked(project):
    """Parents were asked and wait for a reply."""
    return InvolvementFactory(
        project=project,
        method="survey",
        stage=1,
        on="2026-03-12",
        said="Say it in plain words.",
        reply_due_on="2026-05-11",
        parents=96,
    )


REPLY = {"changed": "One page.", "told_how": "By e-mail", "replied_on": "2 April 2026"}


def test_reply_when_added_then_the_level_rises_and_news_is_noted(client, project, asked):
    project.created_at = datetime(2026, 1, 5, 10, tzinfo=UTC)
    project.save()
    response = client.post(f"/projects/{project.slug}/log/{asked.pk}/reply/", REPLY)
    assert response.url.endswith(f"/log/{asked.pk}/saved/")
    asked.refresh_from_db()
    assert (str(asked.replied_on), asked.told_how, asked.changed) == (
        "2026-04-02",
        "By e-mail",
        "One page.",
    )
    project.refresh_from_db()
    assert project.level == 2
    assert str(project.last_news_on) == "2026-04-02"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"changed": ""}, "Say what changed"),
        ({"changed": "", "unchanged": "All of it"}, "Say why that didn’t change"),
        ({"told_how": ""}, "Write how they were told"),
        ({"replied_on": ""}, "Enter the day"),
        ({"replied_on": "11 March 2026"}, "before they were asked"),
        ({"replied_on": "1 January 2099"}, "once they have been told"),
    ],
)
def test_reply_when_something_is_missing_then_says_what(client, project, asked, typed, words):
    response = client.post(f"/projects/{project.slug}/log/{asked.pk}/reply/", REPLY | typed)
    assert words in str(response.context["form"].errors)
    asked.refresh_from_db()
    assert asked.replied_on is None


def test_reply_when_given_already_then_not_written_over(client, project, asked):
    url = f"/projects/{project.slug}/log/{asked.pk}/reply/"
    client.post(url, REPLY)
    assert client.post(url, REPLY | {"changed": "Other"}).url.endswith(f"/log/{asked.pk}/")
    asked.refresh_from_db()
    assert asked.changed == "One page."
    with pytest.raises(TransitionNotAllowed):
        reply_to_parents(
            entry=asked,
            reply=Reply(on=asked.replied_on, how="So", changed="Other"),
            by=asked.replied_by,
        )


# Putting right, taking back -----------------------------------------------------------------------


def test_putting_right_when_saved_then_the_old_entry_stays_readable(
    client, client_for, project, asked
):
    asked_url = f"/projects/{project.slug}/log/{asked.pk}/"
    url = client.post(f"{asked_url}put-right/").url
    client.post(f"{url}who/", {"came_other": "69"})
    assert "69 parents" in client.get(url).content.decode()
    assert "What was wrong?" in client.get(url).content.decode()
    assert "reason" in client.post(url).context["form"].errors
    assert Involvement.objects.count() == 1
    client.post(url, {"reason": "69 answered, not 96"})
    new = Involvement.objects.standing().get()
    assert (new.replaces, new.parents_came, new.said) == (asked, 69, "Say it in plain words.")
    assert str(new.reply_due_on) == "2026-05-11"
    asked.refresh_from_db()
    assert asked.taken_back_reason == "69 answered, not 96"
    old = client_for(None).get(asked_url).content.decode()
    assert "96 parents" in old
    assert "69 answered, not 96" in old
    assert f"/log/{new.pk}/" in old


def test_putting_right_when_begun_twice_then_one_draft_and_nothing_changed(client, project, asked):
    url = f"/projects/{project.slug}/log/{asked.pk}/put-right/"
    assert client.post(url).url == client.post(url).url
    asked.refresh_from_db()
    assert asked.is_standing


def test_putting_right_when_taken_back_meanwhile_then_refused(client, lead, project, asked):
    url = client.post(f"/projects/{project.slug}/log/{asked.pk}/put-right/").url
    take_back_entry(entry=asked, reason="A mistake", by=lead)
    response = client.post(url, {"reason": "69, not 96"})
    assert "taken back already" in str(response.context["form"].errors)
    assert Involvement.objects.count() == 1


def test_taking_back_when_with_a_reason_then_it_counts_no_more(client, project, asked):
    url = f"/projects/{project.slug}/log/{asked.pk}/take-back/"
    client.post(f"/projects/{project.slug}/log/{asked.pk}/reply/", REPLY)
    assert "Not on the ladder yet" in client.get(url).content.decode()
    assert "reason" in client.post(url, {"reason": " "}).context["form"].errors
    client.post(url, {"reason": "It was another project"})
    project.refresh_from_db()
    assert project.level is None
    page = client.get(f"/projects/{project.slug}/log/").content.decode()
    assert "It was another project" in page
    assert "Read what it said" in page


# Who ----------------------------------------------------------------------------------------------


def test_log_when_not_on_the_project_then_403_with_a_way_to_ask(
    client_for, forum, project, coordinator, organisation, outbox_drained
):
    other = RoleFactory(
        person=PersonFactory(name="Nell Marsden"), kind="officer", organisation=organisation
    ).person
    client = client_for(other)
    refused = client.get(f"/projects/{project.slug}/log/add/")
    assert refused.status_code == 403
    assert "Ask to be put on it" in refused.content.decode()
    for _ in range(2):
        client.post(f"/projects/{project.slug}/log/ask/")
    mails = [m for m in outbox_drained() if coordinator.email in m.to]
    assert len(mails) == 1
    assert "Nell Marsden" in mails[0].body
    assert project.title in mails[0].body


def test_coordinator_when_logging_for_an_officer_then_it_says_so(
    client_for, coordinator, lead, project
):
    client = client_for(coordinator)
    how = {**CALL["how"], "told_by": str(lead.pk)}
    entry = save(client, project, {**CALL, "how": how})
    assert (entry.made_by, entry.told_by) == (coordinator, lead)
    page = client_for(None).get(f"/projects/{project.slug}/log/{entry.pk}/").content.decode()
    assert "Written down by the forum for the lead officer" in page
    assert lead.name not in page


def test_officer_when_claiming_to_be_told_by_somebody_then_not_kept(client, rep, project):
    how = {**CALL["how"], "told_by": str(rep.pk)}
    assert save(client, project, {**CALL, "how": how}).told_by is None


def test_hidden_project_when_public_asks_then_no_trace(client_for, project, asked):
    project.is_public = False
    project.save()
    for path in ("log/", f"log/{asked.pk}/", "log/add/", f"log/{asked.pk}/reply/"):
        response = client_for(None).get(f"/projects/{project.slug}/{path}")
        assert response.status_code in (302, 404), path
        assert project.title not in response.content.decode()


def test_entry_when_of_another_project_then_not_there(client, project, asked):
    other = ProjectFactory(slug="other")
    NamedFactory(project=other, person=project.named.get().person, part="lead")
    for path in ("", "reply/", "take-back/", "saved/"):
        assert client.get(f"/projects/other/log/{asked.pk}/{path}").status_code == 404


def test_words_when_they_hold_markup_then_shown_as_words(client, client_for, project, asked):
    hostile = REPLY | {"changed": "<script>alert(1)</script>"}
    client.post(f"/projects/{project.slug}/log/{asked.pk}/reply/", hostile)
    page = client_for(None).get(f"/projects/{project.slug}/log/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


# Speed --------------------------------------------------------------------------------------------


def _many(project, group, count):
    for n in range(count):
        entry = InvolvementFactory(project=project, parents=2, officers=1, title=f"Group {n}")
        entry.participations.create(who="parents", group=group, came=1)


@pytest.mark.parametrize("count", [3, 60])
def test_log_when_long_then_as_many_questions(
    client_for, lead, project, group, count, django_assert_max_num_queries
):
    _many(project, group, count)
    url = f"/projects/{project.slug}/log/"
    with django_assert_max_num_queries(9):
        client_for(None).get(url)
    client = client_for(lead)
    client.get(url)
    with django_assert_max_num_queries(14):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("count", [3, 60])
def test_last_look_when_the_log_is_long_then_as_many_questions(
    client, project, group, count, django_assert_max_num_queries
):
    _many(project, group, count)
    url = fill(client, project, pages(group))
    with django_assert_max_num_queries(14):
        assert client.get(url).status_code == 200
