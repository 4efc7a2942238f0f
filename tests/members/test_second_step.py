"""The second step: compulsory for those who run the forum, offered to all, lost and reset."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coprod import links
from coprod.models import AuditEvent, Message
from members import second_step, signing_in
from members.models import Role
from tests.factories.members import RoleFactory
from tests.members.test_sign_in import CONFIRM, ask, code_in, is_signed_in

INDEX = reverse("mfa_index")
SET_UP = reverse("mfa_activate_totp")
STEP = reverse("mfa_authenticate")


@pytest.fixture
def strict(forum):
    """A forum whose setting asks for the second step, as a new one's does."""
    forum.second_factor = True
    forum.save()
    return forum


def code_for(secret, at=None):
    """What the app shows at an instant."""
    counter = int((at or timezone.now()).timestamp()) // 30
    return format_hotp_value(hotp_value(secret, counter))


def set_up(client):
    """The app scans and shows its first code; the secret, and the recovery codes' page."""
    client.get(SET_UP)
    secret = client.session["mfa.totp.secret"]
    page = client.post(SET_UP, {"code": code_for(secret)}, follow=True)
    # Codes work once: what comes next in a test is another half minute's.
    cache.clear()
    return secret, page


def first_step(person, outbox_drained, client=None):
    client = ask(person.email, client)
    page = client.post(CONFIRM, {"code": code_in(outbox_drained()[-1])})
    return client, page


def codes_on(page):
    return [
        code.replace(" ", "")
        for code in re.findall(r"<code>([\d ]+)</code>", page.content.decode())
    ]


# Compulsory --------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["coordinator", "treasurer", "administrator"])
def test_page_when_who_runs_the_forum_lacks_it_then_leads_to_the_set_up(
    who, strict, request, client_for
):
    client = client_for(request.getfixturevalue(who))
    for name in ("today", "members:menu", "members:my_details", "members:my_export"):
        assert client.get(reverse(name))["Location"] == INDEX
        assert client.post(reverse(name))["Location"] == INDEX
    page = client.get(INDEX).content.decode()
    assert "Before you go on, set up a second step" in page


def test_form_when_sent_without_second_step_then_changes_nothing(
    strict, coordinator, rep, client_for
):
    before = AuditEvent.objects.count()
    client = client_for(coordinator)
    page = client.post(reverse("members:person_switch", args=[rep.public_id]))
    assert page["Location"] == INDEX
    rep.refresh_from_db()
    assert rep.is_active
    assert AuditEvent.objects.count() == before


def test_public_page_when_second_step_is_lacking_then_reads_as_the_public_reads_it(
    strict, coordinator, group, client_for
):
    group.standing = "visited"
    group.save()
    address = reverse("members:group_list")
    assert group.name not in client_for(coordinator).get(address).content.decode()
    strict.second_factor = False
    strict.save()
    assert group.name in client_for(coordinator).get(address).content.decode()


def test_second_step_when_lacking_then_signing_out_works(strict, coordinator, client_for):
    client = client_for(coordinator)
    client.post(reverse("account_logout"))
    assert not is_signed_in(client)


@pytest.mark.parametrize("who", ["rep", "officer", "staff", "stranger"])
def test_page_when_person_runs_nothing_then_no_second_step_is_asked(
    who, strict, request, client_for
):
    assert is_signed_in(client_for(request.getfixturevalue(who)))


def test_page_when_the_setting_is_off_then_no_second_step_is_asked(coordinator, client_for):
    assert is_signed_in(client_for(coordinator))


def test_second_step_when_a_role_is_given_then_asked_on_the_next_page(strict, rep, client_for):
    client = client_for(rep)
    assert is_signed_in(client)
    RoleFactory(person=rep, kind=Role.Kind.TREASURER)
    assert client.get(reverse("members:my_details"))["Location"] == INDEX


