"""How long sessions last, what wants a recent proof, and where somebody is signed in."""

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coprod.models import AuditEvent, Forum, Message
from members import services, sessions
from members.models import Role
from tests.factories.members import RoleFactory
from tests.members.test_second_step import code_for, set_up
from tests.members.test_sign_in import CONFIRM, PASSWORD, ask, code_in, is_signed_in

DEVICES = reverse("members:my_sessions")
PROOF = reverse("members:prove_by_code")
SETTINGS = reverse("members:forum_settings")
PHONE = (
    "Mozilla/5.0 (Linux; Android 15; SM-A156B) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Mobile Safari/537.36"
)


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


def sign_in(person, outbox_drained, **headers):
    client = ask(person.email, Client(headers=headers))
    client.post(CONFIRM, {"code": code_in(outbox_drained()[-1])})
    return client


# How long ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["coordinator", "treasurer", "administrator"])
def test_session_when_who_runs_the_forum_is_away_for_half_an_hour_then_over(
    who, request, client_for, clock
):
    client = client_for(request.getfixturevalue(who))
    for _ in range(3):
        clock.shift(timedelta(minutes=29))
        assert is_signed_in(client)
    clock.shift(timedelta(minutes=32))
    page = client.get(reverse("members:person_list"), follow=True)
    [(address, _)] = page.redirect_chain
    assert address == f"{reverse('account_request_login_code')}?next=/people/"
    assert "You were away for half an hour" in page.content.decode()
    assert not is_signed_in(client)


def test_session_when_who_runs_the_forum_goes_on_for_half_a_day_then_over(
    coordinator, client_for, clock
):
    client = client_for(coordinator)
    for _ in range(12 * 3):
        assert is_signed_in(client)
        clock.shift(timedelta(minutes=20))
    clock.shift(timedelta(minutes=1))
    page = client.get(reverse("members:my_details"), follow=True)
    assert "You signed in half a day ago" in page.content.decode()


def test_session_when_a_rep_is_away_then_lasts_for_two_weeks(rep, client_for, clock):
    client = client_for(rep)
    clock.shift(timedelta(days=13, hours=23))
    assert is_signed_in(client)
    clock.shift(timedelta(hours=2))
    assert not is_signed_in(client)


@pytest.mark.parametrize("way", ["code", "password"])
def test_session_when_signed_in_either_way_then_ends_the_same(
    way, coordinator, outbox_drained, clock
):
    coordinator.set_password("larkmere harbour boat")
    coordinator.save()
    if way == "code":
        client = ask(coordinator.email)
        client.post(CONFIRM, {"code": code_in(outbox_drained(timezone.now())[-1])})
    else:
        client = Client()
        client.post(PASSWORD, {"login": coordinator.email, "password": "larkmere harbour boat"})
    assert is_signed_in(client)
    clock.shift(timedelta(minutes=31))
    assert not is_signed_in(client)


def test_session_when_a_role_is_given_then_its_limit_counts_at_once(rep, client_for, clock):
    client = client_for(rep)
    RoleFactory(person=rep, kind=Role.Kind.TREASURER)
    clock.shift(timedelta(minutes=31))
    assert not is_signed_in(client)


def test_public_page_when_the_session_is_over_then_reads_on_as_the_public(
    coordinator, client_for, clock
):
    client = client_for(coordinator)
    clock.shift(timedelta(minutes=31))
    page = client.get(reverse("members:group_list"))
    assert page.status_code == 200
    assert coordinator.name not in page.content.decode()


def test_form_when_the_session_is_over_then_the_words_come_back(
    coordinator, group, client_for, clock
):
    client = client_for(coordinator)
    clock.shift(timedelta(minutes=31))
    words = {"standing": "visited", "note": "They bake on Thursdays"}
    page = client.post(reverse("members:group_standing", args=[group.slug]), words)
    assert "They bake on Thursdays" in page.content.decode()
    assert "You were away for half an hour" in page.content.decode()
    group.refresh_from_db()
    assert group.standing == "member"


def test_page_when_read_again_within_a_minute_then_nothing_is_written(
    coordinator, client_for, django_assert_max_num_queries
):
    client = client_for(coordinator)
    client.get(reverse("members:menu"))
    with django_assert_max_num_queries(14) as asked:
        client.get(reverse("members:menu"))
    assert not [query for query in asked.captured_queries if query["sql"].startswith("UPDATE")]


# A recent proof ----------------------------------------------------------------------------------


