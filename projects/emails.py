"""Letters about projects: one function each; never decides to send.

Each asks again, when it is written, whether its reader may still have it.
"""

from django.urls import reverse

from coprod import clocks, letters
from coprod.exceptions import NoLongerDue
from coprod.models import Forum, Message
from coprod.registry import Letter, letter
from members.emails import reader_of
from members.models import Person
from projects.ladder import quarter_of
from projects.models import Involvement, Named, Project
from projects.services import chasing

# The log ----------------------------------------------------------------------------------------


@letter("projects/reply_due")
def reply_due(message: Message) -> Letter:
    """Parents wait for word of what became of it: to whoever leads the project."""
    person = reader_of(message)
    entry = Involvement.objects.select_related("project").get(pk=message.ids["entry"])
    if not entry.awaits_reply:
        raise NoLongerDue("Parents have their reply, or the entry was taken back.")
    if person not in chasing.who_replies(entry.project):
        raise NoLongerDue("This person doesn’t lead this project any more.")
    context = {
        "person": person,
        "entry": entry,
        "project": entry.project,
        "today": clocks.today(),
        "is_over": entry.reply_due_on is not None and entry.reply_due_on < clocks.today(),
        "url": reverse("projects:involvement_reply", args=[entry.project.slug, entry.pk]),
    }
    why = f"You get this because you lead “{entry.project}” for your service."
    if person.is_coordinator:
        why = "You get this because nobody leads this project yet, and you run the forum."
    return letters.write("projects/reply_due", context, why=why)


@letter("projects/were_you_involved")
def were_you_involved(message: Message) -> Letter:
    """Once a quarter, to a representative: were you part of it, and early enough?"""
    person = reader_of(message)
    today = clocks.today()
    if message.ids["quarter"] != quarter_of(today).isoformat():
        raise NoLongerDue("That quarter is over.")
    projects = list(chasing.unspoken(person, today).order_by("title"))
    if not projects:
        raise NoLongerDue("They have said it, or are on no project any more.")
    context = {
        "person": person,
        "projects": projects,
        "rest": [(p, letters.absolute(_say_url(p))) for p in projects[1:]],
        "url": _say_url(projects[0]),
    }
    why = "You get this once a quarter because you are on a project for parents."
    return letters.write("projects/were_you_involved", context, why=why)


def _say_url(project: Project) -> str:
    return reverse("projects:account_add", args=[project.slug])


@letter("projects/wants_on")
def wants_on(message: Message) -> Letter:
    """Somebody would like to log on a project: to the coordinators."""
    person = reader_of(message)
    if not person.is_coordinator:
        raise NoLongerDue("This person doesn’t run the forum any more.")
    who = Person.objects.filter(pk=message.ids["who"], is_active=True).first()
    project = Project.objects.filter(pk=message.ids["project"]).first()
    if who is None or project is None:
        raise NoLongerDue("This person or this project is gone.")
    if project.named.current().filter(person=who).exists():
        raise NoLongerDue("They are on the project by now.")
    context = {"person": person, "who": who, "project": project, "url": project.get_absolute_url()}
    why = "You get this because you run the forum."
    return letters.write("projects/wants_on", context, why=why)


# Who is on it, and what is new -------------------------------------------------------------------


@letter("projects/named")
def named(message: Message) -> Letter:
    """Somebody was put on a project: what that means, and what they may do."""
    person = reader_of(message)
    row = Named.objects.select_related("project", "named_by").filter(pk=message.ids["named"])
    found = row.filter(ended_at__isnull=True, person=person).first()
    if found is None:
        raise NoLongerDue("They aren’t on this project any more.")
    context = {
        "person": person,
        "project": found.project,
        "part": found.get_part_display().lower(),
        "is_rep": found.part == Named.Part.REP,
        "url": found.project.get_absolute_url(),
    }
    return letters.write("projects/named", context, why="You get this because you were named.")


def _led_by(message: Message, person: Person) -> Project:
    """The project of a letter to its lead officer. Raises NoLongerDue when they aren't that."""
    project = Project.objects.filter(pk=message.ids["project"]).first()
    if project is None:
        raise NoLongerDue("This project is gone.")
    if not project.named.holding().filter(person=person, part=Named.Part.LEAD).exists():
        raise NoLongerDue("This person doesn’t lead this project any more.")
    return project


@letter("projects/quiet")
def quiet(message: Message) -> Letter:
    """Nobody has heard anything for a while: what is new? To the lead officer."""
    person, today = reader_of(message), clocks.today()
    project = _led_by(message, person)
    since = project.quiet_since
    is_quiet = project.is_quiet_on(today, Forum.current().quiet_days)
    if not is_quiet or since.isoformat() != message.ids["since"]:
        raise NoLongerDue("There is news of this project by now.")
    context = {
        "person": person,
        "project": project,
        "since": since,
        "days": (today - since).days,
        "again": message.ids["again"],
        "url": reverse("projects:update_write", args=[project.slug]),
    }
    why = f"You get this because you lead “{project}” for your service."
    return letters.write("projects/quiet", context, why=why)


@letter("projects/review_due")
def review_due(message: Message) -> Letter:
    """Work without an end is looked at each year: to the lead officer."""
    person = reader_of(message)
    project = _led_by(message, person)
    if not project.is_review_due_on(clocks.today()) or str(project.review_on) != message.ids["on"]:
        raise NoLongerDue("It has been looked at, or has an end by now.")
    context = {
        "person": person,
        "project": project,
        "url": reverse("projects:project_review", args=[project.slug]),
    }
    why = f"You get this because you lead “{project}” for your service."
    return letters.write("projects/review_due", context, why=why)
