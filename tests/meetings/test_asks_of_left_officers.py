"""An officer who was named to answer, and whose role has ended since."""

from django.test import Client
from django.urls import reverse

from coprod import links
from meetings.services.asks import name_answerer
from members.services import end_role
from tests.factories.asks import fresh, heard_ask, sent_ask

ANSWER = {"outcome": "done", "text": "Done.", "done_text": "Done.", "do": "send"}


def test_ask_when_the_officers_role_has_ended_is_answered_by_them_no_more(
    client, officer, rep, coordinator, administrator
):
    public = heard_ask(by=coordinator)
    sent = sent_ask(rep, officer, by=coordinator)
    for ask in (public, sent):
        day = None if ask.due_on else ask.said_on.replace(year=ask.said_on.year + 1)
        name_answerer(ask=ask, person=officer, answer_by=day, by=coordinator)
    token = links.make("ask", person=officer, about=public.pk)
    by_link = reverse("asks:ask_answer_by_link", args=[token])
    client.force_login(officer)
    page = reverse("asks:ask_answer", args=[public.pk])
    assert client.get(page).status_code == 200
    assert Client().get(by_link).status_code == 200
    end_role(role=officer.roles.get(), by=administrator)
    assert client.get(page).status_code == 403
    assert client.post(page, ANSWER).status_code == 403
    assert client.get(sent.get_absolute_url()).status_code == 404
    for response in (Client().get(by_link), Client().post(by_link, ANSWER)):
        assert response.status_code == 404
    assert fresh(public).newest_answer is None


def test_letters_when_the_officers_role_has_ended_stay_unsent(
    officer, coordinator, administrator, outbox_drained, mailoutbox
):
    ask = heard_ask(by=coordinator)
    day = ask.said_on.replace(year=ask.said_on.year + 1)
    name_answerer(ask=ask, person=officer, answer_by=day, by=coordinator)
    end_role(role=officer.roles.get(), by=administrator)
    outbox_drained()
    assert [letter for letter in mailoutbox if officer.email in letter.to] == []
