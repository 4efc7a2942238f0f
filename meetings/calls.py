"""What can be written down during a call about a meeting: links to the pages for it.

Only whoever makes the calls sees them; each page asks for permission itself.
"""

from django.urls import reverse

from coprod import registry
from coprod.models import Message
from meetings.models import Invitation


def _invited(message: Message) -> Invitation | None:
    """The invitation that a message is about: named in it, or its reader's own."""
    own = Invitation.objects.select_related("meeting__minutes", "attendance")
    own = own.filter(person=message.person_id)
    if pk := message.ids.get("invitation"):
        return own.filter(pk=pk).first()
    return own.filter(meeting=message.ids.get("meeting")).first()


def reply(message: Message) -> list[dict[str, str]]:
    """An invitation or an agenda: whether they come."""
    invited = _invited(message)
    if invited is None:
        return []
    url = reverse("meetings:reply_record", args=[invited.meeting.slug, invited.pk])
    return [{"label": "Write down their reply", "url": f"{url}?via=phone"}]


def draft(message: Message) -> list[dict[str, str]]:
    """A draft: what is wrong in it, and their answer where they were there."""
    invited = _invited(message)
    if invited is None:
        return []
    page = reverse("meetings:minutes_draft", args=[invited.meeting.slug])
    links = [{"label": "Write down a comment", "url": f"{page}?for={invited.pk}"}]
    if invited.attended:
        label = "Write down whether it’s a fair record"
        links.append({"label": label, "url": f"{page}?for={invited.pk}#heard"})
    return links


def ask(message: Message) -> list[dict[str, str]]:
    """What parents asked: the officer's answer."""
    url = reverse("asks:ask_answer", args=[message.ids["ask"]])
    return [{"label": "Write down their answer", "url": f"{url}?via=phone"}]


def register() -> None:
    """Called when the app is ready."""
    registry.spoken |= {
        "meetings/invitation": reply,
        "meetings/agenda": reply,
        "meetings/minutes_draft": draft,
        "meetings/ask_named": ask,
        "meetings/ask_extended": ask,
        "meetings/ask_reminder": ask,
        "meetings/ask_overdue": ask,
    }
