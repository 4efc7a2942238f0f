"""Signing in: by code or password, the same answer for everybody, and no way to sign up."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coprod.models import Message
from members import services
from tests.factories.members import PersonFactory

ASK = reverse("account_request_login_code")
CONFIRM = reverse("account_confirm_login_code")
PASSWORD = reverse("account_login")
RESET = reverse("account_reset_password")


def ask(email, client=None):
    client = client or Client()
    client.post(ASK, {"email": email})
    return client


def code_in(mail):
    return re.search(r"^(\d{3}) (\d{3})$", mail.body, re.MULTILINE).group().replace(" ", "")


def is_signed_in(client):
    return client.get(reverse("members:my_details")).status_code == 200


def body_without(response, *words):
    """The page with everything taken out that is different in every answer anyway."""
    html = response.content.decode()
    for word in words:
        html = html.replace(word, "…")
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html)


def test_sign_in_when_code_is_typed_then_in(rep, outbox_drained):
    client = ask(rep.email)
    code = code_in(outbox_drained()[-1])
    page = client.post(CONFIRM, {"code": code})
    assert page.status_code == 302
    assert page["Location"] == reverse("today")
    assert is_signed_in(client)


def test_sign_in_when_address_is_typed_in_capitals_then_code_comes(rep, outbox_drained):
    client = ask("  NADIA@Larkmere.EXAMPLE ")
    [mail] = outbox_drained()
    assert mail.to == [rep.email]
    client.post(CONFIRM, {"code": code_in(mail)})
    assert is_signed_in(client)


def test_sign_in_when_code_is_wrong_then_not_in_and_five_tries_end_it(rep, outbox_drained):
    client = ask(rep.email)
    code = code_in(outbox_drained()[-1])
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        client.post(CONFIRM, {"code": wrong})
    client.post(CONFIRM, {"code": code})
    assert not is_signed_in(client)


def test_sign_in_when_code_is_older_than_a_quarter_of_an_hour_then_not_in(rep, outbox_drained):
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        client = ask(rep.email)
        code = code_in(outbox_drained(start)[-1])
        clock.shift(timedelta(minutes=16))
        client.post(CONFIRM, {"code": code})
        assert not is_signed_in(client)


def test_sign_in_when_code_belongs_to_another_browser_then_not_in(rep, stranger, outbox_drained):
    ask(rep.email)
    code = code_in(outbox_drained()[-1])
    other = ask(stranger.email)
    other.post(CONFIRM, {"code": code})
    assert not is_signed_in(other)


def test_code_when_sent_then_blanked_and_never_in_the_subject(rep, outbox_drained):
    ask(rep.email)
    message = Message.objects.get()
    code = message.secret["code"]
    assert re.fullmatch(r"\d{6}", code)
    [mail] = outbox_drained()
    message.refresh_from_db()
    assert message.state == Message.State.SENT
    assert message.secret == {}
    assert code not in mail.subject
    assert code[:3] not in mail.subject


def test_code_when_it_waited_too_long_then_dropped_and_blanked(rep, outbox_drained):
    ask(rep.email)
    Message.objects.update(created_at=timezone.now() - timedelta(minutes=20))
    assert outbox_drained() == []
    message = Message.objects.get()
    assert (message.state, message.secret) == (Message.State.DROPPED, {})


def test_code_when_asked_at_night_then_goes_at_once(rep):
    with time_machine.travel("2026-11-22T23:30:00Z", tick=False):
        ask(rep.email)
        assert Message.objects.get().not_before == timezone.now()


def test_sign_in_when_address_is_unknown_then_the_page_is_the_same(rep):
    known, unknown = Client(), Client()
    one = known.post(ASK, {"email": rep.email}, follow=True)
    two = unknown.post(ASK, {"email": "nobody@larkmere.example"}, follow=True)
    assert one.redirect_chain == two.redirect_chain
    assert body_without(one, rep.email) == body_without(two, "nobody@larkmere.example")
    assert Message.objects.count() == 2  # and each cost one row


def test_sign_in_when_address_is_unknown_then_no_code_is_right(db, forum, outbox_drained):
    client = ask("nobody@larkmere.example")
    [mail] = outbox_drained()
    assert "we don’t know the address" in mail.body.lower()
    assert not re.search(r"\d{3} \d{3}$", mail.body, re.MULTILINE)
    for code in ("", "000000", "None"):
        client.post(CONFIRM, {"code": code})
    assert not is_signed_in(client)


def test_password_page_when_person_is_unknown_or_has_none_then_one_answer(rep):
    known = PersonFactory(password=None)
    known.set_password("larkmere harbour boat")
    known.save()
    answers = {
        body_without(Client().post(PASSWORD, {"login": email, "password": "wrong words"}), email)
        for email in (known.email, rep.email, "nobody@larkmere.example")
    }
    assert len(answers) == 1
    assert "don’t belong together" in answers.pop()


def test_new_password_when_address_is_unknown_then_the_page_is_the_same(rep):
    one = Client().post(RESET, {"email": rep.email}, follow=True)
    two = Client().post(RESET, {"email": "nobody@larkmere.example"}, follow=True)
    assert one.redirect_chain == two.redirect_chain
    assert body_without(one, rep.email) == body_without(two, "nobody@larkmere.example")


def test_new_password_when_link_is_followed_then_it_works_and_is_told(
    rep, outbox_drained, settings
):
    Client(headers={"host": "127.0.0.1"}).post(RESET, {"email": rep.email})
    [mail] = outbox_drained()
    link = re.search(rf"{settings.COPROD_ORIGIN}(/accounts/password/reset/key/\S+)", mail.body)
    client = Client()
    page = client.get(link.group(1), follow=True)
    words = {"password1": "larkmere harbour boat", "password2": "larkmere harbour boat"}
    client.post(page.redirect_chain[-1][0], words)
    rep.refresh_from_db()
    assert rep.check_password("larkmere harbour boat")
    assert outbox_drained()[-1].subject == "Check this: your password was changed"
    assert Message.objects.filter(secret={}).count() == 2


def test_sign_in_when_anything_was_done_then_no_second_address_book_fills(rep, outbox_drained):
    """A row in allauth's own table would let somebody in by an address corrected since."""
    client = ask(rep.email)
    client.post(CONFIRM, {"code": code_in(outbox_drained()[-1])})
    Client().post(RESET, {"email": rep.email})
    client.post(
        reverse("account_set_password"),
        {"password1": "larkmere harbour boat", "password2": "larkmere harbour boat"},
    )
    assert not EmailAddress.objects.exists()


