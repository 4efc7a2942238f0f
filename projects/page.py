"""What one project's page shows one reader, from its records; never a write, never HTTP.

Whatever comes from meetings is what everybody may read, whoever reads: public asks, public
items of agendas that were sent, decisions as the public rendition of published minutes has them.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.urls import reverse

from coprod import clocks
from coprod.models import Forum
from coprod.templatetags.forum import day, plural, when
from projects import known
from projects.entries import shown, writers_of
from projects.models import LogoPermission, Named, Project
from projects.models.involvement import Stage
from projects.rows import plainly
from projects.rungs import ladder_of, name_of
from projects.vague import VagueDate

#: Events on the page; the log has its own page, and the rest are older.
MOST = 40
#: Tag looks of what became of an ask; every look has its own shape.
LOOKS = {
    "waiting": "wait",
    "overdue": "late",
    "will_do": "todo",
    "done": "done",
    "partly": "gold",
    "not_possible": "flag",
}


def page_of(project: Project, reader: Any, forum: Forum) -> dict[str, Any]:
    """Everything that the template prints, for ``reader``: a person or AnonymousUser."""
    today = clocks.today()
    facts = known.read(project, forum, today)
    ladder = ladder_of(project, today, facts)
    entries = list(project.involvements.all())
    updates = list(project.updates.all())
    quiet = project.is_quiet_on(today, forum.quiet_days)
    context: dict[str, Any] = {
        "forum": forum,
        "project": project,
        "lead_line": _led_by(project, _lead_of(project)),
        "ladder": ladder,
        "history": _history(project, facts.rungs),
        "quiet_days": (today - project.quiet_since).days if quiet else 0,
        "events": _events(project, entries, updates),
        "more_events": len(entries) > MOST,
        "notes": [update for update in updates if update.is_imported],
        "accounts": [a for a in project.accounts.all() if a.taken_back_at is None],
        "asks": list(_asks(project, today)),
        "meetings": _meetings(project),
        "facts": _facts(project, reader),
        "logos": [each for each in project.logos.all() if each.state == LogoPermission.State.GIVEN],
        "stories": _stories(project, reader),
        "can": _can(project, reader),
    }
    return context


def _can(project: Project, reader: Any) -> dict[str, bool]:
    """What this reader may do here beyond reading."""
    if not reader.is_authenticated:
        return {}
    may = {
        "log": "log_involvement",
        "say": "say_involved",
        "claim": "claim_level",
        "confirm": "confirm_level",
        "logo": "ask_for_logo",
        "story": "write_story",
        "ask_named": "ask_to_be_named",
    }
    return {name: reader.has_perm(f"projects.{verb}", project) for name, verb in may.items()}


def _lead_of(project: Project) -> Any:
    """Who is its lead officer now."""
    named = project.named.all()
    return next((n for n in named if n.part == Named.Part.LEAD and n.ended_at is None), None)


def _led_by(project: Project, lead: Any) -> str:
    if project.lead_id:
        return f"Led by {project.lead}"
    return "A lead officer is named" if lead else "Nobody is named as leading it"


# What happened ------------------------------------------------------------------------------------


def _events(project: Project, entries: list[Any], updates: list[Any]) -> list[dict[str, Any]]:
    """Everything dated, newest first. What was taken back stays, struck through."""
    found = [*_of_the_work(project), *_of_the_level(project)]
    writers = writers_of(project) if entries else {}
    for entry in entries[:MOST]:
        found.append(
            {"on": entry.on, "order": 1, "shown": shown(entry, writers), "anchor": entry.pk}
        )
    for update in updates[: MOST + 1]:
        if not update.is_imported:
            found.append(_event(update.on, "What’s new", text=update.text))
    first = next((entry for entry in reversed(entries) if _has_parents(entry)), None)
    for event in found:
        if first is not None and event.get("anchor") == first.pk:
            event["key"] = True
            event["over"] = _first_words(first)
    return sorted(found, key=lambda event: (event["on"], event["order"]), reverse=True)[:MOST]


def _has_parents(entry: Any) -> bool:
    return entry.taken_back_at is None and entry.method != "told" and entry.parents_came > 0


def _first_words(entry: Any) -> str:
    if entry.stage >= Stage.AFTER_DRAFT:
        return "Parents first came in here, after the draft was written"
    return "Parents first came in here"


def _event(
    on: date, title: str, *, said: str = "", text: str = "", key: bool = False, order: int = 2
) -> dict[str, Any]:
    when_words = said or day(on)
    return {
        "on": on,
        "when": when_words,
        "title": title,
        "text": text,
        "key": key,
        "order": order,
    }


def _of_the_work(project: Project) -> Iterator[dict[str, Any]]:
    """That it began, was completed, and that its status was set by hand."""
    start = project.started
    if start.first is not None:
        begins = start.first <= clocks.today()
        text = ""
        if start.is_vague:
            text = f"Written as “{start.text.strip()}”; we take it as {start.as_start}."
            text += f" {start.doubt}." if start.doubt else ""
        title = "Work began" if begins else "Work is due to begin"
        if begins:
            yield _event(start.first, title, said=plainly(start), text=text, order=0)
    if project.completed_on is not None:
        yield _event(project.completed_on, "Completed", key=True, order=5)


def _of_the_level(project: Project) -> Iterator[dict[str, Any]]:
    """Claims, confirmations with what ended them, new counts."""
    for claim in project.claims.all():
        who = str(project.lead) if project.lead_id else "The service"
        on = clocks.today(claim.claimed_at)
        yield _event(on, f"{who} said: {claim.rung_name}", text=claim.reason, order=3)
        if claim.ended_at is not None:
            ended = clocks.today(claim.ended_at)
            if ended != on:
                yield _event(ended, f"{who} no longer says: {claim.rung_name}", order=3)
    for said in project.confirmations.all():
        where = f"Parents decided on {day(said.decided_on)} at {said.decided_where}."
        text = f"{where}\n\n{said.words}" if said.words else where
        on = clocks.today(said.confirmed_at)
        yield _event(on, f"The forum confirmed {said.rung_name}", text=text, key=True, order=4)
        if said.ended_at is not None:
            ended = clocks.today(said.ended_at)
            title = f"The forum doesn’t confirm {said.rung_name} any more"
            yield _event(ended, title, text=said.ended_reason, key=True, order=4)
    for new in project.rounds.all():
        yield _event(new.began_on, f"A new count began: {new.name}", key=True, order=4)


def _history(project: Project, rungs: list[Any]) -> list[dict[str, Any]]:
    """How it stood in each quarter, the newest first, as the ladder in use names it."""
    rows = sorted(project.quarters.all(), key=lambda row: row.quarter, reverse=True)[:8]

    def name(level: int | None) -> str:
        return "" if level is None else name_of(rungs, level)

    return [
        {
            "label": f"{quarter.quarter:%B} to {_end_of(quarter.quarter):%B %Y}",
            "level": name_of(rungs, quarter.level),
            "claimed": name(quarter.claimed),
            "confirmed": name(quarter.confirmed),
        }
        for quarter in rows
    ]


def _end_of(quarter: date) -> date:
    return quarter.replace(month=quarter.month + 2)


# Beside it ----------------------------------------------------------------------------------------


def _facts(project: Project, reader: Any) -> list[dict[str, Any]]:
    """The rail: an officer's name only to those who are signed in, else the service's."""
    named = list(project.named.all())
    facts: list[dict[str, Any]] = []

    def add(label: str, value: str, note: str = "") -> None:
        if value:
            facts.append({"label": label, "value": value, "note": note})

    lead = _lead_of(project)
    service = project.lead.name if project.lead else ""
    if lead is not None and reader.is_authenticated:
        add("Officer", lead.person.name, service)
    else:
        add("Led by", service, "A lead officer is named" if lead else "")
    reps = sum(1 for n in named if n.part == Named.Part.REP and n.ended_at is None)
    add("Parents on it", plural(reps, "representative") if reps else "")
    add("Why", project.driver)
    add("Who is involved", project.involved)
    add("Theme", project.theme.name if project.theme else "")
    add("Where it matters", project.wards)
    add("Started", *_date_words(project.started, project.started.as_start))
    add("Due", *_date_words(project.due, project.due.in_words))
    if project.completed_on:
        add("Completed", day(project.completed_on))
    elif project.review_on and not project.due.ends:
        add("Looked at again", day(project.review_on))
    if project.last_news_on:
        add("Last news", day(project.last_news_on), when(project.last_news_on).capitalize())
    else:
        add("Last news", "None yet", f"Added here on {day(project.created_at)}")
    return facts


def _date_words(on: VagueDate, read_as: str) -> tuple[str, str]:
    """The date as it was written, and what we take it as; a doubt is said."""
    if not on.text.strip():
        return "", ""
    said = plainly(on)
    if not said.startswith("“"):
        return said, ""
    note = f"We take it as {read_as}" if on.first or on.ends else read_as[0].upper() + read_as[1:]
    return said, f"{note}. {on.doubt}." if on.doubt else note


def _stories(project: Project, reader: Any) -> list[Any]:
    """Published ones, the newest first; drafts before them for who writes them."""
    found = list(project.stories.all())
    drafts = [story for story in found if story.published_at is None]
    shown_ones = [story for story in found if story.published_at is not None]
    shown_ones.sort(key=lambda story: (story.published_at, story.pk), reverse=True)
    if reader.is_authenticated and reader.has_perm("projects.write_story", project):
        return [*drafts, *shown_ones]
    return shown_ones


# From meetings, through the project's own managers ------------------------------------------------


def _asks(project: Project, today: date) -> Iterator[dict[str, Any]]:
    """What parents asked about it, as everybody reads it; the newest first."""
    asks: list[Any] = project.known_asks  # type: ignore[attr-defined]
    for ask in sorted(asks, key=lambda each: (each.asked_on, each.pk), reverse=True):
        state = ask.state_on(today)
        answer, expected = ask.newest_answer, ask.expected_on()
        side = ""
        if expected is not None:
            late = expected < today
            side = f"Was due {day(expected)}, {when(expected)}" if late else f"By {day(expected)}"
        elif answer is not None:
            side = f"Answered {day(answer.answered_at)}"
        yield {
            "url": ask.get_absolute_url(),
            "text": ask.shown_text,
            "answer": answer,
            "changed": ask.changed,
            "look": LOOKS[state],
            "word": "Waiting for an answer" if state == "waiting" else state.label,
            "side": side,
        }


def _meetings(project: Project) -> list[dict[str, Any]]:
    """Meetings that spoke of it: public items of agendas that were sent, public decisions."""
    found: dict[str, dict[str, Any]] = {}
    for item in _items(project):
        _meeting(found, item.meeting)["items"].append(item.title)
    for minutes, line in _decisions(project):
        _meeting(found, minutes.meeting)["decisions"].append(line)
    return sorted(found.values(), key=lambda row: row["date"], reverse=True)


def _meeting(found: dict[str, dict[str, Any]], meeting: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "title": meeting.title,
        "date": meeting.date,
        "url": meeting.get_absolute_url(),
        "items": [],
        "decisions": [],
    }
    return found.setdefault(row["url"], row)


def _items(project: Project) -> Any:
    items: Any = project.agenda_items.public()
    public = items.model._meta.get_field("meeting").related_model.objects.public()
    sent = items.filter(meeting__in=public, meeting__agenda_sent_at__isnull=False)
    # The agenda of a parents' meeting is theirs, even when its minutes are published.
    return sent.exclude(meeting__audience="parents").select_related("meeting")


def _decisions(project: Project) -> Iterator[tuple[Any, dict[str, str]]]:
    """Each decision that stands in the public rendition of published minutes, in its words."""
    rows = project.decisions.filter(
        paragraph__section__minutes__state="published",
        paragraph__section__minutes__shown_version__isnull=False,
    ).select_related(
        "paragraph__section__minutes__shown_version", "paragraph__section__minutes__meeting"
    )
    for decision in rows:
        minutes: Any = decision.paragraph.section.minutes
        uid = str(decision.paragraph.uid)
        for item in minutes.shown_version.public["items"]:
            for line in item["paragraphs"]:
                if line["uid"] == uid and line["kind"] == "decision":
                    number = line["number"].replace(".", "-")
                    url = f"{minutes.meeting.get_absolute_url()}#p{number}"
                    yield minutes, {"text": line["text"], "url": url}


def address(name: str, project: Project) -> str:
    return reverse(f"projects:{name}", args=[project.slug])