@pytest.fixture
def settled(clock, administrator, client_for):
    """The administrator's browser, twenty minutes after signing in."""
    client = client_for(administrator)
    clock.shift(timedelta(minutes=20))
    return client


def asks(page):
    return page.status_code == 302 and page["Location"].startswith(
        (PROOF, reverse("account_reauthenticate"), reverse("mfa_reauthenticate"))
    )


def test_proof_when_signed_in_a_moment_ago_then_not_asked(administrator, client_for):
    assert client_for(administrator).get(SETTINGS).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["settings", "role", "role's end", "second step's reset", "address", "app", "passkey", "word"],
)
def test_proof_when_the_sign_in_is_old_then_asked_before_what_matters(
    name, settled, rep, coordinator
):
    address = {
        "settings": SETTINGS,
        "role": reverse("members:role_give", args=[rep.public_id]),
        "role's end": reverse("members:role_end", args=[coordinator.roles.get().pk]),
        "second step's reset": reverse("members:second_step_reset", args=[rep.public_id]),
        "address": reverse("members:my_address"),
        "app": reverse("mfa_activate_totp"),
        "passkey": reverse("mfa_add_webauthn"),
        "word": reverse("account_set_password"),
    }[name]
    assert asks(settled.get(address))
    assert asks(settled.post(address, {}))


def test_proof_when_the_sign_in_is_old_then_other_pages_stay_open(settled, rep):
    assert settled.get(rep.get_absolute_url()).status_code == 200


def test_proof_when_by_code_then_the_form_that_waited_goes_on(
    settled, administrator, rep, outbox_drained
):
    address = reverse("members:role_give", args=[rep.public_id])
    page = settled.post(address, {"kind": "treasurer"})
    assert asks(page)
    assert not rep.roles.exists()
    ask_at = page["Location"]
    settled.get(ask_at)
    assert not Message.objects.exists()  # opening the page sends nothing
    settled.post(ask_at)
    code = code_in(outbox_drained(timezone.now())[-1])
    settled.post(ask_at, {"code": "000000" if code != "000000" else "111111"})
    assert not rep.roles.exists()
    page = settled.post(ask_at, {"code": code})
    assert page["Location"] == rep.get_absolute_url()
    assert rep.roles.get().kind == "treasurer"


def test_proof_when_by_password_then_goes_on_to_the_page(settled, administrator):
    administrator.set_password("larkmere harbour boat")
    administrator.save()
    # A new password ends other sessions; this browser signs in with it and waits again.
    client = Client()
    client.post(PASSWORD, {"login": administrator.email, "password": "larkmere harbour boat"})
    session = client.session
    session["proved_at"] -= 20 * 60
    session.save()
    page = client.get(SETTINGS)
    assert page["Location"].startswith(reverse("account_reauthenticate"))
    wrong = client.post(page["Location"], {"password": "another one entirely"})
    assert "This isn’t your password" in wrong.content.decode()
    page = client.post(page["Location"], {"password": "larkmere harbour boat"}, follow=True)
    assert page.redirect_chain[-1][0] == SETTINGS


def test_proof_when_there_is_a_second_step_then_only_that_counts(
    clock, administrator, client_for, outbox_drained
):
    administrator.set_password("larkmere harbour boat")
    administrator.save()
    client = client_for(administrator)
    secret, _ = set_up(client)
    clock.shift(timedelta(minutes=20))
    page = client.get(SETTINGS)
    assert page["Location"].startswith(reverse("mfa_reauthenticate"))
    assert client.get(reverse("account_reauthenticate"))["Location"].startswith(
        reverse("mfa_reauthenticate")
    )
    page = client.post(page["Location"], {"code": code_for(secret)}, follow=True)
    assert page.redirect_chain[-1][0] == SETTINGS


def test_proof_when_five_codes_were_wrong_then_the_right_one_is_too_late(
    settled, outbox_drained, administrator
):
    settled.post(PROOF)
    code = code_in(outbox_drained(timezone.now())[-1])
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        settled.post(PROOF, {"code": wrong})
    settled.post(PROOF, {"code": code})
    assert asks(settled.get(SETTINGS))


def test_proof_when_codes_are_asked_for_without_end_then_limited(settled):
    for _ in range(12):
        page = settled.post(PROOF, follow=True)
    assert "too many tries" in page.content.decode()
    assert Message.objects.count() == 10


