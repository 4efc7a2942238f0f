"""What one reader sees of asks: the words they may read, its status, said → answered → changed.

Never a write. The public reads ``Ask.shown_text``; whoever was named, or was invited, reads the
line as their own rendition of the newest version has it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from coprod import clocks
from coprod.templatetags.forum import day, nl2p, plural, when
from meetings.models import Answer, Ask, AskState
from meetings.models.attendance import how_it_came
from meetings.publicity import Status
from meetings.readership import access_for
from meetings.templatetags.minutes import said

#: Tag looks by state: every look has its own shape.
LOOKS = {
    AskState.WAITING: "wait",
    AskState.OVERDUE: "late",
    AskState.WILL_DO: "todo",
    AskState.DONE: "done",
    AskState.PARTLY: "gold",
    AskState.NOT_POSSIBLE: "flag",
}


#: The shape alone, where a word stands beside it.
MARKS = LOOKS | {AskState.PARTLY: "todo", AskState.NOT_POSSIBLE: "quiet"}


@dataclass(frozen=True)
class Words:
    """An ask as one reader has it. ``number``: its paragraph's, empty outside a meeting."""

    text: str
    who: str
    number: str = ""


def is_public(ask: Ask) -> bool:
    """The same as ``AskQuerySet.public``, of one ask that was read with its minutes."""
    if ask.paragraph is None:
        return True
    minutes = ask.paragraph.section.minutes
    shown = ask.shown_in_id is not None and ask.shown_in_id == minutes.shown_version_id
    return bool(shown and minutes.state == minutes.State.PUBLISHED)


def public_words(ask: Ask) -> Words:
    """What everybody reads. Ask for those of ``public()`` only."""
    return Words(ask.shown_text, ask.whom, ask.shown_number)


def words_for(person: Any, ask: Ask) -> Words | None:
    """The ask in the words that this person may read, or None.

    Public ones need no question. Otherwise the line of the newest version that went out, as
    their own rendition has it; nothing of a parents' meeting to whoever wasn't invited.
    """
    if is_public(ask):
        return public_words(ask)
    if not person.is_authenticated:
        return None
    assert ask.paragraph is not None  # or it had been public
    minutes = ask.paragraph.section.minutes
    meeting = minutes.meeting
    runs = person.is_coordinator
    if minutes.state == minutes.State.WITHDRAWN and not runs:
        return None
    invited = meeting.invitations.filter(person=person).exists() if not runs else True
    if meeting.is_parents_only and not invited:
        return None
    version = minutes.versions.order_by("-number").first()
    if version is None:
        return _draft_words(ask) if runs else None
    line = access_for(person, meeting).find(version, str(ask.paragraph.uid))
    if line is None or line["kind"] != Ask.WORD:
        return _draft_words(ask) if runs else None
    who = ask.organisation.name if ask.organisation else line.get("who", "")
    return Words(said(line), who, line["number"])


def _draft_words(ask: Ask) -> Words:
    """The working copy's, for whoever runs the forum."""
    line = {"text": ask.text, "who": ask.of_whom, "due_text": ask.due_text}
    return Words(said(line), ask.organisation.name if ask.organisation else ask.of_whom)


def list_words(ask: Ask) -> Words:
    """For the coordinator's list: public words, or the working copy's, without a question."""
    return public_words(ask) if is_public(ask) else _draft_words(ask)


# Status -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AskStatus(Status):
    """With a shape of its own where the look’s usual one would say something else."""

    shape: str = ""


def status_of(ask: Ask, today: date | None = None) -> AskStatus:
    """Where an ask is: a tag, and the day beside it."""
    now = today or clocks.today()
    state = ask.state_on(now)
    return AskStatus(LOOKS[state], _word(ask, state), _beside(ask, state), MARKS[state])


def _word(ask: Ask, state: AskState) -> str:
    if state == AskState.OVERDUE and ask.newest_answer is not None:
        return "Will do, overdue"
    return str({AskState.WAITING: "Waiting for an answer"}.get(state, state.label))


def _beside(ask: Ask, state: AskState) -> str:
    """``By 30 October 2026``, ``Was due 2 May 2026``, ``Answered 3 June 2026``."""
    expected = ask.expected_on()
    if state == AskState.OVERDUE:
        return f"Was due {day(expected)}, {when(expected)}"
    if expected is not None:
        return f"By {day(expected)}"
    newest = ask.newest_answer
    if newest is None:
        return f"Due: {ask.due_text}" if ask.due_text else "No date given yet"
    return f"Answered {day(newest.answered_at)}"


def kept_words(ask: Ask) -> tuple[str, str, str]:
    """How the promise of an answer was kept: a tag’s look, its word, the sentence; or nothing."""
    clock = ask.clock
    if clock is None or clock.state == "running":
        return "", "", ""
    given = f"Promised by {day(clock.due_on)}"
    if clock.extension:
        told = clock.extension
        late = f", {plural(told.days_after, 'day')} after it was due" if told.days_after else ""
        given += f"; on {day(told.recorded_on)}{late} we were given a new day, {day(told.until)}"
    if clock.kept_on:
        given += f". Answered on {day(clock.kept_on)}"
    looks = {
        "kept": ("done", "Kept"),
        "late": ("late", "Late"),
        "explained": ("quiet", "Explained"),
    }
    return (*looks[clock.state], f"{given}.")


