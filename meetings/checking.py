"""What can be said of a fingerprint that somebody brings: never a draft, never a private word.

The fingerprint is of a PDF's bytes or of a public text. Whatever isn't known for certain is
"We don’t know this": it may be a draft, which nobody vouches for.
"""

import re
from dataclasses import dataclass, field

from coprod.templatetags.forum import day, first_lower, long_day
from meetings.corrections import corrections_of, redaction_after
from meetings.models import Meeting, Minutes, Version

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Verdict:
    """What the page answers: how sure (done, late, wait), a title, sentences, and a way on."""

    look: str
    title: str
    sentences: list[str] = field(default_factory=list)
    url: str = ""
    link: str = ""


UNKNOWN = Verdict(
    "late",
    "We don’t know this",
    [
        "It isn’t a record that we published, or something in it was changed: one letter "
        "is enough.",
        "A draft was never published, so we can’t tell you anything about one.",
    ],
)


def fingerprint_of(text: str) -> str:
    """A typed fingerprint without its spaces and dashes, or nothing when it isn't one."""
    plain = re.sub(r"[\s\-–:.]", "", text).lower()
    return plain if _HASH.fullmatch(plain) else ""


def verdict_on(sha256: str) -> Verdict:
    """What became of the text or the PDF with this fingerprint."""
    found = _find(sha256)
    if found is None:
        return UNKNOWN
    version, is_file = found
    minutes = version.minutes
    name = f"{first_lower(version.public['meeting']['title'])}, {long_day(minutes.meeting.date)}"
    if minutes.state == Minutes.State.WITHDRAWN:
        return _withdrawn(minutes, name)
    what = f"This {'file' if is_file else 'text'} is"
    if minutes.shown_version is not None and version.number < minutes.shown_version.number:
        return _earlier(minutes, version, f"{what} version {version.number} of the {name}.")
    return _unchanged(minutes, version, f"{what} the agreed record of the {name}:")


def _unchanged(minutes: Minutes, version: Version, said: str) -> Verdict:
    told = corrections_of(minutes)
    since = day(told[0].made_at if told else minutes.published_at)
    return Verdict(
        "done",
        "Yes, this is the agreed record",
        [f"{said} version {version.number}, published {since}, unchanged."],
        minutes.meeting.get_absolute_url(),
        "Read it on the meeting’s page",
    )


def _earlier(minutes: Minutes, version: Version, said: str) -> Verdict:
    """Corrected since; where something was taken out, by whichever correction did so."""
    later = [told for told in corrections_of(minutes) if told.before >= version.number][::-1]
    taken = redaction_after(minutes, version.number)
    if taken is not None:
        end = f"Something has been taken out of it since, on {day(taken.made_at)}. Delete it."
    else:
        end = f"It was corrected on {day(later[0].made_at)}: {later[0].correction.note}"
    return Verdict(
        "wait",
        "This is an earlier version, corrected since",
        [f"{said} {end}"],
        minutes.meeting.get_absolute_url(),
        f"Read version {later[-1].number}",
    )


def _withdrawn(minutes: Minutes, name: str) -> Verdict:
    return Verdict(
        "late",
        "This record was withdrawn",
        [
            f"It was the record of the {name}. It was withdrawn on "
            f"{day(minutes.withdrawn_at)}: {minutes.withdrawn_reason}"
        ],
        minutes.meeting.get_absolute_url(),
        "Go to the meeting’s page",
    )


def _find(sha256: str) -> tuple[Version, bool] | None:
    """The newest version with this PDF or this public text that the public may know of."""
    known = (
        Version.objects.filter(
            minutes__meeting__in=Meeting.objects.public(),
            minutes__state__in=[Minutes.State.PUBLISHED, Minutes.State.WITHDRAWN],
            minutes__agreed_version__isnull=False,
            minutes__shown_version__isnull=False,
        )
        .select_related("minutes__meeting", "minutes__agreed_version", "minutes__shown_version")
        .defer(
            "full",
            "minutes__agreed_version__full",
            "minutes__agreed_version__public",
            "minutes__shown_version__full",
            "minutes__shown_version__public",
        )
        .order_by("-number")
    )
    for is_file, lookup in ((True, "document__sha256"), (False, "public_sha256")):
        for version in known.filter(**{lookup: sha256}):
            agreed = version.minutes.agreed_version
            if agreed is not None and version.number >= agreed.number:
                return version, is_file
    return None