def test_setting_when_administrator_unticks_it_then_saved(strict, administrator, client_for):
    client = client_for(administrator)
    set_up(client)
    page = client.get(reverse("members:forum_settings"))
    fields = {k: v for k, v in page.context["form"].initial.items() if v is not None}
    fields.pop("second_factor")
    page = client.post(reverse("members:forum_settings"), fields)
    assert page.status_code == 302
    strict.refresh_from_db()
    assert not strict.second_factor


# Setting it up and using it ----------------------------------------------------------------------


def test_app_when_set_up_then_codes_are_shown_once_and_the_way_is_open(
    strict, coordinator, client_for, outbox_drained, django_capture_on_commit_callbacks
):
    client = client_for(coordinator)
    page = client.get(SET_UP).content.decode()
    assert '<svg role="img"' in page
    assert "data:" not in page
    with django_capture_on_commit_callbacks(execute=True):
        _, page = set_up(client)
    codes = codes_on(page)
    assert len(codes) == 10
    assert is_signed_in(client)
    file = client.get(reverse("members:recovery_codes_download"))
    assert file["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert all(code in file.content.decode() for code in codes)
    assert codes_on(client.get(reverse("mfa_view_recovery_codes"))) == []
    [mail] = outbox_drained()
    assert mail.subject == "Check this: how you sign in was changed"
    assert "An app for codes was set up" in mail.body
    kinds = AuditEvent.objects.filter(verb="add_second_step", by_id=coordinator.pk)
    assert {event.data["kind"] for event in kinds} == {"totp", "recovery_codes"}


def test_secrets_when_stored_then_not_to_be_read_from_the_database(coordinator, client_for):
    secret, page = set_up(client_for(coordinator))
    kept = " ".join(str(each.data) for each in Authenticator.objects.all())
    assert secret not in kept
    assert not any(code in kept for code in codes_on(page))


def test_recovery_file_when_the_minutes_are_over_then_gone(coordinator, client_for):
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        client = client_for(coordinator)
        set_up(client)
        clock.shift(timedelta(minutes=16))
        session = client.session
        session["proved_at"] = timezone.now().timestamp()
        session.save()
        assert client.get(reverse("members:recovery_codes_download")).status_code == 404


@pytest.mark.parametrize("second", ["app", "recovery code", "nothing", "wrong"])
def test_sign_in_when_second_step_is_set_up_then_needs_it(
    second, coordinator, client_for, outbox_drained
):
    secret, page = set_up(client_for(coordinator))
    client, page_after = first_step(coordinator, outbox_drained)
    assert page_after["Location"] == STEP
    assert not is_signed_in(client)
    typed = {"app": code_for(secret), "recovery code": codes_on(page)[3]}.get(second)
    if second == "wrong":
        typed = "000000" if code_for(secret) != "000000" else "111111"
    if typed:
        client.post(STEP, {"code": typed})
    assert is_signed_in(client) == (second in ("app", "recovery code"))


def test_password_when_second_step_is_set_up_then_is_not_enough(coordinator, client_for):
    set_up(client_for(coordinator))
    coordinator.set_password("larkmere harbour boat")
    coordinator.save()
    client = Client()
    words = {"login": coordinator.email, "password": "larkmere harbour boat"}
    assert client.post(reverse("account_login"), words)["Location"] == STEP
    assert not is_signed_in(client)


def test_recovery_code_when_used_then_never_again(coordinator, client_for, outbox_drained):
    _, page = set_up(client_for(coordinator))
    code = codes_on(page)[0]
    for expected in (True, False):
        client, _ = first_step(coordinator, outbox_drained)
        client.post(STEP, {"code": code})
        assert is_signed_in(client) is expected
        cache.clear()


def test_app_code_when_used_once_then_refused_for_as_long_as_it_would_count(
    coordinator, client_for, outbox_drained
):
    start = timezone.now().replace(second=1, microsecond=0)
    with time_machine.travel(start, tick=False) as clock:
        secret, _ = set_up(client_for(coordinator))
        one, two = (first_step(coordinator, outbox_drained)[0] for _ in range(2))
        code = code_for(secret)
        one.post(STEP, {"code": code})
        assert is_signed_in(one)
        clock.shift(timedelta(seconds=35))
        two.post(STEP, {"code": code})
        assert not is_signed_in(two)


def test_app_code_when_half_a_minute_old_then_taken_and_older_refused(
    coordinator, client_for, outbox_drained
):
    start = timezone.now().replace(second=1, microsecond=0)
    with time_machine.travel(start, tick=False):
        secret, _ = set_up(client_for(coordinator))
        for age, expected in ((30, True), (90, False)):
            client, _ = first_step(coordinator, outbox_drained)
            client.post(STEP, {"code": code_for(secret, start - timedelta(seconds=age))})
            assert is_signed_in(client) is expected


def test_app_when_set_up_then_other_devices_that_came_in_without_it_are_signed_out(
    strict, coordinator, outbox_drained, django_capture_on_commit_callbacks
):
    elsewhere, _ = first_step(coordinator, outbox_drained)
    here, _ = first_step(coordinator, outbox_drained)
    with django_capture_on_commit_callbacks(execute=True):
        set_up(here)
    assert here.get(reverse("members:my_details")).status_code == 200
    assert elsewhere.get(reverse("members:my_details")).status_code == 302
    assert "_auth_user_id" not in elsewhere.session


def test_proof_by_code_when_second_step_is_set_up_then_is_no_way_round_it(coordinator, client_for):
    client = client_for(coordinator)
    set_up(client)
    session = client.session
    session["proved_at"] -= 20 * 60
    session.save()
    address = reverse("members:prove_by_code")
    page = client.post(address, {"send": "1"}, follow=True)
    assert page.redirect_chain[-1][0].startswith(reverse("mfa_reauthenticate"))
    assert "code:proof" not in client.session
    assert client.post(address, {"code": "123456"}).status_code == 302


@pytest.mark.parametrize("odd", ["1", "{}", "x", '{"id": "a", "rawId": "a", "response": 1}', ""])
def test_passkey_when_the_answer_is_no_passkey_then_said(coordinator, client_for, odd):
    client, address = client_for(coordinator), reverse("mfa_add_webauthn")
    client.get(address)
    page = client.post(address, {"name": "Mine", "credential": odd})
    assert page.status_code == 200
    assert page.context["form"].errors


def test_invitation_link_when_second_step_is_set_up_then_is_no_way_round_it(
    coordinator, client_for, outbox_drained
):
    set_up(client_for(coordinator))
    outbox_drained().clear()
    client = Client()
    token = links.make("join", person=coordinator, about=coordinator.pk)
    client.post(reverse("members:join", args=[token]))
    page = client.post(CONFIRM, {"code": code_in(outbox_drained()[-1])})
    assert page["Location"] == STEP
    assert not is_signed_in(client)


def test_app_when_taken_off_then_who_runs_the_forum_sets_up_another(
    strict, coordinator, client_for, outbox_drained
):
    client = client_for(coordinator)
    set_up(client)
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()
    assert client.get(reverse("today"))["Location"] == INDEX
    assert "taken off your account" in outbox_drained()[-1].body


def test_recovery_codes_when_made_anew_then_old_ones_are_dead(
    coordinator, client_for, outbox_drained
):
    client = client_for(coordinator)
    _, page = set_up(client)
    old = codes_on(page)
    new = codes_on(client.post(reverse("mfa_generate_recovery_codes"), follow=True))
    assert len(new) == 10
    assert not set(old) & set(new)
    other, _ = first_step(coordinator, outbox_drained)
    other.post(STEP, {"code": old[0]})
    assert not is_signed_in(other)


# Guessing ----------------------------------------------------------------------------------------


def test_fifty_wrong_codes_when_typed_then_limited_told_once_and_not_for_ever(
    coordinator, client_for, outbox_drained
):
    start = timezone.now().replace(second=1, microsecond=0)
    with time_machine.travel(start, tick=False) as clock:
        secret, _ = set_up(client_for(coordinator))
        client, _ = first_step(coordinator, outbox_drained)
        wrong = "000000" if code_for(secret) != "000000" else "111111"
        pages = [client.post(STEP, {"code": wrong}).content.decode() for _ in range(50)]
        assert "right code" in pages[0]
        assert "too many tries" in pages[-1]
        told = Message.objects.filter(template="members/wrong_codes", person=coordinator)
        assert told.count() == 1
        # The right code waits too: otherwise guessing would go on behind the limit.
        client.post(STEP, {"code": code_for(secret)})
        assert not is_signed_in(client)
        clock.shift(timedelta(minutes=61))
        client, _ = first_step(coordinator, outbox_drained)
        client.post(STEP, {"code": code_for(secret)})
        assert is_signed_in(client)


def test_five_wrong_codes_from_a_letter_when_typed_then_told_and_a_new_one_works_at_once(
    rep, outbox_drained
):
    client = ask(rep.email)
    code = code_in(outbox_drained()[-1])
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        page = client.post(CONFIRM, {"code": wrong}, follow=True)
    assert "Ask for a new code: it comes at once" in page.content.decode()
    assert Message.objects.filter(template="members/wrong_codes", person=rep).count() == 1
    outbox_drained().clear()
    ask(rep.email, client)
    [mail] = outbox_drained()
    client.post(CONFIRM, {"code": code_in(mail)})
    assert is_signed_in(client)


# Lost --------------------------------------------------------------------------------------------


def test_reset_when_another_administrator_does_it_then_signed_out_told_and_free(
    administrator, coordinator, client_for, outbox_drained
):
    client = client_for(coordinator)
    set_up(client)
    helper = client_for(administrator)
    page = helper.get(coordinator.get_absolute_url()).content.decode()
    address = reverse("members:second_step_reset", args=[coordinator.public_id])
    assert address in page
    helper.get(address)
    assert Authenticator.objects.exists()
    helper.post(address)
    assert not Authenticator.objects.exists()
    assert not is_signed_in(client)
    assert AuditEvent.objects.filter(verb="reset_second_step", by_id=administrator.pk).exists()
    assert outbox_drained()[-1].subject == "Set up your second step again"
    client, page = first_step(coordinator, outbox_drained)
    assert is_signed_in(client)


def test_reset_when_asked_for_oneself_or_by_a_coordinator_then_refused(
    administrator, coordinator, rep, client_for
):
    own = reverse("members:second_step_reset", args=[administrator.public_id])
    assert client_for(administrator).post(own).status_code == 403
    others = reverse("members:second_step_reset", args=[rep.public_id])
    assert client_for(coordinator).post(others).status_code == 403


def test_reset_when_the_only_administrator_is_locked_out_then_by_command(
    administrator, client_for, capsys
):
    set_up(client_for(administrator))
    call_command("reset_second_step", administrator.email)
    assert not Authenticator.objects.exists()
    assert AuditEvent.objects.filter(verb="reset_second_step", by_id=None).exists()


def test_lack_when_asked_then_one_query(strict, coordinator, django_assert_num_queries):
    assert coordinator.is_privileged
    with django_assert_num_queries(1):
        assert second_step.must_set_up(coordinator)


def test_export_when_asked_then_names_the_step_and_no_secret(rep, client_for):
    client = client_for(rep)
    secret, page = set_up(client)
    text = client.get(reverse("members:my_export")).content.decode()
    assert '"totp"' in text
    assert secret not in text
    assert "used_mask" not in text


def test_notice_when_wrong_codes_are_typed_twice_a_day_then_once(rep):
    signing_in.warn_of_wrong_codes(person=rep)
    signing_in.warn_of_wrong_codes(person=rep)
    assert Message.objects.count() == 1
