"""Open events: signing up without an account, and what becomes of it."""

import re
import threading
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection, connections
from django.urls import reverse
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from meetings.models import SignUp
from meetings.services import events
from tests.factories.meetings import MeetingFactory

GOOD = {"name": "Marta", "email": "marta@family.example", "people": "2", "needs": "A ramp"}


@pytest.fixture
def event(forum):
    return MeetingFactory(
        title="Open morning", audience="open", date=clocks.today() + timedelta(days=10), places=5
    )


def address(event, name="sign_up"):
    return reverse(f"meetings:{name}", args=[event.slug])


def sign_up(event, **fields):
    who = {"name": "Marta", "email": "marta@family.example", "phone": "", "people": 1, "needs": ""}
    return events.sign_up(meeting=event, **{**who, **fields})


def own(signed_up):
    return reverse("meetings:sign_up_own", args=[signed_up.uuid])


def test_event_when_anybody_signs_up_keeps_it_and_confirms(client, event, outbox_drained):
    page = client.post(address(event), GOOD)
    assert "See you there" in page.content.decode()
    kept = SignUp.objects.get()
    assert (kept.people, kept.needs, kept.signed_up_by) == (2, "A ramp", None)
    (letter,) = outbox_drained()
    assert letter.to == ["marta@family.example"]
    assert own(kept) in letter.body
    assert AuditEvent.objects.about(kept).filter(verb="sign_up").exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "Enter a name"),
        ({"email": ""}, "Enter an e-mail address or a phone number"),
        ({"email": "marta@"}, "e-mail"),
        ({"phone": "call me"}, "Enter a phone number such as"),
        ({"people": "0"}, "a number from 1 to 10"),
        ({"people": "many"}, "enter a number, such as 2"),
        ({"people": "6"}, "Only 5 places are left"),
    ],
)
def test_form_when_something_is_wrong_says_so_and_keeps_the_rest(client, event, wrong, words):
    page = client.post(address(event), GOOD | wrong).content.decode()
    assert words in page
    assert "A ramp" in page
    assert not SignUp.objects.exists()


def test_event_when_places_are_taken_refuses_and_says_so(client, event):
    sign_up(event, people=5)
    assert "All places are taken" in client.get(address(event)).content.decode()
    page = client.post(address(event), GOOD | {"email": "other@family.example"})
    assert "All places are taken" in page.content.decode()
    assert SignUp.objects.count() == 1


def test_event_when_somebody_signs_up_twice_says_the_same_and_adds_nobody(client, event):
    first = client.post(address(event), GOOD).content
    again = client.post(address(event), GOOD | {"name": "Nosy"}).content
    assert again == first
    assert SignUp.objects.get().name == "Marta"


def test_event_when_it_is_no_open_one_has_no_list(client, client_for, coordinator):
    meeting = MeetingFactory(audience="services")
    assert client.get(address(meeting)).status_code == 404
    assert client_for(coordinator).get(address(meeting, "sign_up_list")).status_code == 404
    with pytest.raises(TransitionNotAllowed):
        sign_up(meeting)


@pytest.mark.parametrize("what", ["begun", "cancelled", "unannounced"])
def test_event_when_it_takes_no_more_refuses(event, what):
    if what == "begun":
        event.date = clocks.today() - timedelta(days=1)
    elif what == "cancelled":
        event.cancelled_at, event.cancelled_reason = timezone.now(), "The hall flooded"
    else:
        event.announced_at = None
    event.save()
    with pytest.raises(TransitionNotAllowed, match="has closed"):
        sign_up(event)


def test_own_page_when_opened_changes_nothing_and_button_cancels(client, event):
    kept = sign_up(event)
    response = client.get(own(kept))
    assert response["Referrer-Policy"] == "no-referrer"
    assert SignUp.objects.get().cancelled_at is None
    client.post(own(kept), {"do": "cancel"})
    assert SignUp.objects.get().cancelled_at is not None
    assert "You’re off the list" in client.get(own(kept)).content.decode()
    assert events.places_left(event) == 5


def test_own_page_when_more_come_than_fit_keeps_what_stood(client, event):
    kept = sign_up(event, people=3)
    page = client.post(own(kept), {"do": "change", "people": "9", "needs": ""}).content.decode()
    assert "Only 2 places are left" in page
    client.post(own(kept), {"do": "change", "people": "5", "needs": "Two chairs"})
    assert SignUp.objects.values_list("people", "needs").get() == (5, "Two chairs")


