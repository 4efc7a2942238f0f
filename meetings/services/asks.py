"""Asks: whom they are put to and by when, the answers, what changed, and what everybody reads."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import clocks, outbox, pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Forum
from coprod.templatetags.forum import day
from meetings.asked import words_for
from meetings.models import Answer, Ask, AskExtension, Minutes, Version
from meetings.models.asks import CLOSED
from meetings.templatetags.minutes import said
from members.models import Person
from projects.services.news import note_news

Outcome = Answer.Outcome
#: Where every page about asks stands.
PAGES = "/what-we-said/"
#: Within this time the same form is taken for one that was sent twice.
SENT_TWICE = timedelta(minutes=5)
#: How many days ahead an answer may be expected.
MOST_DAYS = 366 * 2


def lock_ask(ask: Ask) -> Ask:
    """The ask's row, locked until the transaction ends: one change at a time."""
    return Ask.objects.select_for_update(of=("self",)).with_all().get(pk=ask.pk)


def forget_pages(ask: Ask) -> None:
    """Drop every stored public page that shows this ask."""
    pages.forget(PAGES)
    if ask.paragraph is not None:
        pages.forget(ask.paragraph.section.minutes.meeting.get_absolute_url())


# What everybody reads -----------------------------------------------------------------------------


def show_asks(minutes: Minutes) -> None:
    """Keep beside each ask of these minutes what everybody reads of it: nothing of what isn't in
    the public rendition of the shown version as an ask. Call it whenever that version changes.
    """
    version: Version | None = minutes.shown_version
    shown = {}
    if version is not None:
        shown = {
            paragraph["uid"]: paragraph
            for item in version.public["items"]
            for paragraph in item["paragraphs"]
            if paragraph["kind"] == Ask.WORD and not paragraph["private"]
        }
    asks = list(Ask.objects.filter(paragraph__section__minutes=minutes).select_related("paragraph"))
    for ask in asks:
        assert ask.paragraph is not None  # filtered by it
        read = shown.get(str(ask.paragraph.uid))
        ask.shown_in = version if read else None
        ask.shown_text = said(read) if read else ""
        ask.shown_number = read["number"] if read else ""
        ask.shown_who = read.get("who", "") if read else ""
    Ask.objects.bulk_update(asks, ["shown_in", "shown_text", "shown_number", "shown_who"])
    pages.forget(PAGES)


# Heard elsewhere ----------------------------------------------------------------------------------


@transaction.atomic
def add_ask(
    *,
    text: str,
    of_whom: str,
    said_on: date,
    said_where: str,
    project: Any = None,
    due_on: date | None = None,
    by: Any,
    at: datetime | None = None,
) -> Ask:
    """Keep what parents asked outside a meeting. It is public at once.

    The same words of the same person a moment ago are the same ask, sent twice.
    """
    Forum.objects.select_for_update().filter(pk=1).first()  # two presses: one after the other
    said = {"text": text, "of_whom": of_whom, "said_on": said_on, "said_where": said_where}
    since = (at or timezone.now()) - SENT_TWICE
    again = Ask.objects.filter(added_by=by, added_at__gt=since, paragraph=None, **said).first()
    if again is not None and by is not None:
        return again
    ask = Ask.objects.create(
        text=text,
        shown_text=text,
        of_whom=of_whom,
        shown_who=of_whom,
        said_on=said_on,
        said_where=said_where,
        project=project,
        due_on=due_on,
        added_by=by,
        added_at=at or timezone.now(),
    )
    AuditEvent.record("add_ask", ask, by=by, at=at)
    _tell_project(ask, said_on)
    forget_pages(ask)
    return ask


@transaction.atomic
def change_ask(
    *,
    ask: Ask,
    text: str,
    of_whom: str,
    said_on: date,
    said_where: str,
    by: Any,
    at: datetime | None = None,
) -> None:
    """Put the words right of what was heard elsewhere. Raises TransitionNotAllowed for minutes."""
    ask = lock_ask(ask)
    _refuse_minutes(ask)
    ask.text = ask.shown_text = text
    ask.of_whom = ask.shown_who = of_whom
    ask.said_on, ask.said_where = said_on, said_where
    fields = ["text", "shown_text", "of_whom", "shown_who", "said_on", "said_where"]
    ask.save(update_fields=fields)
    AuditEvent.record("change_ask", ask, by=by, at=at, fields=fields)
    forget_pages(ask)


