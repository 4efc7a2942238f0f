"""Claims, confirmations, statuses, editions and undoing, by many at once.

Each holds once, and nothing that was acknowledged is lost. Controls drop the guard, and break.
"""

import os
from datetime import date
from types import SimpleNamespace

import pytest

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from projects.models import Edition, LevelAtQuarter, Override, Project
from projects.services import adding, claims, imports, overrides, projects, reports
from projects.services.accounts import say_involved
from projects.services.claims import Decision
from tests.factories.members import ForumFactory, PersonFactory, RoleFactory
from tests.factories.projects import NamedFactory, ProjectFactory
from tests.members.test_seat_races import all_at_once

ROUNDS = int(os.environ.get("COPROD_ROUNDS", "5"))
THREADS = 20
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
RUNGS = [SimpleNamespace(name=f"Rung {n}", level=n) for n in range(1, 5)]


def unexpected(results):
    return [
        r for r in results if isinstance(r, Exception) and not isinstance(r, TransitionNotAllowed)
    ]


def confirm_all():
    """Twenty coordinators confirm twenty things, all having looked at none."""
    people = [RoleFactory().person for _ in range(THREADS)]
    project = ProjectFactory()
    officer = RoleFactory(kind="officer").person
    NamedFactory(project=project, person=officer, part="lead")

    def work(person):
        return claims.confirm_level(
            project=Project(pk=project.pk),
            rung=RUNGS[person.pk % 4],
            decision=Decision(date(2026, 3, 1), "the hall", "", "So."),
            replaces=None,
            by=person,
        )

    wrong = unexpected(all_at_once(work, people))
    kept = list(project.confirmations.all())
    project.refresh_from_db()
    quarter = LevelAtQuarter.objects.get(project=project)
    told = Message.objects.filter(template="projects/level_confirmed").filter(person=officer)
    if len(kept) != 1 or kept[0].level != project.confirmed_level != quarter.confirmed:
        wrong.append(f"{len(kept)} confirmations")
    return wrong + ([] if told.count() == 1 else [f"{told.count()} letters"])


def claim_all():
    """Twenty officers claim: one claim stands at the end, and everybody's is in the history."""
    people = [RoleFactory(kind="officer").person for _ in range(THREADS)]
    project = ProjectFactory()

    def work(person):
        rung = SimpleNamespace(name=f"Of {person.pk}", level=1 + person.pk % 4)
        return claims.claim_level(
            project=Project(pk=project.pk), rung=rung, reason="So.", by=person
        )

    wrong = unexpected(all_at_once(work, people))
    standing = project.claims.filter(ended_at=None).count()
    if (standing, project.claims.count()) != (1, THREADS):
        wrong.append(f"{standing} of {project.claims.count()} claims stand")
    return wrong


def override_all():
    """Twenty set a status by hand: one stands, and it is the one that the project shows."""
    people = [PersonFactory() for _ in range(THREADS)]
    project = ProjectFactory()

    def work(person):
        status = ("overdue", "to_complete")[person.pk % 2]
        return overrides.override_status(
            project=Project(pk=project.pk), status=status, reason="So.", by=person
        )

    wrong = unexpected(all_at_once(work, people))
    standing = list(Override.objects.filter(project=project, ended_at=None))
    noted = project.status_changes.order_by("-on", "-pk").first()
    if len(standing) != 1 or noted is None or noted.status != standing[0].status:
        wrong.append(f"{len(standing)} stand")
    return wrong


def complete_all():
    """Twenty mark it completed: once."""
    people = [PersonFactory() for _ in range(THREADS)]
    project = ProjectFactory()

    def work(person):
        projects.complete_project(
            project=Project(pk=project.pk), on=date(2026, 3, 1), text="Done.", by=person
        )

    wrong = unexpected(all_at_once(work, people))
    done = AuditEvent.objects.about(project).filter(verb="complete_project").count()
    return wrong + ([] if done == 1 == project.updates.count() else [f"{done} times"])


def edition_all():
    """Twenty make the next edition, all having looked at the same one."""
    people = [RoleFactory().person for _ in range(THREADS)]
    next_one = Edition.objects.count() + 1

    def work(person):
        return reports.make_edition(
            prepared_by="R.", thoughts="", note="", number=next_one, by=person
        )

    wrong = unexpected(all_at_once(work, people))
    numbers = sorted(Edition.objects.values_list("number", flat=True))
    return wrong + ([] if numbers == [*range(1, next_one + 1)] else [f"{numbers}"])


def account_all():
    """One person's words pressed twenty times stand once."""
    person, project = PersonFactory(), ProjectFactory()

    def work(_):
        return say_involved(
            project=Project(pk=project.pk),
            person=person,
            were_involved=True,
            group=None,
            text="So.",
            by=person,
        )

    wrong = unexpected(all_at_once(work, range(THREADS)))
    count = project.accounts.count()
    return wrong + ([] if count == 1 else [f"{count} accounts"])


def undo_while_editing():
    """An import is undone while its projects are being changed: what was saved is still here."""
    person = PersonFactory()
    content = b"Title\tNotes\n" + b"".join(b"Work %d\twords\n" % n for n in range(THREADS - 1))
    table = imports.start_import(content=content, name="t", by=person)
    imports.run_import(brought=table, by=person)
    made = list(adding.projects_of(table))
    assert len(made) == THREADS - 1

    def work(project):
        if project is None:
            return adding.undo_import(brought=table, by=person, leave_worked_on=True)
        projects.change_project(project=project, values={"summary": "Mine"}, edit_no=0, by=person)
        return project.pk

    results = all_at_once(work, [*made[:9], None, *made[9:]])
    saved = {r for r, p in zip(results, results, strict=True) if isinstance(r, int) and r > 0}
    gone = (Project.DoesNotExist, TransitionNotAllowed)
    wrong = [r for r in results if isinstance(r, Exception) and not isinstance(r, gone)]
    here = set(Project.objects.filter(summary="Mine").values_list("pk", flat=True))
    acknowledged = {e.object_id for e in AuditEvent.objects.filter(verb="change_project")}
    assert saved
    Project.objects.all().delete()
    lost = acknowledged & {p.pk for p in made} - here
    return wrong + ([f"{len(lost)} saved and lost"] if lost else [])


RACES = {
    "confirm": confirm_all,
    "claim": claim_all,
    "override": override_all,
    "complete": complete_all,
    "edition": edition_all,
    "account": account_all,
    "undo": undo_while_editing,
}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", RACES)
def test_projects_when_twenty_press_at_once_then_it_holds(race):
    ForumFactory()
    for _ in range(ROUNDS):
        assert RACES[race]() == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite writes one after the other")
@pytest.mark.parametrize("race", RACES)
def test_projects_when_the_locks_are_dropped_then_it_breaks(race, monkeypatch):
    """The control: this is how the test above would look if nothing held."""
    from django.db.models.query import QuerySet

    ForumFactory()
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
    assert [wrong for _ in range(ROUNDS) for wrong in RACES[race]()]
