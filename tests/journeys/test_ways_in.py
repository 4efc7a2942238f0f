"""The second step with an app and with a passkey, devices, the address, and ended links."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.utils import timezone

from coprod import clocks, links
from coprod.models import Message
from members import services, signing_in
from tests.factories.meetings import MeetingFactory, invite
from tests.journeys.acting import errors_of, follow, press, words_of
from tests.journeys.test_sign_in import ask_for_code, code_of, type_code
from tests.members.test_second_step import code_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def strict(forum):
    forum.second_factor = True
    forum.save()
    return forum


@pytest.fixture
def virtual_key():
    """A passkey device that says yes by itself, on the page that is given."""

    def plug_in(page):
        device = page.context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasUserVerification": True,
            "isUserVerified": True,
            "hasResidentKey": True,
            "automaticPresenceSimulation": True,
        }
        added = device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return device, added["authenticatorId"]

    return plug_in


def test_app_when_who_runs_the_forum_signs_in_first_then_is_led_through_it(
    page, strict, coordinator, mailed, look
):
    ask_for_code(page, coordinator.email)
    type_code(page, code_of(mailed(coordinator)))
    assert page.locator("h1").inner_text() == "Second step when signing in"
    look(page, "second-step")
    follow(page, "Set up an app")
    look(page, "second-step-app")
    secret = page.locator(".pcf-key code").inner_text().replace(" ", "")
    page.get_by_label("Code").fill("000 000" if code_for(secret) != "000000" else "111 111")
    press(page, "Switch on the second step")
    assert "This isn’t the right code" in errors_of(page)
    look(page, "second-step-wrong")
    page.get_by_label("Code").fill(code_for(secret))
    press(page, "Switch on the second step")
    codes = page.locator(".pcf-codes code").all_inner_texts()
    assert len(codes) == 10
    look(page, "recovery-codes")
    follow(page, "I’ve kept them, go on")
    assert page.url.endswith("/today/")
    cache.clear()
    page.context.clear_cookies()
    ask_for_code(page, coordinator.email)
    type_code(page, code_of(mailed(coordinator)))
    assert page.locator("h1").inner_text() == "Now your second step"
    look(page, "second-step-ask")
    page.get_by_label("Code").fill(codes[4])
    press(page, "Sign in")
    assert page.url.endswith("/today/")


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_passkey_when_added_then_signs_in_and_shows_who_one_is(
    size, request, strict, coordinator, signed_in, virtual_key, mailed, look
):
    page = request.getfixturevalue(f"page_{size}")
    virtual_key(page)
    signed_in(coordinator, on=page)
    page.goto("/today/")
    follow(page, "Add a passkey")
    look(page, "passkey-add")
    page.get_by_label("What do you call it?").fill("My phone")
    with page.expect_navigation():
        page.get_by_role("button", name="Add a passkey").click()
    assert Authenticator.objects.filter(type="webauthn").count() == 1
    assert "Keep these recovery codes" in words_of(page)
    page.goto("/accounts/second-step/webauthn/")
    assert "My phone" in words_of(page)
    look(page, "passkeys")
    # Signing in with it.
    page.context.clear_cookies()
    ask_for_code(page, coordinator.email)
    type_code(page, code_of(mailed(coordinator)))
    look(page, "passkey-ask")
    with page.expect_navigation():
        page.get_by_role("button", name="Use my passkey").click()
    assert page.url.endswith("/today/")


def test_passkey_when_the_device_refuses_then_says_what_to_do(page_phone, rep, signed_in, look):
    signed_in(rep, on=page_phone)
    page_phone.goto("/accounts/second-step/webauthn/add/")
    refuse = "() => { navigator.credentials.create = () => Promise.reject(new Error('no')) }"
    page_phone.evaluate(refuse)
    page_phone.get_by_role("button", name="Add a passkey").click()
    page_phone.get_by_text("That didn’t work, or it was stopped").wait_for()
    look(page_phone, "passkey-refused")


def test_passkey_when_there_is_no_script_then_points_to_the_app(
    page_no_script, rep, signed_in, look
):
    signed_in(rep, on=page_no_script)
    page_no_script.goto("/accounts/second-step/webauthn/add/")
    assert "Use the app instead" in words_of(page_no_script)
    assert not page_no_script.get_by_role("button", name="Add a passkey").is_visible()


def test_own_ways_in_when_looked_at_then_each_page_can_be_read(page, rep, signed_in, mailed, look):
    signed_in(rep, on=page)
    page.goto("/me/")
    look(page, "my-details")
    follow(page, "Where am I signed in?")
    look(page, "my-devices")
    page.goto("/me/links/end/")
    look(page, "links-end")
    press(page, "End the links")
    assert "no longer work" in words_of(page)
    page.goto("/me/address/")
    look(page, "my-address")
    page.get_by_label("Your new e-mail address").fill("nadia@newmail.example")
    press(page, "Send a code there")
    look(page, "my-address-code")


def test_roles_when_the_sign_in_is_old_then_a_code_goes_on_where_it_stopped(
    page, administrator, rep, client_for, live_server, mailed, look
):
    client = client_for(administrator)
    session = client.session
    session["proved_at"] -= 20 * 60
    session.save()
    page.context.add_cookies(
        [{"name": "sessionid", "value": session.session_key, "url": live_server.url}]
    )
    page.goto(rep.get_absolute_url())
    look(page, "person-by-administrator")
    follow(page, "Give a role")
    assert page.locator("h1").inner_text() == "Is it you?"
    look(page, "is-it-you")
    press(page, "Send me a code")
    look(page, "is-it-you-code")
    page.get_by_label("Code").fill(code_of(mailed(administrator)))
    press(page, "Go on")
    assert page.locator("h1").inner_text() == f"Give a role to {rep.name}"


def test_link_when_ended_then_the_page_sends_a_new_one(page, rep, look):
    meeting = MeetingFactory(date=clocks.today() + timedelta(days=20))
    own = invite(meeting, rep)
    token = links.make("reply", person=rep, about=own.pk)
    signing_in.end_links(person=rep, by=rep)
    page.goto(f"/meetings/reply/{token}/")
    look(page, "link-ended")
    press(page, "Send me a new link")
    assert "Look for a new letter" in words_of(page)
    assert token not in page.url
    look(page, "link-again")


def test_link_page_when_opened_then_what_it_loads_is_not_told_its_address(page_desktop, rep):
    own = invite(MeetingFactory(date=clocks.today() + timedelta(days=20)), rep)
    token = links.make("reply", person=rep, about=own.pk)
    heard = []
    page_desktop.on("request", lambda request: heard.append(request))
    page_desktop.goto(f"/meetings/reply/{token}/")
    assert len(heard) > 3
    for request in heard:
        assert token not in request.all_headers().get("referer", ""), request.url
    follow(page_desktop, "Larkmere Parent Carer Forum")
    assert token not in heard[-1].all_headers().get("referer", "")


def test_session_when_away_for_half_an_hour_then_says_so_and_comes_back(
    page_phone, coordinator, client_for, live_server, mailed, look
):
    client = client_for(coordinator)
    session = client.session
    session["seen_at"] = (timezone.now() - timedelta(minutes=40)).timestamp()
    session.save()
    page_phone.context.add_cookies(
        [{"name": "sessionid", "value": session.session_key, "url": live_server.url}]
    )
    page_phone.goto("/people/")
    assert "You were away for half an hour" in words_of(page_phone)
    look(page_phone, "away")
    page_phone.get_by_label("E-mail address").fill(coordinator.email)
    press(page_phone, "Send me a code")
    type_code(page_phone, code_of(mailed(coordinator)))
    assert re.search(r"/people/$", page_phone.url)


def test_seat_when_offered_by_letter_then_two_taps_take_it(page, rep, group, look):

    services.offer_seat(group=group, name="Jo Marsh", email="jo@larkmere.example", by=rep)
    offer = Message.objects.get(template="members/seat_offer")
    page.goto(f"/seats/offer/{links.make('seat', person=offer.person, about=offer.pk)}/")
    look(page, "seat-offer")
    press(page, "Yes, I take the seat")
    assert "the seat is yours" in words_of(page)
    look(page, "seat-taken")
