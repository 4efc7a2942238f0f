"""Two doors: an invitation's link, and the link of an empty forum."""

import re
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coprod import links
from coprod.management.commands import serve
from coprod.models import Forum, Message
from members import services
from members.models import Person, Role
from tests.factories.members import PersonFactory, RoleFactory


def join_url(person):
    return reverse("members:join", args=[links.make("join", person=person, about=person.pk)])


def test_invitation_when_followed_then_only_a_press_sends_a_code_and_signs_nobody_in(
    stranger, coordinator, outbox_drained
):
    services.invite_person(person=stranger, by=coordinator)
    [mail] = outbox_drained()
    path = re.search(r"http://[^/]+(/join/\S+)", mail.body).group(1)
    client = Client()
    page = client.get(path)
    assert "This invitation is for Sam Oduya" in page.content.decode()
    assert Message.objects.count() == 1  # opening it has changed nothing

    page = client.post(path)
    assert page["Location"] == reverse("account_confirm_login_code")
    assert client.get(reverse("members:my_details")).status_code == 302
    code = re.search(r"^\d{3} \d{3}$", outbox_drained()[-1].body, re.MULTILINE).group()
    client.post(page["Location"], {"code": code})
    assert client.get(reverse("members:my_details")).status_code == 200


def test_invitation_when_opened_by_somebody_else_signed_in_then_stays_theirs(
    stranger, rep, client_for
):
    page = client_for(rep).get(join_url(stranger))
    assert "This invitation is for Sam Oduya" in page.content.decode()


def test_invitation_when_opened_by_its_owner_signed_in_then_leads_to_today(stranger, client_for):
    assert client_for(stranger).get(join_url(stranger))["Location"] == reverse("today")


@pytest.mark.parametrize("what", ["cut", "of another purpose", "nonsense"])
def test_invitation_when_link_is_wrong_then_says_so(what, stranger):
    token = links.make("join", person=stranger, about=stranger.pk)
    token = {
        "cut": token[:-3],
        "of another purpose": links.make("reply", person=stranger, about=stranger.pk),
        "nonsense": "x",
    }[what]
    page = Client().post(reverse("members:join", args=[token]))
    assert page.status_code == 404
    assert "This link doesn’t work" in page.content.decode()
    assert not Message.objects.exists()


def test_invitation_when_two_weeks_have_passed_then_has_ended(stranger):
    url = join_url(stranger)
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        page = Client().get(url)
    assert page.status_code == 410
    assert "This link has ended" in page.content.decode()


def test_invitation_when_person_is_switched_off_then_has_ended(stranger, coordinator):
    url = join_url(stranger)
    services.switch_off_person(person=stranger, by=coordinator)
    assert Client().post(url).status_code == 410


# An empty forum ----------------------------------------------------------------------------------

FORM = {
    "name": "Kestrel Coast Forum",
    "area": "Kestrel Coast",
    "phone": "01632 960 200",
    "email": "hello@kestrel.example",
    "your_name": "Wren Halloran",
    "your_email": "Wren@Kestrel.example",
    "password": "three small boats",
}


def set_up_path():
    out = StringIO()
    call_command("setup_link", stdout=out)
    return re.fullmatch(r"Set up: http://[^/]+(/set-up/\S+)\n", out.getvalue()).group(1)


@pytest.mark.django_db
def test_set_up_when_forum_is_empty_then_begins_it_and_signs_in(settings):
    client = Client()
    path = set_up_path()
    assert client.get(path).status_code == 200
    page = client.post(path, FORM)
    assert page["Location"] == reverse("today")
    person = Person.objects.get()
    assert person.email == "wren@kestrel.example"
    assert person.check_password("three small boats")
    assert person.role_kinds == {"administrator", "coordinator"}
    assert not Role.objects.exclude(started_by=None).exists()
    assert Forum.current().name == "Kestrel Coast Forum"
    # Whoever runs a forum sets up a second step before anything else.
    assert client.get(reverse("members:forum_settings"))["Location"] == reverse("mfa_index")


@pytest.mark.django_db
def test_set_up_when_done_once_then_the_link_has_ended():
    path = set_up_path()
    Client().post(path, FORM)
    again = {**FORM, "your_email": "second@kestrel.example"}
    assert Client().get(path).status_code == 410
    assert Client().post(path, again).status_code == 410
    assert Person.objects.count() == 1


@pytest.mark.django_db
def test_start_when_the_forum_is_set_up_then_no_link_that_has_ended_is_printed(settings, tmp_path):
    settings.DATA_DIR = tmp_path

    def printed(**how):
        out = StringIO()
        serve.Command(stdout=out).first_start(**how)
        return out.getvalue()

    assert printed(demo=False, new=True).startswith("Set up: ")
    assert printed(demo=True, new=False).startswith("Set up: "), "not begun yet"
    Client().post(set_up_path(), FORM)
    assert printed(demo=True, new=False) == ""


@pytest.mark.django_db
def test_set_up_when_two_try_at_once_then_the_second_is_refused_inside_the_transaction(forum):
    """The page's own check comes first; this is the one that holds in a race."""
    RoleFactory(kind=Role.Kind.ADMINISTRATOR)
    with pytest.raises(services.TransitionNotAllowed):
        services.set_up_forum(
            forum=Forum(name="Second", area="X"), name="X", email="x@x.example", password="y" * 10
        )
    assert not Person.objects.filter(email="x@x.example").exists()
    assert Forum.current().name == forum.name


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("password", "short", "at least 10 characters"),
        ("name", "", "Enter the forum’s name"),
        ("your_email", "nonsense", "Enter an e-mail address such as"),
        ("phone", "ring me", "Enter a phone number such as"),
    ],
)
def test_set_up_when_something_is_wrong_then_says_so_and_keeps_the_rest(field, value, words):
    page = Client().post(set_up_path(), {**FORM, field: value})
    html = page.content.decode()
    assert words in html
    assert "Kestrel Coast" in html
    assert not Person.objects.exists()
    assert "three small boats" not in html


def test_set_up_when_link_of_another_purpose_then_not_there(stranger):
    token = links.make("join", person=stranger, about=stranger.pk)
    assert Client().get(reverse("members:set_up", args=[token])).status_code == 404


def test_set_up_when_the_only_administrator_was_switched_off_then_answers_again(
    administrator, coordinator
):
    PersonFactory()
    path = set_up_path()
    assert Client().get(path).status_code == 410
    administrator.is_active = False
    administrator.save()
    assert Client().get(path).status_code == 200
