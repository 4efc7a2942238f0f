"""A rep offers a seat by e-mail: the answer never says whether, or whose, an address is known."""

import pytest
from django.test import Client
from django.urls import reverse

from coprod.models import AuditEvent, Message
from members import services
from members.models import Person, Seat
from tests.factories.members import PersonFactory, SeatFactory


@pytest.fixture
def add(group):
    return reverse("members:seat_add", args=[group.slug])


def offer(client, add, email, name="Jo Marsh"):
    return client.post(add, {"name": name, "email": email, "kind": "parent"}, follow=True)


def main(page, *words):
    html = page.content.decode()
    for word in words:
        html = html.replace(word, "…")
    return html[html.index("<main") :]


def link_in(mail, settings):
    return next(
        word.removeprefix(settings.COPROD_ORIGIN)
        for word in mail.body.split()
        if "/seats/offer/" in word
    )


@pytest.mark.parametrize("known", ["active", "switched off", "seated elsewhere", "seated here"])
def test_offer_when_address_is_known_then_answers_as_if_it_were_not(
    known, rep, add, group, other_group, client_for
):
    person = PersonFactory(
        name="Winifred Quayle", email="w@larkmere.example", is_active=known != "switched off"
    )
    if known.startswith("seated"):
        SeatFactory(person=person, group=group if known == "seated here" else other_group)
    client = client_for(rep)
    new = main(offer(client, add, "new@larkmere.example"), "new@larkmere.example")
    old = main(offer(client, add, "w@larkmere.example"), "w@larkmere.example")
    assert new == old
    assert known == "seated here" or "Winifred" not in old
    assert "The seat is theirs when they say yes" in old
    assert group.seats.current().count() == 1 + (known == "seated here")


def test_offer_when_the_letter_says_yes_then_seated(
    rep, add, group, client_for, outbox_drained, settings
):
    offer(client_for(rep), add, "new@larkmere.example")
    [mail] = outbox_drained()
    assert group.name in mail.body
    reader, address = Client(), link_in(mail, settings)
    assert "Will you take a seat" in reader.get(address).content.decode()
    assert not Seat.objects.filter(person__name="Jo Marsh").exists()
    assert "the seat is yours" in reader.post(address, {"answer": "yes"}).content.decode()
    assert Seat.objects.current().get(person__name="Jo Marsh").group == group
    assert Person.objects.get(name="Jo Marsh").email == "new@larkmere.example"
    # The answer to a second press, and to a press after the seats are gone.
    assert "taken by now" in reader.post(address, {"answer": "yes"}).content.decode()
    assert Seat.objects.filter(person__name="Jo Marsh").count() == 1


def test_offer_when_a_known_person_says_yes_then_they_themselves_are_seated(
    rep, add, group, stranger, client_for, outbox_drained, settings
):
    offer(client_for(rep), add, stranger.email, name="Somebody Else")
    reader = Client()
    reader.post(link_in(outbox_drained()[-1], settings), {"answer": "yes"})
    assert group.seats.current().filter(person=stranger).exists()
    assert not Person.objects.filter(name="Somebody Else").exists()


def test_offer_when_refused_then_nothing_changes(
    rep, add, group, client_for, outbox_drained, settings
):
    offer(client_for(rep), add, "new@larkmere.example")
    page = Client().post(link_in(outbox_drained()[-1], settings), {"answer": "no"})
    assert "Thank you for saying so" in page.content.decode()
    assert group.seats.current().count() == 1


def test_offer_when_the_group_is_full_then_refused_before_any_letter(rep, add, group, client_for):
    SeatFactory(group=group)
    SeatFactory(group=group)
    page = offer(client_for(rep), add, "new@larkmere.example")
    assert "All 3 seats" in page.content.decode()
    assert not Message.objects.exists()
    assert not Person.objects.filter(email="new@larkmere.example").exists()


def test_offer_when_the_group_has_left_since_then_the_letter_is_dropped(
    rep, add, group, coordinator, client_for, outbox_drained
):
    offer(client_for(rep), add, "new@larkmere.example")
    services.change_standing(group=group, standing="left", by=coordinator)
    assert outbox_drained() == []


def test_offers_when_made_without_end_then_limited(rep, add, client_for):
    client = client_for(rep)
    for n in range(11):
        page = offer(client, add, f"n{n}@larkmere.example")
    assert "You have made many offers today" in page.content.decode()
    assert Message.objects.count() == 10


def test_seat_when_a_rep_names_somebody_without_address_then_given_at_once(
    rep, add, group, client_for
):
    offer(client_for(rep), add, "")
    assert group.seats.current().filter(person__name="Jo Marsh").exists()


def test_seat_when_the_coordinator_gives_it_then_at_once(coordinator, add, group, client_for):
    offer(client_for(coordinator), add, "new@larkmere.example")
    assert group.seats.current().filter(person__name="Jo Marsh").exists()


def test_offer_when_made_then_audited_by_ids(rep, add, group, client_for):
    offer(client_for(rep), add, "new@larkmere.example")
    [event] = AuditEvent.objects.filter(verb="offer_seat")
    assert event.by_id == rep.pk
    assert "@" not in str(event.data)
