"""Documents made from meetings: minutes as a tagged PDF. Never writes."""

from datetime import date, time
from typing import Any

from django.urls import reverse

from coprod import letters, pdf
from coprod.models import Forum
from coprod.templatetags.forum import and_list, day, long_day, number_word, to_hour
from meetings.amending import share_words
from meetings.corrections import corrections_of
from meetings.models import Version
from meetings.models.agreement import tally
from meetings.publicity import came_of
from meetings.stamps import cover_words


def minutes_pdf(version: Version) -> bytes:
    """A version's public rendition as a PDF; nothing of the full one is ever read."""
    return pdf.render("pdf/meetings/minutes.html", minutes_context(version))


def minutes_context(version: Version) -> dict[str, Any]:
    forum, minutes, public = Forum.current(), version.minutes, version.public
    meeting = public["meeting"]
    met_on = date.fromisoformat(meeting["date"])
    starts, ends = time.fromisoformat(meeting["starts"]), time.fromisoformat(meeting["ends"])
    first = minutes.agreed_version
    agreed = first is not None and version.number >= first.number
    told = [each for each in corrections_of(minutes) if each.number <= version.number]
    word = "Agreed" if agreed else "Draft"
    corrected = f", corrected {day(told[0].made_at)}" if told else ""
    return {
        "forum": forum,
        "title": meeting["title"],
        "foot": f"{meeting['title']}, {day(met_on)}. {word}.",
        "about": f"{word} minutes of {meeting['title']}, {day(met_on)}, {forum.name}",
        "sub": [f"{long_day(met_on)}, {to_hour(starts, ends)}", meeting["where"]],
        "state": {
            "word": f"{word} minutes, version {version.number}{corrected}",
            "look": "done" if agreed else "draft",
        },
        "cover": _cover(forum, version, first if agreed else None),
        "corrections": told,
        "short_version": public["short_version"],
        "items": public["items"],
        "came": came_of(public["who"]),
        "came_words": came_words(public["who"]),
        "record": _record(version, first if agreed else None),
        "hash": version.public_sha256,
        "check_url": _plain(f"{reverse('document_check')}"),
        "json_url": _plain(reverse("meetings:minutes_json", args=[minutes.meeting.slug])),
    }


def _plain(path: str) -> str:
    """A web address as it is read aloud or typed."""
    return letters.absolute(path).split("//")[-1]


def _cover(forum: Forum, version: Version, agreed: Version | None) -> list[dict[str, str]]:
    """When it was agreed and by how many, where it is online, whom to ask."""
    if agreed is not None:
        state = {"label": "Agreed", "value": cover_words(agreed, tally(agreed))}
    else:
        state = {"label": "Not agreed yet", "value": f"Sent out {day(version.circulated_at)}"}
    address = _plain(version.minutes.meeting.get_absolute_url())
    cells = [state, {"label": "Read it online", "value": address}]
    if forum.phone:
        said = f"{forum.phone}, also for large print or another language"
        cells.append({"label": "Ask us", "value": said})
    return cells


def _record(version: Version, agreed: Version | None) -> list[str]:
    """How this text came about, in sentences."""
    clock, minutes = version.minutes.clock, version.minutes
    said = []
    if minutes.meeting.is_recorded_later:
        said.append("These minutes were put on record here after the meeting’s own time.")
    elif clock.kept_on and clock.is_late:
        said.append(
            f"The draft was shared on {day(clock.kept_on)}, {clock.words}: "
            f"we promise {clock.days} days."
        )
    elif clock.kept_on and clock.state != "kept":
        said.append(
            f"The draft was shared on {day(clock.kept_on)}, day {clock.day}: we promise "
            f"{clock.days} days, and had given everybody a new date, with the reason."
        )
    elif clock.kept_on:
        said.append(
            f"The draft was shared on {day(clock.kept_on)}, day {max(clock.day, 0)} "
            f"of the {clock.days} we promise."
        )
    comments = tally(version).all_comments
    if comments:
        every = "it has" if comments == 1 else "each has"
        counted = f"{number_word(comments)} comment{'' if comments == 1 else 's'}"
        said.append(f"{counted.capitalize()} came in and {every} an answer.")
    if agreed is not None and agreed.pk == version.pk:
        said.append(f"This is the text that was agreed on {day(minutes.agreed_at)}.")
    elif agreed is not None:
        said.append(
            f"This is the text that was agreed on {day(minutes.agreed_at)}, with what was put "
            "right since. Each change is listed above."
        )
    else:
        said.append("This is a draft. It has not been agreed by the people who were there.")
    return said


def came_words(who: dict[str, Any]) -> str:
    """Who was round the table, in sentences: what the picture and the table show."""
    parents, total = who["parents"], who["total"]
    if not total:
        return "Nobody is recorded as having been there."
    if parents == total:
        everyone = "The one person" if total == 1 else f"All {number_word(total)} people"
        said = [f"{everyone} round the table {_were(total)}."]
    else:
        few = number_word(parents).capitalize() if parents else "None"
        said = [f"{few} of the {number_word(total)} people round the table {_were(parents)}."]
    if who["below_share"]:
        said.append("That is fewer parents than this forum wants round its table.")
    elif who.get("wanted"):
        said.append(share_words(who))
    if who["sectors_missing"]:
        said.append(f"Nobody came from {and_list(who['sectors_missing'], 'or')}.")
    return " ".join(said)


def _were(count: int) -> str:
    return "was a parent or carer" if count == 1 else "were parents or carers"
