"""One's own address for signing in: confirmed by a code, and never taken from somebody."""

import threading

import pytest
from django.db import connection
from django.urls import reverse

from coprod import links
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from members import services, signing_in
from members.models import Person
from tests.factories.members import PersonFactory
from tests.members.test_sign_in import body_without, code_in

ASK = reverse("members:my_address")
CONFIRM = reverse("members:my_address_confirm")
NEW = "nadia@newmail.example"


def asked(client, email=NEW):
    return client.post(ASK, {"email": email}, follow=True)


def test_address_when_asked_for_then_the_old_one_holds_until_the_code_is_typed(
    rep, client_for, outbox_drained
):
    client = client_for(rep)
    page = asked(client, "  Nadia@NewMail.example ")
    assert f"If {NEW} can be used here" in page.content.decode()
    [mail] = outbox_drained()
    assert mail.to == [NEW]
    rep.refresh_from_db()
    assert rep.email == "nadia@larkmere.example"
    client.post(CONFIRM, {"code": code_in(mail)})
    rep.refresh_from_db()
    assert rep.email == NEW
    assert AuditEvent.objects.filter(verb="change_own_address", by_id=rep.pk).exists()


def test_address_when_changed_then_the_old_one_is_told_and_links_end(
    rep, client_for, outbox_drained
):
    token = links.make("join", person=rep, about=rep.pk)
    client = client_for(rep)
    asked(client)
    client.post(CONFIRM, {"code": code_in(outbox_drained()[-1])})
    mail = outbox_drained()[-1]
    assert mail.to == ["nadia@larkmere.example"]
    assert NEW not in mail.body
    with pytest.raises(links.LinkInvalid):
        links.read("join", token)
    rep.refresh_from_db()
    assert rep.links_ended_by == rep


def test_address_when_it_is_somebodys_then_the_page_is_the_same_and_its_owner_is_told(
    rep, stranger, client_for, outbox_drained
):
    free, taken = client_for(rep), client_for(rep)
    one = body_without(asked(free), NEW)
    assert one == body_without(asked(taken, stranger.email), stranger.email)
    mails = outbox_drained()
    assert [mail.to for mail in mails] == [[NEW], [stranger.email]]
    assert "Nothing was changed" in mails[1].body
    assert rep.name not in mails[1].body
    for code in ("000000", code_in(mails[0])):
        page = taken.post(CONFIRM, {"code": code}).content.decode()
        assert "This isn’t the code" in page
    rep.refresh_from_db()
    assert rep.email == "nadia@larkmere.example"


def test_address_when_five_codes_are_wrong_then_begins_again(rep, client_for, outbox_drained):
    client = client_for(rep)
    asked(client)
    code = code_in(outbox_drained()[-1])
    for _ in range(5):
        client.post(CONFIRM, {"code": "000000" if code != "000000" else "111111"})
    assert client.post(CONFIRM, {"code": code})["Location"] == ASK
    rep.refresh_from_db()
    assert rep.email == "nadia@larkmere.example"


def test_address_when_the_code_is_another_persons_then_worthless(
    rep, stranger, client_for, outbox_drained
):
    asked(client_for(rep))
    code = code_in(outbox_drained()[-1])
    client = client_for(stranger)
    asked(client, "sam@newmail.example")
    client.post(CONFIRM, {"code": code})
    stranger.refresh_from_db()
    assert stranger.email == "sam@larkmere.example"


def test_address_when_it_is_the_present_one_then_says_so(rep, client_for):
    page = client_for(rep).post(ASK, {"email": rep.email.upper()}).content.decode()
    assert "This is the address that we have already" in page
    assert not Message.objects.exists()


def test_address_when_taken_between_code_and_confirmation_then_said_in_words(
    rep, client_for, outbox_drained
):
    client = client_for(rep)
    asked(client)
    code = code_in(outbox_drained()[-1])
    PersonFactory(email=NEW)
    page = client.post(CONFIRM, {"code": code}, follow=True)
    assert page.status_code == 200
    assert "This address can’t be used here" in page.content.decode()


def test_address_when_the_coordinator_corrects_her_own_then_only_by_its_page(
    coordinator, client_for
):
    form = {"name": coordinator.name, "email": NEW, "channel": "email"}
    address = reverse("members:person_edit", args=[coordinator.public_id])
    client_for(coordinator).post(address, form)
    coordinator.refresh_from_db()
    assert coordinator.email == "ruth@larkmere.example"
    coordinator.email = NEW
    with pytest.raises(TransitionNotAllowed):
        services.change_person(person=coordinator, by=coordinator, fields=["email"])


def test_address_when_the_coordinator_corrects_it_then_links_end(rep, coordinator):
    token = links.make("join", person=rep, about=rep.pk)
    rep.email = NEW
    services.change_person(person=rep, by=coordinator, fields=["email"])
    with pytest.raises(links.LinkInvalid):
        links.read("join", token)


def test_address_when_another_took_it_while_the_page_was_open_then_form_error(
    rep, coordinator, client_for, monkeypatch
):
    """The form found nobody; the database has somebody by the time it is saved."""
    PersonFactory(email=NEW)
    monkeypatch.setattr("members.forms.people._ReachedForm.clean_email", lambda form: NEW)
    monkeypatch.setattr("members.forms.people.PersonForm.validate_unique", lambda form: None)
    form = {"name": rep.name, "email": NEW, "channel": "email"}
    address = reverse("members:person_edit", args=[rep.public_id])
    page = client_for(coordinator).post(address, form)
    assert page.status_code == 200
    assert "Somebody has just taken this e-mail address" in page.content.decode()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_address_when_twenty_take_it_at_once_then_one_has_it_and_the_rest_are_told(forum):
    people = [PersonFactory() for _ in range(20)]
    ready, results = threading.Barrier(20), []

    def take(person):
        try:
            ready.wait()
            signing_in.change_own_address(person=person, email=NEW)
            results.append("taken")
        except TransitionNotAllowed:
            results.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["refused"] * 19 + ["taken"]
    assert Person.objects.filter(email=NEW).count() == 1
