"""An officer claims a level, parents decide on another, and the logo follows what they decided."""

from datetime import timedelta

import pytest

from coprod import clocks
from coprod.templatetags.forum import day
from projects.models import Ladder
from projects.services import levels
from tests.factories.projects import InvolvementFactory, NamedFactory, ProjectFactory
from tests.journeys.acting import follow, press, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(forum, officer, group):
    """Two sessions after the draft: Participation, and never Co-production."""
    project = ProjectFactory(title="School transport: how families apply", slug="school-transport")
    NamedFactory(project=project, person=officer, part="lead")
    today = clocks.today()
    for n in (90, 60):
        entry = InvolvementFactory(
            project=project,
            on=today - timedelta(days=n),
            stage=3,
            officers=3,
            said="The form asks everything twice",
            changed="It asks once",
        )
        entry.participations.create(who="parents", group=group, came=2)
    levels.refresh_level(project=project, by=None)
    if not Ladder.objects.filter(is_used=True).exists():
        ladder = Ladder.objects.create(name="Four rungs", is_used=True)
        names = ("Information", "Consultation", "Participation", "Co-production")
        for n, name in enumerate(names, 1):
            ladder.rungs.create(number=n, name=name, level=n)
    return project


def test_level_and_logo_when_views_differ(
    page, signed_in, open_page, officer, coordinator, project, mailed, link_in, look
):
    # The officer says more than the log proves.
    signed_in(officer, on=page)
    page.goto(f"{project.get_absolute_url()}level/")
    look(page, "level-claim")
    page.get_by_label("4. Co-production").check()
    page.get_by_label("Why?").fill("Parents rewrote every page with us.")
    press(page, "Say that it has this level")
    assert "The forum has been asked" in words_of(page)
    look(page, "level-differs")

    # The coordinator writes down what parents decided.
    theirs = signed_in(coordinator)
    theirs.goto(link_in(mailed(coordinator)))
    look(theirs, "level-confirm")
    theirs.get_by_label("3. Participation").check()
    press(theirs, "Confirm this level")
    assert "Enter the day of the meeting" in words_of(theirs)
    theirs.get_by_label("On which day did they decide?").fill(
        day(clocks.today() - timedelta(days=2))
    )
    theirs.get_by_label("At which meeting?").fill("the parents’ meeting at the Corn Exchange")
    theirs.get_by_label("What did they decide, and why?").fill("Parents came in after the draft.")
    press(theirs, "Confirm this level")
    assert "The forum confirms Participation." in words_of(theirs)
    assert "You claim Co-production." in mailed(officer).body

    # Everybody sees both.
    public = open_page()
    public.goto(project.get_absolute_url())
    words = words_of(public)
    for each in ("Parents rewrote every page", "came in after the draft", "What’s missing"):
        assert each in words
    look(public, "level-public")
    follow(public, "What the rungs mean")
    look(public, "ladder-public")

    # The logo: asked for, allowed, checked by anybody.
    page.goto(f"{project.get_absolute_url()}logo/")
    look(page, "logo-ask")
    page.get_by_label("Which document is it?").fill("Applying for transport, version 2")
    press(page, "Ask the forum")
    theirs.goto(link_in(mailed(coordinator)))
    look(theirs, "logo-decide")
    theirs.get_by_label("Yes, this document may carry it").check()
    press(theirs, "Save the decision")
    look(theirs, "logo-register")
    code = project.logos.get().code
    public.goto("/projects/logo/")
    public.get_by_label("The code beside the logo").fill(f" {code.upper()} ")
    press(public, "Check the code")
    assert "This document may carry our logo" in words_of(public)
    look(public, "logo-code")

    # Parents decide again: the level falls, and the logo with it.
    theirs.goto(f"{project.get_absolute_url()}level/confirm/")
    follow(theirs, "End it")
    assert "ends for 1 document, at once" in words_of(theirs)
    look(theirs, "level-end")
    theirs.get_by_label("Why?").fill("No meeting with parents since June.")
    press(theirs, "End the confirmation")
    public.reload()
    assert "may not carry our logo any more" in words_of(public)
    look(public, "logo-ended")
    public.goto(project.get_absolute_url())
    assert "No meeting with parents since June." in words_of(public)


def test_ladders_when_renamed_by_the_coordinator(page, signed_in, coordinator, project, look):
    signed_in(coordinator, on=page)
    page.goto("/projects/ladder/all/")
    look(page, "ladder-list")
    follow(page, "Change Four rungs")
    look(page, "ladder-form")
    page.get_by_role("group", name="Rung 3").get_by_label("Name").fill("Side by side")
    press(page, "Save the ladder")
    page.goto("/projects/ladder/")
    assert "3. Side by side" in words_of(page)
    page.goto(project.get_absolute_url())
    assert "Rung 3 of 4: Side by side" in words_of(page)


def test_logo_when_seen_elsewhere(page, signed_in, rep, coordinator, look):
    signed_in(rep, on=page)
    page.goto("/projects/logo/misuse/add/")
    look(page, "misuse-add")
    page.get_by_label("Where did you see our logo?").fill("A poster at the civic centre")
    page.get_by_label("On which day?").fill(day(clocks.today()))
    press(page, "Send it to the coordinator")
    theirs = signed_in(coordinator)
    theirs.goto("/projects/logo/misuse/")
    look(theirs, "misuse-list")
    follow(theirs, "Settle")
    look(theirs, "misuse-settle")
    theirs.get_by_label("What became of it?").fill("They took it down.")
    press(theirs, "Save the outcome")
    assert "They took it down." in words_of(theirs)