def test_sign_in_when_address_was_corrected_then_the_old_one_is_nobodys(
    rep, coordinator, outbox_drained
):
    old, rep.email = rep.email, "new@larkmere.example"
    services.change_person(person=rep, by=coordinator, fields=["email"])
    outbox_drained().clear()
    ask(old)
    assert "we don’t know the address" in outbox_drained()[-1].body.lower()


def test_sign_in_when_address_is_a_households_then_no_code(forum, outbox_drained):
    PersonFactory(email=None, contact_email="family@larkmere.example")
    ask("family@larkmere.example")
    [mail] = outbox_drained()
    assert not re.search(r"^\d{3} \d{3}$", mail.body, re.MULTILINE)


def test_sign_in_when_person_is_switched_off_then_no_code_and_no_password(
    rep, coordinator, outbox_drained
):
    rep.set_password("larkmere harbour boat")
    rep.save()
    services.switch_off_person(person=rep, by=coordinator)
    ask(rep.email)
    [mail] = outbox_drained()
    assert not re.search(r"^\d{3} \d{3}$", mail.body, re.MULTILINE)
    client = Client()
    client.post(PASSWORD, {"login": rep.email, "password": "larkmere harbour boat"})
    assert not is_signed_in(client)


def test_session_when_person_is_switched_off_and_on_then_stays_ended(rep, coordinator, client_for):
    client = client_for(rep)
    assert is_signed_in(client)
    services.switch_off_person(person=rep, by=coordinator)
    assert not is_signed_in(client)
    services.switch_on_person(person=rep, by=coordinator)
    assert not is_signed_in(client)


def test_code_when_person_is_switched_off_before_typing_it_then_not_in(
    rep, coordinator, outbox_drained
):
    client = ask(rep.email)
    code = code_in(outbox_drained()[-1])
    services.switch_off_person(person=rep, by=coordinator)
    client.post(CONFIRM, {"code": code})
    assert not is_signed_in(client)


@pytest.mark.parametrize("path", ["signup/", "email/", "confirm-email/", "confirm-email/x:y/"])
def test_sign_up_when_asked_for_then_not_there(path, rep, client_for):
    for person in (None, rep):
        client = client_for(person)
        assert client.get(f"/accounts/{path}").status_code == 404
        assert client.post(f"/accounts/{path}", {"email": "x@y.example"}).status_code == 404


def test_codes_when_asked_for_again_and_again_then_refused_in_words(rep):
    answers = [Client().post(ASK, {"email": rep.email}) for _ in range(11)]
    assert [page.status_code for page in answers[:10]] == [302] * 10
    assert "too many tries" in answers[10].content.decode()
    assert Message.objects.count() == 10


def test_passwords_when_guessed_then_refused_whatever_header_is_forged(rep):
    for n in range(10):
        Client().post(
            PASSWORD,
            {"login": rep.email, "password": f"guess {n}"},
            headers={"x-forwarded-for": f"198.51.100.{n}"},
        )
    page = Client().post(PASSWORD, {"login": rep.email, "password": "another guess"})
    assert "too many tries" in page.content.decode()


def test_page_when_limit_by_place_is_reached_then_429_in_words(db, forum, settings):
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "1/h/ip"}
    Client().post(RESET, {"email": "a@larkmere.example"})
    page = Client().post(RESET, {"email": "b@larkmere.example"})
    assert page.status_code == 429
    assert "That was too many tries" in page.content.decode()
    assert forum.name in page.content.decode()


def test_address_after_sign_in_when_it_leads_elsewhere_then_stays_here(rep, outbox_drained):
    client = Client()
    client.post(ASK, {"email": rep.email, "next": "https://elsewhere.example/"})
    code = code_in(outbox_drained()[-1])
    page = client.post(CONFIRM, {"code": code, "next": "https://elsewhere.example/"})
    assert page["Location"] == reverse("today")


def test_password_when_short_or_common_then_refused(rep, client_for):
    client = client_for(rep)
    for word in ("short", "password123"):
        page = client.post(reverse("account_set_password"), {"password1": word, "password2": word})
        assert page.status_code == 200
    rep.refresh_from_db()
    assert not rep.has_usable_password()
