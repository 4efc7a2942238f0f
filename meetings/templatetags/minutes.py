"""Minutes on a page: a stored rendition's items as rows that a template only has to print.

Never a query, never a permission: what may be shown was decided when the rendition was stored.
"""

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from coprod.templatetags.forum import and_list, day, day_month, mark, markup, plural
from meetings.models import AgendaItem, Comment
from meetings.reading import Draft, Run, Said

register = template.Library()

_MARKED_UP = re.compile(r"[*_\[\\]|^\s*[-+]\s", re.MULTILINE)
_NUMBERED = re.compile(r"^(\s*\d+)([.)])(?=\s)", re.MULTILINE)
_THANKS = "Thank you. Your comment has been sent, and you will hear what became of it."
_LATE = (
    "Thank you. These minutes are agreed, so your comment doesn’t change them: it goes to the "
    "next meeting as a matter arising. You will hear what became of it."
)
_BRACKET = re.compile(r"\s*\(([^()]+)\)\s*\.?$")
_OWNER = {"action": "Owner", "ask": "Who must answer"}
#: Said of items once they are minutes, not an agenda any more.
_COULD = {
    AgendaItem.CanDecide.YES: "This room could decide",
    AgendaItem.CanDecide.NO: "This room couldn’t decide",
}


@register.filter
@lru_cache(maxsize=2048)
def minuted(text: str) -> SafeString:
    """A paragraph's plain text as safe HTML: light Markdown, line breaks and every word kept.

    Lists keep the numbers that were typed, because a record's numbers are words too.
    """
    if not _MARKED_UP.search(text):
        lines = "<br>".join(str(conditional_escape(line)) for line in text.strip().split("\n"))
        return mark_safe(f"<p>{lines}</p>")
    return markup(_NUMBERED.sub(r"\1\\\2", text).replace("\n", "  \n"))


def _runs(runs: Iterable[Run]) -> SafeString:
    """Words that came in and went out, in the elements that say so."""
    parts = [
        format_html("<{0}>{1}</{0}>", tag, words) if tag else conditional_escape(words)
        for tag, words in runs
    ]
    return format_html("<p>{}</p>", mark_safe("".join(str(part) for part in parts)))


@register.filter
def text_before(runs: Iterable[Run]) -> SafeString:
    """The earlier of two texts, with the words that went out marked."""
    return _runs(run for run in runs if run[0] != "ins")


@register.filter
def text_now(runs: Iterable[Run]) -> SafeString:
    """The later of two texts, with the words that came in marked."""
    return _runs(run for run in runs if run[0] != "del")


def facts_of(paragraph: dict[str, Any]) -> list[dict[str, str]]:
    """Owner and date, or how it was decided, as label and value; without the empty ones."""
    kind = paragraph["kind"]
    if kind == "decision":
        pairs = [("How", paragraph.get("how", "")), ("In the room", room_of(paragraph))]
    elif kind in _OWNER:
        due = paragraph.get("due_on")
        by = day(date.fromisoformat(due)) if due else paragraph.get("due_text", "")
        pairs = [(_OWNER[kind], paragraph.get("who", "")), ("By", by)]
    else:
        pairs = []
    return [{"label": label, "value": value} for label, value in pairs if value]


def room_of(paragraph: dict[str, Any]) -> str:
    """``4 people, 3 of them parents, from A and B``: who was there for a decision, where somebody
    was at the meeting for a part only.
    """
    room = paragraph.get("room")
    if room is None:
        return ""
    words = f"{plural(room['total'], 'person,people')}, {room['parents']} of them parents"
    words += f", from {and_list(room['groups'])}" if room["groups"] else ", nobody from a group"
    low = ". Parents were fewer than this forum wants round its table"
    return words + (low if room["below_share"] else "")


def said(paragraph: dict[str, Any]) -> str:
    """A record's words without a closing bracket that its facts repeat word for word."""
    text: str = paragraph["text"]
    who = paragraph.get("who") or paragraph.get("how") or ""
    due = paragraph.get("due_text") or ""
    bracket = _BRACKET.search(text)
    if bracket is None or not (who or due):
        return text
    told = {who, f"by {due}", f"{who}, by {due}", f"{who} by {due}", f"{who}, {due}"}
    return text[: bracket.start()] if bracket[1].strip() in told else text


def talk_html(talk: Iterable[Said], *, sent: int = 0) -> SafeString:
    """The comments beneath a paragraph, each with what became of it.

    Built here and not in a template: a draft may show two hundred. Whatever people typed goes
    through ``escape``; the rest are our own words. ``sent``: the comment just sent, if any.
    """
    return mark_safe("".join(_comment_html(said, said.comment.pk == sent) for said in talk))


def _comment_html(said: Said, is_sent: bool) -> str:
    comment = said.comment
    about = f"<b>{_kind_words(comment.kind)}</b>, {escape(said.who)}, {day_month(comment.made_at)}."
    if written_down := said.written_down:
        about += f" {escape(capfirst(written_down))}."
    if comment.is_late:
        about += " Said after the minutes were agreed."
    if said.earlier:
        about += f" About earlier wording, in version {said.earlier}."
    parts = [f'<div class="pcf-talk" id="c{comment.pk}"><p class="pcf-talk__who">{about}</p>']
    if comment.quote:
        parts.append(f'<p class="pcf-small">About these words: “{escape(comment.quote)}”</p>')
    parts.append(_lines(comment.text))
    if said.correct_url:
        parts.append(
            f'<p><a class="pcf-tap" href="{said.correct_url}">Not what you said? Put it right'
            f'<span class="pcf-vh">: your comment on {escape(comment.number)}</span></a></p>'
        )
    if comment.outcome:
        parts.append(_outcome_html(said))
    if is_sent:
        thanks = _LATE if comment.is_late else _THANKS
        parts.append(
            f'<p class="min-said pcf-small" role="status">{_mark("done")}<span>{thanks}</span></p>'
        )
    parts.append("</div>")
    return "".join(parts)


