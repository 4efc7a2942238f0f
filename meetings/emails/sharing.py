"""The letter to places that pass published minutes on."""

from coprod import letters
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from coprod.registry import Letter, letter
from meetings import sharing
from meetings.models import Minutes, PublicityChannel


@letter("meetings/published_elsewhere")
def published_elsewhere(message: Message) -> Letter:
    """That minutes are out, with a paragraph to copy. Nothing but what everyone may read."""
    minutes = Minutes.objects.published().filter(pk=message.ids["minutes"]).first()
    channel = PublicityChannel.objects.filter(pk=message.ids["channel"], is_used=True).first()
    if minutes is None:
        raise NoLongerDue("These minutes aren’t public any more.")
    if channel is None or channel.email != message.address:
        raise NoLongerDue("This place isn’t told any more.")
    context = {
        "meeting": minutes.meeting,
        "channel": channel,
        "words": sharing.texts_of(minutes)[1].words,
        "url": minutes.meeting.get_absolute_url(),
    }
    why = "You get this because the forum asked you to pass its minutes on."
    return letters.write("meetings/published_elsewhere", context, why=why, to_member=False)
