"""The personas are who the other tests take them for."""

import pytest
from django.core import mail

from coprod import outbox
from coprod.models import Message
from coprod.registry import Letter, letters

PERSONAS = {
    "coordinator": {"coordinator"},
    "treasurer": {"treasurer"},
    "administrator": {"administrator"},
    "officer": {"officer"},
    "rep": set(),
    "rep_of_other_group": set(),
    "staff": set(),
    "stranger": set(),
    "person_without_email": set(),
}


@pytest.mark.parametrize("name", PERSONAS)
def test_persona_holds_its_own_roles_and_no_other(name, request):
    assert request.getfixturevalue(name).role_kinds == PERSONAS[name]


def test_group_seats_when_all_personas_sit_are_two_parents_and_one_staff(
    rep, staff, person_without_email, rep_of_other_group, group, other_group
):
    assert {s.person for s in group.seats.current()} == {rep, staff, person_without_email}
    assert [s.person for s in group.seats.current() if s.is_staff] == [staff]
    assert [s.person for s in other_group.seats.current()] == [rep_of_other_group]


def test_person_without_email_is_reached_by_letter(person_without_email):
    assert person_without_email.reached_by == Message.Channel.LETTER


def test_outbox_drained_when_one_message_waits_sends_it(outbox_drained, rep, monkeypatch):
    monkeypatch.setitem(letters, "test/note", lambda message: Letter("Read this", "Words"))
    outbox.queue(key="one", template="test/note", person=rep)

    assert outbox_drained() is mail.outbox
    assert [mail.to for mail in mail.outbox] == [[rep.email]]