def _refuse_minutes(ask: Ask) -> None:
    if not ask.is_heard_elsewhere:
        raise TransitionNotAllowed(
            "This ask is a line of minutes, so its words change only with the minutes."
        )


@transaction.atomic
def remove_ask(*, ask: Ask, by: Any, at: datetime | None = None) -> None:
    """Take off an ask that was typed by mistake, or whose line has gone from the minutes.

    Raises TransitionNotAllowed for a line that stands, and once there is an answer to what was
    heard elsewhere: what was answered in public stays.
    """
    ask = lock_ask(ask)
    if ask.is_heard_elsewhere and ask.newest_answer is not None:
        raise TransitionNotAllowed(
            "It has been answered, so it stays. You can put its words right."
        )
    if not ask.is_heard_elsewhere and not Ask.objects.adrift().filter(pk=ask.pk).exists():
        raise TransitionNotAllowed("It stands in the minutes. Take it out of their text first.")
    AuditEvent.record("remove_ask", ask, by=by, at=at, answerer=ask.answerer_id)
    forget_pages(ask)
    ask.delete()


@transaction.atomic
def move_ask(*, ask: Ask, to: Ask, by: Any, at: datetime | None = None) -> None:
    """Hang what is known of an ask whose line has gone on another ask line of the same minutes.

    Raises TransitionNotAllowed when the other one has an officer, an answer or more of its own.
    """
    ask, to = lock_ask(ask), lock_ask(to)
    adrift = Ask.objects.adrift().filter(pk=ask.pk).exists()
    if not adrift or to.paragraph is None or ask.paragraph is None:
        raise TransitionNotAllowed("Its line stands in the minutes, so there’s nothing to move.")
    if to.paragraph.section.minutes_id != ask.paragraph.section.minutes_id:
        raise TransitionNotAllowed("Choose a line of the same minutes.")
    if not Ask.objects.bare().filter(pk=to.pk).exists():
        raise TransitionNotAllowed("Somebody is named to answer that line already.")
    fields = ["paragraph", "text", "of_whom", "due_text", "due_on"]
    fields += ["shown_in", "shown_text", "shown_number", "shown_who"]
    values = {name: getattr(to, name) for name in fields}
    to.delete()
    for name, value in values.items():
        setattr(ask, name, value)
    ask.save(update_fields=fields)
    AuditEvent.record("move_ask", ask, by=by, at=at, paragraph=ask.paragraph_id)
    forget_pages(ask)


# Who answers, and by when -------------------------------------------------------------------------


def refuse_closed(ask: Ask) -> None:
    """Raise TransitionNotAllowed for what isn't asked of anybody now."""
    if not Ask.objects.standing().filter(pk=ask.pk).exists():
        raise TransitionNotAllowed(
            "Nothing is asked with this now: its minutes haven’t been sent, were withdrawn, or its "
            "line has gone from them."
        )


@transaction.atomic
def name_answerer(
    *,
    ask: Ask,
    person: Person,
    answer_by: date | None = None,
    by: Any,
    at: datetime | None = None,
) -> None:
    """Name the officer who must answer, and write to them at once.

    ``answer_by``: needed where the words name no day, and refused where they do: a later day is
    an extension, with its reason. Raises TransitionNotAllowed before the minutes have gone out,
    and for somebody who may not read the line.
    """
    ask = lock_ask(ask)
    refuse_closed(ask)
    today = clocks.today(at)
    role = next((r for r in person.current_roles if r.kind == "officer"), None)
    if role is None or not person.is_active:
        raise TransitionNotAllowed("Only an officer can be named. Give them that role first.")
    refuse_reader(ask, person)
    if ask.due_on is None:
        if answer_by is None:
            raise TransitionNotAllowed("Say by when they must answer.")
        if answer_by != ask.answer_by and not today <= answer_by <= today + timedelta(MOST_DAYS):
            raise TransitionNotAllowed("Choose a day from today on, within two years.")
        ask.answer_by = answer_by
    if ask.answerer_id == person.pk and not _changes(ask, ["answer_by"]):
        return
    now = at or timezone.now()
    ask.answerer, ask.organisation = person, role.organisation
    ask.named_at, ask.named_by = now, by
    ask.save(update_fields=["answerer", "organisation", "named_at", "named_by", "answer_by"])
    AuditEvent.record("name_answerer", ask, by=by, at=at, person=person.pk)
    outbox.queue(
        key=f"ask:{ask.pk}:named:{person.pk}:{now.isoformat()}",
        template="meetings/ask_named",
        person=person,
        ids={"ask": ask.pk},
        at=at,
    )
    forget_pages(ask)


