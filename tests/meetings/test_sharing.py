"""Passing published minutes on: the words, the places, the poster."""

import page as page_check
import pytest
from django.core import mail
from django.urls import reverse

from coprod.models import Message
from meetings import sharing
from meetings.models import Minutes, PublicityChannel, PublicityStep
from meetings.services.publicity import withdraw_minutes
from tests.factories.meetings import past_meeting
from tests.factories.minutes import agreed
from tests.factories.published import publish, withhold, written_minutes
from tests.meetings.reading_pdf import words_of


@pytest.fixture
def channel(forum):
    return PublicityChannel.objects.create(name="Local Offer", email="offer@council.example")


@pytest.fixture
def ready(coordinator, rep):
    """Agreed minutes, one step before the public."""
    meeting = past_meeting(coordinator, rep, days=20)
    return agreed(meeting, by=coordinator, people=[coordinator, rep])


def share(minutes, name="minutes_share", *args):
    return reverse(f"meetings:{name}", args=[minutes.meeting.slug, *args])


def test_places_when_minutes_are_published_are_mailed_and_ticked(
    channel, ready, coordinator, outbox_drained
):
    by_hand = PublicityChannel.objects.create(name="Library")
    publish(ready, by=coordinator)
    letters = [letter for letter in outbox_drained() if letter.to == [channel.email]]
    assert len(letters) == 1
    assert ready.meeting.get_absolute_url() in letters[0].body
    told = set(PublicityStep.objects.values_list("channel", flat=True))
    assert channel.pk in told
    assert by_hand.pk not in told


def test_letter_when_minutes_are_withdrawn_before_it_goes_is_dropped(
    channel, ready, coordinator, outbox_drained
):
    publish(ready, by=coordinator)
    withdraw_minutes(minutes=ready, reason="A name was in it", by=coordinator)
    assert [letter for letter in outbox_drained() if letter.to == [channel.email]] == []
    assert Message.objects.get(template="meetings/published_elsewhere").state == "dropped"


def test_letter_when_place_has_another_address_since_is_dropped(
    channel, ready, coordinator, outbox_drained
):
    publish(ready, by=coordinator)
    PublicityChannel.objects.update(email="new@council.example")
    mail.outbox.clear()
    outbox_drained()
    assert [letter for letter in mail.outbox if "council.example" in letter.to[0]] == []


def test_place_when_ticked_twice_is_done_once_and_can_be_undone(client_for, ready, coordinator):
    publish(ready, by=coordinator)
    library = PublicityChannel.objects.create(name="Library")
    client = client_for(coordinator)
    for _ in range(2):
        client.post(share(ready, "channel_told", library.pk), {"do": "done"})
    assert PublicityStep.objects.get().done_by == coordinator
    assert "I’ve done it" not in client.get(share(ready)).content.decode()
    client.post(share(ready, "channel_told", library.pk), {"do": "undo"})
    assert not PublicityStep.objects.exists()


def test_page_when_minutes_are_not_public_is_not_there(client_for, ready, coordinator):
    assert client_for(coordinator).get(share(ready)).status_code == 404
    assert client_for(coordinator).get(share(ready, "poster")).status_code == 404


@pytest.mark.parametrize("short", ["", "One.", "\n".join(["A long sentence of words"] * 40)])
def test_texts_when_made_name_the_meeting_and_fit(ready, coordinator, short):
    publish(ready, by=coordinator)
    minutes = Minutes.objects.select_related("meeting", "shown_version").get()
    minutes.shown_version.public["short_version"] = short
    post, paragraph, letter = sharing.texts_of(minutes)
    assert len(post.words) <= sharing.POST
    for text in (post, paragraph, letter):
        assert minutes.meeting.get_absolute_url() in text.words
        assert "Consortium" in text.words


def test_texts_when_a_paragraph_is_private_never_hold_it(client_for, coordinator, rep):
    minutes = written_minutes(past_meeting(coordinator, rep, days=20), by=coordinator)
    words = minutes.sections.first().paragraphs.first().text
    withhold(minutes, words, by=coordinator)
    Minutes.objects.filter(pk=minutes.pk)
    from tests.factories.published import agree, send_out

    publish(agree(send_out(minutes, by=coordinator, days_ago=8)), by=coordinator)
    page = client_for(coordinator).get(share(minutes)).content.decode()
    assert words not in page


def test_poster_when_made_is_tagged_and_says_where(client_for, ready, coordinator):
    publish(ready, by=coordinator)
    body = client_for(coordinator).get(share(ready, "poster")).content
    assert page_check.validate_pdf_bytes(body, profile="ua1").failures == []
    assert ready.meeting.slug in words_of(body).replace("\n", "").replace(" ", "")


def test_place_when_added_and_retired_leaves_the_list(client_for, coordinator, ready):
    client = client_for(coordinator)
    client.post(reverse("meetings:channel_add"), {"name": "Library", "is_used": "on"})
    library = PublicityChannel.objects.get()
    assert library.added_by == coordinator
    client.post(reverse("meetings:channel_edit", args=[library.pk]), {"name": "Library"})
    publish(ready, by=coordinator)
    page = client.get(share(ready)).content.decode()
    assert '<h3 class="pcf-small"><strong>Library' not in page


def test_place_when_name_is_missing_or_taken_says_so(client_for, coordinator, channel):
    client = client_for(coordinator)
    page = client.post(reverse("meetings:channel_add"), {"name": ""}).content.decode()
    assert "Enter what it is" in page
    page = client.post(reverse("meetings:channel_add"), {"name": "Local Offer"}).content.decode()
    assert PublicityChannel.objects.count() == 1
    assert "already" in page
