"""Withdrawn minutes are gone from every address that there is, at once."""

import pytest
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from meetings.models import Minutes, Version
from meetings.services.publicity import withdraw_minutes
from tests.factories.meetings import coming_meeting, past_meeting
from tests.factories.published import publish, published_minutes
from tests.meetings.reading_pdf import everything_in, words_of
from tests.meetings.test_corrections import correct

CANARY = "Xanthippe"


def _patterns(resolver=None, space=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _patterns(pattern, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{space}{pattern.name}", sorted(pattern.pattern.converters)


def addresses(minutes):
    """Every address that there is, made about these minutes where it is about a meeting."""
    version = Version.objects.filter(minutes=minutes).first()
    item = minutes.meeting.agenda_items.first()
    known = {
        "slug": minutes.meeting.slug,
        "number": 1,
        "pk": item.pk,
        "place": "short",
        "uid": version.full["items"][0]["paragraphs"][0]["uid"],
        "token": "not-a-token",
        "key": "0" * 32,
        "kind": "full",
    }
    found = set()
    for name, names in _patterns():
        try:
            found.add(reverse(name, kwargs={each: known[each] for each in names}))
        except (KeyError, NoReverseMatch):
            continue
    here = minutes.meeting.get_absolute_url()
    return sorted(found | {f"{here}minutes-2.pdf", f"{here}earlier/2/", "/meetings/?before=x"})


def words(response):
    """All that an answer holds, a PDF unpacked."""
    if response.status_code in (301, 302):
        return response["Location"]
    body = b"".join(response) if response.streaming else response.content
    if body.startswith(b"%PDF"):
        return words_of(body) + everything_in(body)
    return body.decode()


@pytest.fixture
def minutes(coordinator, rep, officer, rep_of_other_group):
    """Published, corrected once, one more meeting ahead; the canary stands in all of it."""
    meeting = past_meeting(rep, officer, coordinator, days=20, absent=[rep_of_other_group])
    coming_meeting(rep, days=30)
    items = [(f"{CANARY} drives", f"{CANARY} drives.\n\nAction: Ring {CANARY}. (Ann, by 2 May)")]
    made = published_minutes(meeting, by=coordinator, items=items, short=f"{CANARY} drives.")
    correct(made, coordinator, text=f"{CANARY} drives in May.")
    return Minutes.objects.get(pk=made.pk)


def public_hits(client, minutes):
    hits = []
    for address in addresses(minutes):
        response = client.get(address)
        assert response.status_code != 500, address
        if CANARY in words(response):
            hits.append(address)
    return hits


def test_words_when_minutes_are_withdrawn_then_at_no_address(client_for, coordinator, minutes):
    client, here = client_for(None), minutes.meeting.get_absolute_url()
    before = public_hits(client, minutes)
    files = ["", "minutes.pdf", "minutes-1.pdf", "minutes-2.pdf", "minutes.json", "earlier/1/"]
    assert {f"{here}{each}" for each in files} | {"/", "/meetings/minutes.atom"} <= set(before)

    withdraw_minutes(minutes=minutes, reason="A name was in it.", by=coordinator)

    assert public_hits(client, minutes) == []
    for each in files[1:]:
        gone = client.get(f"{here}{each}")
        assert gone.status_code == 410, each
        assert "A name was in it." in gone.text


def test_words_when_somebody_asks_with_an_old_etag_then_not_kept_alive(
    client_for, coordinator, minutes
):
    client = client_for(None)
    held = {a: client.get(a).get("ETag") for a in public_hits(client, minutes)}
    assert all(held.values())
    withdraw_minutes(minutes=minutes, reason="A name was in it.", by=coordinator)
    for address, etag in held.items():
        again = client.get(address, headers={"If-None-Match": etag})
        assert again.status_code != 304, address


@pytest.mark.parametrize("who", ["treasurer", "administrator", "stranger"])
def test_words_when_withdrawn_then_not_for_those_who_were_not_invited(
    client_for, coordinator, minutes, request, who
):
    client = client_for(request.getfixturevalue(who))
    withdraw_minutes(minutes=minutes, reason="A name was in it.", by=coordinator)
    assert public_hits(client, minutes) == []


def test_words_when_published_again_then_back_everywhere(client_for, coordinator, minutes):
    client = client_for(None)
    before = public_hits(client, minutes)
    withdraw_minutes(minutes=minutes, reason="A name was in it.", by=coordinator)
    publish(Minutes.objects.get(), by=coordinator)
    assert public_hits(client, minutes) == before
