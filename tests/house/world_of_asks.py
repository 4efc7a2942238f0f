"""The asks that the permission matrix asks about: O is named to answer them, nobody else."""

from coprod import links
from meetings.services.asks import name_answerer
from tests.factories.asks import heard_ask, sent_ask


def kwargs_of_asks(people):
    """Rows of the matrix by name; ``people`` is one of each column."""
    coordinator, officer = people["C"], people["O"]
    ask = heard_ask(by=coordinator)
    sent = sent_ask(people["R"], officer, by=coordinator, title="Asked in a draft")
    name_answerer(ask=ask, person=officer, answer_by=sent.due_on, by=coordinator)
    name_answerer(ask=sent, person=officer, by=coordinator)
    return {
        "ask": {"pk": ask.pk},
        "sent ask": {"pk": sent.pk},
        "ask link": {"token": links.make("ask", person=officer, about=ask.pk)},
    }