# Said, answered, changed --------------------------------------------------------------------------


def where_said(ask: Ask) -> tuple[str, str]:
    """Where it was said in words, and the address of its paragraph; of published minutes only."""
    if ask.paragraph is None:
        return f"{ask.said_where}, {day(ask.said_on)}", ""
    meeting = ask.paragraph.section.minutes.meeting
    words = f"{meeting.title}, {day(meeting.date)}"
    if not is_public(ask):
        return words, ""
    return words, f"{meeting.get_absolute_url()}#p{ask.shown_number.replace('.', '-')}"


def answer_html(answer: Answer, *, names: bool) -> SafeString:
    """One answer with its reason and the day. ``names``: for those who may read who gave it."""
    lines = nl2p(answer.text)
    if answer.will_do_by:
        lines += format_html("<p><strong>By {}</strong></p>", day(answer.will_do_by))
    if answer.reason:
        lines += format_html("<p><strong>Why:</strong> {}</p>", answer.reason)
    foot = day(answer.answered_at)
    if names and answer.answered_by:
        by = answer.answered_by
        how = how_it_came(answer.via, by, answer.answered_at) if answer.via else str(by)
        foot += f", {how}"
    elif answer.via:
        foot += f", {answer.get_via_display().lower()}"
    return lines + format_html('<p class="pcf-small pcf-soft">{}</p>', foot)


def thread_of(ask: Ask, words: Words, *, names: bool) -> list[dict[str, Any]]:
    """Three parts: what parents said, the newest answer, what changed."""
    place, url = where_said(ask)
    source = format_html('<a href="{}">{}</a>', url, place) if url else place
    number = f", paragraph {words.number}" if words.number else ""
    heard = format_html(
        '{}<p class="pcf-small pcf-soft">{}{}</p>', nl2p(words.text), source, number
    )
    newest = ask.newest_answer
    answered = changed = None
    if newest is not None:
        answered = answer_html(newest, names=names)
    else:
        due = ask.due
        expected = f"An answer is expected by {day(due)}." if due else "No day was given yet."
        asked = f"Asked of {words.who}. " if words.who else "Nobody has been named to answer yet. "
        answered = format_html("<p>{}{}</p>", asked, expected)
    if ask.changed:
        changed = nl2p(ask.changed) + format_html(
            '<p class="pcf-small pcf-soft">{}</p>', day(ask.changed_on)
        )
    else:
        changed = nl2p("Nothing is known to have changed yet.")
    title = newest.get_outcome_display() if newest else "Not answered yet"
    return [
        {"title": "What parents said", "html": heard},
        {"title": f"Answered: {title.lower()}" if newest else title, "html": answered},
        {"title": "What changed", "html": changed},
    ]


def events_of(ask: Ask, words: Words, *, names: bool) -> list[dict[str, Any]]:
    """What happened, newest first. Naming says the organisation; a person only to ``names``."""
    events: list[tuple[Any, int, dict[str, Any]]] = []

    def add(on: date, title: str, *, html: Any = None, text: str = "", key: bool = False) -> None:
        what = {"when": day(on), "title": title, "html": html, "text": text, "key": key}
        events.append((on, len(events), what))

    add(ask.asked_on, "Parents said it", text=where_said(ask)[0], key=True)
    if ask.named_at is not None:
        who = words.who or "An officer"
        if names and ask.answerer:
            who = f"{ask.answerer.name}, {who}"
        due = ask.was_due
        by = f" to answer by {day(due)}" if due else " to answer"
        add(clocks.today(ask.named_at), "A service was asked", text=f"{who} was asked{by}.")
    for each in ask.extensions.all():
        told = (clocks.today(each.made_at) - each.due_on).days
        late = f" This was told {plural(told, 'day')} after it was due." if told > 0 else ""
        text = f"Until {day(each.until)} instead of {day(each.due_on)}: {each.reason}{late}"
        add(clocks.today(each.made_at), "A new day was given", text=text)
    for answer in ask.answers.all():
        title = f"Answered: {answer.get_outcome_display().lower()}"
        html = answer_html(answer, names=names)
        add(clocks.today(answer.answered_at), title, html=html, key=True)
    if ask.changed and ask.changed_on:
        add(ask.changed_on, "What changed", html=nl2p(ask.changed), key=True)
    return [what for _, _, what in sorted(events, key=lambda each: each[:2], reverse=True)]


def asks_since(minutes: Any) -> list[dict[str, Any]]:
    """Each ask that the public reads in published minutes, and what became of it since."""
    asks = Ask.objects.public().filter(paragraph__section__minutes=minutes)
    rows = [
        {
            "number": ask.shown_number,
            "anchor": f"p{ask.shown_number.replace('.', '-')}",
            "text": ask.shown_text,
            "url": ask.get_absolute_url(),
            "who": ask.whom,
            "status": status_of(ask),
        }
        for ask in asks.with_all()
    ]
    return sorted(rows, key=lambda row: [int(part) for part in row["number"].split(".")])


def sees_names(user: Any, ask: Ask) -> bool:
    """Whether this reader may know which officer answers: see ``meetings.see_answerer``."""
    return bool(user.is_authenticated and user.has_perm("meetings.see_answerer", ask))


def address(name: str, ask: Ask) -> str:
    return reverse(f"asks:{name}", args=[ask.pk])
