"""The forum's settings, and the pages about it that everybody may read."""

import pytest
from django.test import Client
from django.urls import reverse

from coprod.agreeing import words_for
from coprod.models import AuditEvent, Forum
from members.forms.forum import ForumForm

SETTINGS = reverse("members:forum_settings")
ABOUT, HELP = reverse("members:about"), reverse("members:own_child_help")


@pytest.fixture
def form(forum):
    """The settings as the page sends them when nothing is changed."""
    page = ForumForm(instance=forum)
    sent = {name: page[name].value() for name in page.fields}
    return {name: "" if value is None else value for name, value in sent.items()}


def html_of(page):
    return page.content.decode()


def test_settings_when_changed_then_every_page_follows(administrator, client_for, form):
    assert "Larkmere Parent Carer Forum" in html_of(Client().get(ABOUT))
    form |= {"name": "Kestrel Coast Forum", "minutes_days": 10, "agree_share": 60}
    html = html_of(client_for(administrator).post(SETTINGS, form, follow=True))
    assert "The settings are saved" in html
    assert "at least 60% of those" in html
    about = html_of(Client().get(ABOUT))
    assert "Kestrel Coast Forum" in about
    assert "within 10 days" in about
    event = AuditEvent.objects.about(Forum.current()).first()
    assert (event.by_id, event.data) == (
        administrator.pk,
        {"fields": ["name", "minutes_days", "agree_share"]},
    )


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Enter the forum’s name"),
        ("seat_cap", "4", "Enter a number from 1 to 3"),
        ("seat_cap", "0", "Enter a number from 1 to 3"),
        ("agree_share", "101", "Enter a number from 1 to 100"),
        ("minutes_days", "0", "Enter a number from 1 to 60"),
        ("comment_days", "soon", "enter a number, such as 12"),
        ("agenda_days", "40", "can’t go out before the invitations"),
        ("phone", "ring", "Enter a phone number such as"),
    ],
)
def test_settings_when_something_is_wrong_then_says_so_and_saves_nothing(
    field, value, words, administrator, client_for, form, forum
):
    page = client_for(administrator).post(SETTINGS, {**form, field: value, "tagline": "Kept"})
    html = html_of(page)
    assert html.count(words) >= 2
    assert "Kept" in html
    stored = Forum.current()
    assert getattr(stored, field) == getattr(forum, field)
    assert stored.tagline == forum.tagline


@pytest.mark.parametrize(
    ("share", "every", "at_next", "words"),
    [
        (50, True, True, "when at least half of those who were there say"),
        (67, True, False, "at least two thirds of those who were there say"),
        (66, False, True, "at least 66% of those who were there say"),
        (100, False, False, "when everybody who was there says"),
    ],
)
def test_rule_when_said_in_words_then_holds_its_numbers(share, every, at_next, words):
    said = words_for(share, every, at_next)
    assert words in said
    assert ("each group" in said) == every
    assert ("next meeting confirms" in said) == at_next


def test_settings_when_rule_is_changed_then_reads_in_plain_english(
    administrator, client_for, form, forum
):
    form |= {"agree_share": 67}
    form.pop("agree_every_group", None)
    form.pop("agree_at_next", None)
    html = html_of(client_for(administrator).post(SETTINGS, form, follow=True))
    assert words_for(67, False, False) in html
    for share in (50, 67, 100):
        assert words_for(share, False, False) in html


def test_help_when_forum_names_nobody_then_still_says_where_to_ask(forum):
    assert "SENDIASS" in html_of(Client().get(HELP))


def test_help_when_forum_names_somebody_then_links_them_and_nothing_else(forum):
    forum.own_child_help = "Advice, https://advice.example/\nA friend, javascript:alert(1)\nRing us"
    forum.save()
    html = html_of(Client().get(HELP))
    assert '<a href="https://advice.example/">Advice</a>' in html
    assert 'href="javascript' not in html
    assert "Ring us" in html


@pytest.mark.parametrize("address", [ABOUT, HELP])
def test_open_page_when_public_then_no_cookie_no_form_and_304_the_second_time(address, forum):
    page = Client().get(address)
    assert page.status_code == 200
    assert not page.cookies
    assert "<form" not in html_of(page)
    assert Client().get(address, headers={"if-none-match": page["ETag"]}).status_code == 304


def test_open_page_when_signed_in_then_for_this_person_and_not_stored(rep, client_for):
    page = client_for(rep).get(ABOUT)
    assert rep.name in html_of(page)
    assert page["Cache-Control"] == "private, no-store"
    assert rep.name not in html_of(Client().get(ABOUT))


def test_navigation_when_public_then_offers_sign_in_and_no_desk(forum):
    html = html_of(Client().get(ABOUT))
    assert reverse("account_request_login_code") in html
    assert reverse("members:menu") not in html
