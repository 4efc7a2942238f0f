"""Signing in with a code from a mail, and what happens to those who guess."""

import re

import pytest
from django.test import Client

from tests.journeys.acting import errors_of, follow, press, words_of

pytestmark = pytest.mark.django_db


def ask_for_code(page, email):
    page.goto("/today/")
    for role in ("link", "button"):  # when a code is on its way already
        if page.get_by_role(role, name="Use another address").count():
            press(page, "Use another address", role=role)
    page.get_by_label("E-mail address").fill(email)
    press(page, "Send me a code")


def code_of(mail):
    return re.search(r"^\d{3} ?\d{3}$", mail.body, re.MULTILINE).group()


def type_code(page, code):
    page.get_by_label("Code").fill(code)
    press(page, "Sign in")


def test_a_code_from_the_mail_leads_to_today_and_signing_out_ends_it(page, rep, mailed, look):
    ask_for_code(page, rep.email)
    look(page, "sign-in-code")
    type_code(page, code_of(mailed(rep)))
    assert page.url.endswith("/today/")
    assert page.locator("h1").inner_text().endswith(rep.first_name)
    look(page, "today-rep")
    follow(page, "Menu")
    look(page, "menu-rep")
    press(page, "Sign out")
    page.goto("/today/")
    assert page.get_by_role("button", name="Send me a code").is_visible()


def test_an_unknown_address_reads_the_same_words(page_no_script, rep, outbox_drained):
    said = []
    for email in (rep.email, "nobody@larkmere.example"):
        page_no_script.context.clear_cookies()
        ask_for_code(page_no_script, email)
        assert email in words_of(page_no_script)
        words = words_of(page_no_script).replace(email, "…")
        said.append((page_no_script.title(), words))
    assert said[0] == said[1]
    letters = {mail.to[0]: mail.subject for mail in outbox_drained()}
    assert letters == {
        rep.email: "Use this code to sign in",
        "nobody@larkmere.example": "Ask us for an invitation first",
    }


def test_wrong_codes_are_told_so_and_then_come_to_an_end(page, rep, mailed, look):
    ask_for_code(page, rep.email)
    code = code_of(mailed(rep)).replace(" ", "")
    wrong = "000000" if code != "000000" else "111111"
    type_code(page, wrong)
    assert "This isn’t the code that we sent" in errors_of(page)
    look(page, "sign-in-wrong-code")
    for _ in range(4):
        type_code(page, wrong)
    assert page.get_by_label("Code").count() == 0
    assert "too many" in words_of(page).lower()
    look(page, "sign-in-too-many")


def test_asking_for_codes_without_end_is_refused_in_words(page_phone, rep, look):
    for _ in range(10):
        Client().post("/accounts/login/code/", {"email": rep.email})
    ask_for_code(page_phone, rep.email)
    assert "too many" in words_of(page_phone).lower()
    look(page_phone, "sign-in-429")
