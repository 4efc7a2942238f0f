"""The logo: asked for, allowed with a confirmed level, ended with it, checked by anybody."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from projects.models import LogoPermission, Misuse, Project
from projects.services import claims, levels, logo
from tests.factories.projects import NamedFactory, ProjectFactory
from tests.projects.test_levels import NOON, confirm, rung

REGISTER = reverse("projects:logo_list")
State = LogoPermission.State


@pytest.fixture
def project(forum, officer):
    project = ProjectFactory(title="School transport", slug="school-transport")
    NamedFactory(project=project, person=officer, part="lead")
    return project


@pytest.fixture
def asked(project, officer):
    return logo.ask_for_logo(project=project, document="Travel guide, version 2", by=officer)


@pytest.fixture
def given(project, asked, coordinator):
    confirm(project, 3, coordinator)
    return logo.decide_logo(permission=asked, allow=True, reason="", by=coordinator)


def decide(browser, permission, allow, reason=""):
    address = reverse("projects:logo_decide", args=[permission.pk])
    return browser.post(address, {"allow": allow, "reason": reason}, follow=True)


def check(code):
    return reverse("projects:logo_code", args=[code])


def test_logo_when_asked_for_goes_to_the_coordinator_and_isnt_allowed_yet(
    project, officer, coordinator, client_for, outbox_drained
):
    page = client_for(officer).post(
        reverse("projects:logo_ask", args=[project.slug]),
        {"document": "Travel guide, version 2"},
        follow=True,
    )
    assert "The forum has been asked." in page.text
    assert "Asked for" in page.text
    (mail,) = outbox_drained()
    assert mail.to == [coordinator.email]
    assert "“Travel guide, version 2”" in mail.body
    public = client_for(None).get(REGISTER)
    assert "Travel guide" not in public.text
    assert "We don’t know this code" in client_for(None).get(check(project.logos.get().code)).text


def test_logo_when_asked_for_twice_is_refused(project, asked, officer, client_for):
    page = client_for(officer).post(
        reverse("projects:logo_ask", args=[project.slug]), {"document": "travel guide, VERSION 2"}
    )
    assert "This document is on the list already." in page.text
    assert project.logos.count() == 1


def test_logo_when_no_level_is_confirmed_cant_be_allowed(
    project, asked, coordinator, client_for, forum
):
    browser = client_for(coordinator)
    for level, most in ((None, 3), (2, 3), (3, 4)):
        if level:
            standing = claims.standing_confirmation(project)
            confirm(project, level, coordinator, replaces=standing.pk if standing else None)
        forum.logo_level = most
        forum.save()
        page = decide(browser, asked, "yes")
        assert "doesn’t confirm a level for this project that is high enough" in page.text
    asked.refresh_from_db()
    assert asked.state == State.ASKED


def test_logo_when_the_log_alone_proves_a_level_isnt_allowed(project, asked, coordinator):
    Project.objects.filter(pk=project.pk).update(level=4)
    with pytest.raises(TransitionNotAllowed):
        logo.decide_logo(permission=asked, allow=True, reason="", by=coordinator)


@time_machine.travel(NOON, tick=False)
def test_logo_when_allowed_stands_in_public_with_a_code(
    project, officer, asked, coordinator, client_for, outbox_drained
):
    confirm(project, 3, coordinator)
    outbox_drained().clear()
    decide(client_for(coordinator), asked, "yes")
    asked.refresh_from_db()
    (mail,) = outbox_drained()
    assert mail.to == [officer.email]
    assert asked.code in mail.body
    public = client_for(None)
    page = public.get(REGISTER)
    assert "Travel guide, version 2" in page.text
    assert check(asked.code) in page.text
    shown = public.get(check(asked.code.upper()))
    assert "This document may carry our logo" in shown.text
    assert "Participation, decided by parents on 10 November 2026" in shown.text
    for person in (officer.name, coordinator.name):
        assert person not in page.text + shown.text


def test_logo_when_refused_says_why_to_officers_and_not_in_public(
    project, officer, asked, coordinator, client_for, outbox_drained
):
    browser = client_for(coordinator)
    assert "Write why it may not" in decide(browser, asked, "no").text
    decide(browser, asked, "no", "Parents haven’t seen it")
    mails = [mail for mail in outbox_drained() if mail.to == [officer.email]]
    assert "“Parents haven’t seen it”" in mails[0].body
    assert "Travel guide" not in client_for(None).get(REGISTER).text
    assert "We don’t know this code" in client_for(None).get(check(asked.code)).text
    assert (
        "This was decided on" in browser.get(reverse("projects:logo_decide", args=[asked.pk])).text
    )
    with pytest.raises(TransitionNotAllowed):
        logo.decide_logo(permission=asked, allow=False, reason="Again", by=coordinator)


def test_logo_when_the_confirmed_level_falls_ends_with_a_letter_and_why(
    project, officer, given, coordinator, client_for, outbox_drained
):
    outbox_drained().clear()
    confirm(project, 2, coordinator, replaces=claims.standing_confirmation(project).pk)
    given.refresh_from_db()
    assert given.state == State.WITHDRAWN
    assert given.ended_at is not None
    mails = [mail for mail in outbox_drained() if "Take our logo off" in mail.subject]
    assert [mail.to for mail in mails] == [[officer.email]]
    page = client_for(None).get(check(given.code))
    assert "may not carry our logo any more" in page.text
    assert "The level that the forum confirms has fallen." in page.text
    assert "No longer allowed" in client_for(None).get(REGISTER).text
    assert AuditEvent.objects.about(given).filter(verb="withdraw_logo").exists()


def test_logo_when_the_confirmation_ends_then_ends(project, given, coordinator):
    standing = claims.standing_confirmation(project)
    claims.end_confirmation(project=project, reason="So.", replaces=standing.pk, by=coordinator)
    given.refresh_from_db()
    assert given.state == State.WITHDRAWN
    assert "doesn’t confirm a level" in given.reason


@pytest.mark.parametrize("level", [3, 4])
def test_logo_when_the_confirmed_level_stays_high_enough_stays(
    project, given, coordinator, level, forum
):
    forum.logo_level = 4
    forum.save()
    confirm(project, level, coordinator, replaces=claims.standing_confirmation(project).pk)
    given.refresh_from_db()
    assert given.state == State.GIVEN


def test_logo_when_only_the_proven_level_falls_stays_with_the_forum(project, given):
    Project.objects.filter(pk=project.pk).update(level=3)
    levels.refresh_level(project=project, by=None)
    project.refresh_from_db()
    given.refresh_from_db()
    assert (project.level, given.state) == (None, State.GIVEN)


def test_logo_when_withdrawn_by_hand_says_why(project, given, coordinator, client_for):
    page = client_for(coordinator).post(
        reverse("projects:logo_withdraw", args=[given.pk]),
        {"reason": "Another text was printed"},
        follow=True,
    )
    assert "The permission has ended." in page.text
    assert "Another text was printed" in client_for(None).get(REGISTER).text


def test_logo_when_the_project_isnt_public_isnt_allowed_nor_shown(
    project, given, officer, coordinator, client_for
):
    Project.objects.filter(pk=project.pk).update(is_public=False)
    public = client_for(None)
    assert "Travel guide" not in public.get(REGISTER).text
    page = public.get(check(given.code))
    assert "We don’t know this code" in page.text
    assert "transport" not in page.text
    with pytest.raises(TransitionNotAllowed):
        logo.ask_for_logo(project=project, document="Another", by=officer)
    assert "Travel guide" in client_for(officer).get(REGISTER).text


@pytest.mark.parametrize(
    "how", ["{}", " {} ", "{0[0]}{0[1]}-{0[2]}{0[3]} {0[4]}{0[5]}{0[6]}{0[7]}"]
)
def test_code_when_typed_as_people_type_is_found(given, client_for, how):
    page = client_for(None).get(
        reverse("projects:logo_check"), {"code": how.format(given.code).upper()}, follow=True
    )
    assert "This document may carry our logo" in page.text


@pytest.mark.parametrize("code", ["a/../b", "<script>", "ä" * 8, "x" * 15, "k7mw3tq", "x" * 30])
def test_code_when_it_is_none_says_so_at_the_box(forum, client_for, code):
    page = client_for(None).get(reverse("projects:logo_check"), {"code": code})
    assert page.status_code == 200
    assert 'id="errors"' in page.text
    assert "<script>" not in page.text.split("<main")[1]


def test_code_when_nobody_gave_it_says_so(forum, client_for):
    page = client_for(None).get(reverse("projects:logo_check"), {"code": "k7mw3tqz"}, follow=True)
    assert "No document has the code “k7mw3tqz”." in page.text


def test_register_when_long_asks_a_fixed_number(project, coordinator, client_for, forum):
    rows = [
        LogoPermission(
            project=ProjectFactory(),
            document=f"Guide {n}",
            state=State.GIVEN,
            least_level=3,
            decided_at=NOON,
        )
        for n in range(60)
    ]
    LogoPermission.objects.bulk_create(rows[:3])
    few = _queries(client_for(None))
    LogoPermission.objects.bulk_create(rows[3:])
    assert _queries(client_for(None)) == few <= 6


def _queries(browser):
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert browser.get(REGISTER).status_code == 200
    return len(caught)


# Misuse ------------------------------------------------------------------------------------------


def test_misuse_when_a_rep_reports_it_the_coordinator_reads_and_settles_it(
    rep, coordinator, client_for
):
    page = client_for(rep).post(
        reverse("projects:misuse_add"),
        {"where": "A poster at the civic centre", "seen_on": "1 November 2026", "note": ""},
        follow=True,
    )
    assert "Thank you. The coordinator looks at it." in page.text
    browser = client_for(coordinator)
    assert "A poster at the civic centre" in browser.get(reverse("projects:misuse_list")).text
    assert "civic centre" not in client_for(None).get(REGISTER).text
    seen = Misuse.objects.get()
    done = browser.post(
        reverse("projects:misuse_settle", args=[seen.pk]),
        {"outcome": "It was taken down"},
        follow=True,
    )
    assert "It was taken down" in done.text
    with pytest.raises(TransitionNotAllowed):
        logo.settle_misuse(misuse=seen, outcome="Again", by=coordinator)


def test_misuse_when_its_day_is_to_come_is_refused(rep, client_for):
    tomorrow = clocks.today() + timedelta(days=1)
    page = client_for(rep).post(
        reverse("projects:misuse_add"), {"where": "A poster", "seen_on": tomorrow.isoformat()}
    )
    assert "or earlier" in page.text
    assert not Misuse.objects.exists()


# Where the forum decides -------------------------------------------------------------------------


def test_today_when_a_claim_and_a_logo_wait_leads_the_coordinator_to_both(
    project, asked, officer, coordinator, client_for
):
    claims.claim_level(project=project, rung=rung(3), reason="So.", by=officer)
    browser = client_for(coordinator)
    page = browser.get(reverse("today"))
    for words in ("Put a level to parents: School transport", "Decide about our logo: Travel"):
        assert words in page.text
        assert words not in client_for(officer).get(reverse("today")).text
    confirm(project, 2, coordinator)
    logo.decide_logo(permission=asked, allow=False, reason="So.", by=coordinator)
    page = browser.get(reverse("today"))
    assert "Put a level to parents" not in page.text
    assert "Decide about our logo" not in page.text


def test_sitemap_when_read_has_public_projects_only(project, client_for):
    ProjectFactory(slug="hidden", is_public=False)
    page = client_for(None).get("/sitemap.xml")
    for path in ("/projects/school-transport/", "/projects/ladder/", "/projects/logo/"):
        assert path in page.text
    assert "hidden" not in page.text
