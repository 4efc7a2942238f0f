"""What the rungs mean, in public; the forum's own names and ladders."""

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from projects.ladder import TABLE, Rules, rung_names, rungs_in_use
from projects.models import Ladder, Rung
from projects.rungs import ladder_of
from projects.services import claims, ladders, levels
from projects.services.ladders import Step
from tests.factories.projects import InvolvementFactory, ProjectFactory
from tests.projects.test_levels import NOON, decision, rung

PAGE = reverse("projects:ladder_detail")
FOUR = ("Information", "Consultation", "Participation", "Co-production")


@pytest.fixture(autouse=True)
def shipped(forum):
    """The ladders of the migration, also where another test has emptied the database."""
    four, _ = Ladder.objects.get_or_create(name="Four rungs", defaults={"is_used": True})
    seven, _ = Ladder.objects.get_or_create(name="Seven steps")
    if not four.rungs.exists():
        for n, name in enumerate(FOUR, 1):
            four.rungs.create(number=n, name=name, level=n)
        for n, level in enumerate((0, 0, 1, 2, 3, 3, 4), 1):
            seven.rungs.create(number=n, name=f"Step {n}", level=level)
    return four, seven


def typed(*steps, name="Ours"):
    """A ladder's form as sent, from (name, level)."""
    data = {"name": name}
    for n, (rung_name, level) in enumerate(steps, 1):
        data |= {f"name_{n}": rung_name, f"level_{n}": level, f"meaning_{n}": ""}
    return data


OURS = (("Told", 1), ("Asked", 2), ("Together", 3), ("Ours", 4))


# In public ---------------------------------------------------------------------------------------


def test_page_when_opened_by_anybody_has_every_rule_of_the_table(
    client_for, django_assert_max_num_queries
):
    with django_assert_max_num_queries(6):
        page = client_for(None).get(PAGE)
    assert page.status_code == 200
    for row in TABLE:
        assert row.question in page.text
        for fact in row.facts:
            assert fact.in_words(Rules()) in page.text
    for name in FOUR:
        assert name in page.text
    for words in ("Not on the ladder yet", "No parents involved", "2 or more", "33% or more"):
        assert words in page.text
    assert "Change names" not in page.text


@time_machine.travel(NOON, tick=False)
def test_page_when_thresholds_change_says_from_when(client_for, forum):
    ProjectFactory()
    levels.keep_levels()
    forum.ladder_sessions, forum.ladder_share = 4, 50
    forum.save()
    page = client_for(None).get(PAGE)
    assert "2 or more" in page.text
    assert "From 1 January 2027: 4 sessions, 50%" in page.text
    with time_machine.travel(NOON.replace(year=2027, month=1), tick=False):
        levels.keep_levels()
        page = client_for(None).get(PAGE)
    assert "4 or more" in page.text
    assert "From 1" not in page.text


def test_page_when_settings_are_saved_by_an_administrator_shows_them(
    client_for, administrator, forum
):
    browser = client_for(administrator)
    form = browser.get(reverse("members:forum_settings")).context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() is not False}
    data = {name: "" if value is None else value for name, value in data.items()}
    wrong = browser.post(
        reverse("members:forum_settings"), {**data, "ladder_share": 101, "quiet_days": 1}
    )
    assert wrong.text.count("Enter a number from 1 to 100") >= 2
    assert wrong.text.count("Enter a number from 7 to 365") >= 2
    saved = browser.post(
        reverse("members:forum_settings"),
        {**data, "ladder_sessions": 3, "ladder_share": 40, "logo_level": 4, "year_begins": 4},
        follow=True,
    )
    assert "The settings are saved." in saved.text
    forum.refresh_from_db()
    assert (forum.ladder_sessions, forum.ladder_share) == (3, 40)
    assert (forum.logo_level, forum.year_begins) == (4, 4)
    assert "3 or more" in client_for(None).get(PAGE).text


# Names and ladders -------------------------------------------------------------------------------


def test_rungs_when_renamed_show_everywhere_but_not_where_they_were_given(
    client_for, coordinator, shipped
):
    project = ProjectFactory()
    entry = InvolvementFactory(project=project, parents=3)
    claim = claims.claim_level(project=project, rung=rung(3), reason="So.", by=coordinator)
    page = client_for(coordinator).post(
        reverse("projects:ladder_edit", args=[shipped[0].pk]),
        typed(*OURS, name="Four rungs"),
        follow=True,
    )
    assert "The ladder is saved." in page.text
    levels.refresh_level(project=project, by=None)
    assert ladder_of(project).title.startswith("Rung 1 of 4: Told")
    assert rung_names()[1] == "Told"
    assert "Told" in client_for(None).get(PAGE).text
    saved = reverse("projects:involvement_saved", args=[project.slug, entry.pk])
    assert "Rung 1 of 4:</strong> Told" in client_for(coordinator).get(saved).text
    claim.refresh_from_db()
    assert claim.rung_name == "Participation"
    words = " ".join(ladder_of(project).differ)
    assert "said Participation on" in words