def _changes(ask: Ask, fields: Iterable[str]) -> bool:
    kept = Ask.objects.values(*fields).get(pk=ask.pk)
    return any(getattr(ask, name) != value for name, value in kept.items())


def refuse_reader(ask: Ask, person: Person) -> None:
    """Raise TransitionNotAllowed where an officer may not read the line that they'd answer."""
    if words_for(person, ask) is not None:
        return
    minutes = ask.paragraph and ask.paragraph.section.minutes
    if minutes and minutes.meeting.is_parents_only:
        raise TransitionNotAllowed(
            "This was said at a parents’ meeting whose minutes aren’t public, so no officer may "
            "read it. If the parents want it asked, add it as an ask of its own."
        )
    raise TransitionNotAllowed(
        f"The line is private and {person.name} may not read it. Name them as a reader of that "
        "paragraph first."
    )


@transaction.atomic
def extend_ask(
    *, ask: Ask, until: date, reason: str, by: Any, at: datetime | None = None
) -> AskExtension:
    """Give the answer a new day, with its reason, and tell whoever must answer.

    Recorded before the old day is over it counts as explained, later as late and told.
    Raises TransitionNotAllowed.
    """
    ask = lock_ask(ask)
    refuse_closed(ask)
    due, today = ask.due, clocks.today(at)
    if ask.newest_answer is not None:
        raise TransitionNotAllowed("It has been answered, so no day is waited for.")
    if due is None:
        raise TransitionNotAllowed("No day was given yet. Name who answers, and by when.")
    given = list(ask.extensions.all())
    if given and (given[-1].until, given[-1].reason) == (until, reason):
        return given[-1]
    if not max(due, today) < until <= today + timedelta(MOST_DAYS):
        raise TransitionNotAllowed(
            f"Choose a day after {day(max(due, today))}, and within two years."
        )
    made = AskExtension.objects.create(
        ask=ask, due_on=due, until=until, reason=reason, made_at=at or timezone.now(), made_by=by
    )
    AuditEvent.record("extend_ask", ask, by=by, at=at, until=until.isoformat())
    if ask.answerer is not None and ask.answerer.is_active:
        outbox.queue(
            key=f"ask:{ask.pk}:extended:{made.pk}",
            template="meetings/ask_extended",
            person=ask.answerer,
            ids={"ask": ask.pk, "extension": made.pk},
            at=at,
        )
    forget_pages(ask)
    return made


# The answer ---------------------------------------------------------------------------------------


@transaction.atomic
def answer_ask(
    *,
    ask: Ask,
    outcome: str,
    text: str,
    reason: str = "",
    will_do_by: date | None = None,
    changed: str = "",
    via: str = "",
    by: Any,
    at: datetime | None = None,
) -> Answer:
    """Keep an answer beside those before it, and tell whoever waits for it.

    Pressing twice keeps one. Raises TransitionNotAllowed.
    """
    ask = lock_ask(ask)
    refuse_closed(ask)
    now = at or timezone.now()
    will_do_by = will_do_by if outcome == Outcome.WILL_DO else None
    if outcome == Outcome.WILL_DO and (will_do_by is None or will_do_by < clocks.today(at)):
        raise TransitionNotAllowed("Say by when it will be done: today or later.")
    if outcome in (Outcome.PARTLY, Outcome.NOT_POSSIBLE) and not reason.strip():
        raise TransitionNotAllowed("Say why. Parents read your reason with the answer.")
    values = {"outcome": outcome, "text": text, "reason": reason, "will_do_by": will_do_by}
    newest = ask.newest_answer
    same = newest is not None and newest.answered_by_id == getattr(by, "pk", None)
    if newest is not None and same and all(getattr(newest, k) == v for k, v in values.items()):
        _keep_change(ask, changed, by=by, at=now)
        return newest
    answer = Answer.objects.create(ask=ask, **values, via=via, answered_at=now, answered_by=by)
    AuditEvent.record("answer_ask", ask, by=by, at=at, answer=answer.pk, outcome=outcome)
    _keep_change(ask, changed, by=by, at=now)
    _tell_answered(ask, answer, by=by, at=at)
    _tell_project(ask, clocks.today(now))
    forget_pages(ask)
    return answer