def _outcome_html(said: Said) -> str:
    comment = said.comment
    changed = comment.outcome == Comment.Outcome.CHANGED
    word = Comment.Outcome(comment.outcome).label
    who = f"{escape(said.settled_by)}, " if said.settled_by else ""
    return (
        f'<div class="pcf-out"><p><strong class="pcf-out__w">{_mark("done" if changed else "wait")}'
        f"{escape(word)}</strong></p>{_lines(comment.outcome_reason)}"
        f'<p class="pcf-talk__who">{who}{day_month(comment.outcome_at)}</p></div>'
    )


def _lines(text: str) -> str:
    """Plain text as paragraphs, like ``nl2p``."""
    blocks = [block.strip() for block in text.replace("\r\n", "\n").split("\n\n")]
    return "".join(f"<p>{escape(block).replace(chr(10), '<br>')}</p>" for block in blocks if block)


@lru_cache(maxsize=8)
def _mark(name: str) -> str:
    return mark(name)


@lru_cache(maxsize=8)
def _kind_words(kind: str) -> str:
    return escape(str(Comment.Kind(kind).label))


def _row(paragraph: dict[str, Any], live: dict[str, Any], draft: Draft | None) -> dict[str, Any]:
    uid, number, text = paragraph["uid"], paragraph["number"], paragraph["text"]
    row = {
        "uid": uid,
        "number": number,
        "anchor": f"p{number.replace('.', '-')}",
        "kind": "" if paragraph["kind"] == "text" else paragraph["kind"],
        "label": paragraph["kind"].capitalize(),
        "text": text,
        "shut": paragraph["private"] and not text,
        "private": paragraph["private"],
        "reason": paragraph["private_reason"],
        "facts": facts_of(paragraph),
        "live": live.get(uid),
        "html": "",
        "change": "",
        "talk": "",
        "comment_url": "",
        "form": None,
    }
    row["html"] = minuted(said(paragraph) if row["kind"] else text)
    if draft is None:
        return row
    runs = draft.changes.runs.get(uid) if draft.changes else None
    if runs:
        row["html"] = _runs(runs)
    if draft.changes:
        row["change"] = "Changed" if runs else "New" if uid in draft.changes.new else ""
    row["talk"] = talk_html(draft.talk.get(uid, ()), sent=draft.sent)
    if draft.comment_url:
        joint = "&" if "?" in draft.comment_url else "?"
        place = draft.comment_anchor or row["anchor"]
        row["comment_url"] = f"{draft.comment_url}{joint}comment={uid}#{place}"
    if draft.form_uid == uid:
        row["form"] = draft.form
    return row


@register.filter
def rendition_rows(
    items: list[dict[str, Any]], live: dict[str, Any] | None = None, draft: Draft | None = None
) -> list[dict[str, Any]]:
    """A rendition's items with everything a template prints, every key present.

    Item: number, title, anchor, meta (short words), private, reason, shut (nothing of it may be
    read), paragraphs, gone (texts taken out since the last version). Paragraph: uid, number,
    anchor, kind ("" or decision, action, ask), label, text, html (safe), facts ({label, value}),
    private, reason, shut, live, and on a draft change, talk, comment_url, form.
    """
    rows = []
    for item in items:
        meta = [item["purpose"], f"Led by {item['lead']}" if item["lead"] else ""]
        meta += [f"{item['minutes']} minutes" if item["minutes"] else ""]
        meta += [_COULD.get(item["can_decide"], "")]
        rows.append(
            {
                "number": item["number"],
                "title": item["title"],
                "anchor": f"i{item['number']}",
                "meta": [words for words in meta if words],
                "private": item["private"],
                "reason": item["private_reason"],
                "shut": item["private"] and not item["paragraphs"],
                "paragraphs": [_row(p, live or {}, draft) for p in item["paragraphs"]],
                "gone": draft.changes.gone.get(item["number"], ())
                if draft and draft.changes
                else (),
            }
        )
    return rows


@register.inclusion_tag("meetings/_rendition.html")
def rendition(
    items: list[dict[str, Any]],
    level: int = 3,
    live: dict[str, Any] | None = None,
    draft: Draft | None = None,
    marks: dict[str, dict[str, str]] | None = None,
) -> dict[str, Any]:
    """The items of one stored rendition. See /meetings/_rendition.html for what it prints.

    ``level``: of the items' headings. ``live``: by paragraph id, what became of a record since:
    {look, text, news}. ``draft``: changes, comments and the open form of a draft page.
    ``marks``: by paragraph id, the note that tells of its correction: {text, anchor}.
    """
    rows = rendition_rows(items, live, draft)
    for paragraph in (p for row in rows for p in row["paragraphs"]) if marks else ():
        paragraph["mark"] = marks.get(paragraph["uid"]) if marks else None
    return {
        "items": rows,
        "level": level,
        "comment_action": draft.comment_action if draft else "",
    }


@register.filter
def as_list(text: str) -> list[str]:
    """The sentences or lines of a short version, without the dashes that people type."""
    return [line for raw in text.splitlines() if (line := raw.strip().lstrip("-•*– ").strip())]


@register.simple_tag
def sentences_list(text: str) -> SafeString:
    """A short version: several lines as a list, one line as a paragraph."""
    lines = as_list(text)
    if len(lines) < 2:
        return format_html_join("", "<p>{}</p>", ((line,) for line in lines))
    return format_html(
        '<ul class="pcf-list">{}</ul>',
        format_html_join("", "<li>{}</li>", ((line,) for line in lines)),
    )