def test_proof_when_it_leads_elsewhere_then_stays_here(settled, outbox_drained):
    address = f"{PROOF}?next=https://elsewhere.example/"
    settled.post(address)
    page = settled.post(address, {"code": code_in(outbox_drained(timezone.now())[-1])})
    assert page["Location"] == reverse("today")


def test_code_when_typed_by_another_browser_then_worthless(
    settled, administrator, client_for, clock, outbox_drained
):
    settled.post(PROOF)
    code = code_in(outbox_drained(timezone.now())[-1])
    other = client_for(administrator)
    session = other.session
    session["proved_at"] -= 20 * 60
    session.save()
    other.post(PROOF, {"code": code})
    assert asks(other.get(SETTINGS))


def test_settings_when_saved_with_proof_then_kept(administrator, client_for):
    client = client_for(administrator)
    initial = client.get(SETTINGS).context["form"].initial
    fields = {k: v for k, v in initial.items() if v not in (None, False)}
    client.post(SETTINGS, {**fields, "tagline": "Run by parents"})
    assert Forum.current().tagline == "Run by parents"


# Devices -----------------------------------------------------------------------------------------


def test_devices_when_listed_then_in_words_with_this_one_first(rep, outbox_drained):
    sign_in(rep, outbox_drained, user_agent=PHONE)
    client = sign_in(rep, outbox_drained, user_agent="Mozilla/5.0 (X11; Linux) Firefox/140.0")
    page = client.get(DEVICES).content.decode()
    assert "Chrome on an Android phone" in page
    assert page.index("Firefox on a Linux computer") < page.index("This one")
    assert page.index("This one") < page.index("Chrome on an Android phone")
    assert page.count("Sign it out") == 1


def test_device_when_signed_in_then_its_internet_address_is_nowhere(rep, outbox_drained):
    client = ask(rep.email, Client(REMOTE_ADDR="203.0.113.9"))
    client.post(CONFIRM, {"code": code_in(outbox_drained()[-1])})
    assert is_signed_in(client)
    assert {each.ip for each in UserSession.objects.all()} == {sessions.NO_ADDRESS}
    rows = UserSession.objects.values_list("data", "user_agent", "ip")
    assert "203.0.113.9" not in str(list(rows))


def test_device_when_signed_out_from_another_then_out_at_once(rep, outbox_drained):
    lost = sign_in(rep, outbox_drained, user_agent=PHONE)
    client = sign_in(rep, outbox_drained)
    [other] = [s for s in sessions.of(rep) if s.session_key != client.session.session_key]
    assert client.get(reverse("members:session_end", args=[other.pk])).status_code == 405
    client.post(reverse("members:session_end", args=[other.pk]))
    assert not is_signed_in(lost)
    assert is_signed_in(client)
    assert AuditEvent.objects.filter(verb="end_session", by_id=rep.pk).count() == 1


def test_device_when_it_is_somebody_elses_then_stays(rep, stranger, outbox_drained):
    theirs = sign_in(stranger, outbox_drained)
    client = sign_in(rep, outbox_drained)
    [session] = sessions.of(stranger)
    client.post(reverse("members:session_end", args=[session.pk]))
    assert is_signed_in(theirs)


def test_devices_when_all_others_are_signed_out_then_only_this_one_stays(rep, outbox_drained):
    others = [sign_in(rep, outbox_drained) for _ in range(2)]
    client = sign_in(rep, outbox_drained)
    page = client.post(reverse("members:sessions_end_others"), follow=True).content.decode()
    assert "2 other devices are signed out" in page
    assert [is_signed_in(each) for each in (*others, client)] == [False, False, True]


def test_devices_when_signed_out_or_switched_off_then_forgotten(rep, coordinator, outbox_drained):
    client = sign_in(rep, outbox_drained)
    client.post(reverse("account_logout"))
    assert sessions.of(rep) == []
    sign_in(rep, outbox_drained)
    services.switch_off_person(person=rep, by=coordinator)
    assert sessions.of(rep) == []


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (PHONE, "Chrome on an Android phone"),
        (PHONE.replace("Chrome/", "SamsungBrowser/29.0 Chrome/"), "Samsung Internet on an Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1", "Safari on an iPh"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36 Edg/142.0", "Edge on a Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Safari/605.1", "Safari on a Mac"),
        ("", "A browser on a device that we don’t recognise"),
    ],
)
def test_device_when_named_then_as_people_say(user_agent, words):
    assert sessions.device_words(user_agent).startswith(words)