def _keep_change(ask: Ask, changed: str, *, by: Any, at: datetime) -> bool:
    """Keep what changed for families, if that is new."""
    if not changed or changed == ask.changed:
        return False
    ask.changed, ask.changed_on = changed, clocks.today(at)
    ask.changed_at, ask.changed_by = at, by
    ask.save(update_fields=["changed", "changed_on", "changed_at", "changed_by"])
    AuditEvent.record("say_changed", ask, by=by, at=at)
    return True


@transaction.atomic
def say_changed(*, ask: Ask, changed: str, by: Any, at: datetime | None = None) -> None:
    """Say what changed for families since. Raises TransitionNotAllowed before any answer."""
    ask = lock_ask(ask)
    if ask.newest_answer is None:
        raise TransitionNotAllowed("There’s no answer yet. Write that down first.")
    now = at or timezone.now()
    if _keep_change(ask, changed, by=by, at=now):
        _tell_project(ask, clocks.today(now))
        forget_pages(ask)


def _tell_answered(ask: Ask, answer: Answer, *, by: Any, at: datetime | None) -> None:
    """The coordinators at once; those invited to that meeting as news."""
    told = {getattr(by, "pk", None)}
    for person in Person.objects.coordinators():
        if person.pk not in told:
            told.add(person.pk)
            _queue_answered(answer, person, news=False, at=at)
    if ask.paragraph is None:
        return
    invited = ask.paragraph.section.minutes.meeting.invitations.select_related("person")
    for invitation in invited.filter(person__is_active=True):
        if invitation.person_id not in told:
            told.add(invitation.person_id)
            _queue_answered(answer, invitation.person, news=True, at=at)


def _queue_answered(answer: Answer, person: Person, *, news: bool, at: datetime | None) -> None:
    outbox.queue(
        key=f"ask:{answer.ask_id}:answered:{answer.pk}:{person.pk}",
        template="meetings/ask_answered",
        person=person,
        ids={"ask": answer.ask_id, "answer": answer.pk},
        news=news,
        at=at,
    )


# Its project --------------------------------------------------------------------------------------


@transaction.atomic
def link_project(*, ask: Ask, project: Any, by: Any, at: datetime | None = None) -> None:
    """Say which project an ask is about, or that it is about none."""
    ask = lock_ask(ask)
    if ask.project_id == (project.pk if project else None):
        return
    ask.project = project
    ask.save(update_fields=["project"])
    AuditEvent.record("link_project", ask, by=by, at=at, project=ask.project_id)
    newest = ask.newest_answer
    if newest is not None:
        _tell_project(ask, clocks.today(newest.answered_at))
    forget_pages(ask)


@transaction.atomic
def link_lines(
    *,
    minutes: Minutes,
    lines: Iterable[Any],
    projects: dict[str, Any],
    by: Any,
    at: datetime | None = None,
) -> int:
    """Link decisions and asks of one meeting with their projects; how many changed.

    ``projects``: by the line's word and id, such as ``ask-7``; None for no project.
    """
    changed = 0
    for line in lines:
        project = projects.get(f"{line.WORD}-{line.pk}")
        if line.project_id == (project.pk if project else None):
            continue
        changed += 1
        if isinstance(line, Ask):
            link_project(ask=line, project=project, by=by, at=at)
            continue
        line.project = project
        line.save(update_fields=["project"])
        AuditEvent.record("link_project", line, by=by, at=at, project=line.project_id)
        if project is not None and minutes.state == Minutes.State.PUBLISHED:
            note_news(project, minutes.meeting.date)
    if changed:
        pages.forget(minutes.meeting.get_absolute_url())
    return changed


def _tell_project(ask: Ask, on: date) -> None:
    """An ask that everybody reads, and its answer, are news of its project."""
    if ask.project is not None and Ask.objects.public().filter(pk=ask.pk).exists():
        note_news(ask.project, on)


def is_closed(ask: Ask) -> bool:
    """Whether the newest answer leaves nothing to wait for."""
    return ask.state_on(clocks.today()) in CLOSED