def test_ladder_when_another_is_chosen_alone_names_levels(client_for, coordinator, shipped):
    browser = client_for(coordinator)
    seven = shipped[1]
    page = browser.post(reverse("projects:ladder_use", args=[seven.pk]), follow=True)
    assert "Levels are named by “Seven steps” from now on." in page.text
    assert Ladder.objects.get(is_used=True) == seven
    names = rung_names()
    assert names[0] == "No parents involved"
    assert names[3] == seven.rungs.get(number=5).name
    assert len(rungs_in_use()) == 7
    assert client_for(None).get(PAGE).text.count("<li class=") >= 7
    again = browser.post(reverse("projects:ladder_use", args=[seven.pk]), follow=True)
    assert "This ladder is used already." in again.text


def test_ladder_when_seven_steps_are_used_proves_only_the_lowest_of_a_level(shipped, coordinator):
    ladders.use_ladder(ladder=shipped[1], by=coordinator)
    project = ProjectFactory()
    InvolvementFactory(project=project, stage=2, officers=3)
    levels.refresh_level(project=project, by=None)
    assert project.level == 0
    shown = ladder_of(project)
    assert shown.title.startswith("No parents involved")
    assert not any(step["reached"] for step in shown.rungs)
    assert "Drafting: on 12 March 2026 no parent was in it." in shown.because


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (OURS[:3], "Each of the four kinds of evidence needs a rung"),
        ([OURS[1], OURS[0], *OURS[2:]], "or on more"),
        ([*OURS, ("Ours", 4)], "Two rungs have the same name."),
        ([("Told", 1)], "A ladder has from 2 to 12 rungs."),
    ],
)
def test_ladder_when_its_rungs_make_none_is_refused_and_kept_typed(
    client_for, coordinator, steps, words
):
    page = client_for(coordinator).post(reverse("projects:ladder_add"), typed(*steps))
    assert words in page.text
    assert f'value="{steps[0][0]}"' in page.text
    assert not Ladder.objects.filter(name="Ours").exists()


def test_ladder_when_its_name_is_taken_is_refused(client_for, coordinator):
    data = typed(*OURS, name="four rungs")
    page = client_for(coordinator).post(reverse("projects:ladder_add"), data)
    assert "Another ladder has this name." in page.text


def test_ladder_when_added_then_deleted_leaves_claims_their_names(client_for, coordinator):
    browser = client_for(coordinator)
    browser.post(reverse("projects:ladder_add"), typed(*OURS))
    ours = Ladder.objects.get(name="Ours")
    assert [step.name for step in ours.rungs.all()] == ["Told", "Asked", "Together", "Ours"]
    browser.post(reverse("projects:ladder_use", args=[ours.pk]))
    with pytest.raises(TransitionNotAllowed):
        ladders.delete_ladder(ladder=ours, by=coordinator)
    project = ProjectFactory()
    together = Rung.objects.get(ladder=ours, number=3)
    kept = claims.confirm_level(
        project=project, rung=together, decision=decision(), replaces=None, by=coordinator
    )
    ladders.use_ladder(ladder=Ladder.objects.get(name="Four rungs"), by=coordinator)
    page = browser.post(reverse("projects:ladder_delete", args=[ours.pk]), follow=True)
    assert "“Ours” is deleted." in page.text
    kept.refresh_from_db()
    assert kept.rung_name == "Together"
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert verbs >= {"add_ladder", "use_ladder", "delete_ladder"}


def test_ladders_when_two_are_used_the_database_refuses(shipped):
    with pytest.raises(IntegrityError), transaction.atomic():
        Ladder.objects.update(is_used=True)


def test_save_ladder_when_changed_takes_rungs_in_order(coordinator, shipped):
    steps = [Step(name, level) for name, level in OURS]
    ladders.save_ladder(ladder=shipped[0], name="Four rungs", steps=steps, by=coordinator)
    assert list(shipped[0].rungs.values_list("number", "name")) == [
        (1, "Told"),
        (2, "Asked"),
        (3, "Together"),
        (4, "Ours"),
    ]
