"""Letters about thank-yous: one function each; never decides to send.

Each asks again, when it is written, whether the offer still stands.
"""

from django.urls import reverse

from coprod import letters, registry
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from coprod.registry import Letter, letter
from expenses.models import Recognition
from expenses.services.recognition import has_read
from members.emails import reader_of

State = Recognition.State


def _thanks(message: Message, *states: str) -> Recognition:
    """What the letter is about. Raises NoLongerDue when it has moved on."""
    person = reader_of(message)
    found = Recognition.objects.filter(pk=message.ids["thanks"], person=person).first()
    if found is None or found.state not in states:
        raise NoLongerDue("This thank-you has moved on since.")
    return found


def _write(name: str, message: Message, thanks: Recognition, why: str) -> Letter:
    context = {
        "person": message.person,
        "thanks": thanks,
        "reads": thanks.has_value and not has_read(thanks.person_id),
        "url": reverse("expenses:thanks_answer", args=[thanks.pk]),
        "own_url": reverse("expenses:thanks_own"),
        "by_post": message.channel == Message.Channel.LETTER,
    }
    return letters.write(f"expenses/{name}", context, why=why)


OFFERED = "You get this because the forum would like to thank you for your time."


@letter("expenses/thanks_offered")
def thanks_offered(message: Message) -> Letter:
    """Something is offered: yes, no, or to somebody else."""
    return _write("thanks_offered", message, _thanks(message, State.OFFERED), OFFERED)


@letter("expenses/thanks_reminder")
def thanks_reminder(message: Message) -> Letter:
    """The offer has no answer yet. Once; no answer is fine too."""
    return _write("thanks_reminder", message, _thanks(message, State.OFFERED), OFFERED)


@letter("expenses/thanks_withdrawn")
def thanks_withdrawn(message: Message) -> Letter:
    """The offer was taken back: only to somebody who had heard of it."""
    thanks = _thanks(message, State.WITHDRAWN)
    heard = Message.objects.filter(
        key=f"thanks_offered:{thanks.pk}", state=Message.State.SENT
    ).exists()
    if not heard:
        raise NoLongerDue("They had not heard of the offer.")
    return _write("thanks_withdrawn", message, thanks, "You get this because we had offered it.")


@letter("expenses/thanks_received")
def thanks_received(message: Message) -> Letter:
    """It was handed over: a voucher, a letter, training."""
    why = "You get this because you said yes to it."
    return _write("thanks_received", message, _thanks(message, State.DONE), why)


def note_answer(message: Message) -> list[dict[str, str]]:
    """Where whoever rings writes down the answer."""
    url = reverse("expenses:thanks_note", args=[message.ids["thanks"]])
    return [{"label": "Write down their answer", "url": url}]


registry.spoken |= {
    "expenses/thanks_offered": note_answer,
    "expenses/thanks_reminder": note_answer,
}
