"""Letters about people, roles and seats: one function each; never decides to send."""

from coprod.letters import write
from coprod.models import Message
from coprod.registry import Letter, letter


@letter("members/welcome")
def welcome(message: Message) -> Letter:
    """The invitation: what the forum is, and how to sign in."""
    return write("members/welcome", {"person": message.person}, why="You were invited to join.")


@letter("members/details_changed")
def details_changed(message: Message) -> Letter:
    """Somebody else corrected this person's details."""
    return write(
        "members/details_changed",
        {"person": message.person, "fields": message.ids.get("fields", [])},
        why="We always tell people when their details are changed by somebody else.",
    )
