"""The pages of what parents asked, put together for one reader; never a write, never HTTP."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    QuerySet,
    Value,
    When,
    prefetch_related_objects,
)
from django.urls import reverse

from coprod import clocks
from coprod.templatetags.forum import day, plural
from meetings import asked
from meetings.models import Ask, AskState
from meetings.models.asks import CLOSED

#: In which order the list shows what became of asks.
ORDER = tuple(AskState)
#: How many changes stand above the list, and on the home page.
CHANGES, NEWEST = 3, 1


def ordered(asks: Any) -> Any:
    """What is owed first, soonest first; then what was answered, newest first."""
    rank = Case(
        *(When(state=state, then=Value(place)) for place, state in enumerate(ORDER)),
        output_field=IntegerField(),
    )
    return asks.annotate(rank=rank).order_by(
        "rank", F("ends_on").asc(nulls_last=True), F("answered_last").desc(nulls_last=True), "-pk"
    )


def narrowed(asks: Any, chosen: dict[str, str]) -> Any:
    """Those that fit what was chosen."""
    if state := chosen.get("state"):
        asks = asks.filter(state=state)
    if whom := chosen.get("whom"):
        named = asks.filter(organisation__name=whom) | asks.filter(
            organisation__isnull=True, shown_who=whom
        )
        asks = named
    if project := chosen.get("project"):
        asks = asks.filter(project__slug=project, project__is_public=True)
    return asks.said(chosen["text"]) if chosen.get("text") else asks


@dataclass(frozen=True)
class Overview:
    """Of all public asks: how many are in each state, who was asked, and about what."""

    counts: dict[str, int]
    whom: list[str]
    projects: list[tuple[str, str]]


def overview() -> Overview:
    """Counts and choices of the list, from one question."""
    rows = Ask.objects.public().with_state().order_by()
    found = rows.values_list(
        "state",
        "organisation__name",
        "shown_who",
        "project__is_public",
        "project__slug",
        "project__title",
    ).annotate(n=Count("pk"))
    counts: Counter[str] = Counter()
    whom, projects = set(), {}
    for state, organisation, who, is_public, slug, title, count in found:
        counts[state] += count
        whom.add(organisation or who)
        if is_public:
            projects[slug] = title
    titles = sorted(projects.items(), key=lambda pair: str(pair[1]).lower())
    return Overview(dict(counts), sorted(whom - {""}, key=str.lower), titles)


def finding(count: dict[str, int]) -> str:
    """The list in one sentence: ``5 of 8 asks have an answer. 1 is overdue``."""
    total = sum(count.values())
    if not total:
        return ""
    waiting = count.get(AskState.WAITING, 0)
    late = count.get(AskState.OVERDUE, 0)
    answered = [*CLOSED, AskState.WILL_DO]
    closed = sum(count.get(state, 0) for state in answered)
    words = f"{closed} of {plural(total, 'ask')} {'has' if closed == 1 else 'have'} an answer"
    if late:
        words += f". {late} {'is' if late == 1 else 'are'} overdue"
    elif waiting:
        words += ". None is overdue"
    return words


def tiles(count: dict[str, int], chosen: str) -> list[dict[str, Any]]:
    """A count for each state, as links to those."""
    address = reverse("asks:ask_list")
    return [
        {
            "count": count.get(state, 0),
            "label": state.label,
            "look": asked.MARKS[state],
            "url": f"{address}?state={state}",
            "current": chosen == state,
        }
        for state in ORDER
    ]


def rows_of(asks: Iterable[Ask]) -> list[dict[str, Any]]:
    """Rows as everybody reads them. Asks of ``public().with_all()`` only."""
    return [
        {
            "url": ask.get_absolute_url(),
            "text": ask.shown_text,
            "whom": ask.whom,
            "where": asked.where_said(ask)[0],
            "status": asked.status_of(ask),
            "answer": ask.newest_answer,
            "changed": ask.changed,
            "changed_on": ask.changed_on,
            "project": ask.project if ask.project and ask.project.is_public else None,
        }
        for ask in asks
    ]


def changed_lately(limit: int = CHANGES) -> Any:
    """What changed for families, newest first."""
    found = Ask.objects.public().exclude(changed="").order_by("-changed_on", "-changed_at", "-pk")
    return found.with_relations()[:limit]


def changes(limit: int = CHANGES) -> list[dict[str, Any]]:
    """The same as rows."""
    found = list(changed_lately(limit))
    prefetch_related_objects(found, "answers", "extensions")
    return rows_of(found)


# One ask ------------------------------------------------------------------------------------------


def page_of(ask: Ask, words: asked.Words, reader: Any) -> dict[str, Any]:
    """Everything that the page of one ask prints for this reader."""
    names = asked.sees_names(reader, ask)
    look, word, sentence = asked.kept_words(ask)
    project = ask.project
    if project is not None and not project.is_public:
        seen = type(project).objects.visible_to(reader).filter(pk=project.pk).exists()
        project = project if seen else None
    context: dict[str, Any] = {
        "ask": ask,
        "words": words,
        "status": asked.status_of(ask),
        "parts": asked.thread_of(ask, words, names=names),
        "events": asked.events_of(ask, words, names=names),
        "facts": _facts(ask, words, names=names),
        "kept": {"look": look, "word": word, "text": sentence} if word else None,
        "project": project,
        "is_public": asked.is_public(ask),
    }
    if reader.is_authenticated:
        context["answers"] = reader.has_perm("meetings.answer_ask", ask)
        context["steps"] = steps_of(ask, reader)
    return context


def _facts(ask: Ask, words: asked.Words, *, names: bool) -> list[dict[str, Any]]:
    who = words.who or "Nobody is named yet"
    note = ask.answerer.name if names and ask.answerer else ""
    facts = [{"label": "Who must answer", "value": who, "note": note}]
    due = ask.due
    if due is not None:
        facts.append({"label": "By when", "value": day(due), "note": ""})
        if due != ask.was_due:
            facts[-1]["note"] = f"First: {day(ask.was_due)}"
    elif ask.due_text:
        facts.append({"label": "By when", "value": f"“{ask.due_text}”"})
    events = [ask.asked_on, *(clocks.today(a.answered_at) for a in ask.answers.all())]
    events += [ask.changed_on] if ask.changed_on else []
    return [*facts, {"label": "Last news", "value": day(max(events))}]


def steps_of(ask: Ask, reader: Any) -> list[dict[str, str]]:
    """What whoever runs the forum can do with an ask."""
    if not reader.has_perm("meetings.put_asks", ask):
        return []
    newest, steps = ask.newest_answer, []

    def step(label: str, name: str) -> None:
        steps.append({"label": label, "url": asked.address(name, ask)})

    standing = Ask.objects.standing().filter(pk=ask.pk).exists()
    if standing:
        step("Name another officer" if ask.answerer_id else "Name who must answer", "ask_name")
        step("Write down an answer", "ask_answer")
        if newest is None and ask.due is not None:
            step("Give a new day", "ask_extend")
        if newest is not None:
            step("Say what changed", "ask_changed")
    step("Change its project" if ask.project_id else "Link it with a project", "ask_project")
    if ask.is_heard_elsewhere:
        step("Put the words right", "ask_edit")
    if (ask.is_heard_elsewhere and newest is None) or is_adrift(ask):
        step("Take it off", "ask_remove")
    return steps


def is_adrift(ask: Ask) -> bool:
    """Whether its line isn't an ask of the minutes any more."""
    line = ask.paragraph
    return line is not None and (line.retired_at is not None or line.kind != Ask.WORD)


def to_move_to(ask: Ask) -> QuerySet[Ask]:
    """Asks of the same minutes of which nothing is known yet but their line."""
    assert ask.paragraph is not None  # only lines go adrift
    same = Ask.objects.bare().filter(
        paragraph__section__minutes=ask.paragraph.section.minutes_id,
        paragraph__retired_at__isnull=True,
        paragraph__kind=Ask.WORD,
    )
    return same.order_by("paragraph__section__item__position", "paragraph__position")