def test_list_when_coordinator_adds_somebody_who_rang_needs_no_address(
    client_for, coordinator, event
):
    client = client_for(coordinator)
    client.post(
        address(event, "sign_up_add"), {"name": "Al", "phone": "01632 960 111", "people": "1"}
    )
    kept = SignUp.objects.get()
    assert kept.signed_up_by == coordinator
    page = client.get(address(event, "sign_up_list")).content.decode()
    assert "ring if anything changes" in page
    client.post(reverse("meetings:sign_up_cancel", args=[event.slug, kept.pk]))
    assert SignUp.objects.get().cancelled_by == coordinator


def test_names_when_public_reads_the_event_never_show(client, event):
    sign_up(event, name="Wildcanary", needs="Quietcanary")
    for path in (event.get_absolute_url(), address(event), "/meetings/calendar.ics", "/meetings/"):
        assert b"canary" not in client.get(path).content


def test_event_when_moved_or_cancelled_tells_each_once(event, outbox_drained):
    sign_up(event)
    ringing = sign_up(event, email="", phone="01632 960 112", name="Al")
    outbox_drained()
    mail.outbox.clear()
    for _ in range(2):
        to_ring = events.tell_signed_up(meeting=event, about="moved", cause=1)
    assert [each.pk for each in to_ring] == [ringing.pk]
    assert [letter.to for letter in outbox_drained()] == [["marta@family.example"]]
    event.cancelled_at, event.cancelled_reason = timezone.now(), "The hall flooded"
    event.save()
    events.tell_signed_up(meeting=event, about="cancelled", cause=2)
    assert "The hall flooded" in outbox_drained()[-1].body


def test_reminder_when_event_is_tomorrow_goes_once(event, outbox_drained):
    sign_up(event)
    outbox_drained()
    mail.outbox.clear()
    with time_machine.travel(clocks.local(event.date - timedelta(days=1), clocks.QUIET_UNTIL)):
        for _ in range(3):
            events.remind_signed_up()
        (letter,) = outbox_drained(timezone.now() + timedelta(hours=2))
    assert letter.subject.startswith("See you on")


def test_sign_ups_when_four_weeks_have_passed_are_forgotten(event, outbox_drained):
    kept = sign_up(event, name="Wildcanary")
    for about in ("moved", "cancelled", "after_all"):
        events.tell_signed_up(meeting=event, about=about, cause=1)
    outbox_drained()
    with time_machine.travel(timezone.now() + timedelta(days=10 + 28)):
        assert events.forget_sign_ups() == 0
    with time_machine.travel(timezone.now() + timedelta(days=10 + 29)):
        assert events.forget_sign_ups() == 1
    assert not SignUp.objects.exists()
    assert not Message.objects.filter(ids__sign_up=kept.pk).exists()


def test_form_when_sent_again_and_again_is_limited(client, event):
    for number in range(7):
        page = client.post(address(event), GOOD | {"people": "1", "name": f"N{number}"})
    assert "too many tries" in page.content.decode()
    assert Message.objects.count() <= 2


def test_confirmation_when_title_is_long_keeps_subject_short(event, outbox_drained):
    event.title = "A very long name for a very open morning indeed"
    event.save()
    sign_up(event)
    (letter,) = outbox_drained()
    assert len(letter.subject) <= 50
    assert not re.search(r"\n", letter.subject)


@pytest.mark.django_db(transaction=True)
def test_last_place_when_many_want_it_goes_to_one(event):
    event.places = 1
    event.save()
    barrier = threading.Barrier(8)

    def want(number):
        barrier.wait()
        try:
            sign_up(event, email=f"p{number}@family.example")
        except TransitionNotAllowed:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=want, args=[n]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert connection.vendor
    assert events.taken(event) == 1


def test_list_when_coordinator_adds_an_address_twice_says_so(client_for, coordinator, event):
    sign_up(event)
    who = {"name": "Marta", "email": "marta@family.example", "people": "4", "needs": ""}
    page = client_for(coordinator).post(address(event, "sign_up_add"), who).content.decode()
    assert "is on the list with this address already" in page
    assert SignUp.objects.get().people == 1
