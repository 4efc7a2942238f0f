"""The outbox as people see it: failed, letters to post, calls to make, waiting, sent."""

import uuid

import page as pdf_ua
import pytest
from django.urls import reverse
from django.utils import timezone

from coprod import outbox, registry
from coprod.exceptions import NoLongerDue
from coprod.letters import Words
from coprod.models import AuditEvent, Message
from coprod.registry import Letter, letters
from tests.factories.members import PersonFactory

LIST = reverse("members:message_list")
PDF = reverse("members:message_letters_pdf")
POSTED = reverse("members:message_letters_posted")


@pytest.fixture(autouse=True)
def _note(monkeypatch, forum):
    def note(message):
        words = Words("Read this", [f"Hello {message.person.first_name},", "Come <soon>."])
        return Letter("Read this", "text", "<p>html", words=words)

    monkeypatch.setitem(letters, "test/note", note)


@pytest.fixture
def caller(forum):
    return PersonFactory(
        name="June Abara", email=None, phone="01632 960 166", channel=Message.Channel.PHONE
    )


def queue(person, key=None):
    return outbox.queue(key=key or str(uuid.uuid4()), template="test/note", person=person)


def html_of(page):
    return page.content.decode()


def show(client, name):
    return client.get(f"{LIST}?show={name}")


def act(client, verb, message, **data):
    return client.post(reverse(f"members:message_{verb}", args=[message.uuid]), data, follow=True)


def test_list_when_something_failed_then_it_comes_first_with_its_reason(
    coordinator, client_for, rep
):
    message = queue(rep)
    Message.objects.update(state="failed", reason="The address was refused (550).")
    html = html_of(client_for(coordinator).get(LIST))
    assert "The address was refused (550)." in html
    assert reverse("members:message_resend", args=[message.uuid]) in html


def test_list_when_nothing_is_to_do_then_each_list_says_so(coordinator, client_for):
    client = client_for(coordinator)
    for name, words in {
        "failed": "Nothing has failed",
        "letters": "No letters to post",
        "calls": "No calls to make",
        "waiting": "Nothing is waiting",
        "sent": "Nothing has been sent yet",
        "nonsense": "Nothing has been sent yet",
    }.items():
        assert words in html_of(show(client, name))


def test_list_when_messages_wait_then_tabs_count_them(
    coordinator, client_for, rep, person_without_email, caller
):
    for person in (rep, rep, person_without_email, caller):
        queue(person)
    html = html_of(client_for(coordinator).get(LIST))
    for words in ("Failed (0)", "Letters to post (1)", "Calls to make (1)", "Waiting (2)"):
        assert words in html


def test_resend_when_pressed_then_queued_and_the_second_press_is_told(coordinator, client_for, rep):
    message = queue(rep)
    Message.objects.update(state="failed")
    client = client_for(coordinator)
    assert f"on its way again, to {rep.email}" in html_of(act(client, "resend", message))
    assert "Only a message that failed" in html_of(act(client, "resend", message))
    message.refresh_from_db()
    assert message.state == Message.State.QUEUED


def test_call_when_listed_then_number_and_words_to_say(coordinator, client_for, caller):
    queue(caller)
    html = html_of(show(client_for(coordinator), "calls"))
    assert 'href="tel:01632960166"' in html
    assert "Hello June," in html
    assert "Come &lt;soon&gt;." in html


def call_ends(client, message, outcome, note=""):
    said = {f"m{message.pk}-outcome": outcome, f"m{message.pk}-note": note}
    return html_of(act(client, "done", message, **said))


def test_call_when_spoken_then_rung_with_what_was_said(coordinator, client_for, caller):
    message = queue(caller)
    html = call_ends(client_for(coordinator), message, "spoke", "Can come, needs a lift")
    assert "The call to June Abara is noted" in html
    message.refresh_from_db()
    assert (message.state, message.note, message.sent_by) == (
        Message.State.RUNG,
        "Can come, needs a lift",
        coordinator,
    )
    assert "Can come, needs a lift" in html_of(show(client_for(coordinator), "sent"))


@pytest.mark.parametrize(("outcome", "note"), [("spoke", " "), ("", "Can come"), ("lied", "x")])
def test_call_when_something_is_missing_then_asked_for_it_and_still_to_do(
    outcome, note, coordinator, client_for, caller
):
    message = queue(caller)
    html = call_ends(client_for(coordinator), message, outcome, note)
    words = "Write what was said" if outcome == "spoke" else "Choose how the call went"
    assert html.count(words) >= 2 or outcome == "lied"
    message.refresh_from_db()
    assert (message.state, message.attempts) == (Message.State.QUEUED, 0)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("left_word", "A message was left on "), ("no_answer", "Nobody answered on ")],
)
def test_call_when_nobody_is_reached_then_stays_on_the_list_and_tries_are_counted(
    outcome, words, coordinator, client_for, caller
):
    message = queue(caller)
    client = client_for(coordinator)
    assert "stays on the list" in call_ends(client, message, outcome)
    html = call_ends(client, message, outcome)
    assert words in html
    assert "Tried 2 times" in html
    message.refresh_from_db()
    assert (message.state, message.attempts) == (Message.State.QUEUED, 2)


def test_call_when_number_is_wrong_then_failed_and_can_go_by_post(coordinator, client_for, caller):
    message = queue(caller)
    client = client_for(coordinator)
    call_ends(client, message, "wrong_number")
    message.refresh_from_db()
    assert (message.state, message.reason) == (
        Message.State.FAILED,
        "It is a wrong number. Check it.",
    )
    assert "Send it by post instead" not in html_of(show(client, "failed"))
    assert "It can’t go that way" in html_of(act(client, "otherwise", message, channel="letter"))
    caller.postal_address = "9 Weir Lane\nLarkmere"
    caller.save()
    assert "Send it by post instead" in html_of(show(client, "failed"))
    html = html_of(act(client, "otherwise", message, channel="letter"))
    assert "among the letters to post" in html
    message.refresh_from_db()
    assert (message.state, message.channel) == (Message.State.QUEUED, Message.Channel.LETTER)
    event = AuditEvent.objects.about(message).filter(verb="send_otherwise").get()
    assert (event.by_id, event.data) == (coordinator.pk, {"was": "phone", "now": "letter"})


def test_call_when_something_can_be_written_down_then_its_page_is_one_tap_away(
    coordinator, client_for, caller, monkeypatch
):
    queue(caller)
    monkeypatch.setitem(
        registry.spoken, "test/note", lambda message: [{"label": "Their reply", "url": "/there/"}]
    )
    assert '<a href="/there/">Their reply' in html_of(show(client_for(coordinator), "calls"))


def test_call_when_it_has_lost_its_point_then_can_be_taken_off(
    coordinator, client_for, caller, monkeypatch
):
    message = queue(caller)
    client = client_for(coordinator)
    assert act(client, "drop", message).status_code == 404  # it still has its point

    def late(message):
        raise NoLongerDue("The meeting is over.")

    monkeypatch.setitem(letters, "test/note", late)
    assert "The meeting is over." in html_of(show(client, "calls"))
    act(client, "drop", message)
    message.refresh_from_db()
    assert (message.state, message.reason) == (Message.State.DROPPED, "The meeting is over.")


def test_call_when_its_words_cannot_be_written_then_the_page_still_opens(
    coordinator, client_for, caller, monkeypatch
):
    monkeypatch.setitem(letters, "test/note", lambda message: {}["mistake"])
    queue(caller)
    page = show(client_for(coordinator), "calls")
    assert page.status_code == 200
    assert "An administrator should look" in html_of(page)


def test_letters_when_printed_then_one_tagged_file_and_still_to_post(
    coordinator, client_for, person_without_email
):
    other = PersonFactory(
        name="Moira Dane", email=None, postal_address="1 Quay", channel=Message.Channel.LETTER
    )
    for person in (person_without_email, other):
        queue(person)
    page = client_for(coordinator).get(PDF)
    assert page["Content-Type"] == "application/pdf"
    assert page["Cache-Control"] == "private, no-store"
    assert pdf_ua.validate_pdf_bytes(page.content, profile="ua1").failures == []
    assert Message.objects.filter(state="queued").count() == 2


def test_letters_when_there_are_none_then_says_so_instead_of_an_empty_file(coordinator, client_for):
    page = client_for(coordinator).get(PDF, follow=True)
    assert "There are no letters to print" in html_of(page)


def test_letters_when_marked_then_only_those_ticked_are_posted(
    coordinator, client_for, person_without_email
):
    one, two, e_mail = (queue(person_without_email) for _ in range(3))
    Message.objects.filter(pk=e_mail.pk).update(channel="email")
    client = client_for(coordinator)
    sent = {"m": [one.pk, e_mail.pk, "x", "9" * 30]}
    html = html_of(client.post(POSTED, {"m": [one.pk, e_mail.pk, "x"]}, follow=True))
    assert "1 letter is marked as posted" in html
    states = dict(Message.objects.values_list("pk", "state"))
    assert states == {one.pk: "posted", two.pk: "queued", e_mail.pk: "queued"}
    again = html_of(client.post(POSTED, {"m": [one.pk]}, follow=True))
    assert "Tick the letters that you posted" in again
    assert client.post(POSTED, sent).status_code == 302


def test_letters_when_all_are_marked_then_not_one_that_came_since(
    coordinator, client_for, person_without_email
):
    two = [queue(person_without_email) for _ in range(2)]
    client = client_for(coordinator)
    newest = show(client, "letters").context["newest"]
    late = queue(person_without_email)
    url = reverse("members:message_letters_all")
    html = html_of(client.post(url, {"newest": newest}, follow=True))
    assert "2 letters are marked as posted" in html
    assert set(Message.objects.filter(state="posted")) == set(two)
    assert Message.objects.get(state="queued") == late
    assert "marked already" in html_of(client.post(url, {"newest": "x"}, follow=True))


def test_letter_when_not_posted_after_all_then_to_post_again(
    coordinator, client_for, person_without_email
):
    message = queue(person_without_email)
    client = client_for(coordinator)
    client.post(POSTED, {"m": [message.pk]})
    assert "Not posted after all" in html_of(show(client, "sent"))
    assert "to be posted again" in html_of(act(client, "unposted", message, why="not_posted"))
    message.refresh_from_db()
    assert (message.state, message.sent_at, message.sent_by) == ("queued", None, None)
    assert "isn’t marked as posted" in html_of(act(client, "unposted", message, why="came_back"))
    verbs = AuditEvent.objects.about(message).values_list("verb", flat=True)
    assert list(verbs) == ["not_posted", "posted"]


def test_letter_when_it_came_back_then_failed_with_what_to_check(
    coordinator, client_for, person_without_email
):
    message = queue(person_without_email)
    client = client_for(coordinator)
    client.post(POSTED, {"m": [message.pk]})
    html = html_of(act(client, "unposted", message, why="came_back"))
    assert "came back. Check the postal address" in html
    assert "Put it on the call list instead" in html
    message.refresh_from_db()
    assert message.state == Message.State.FAILED


def test_letter_when_it_has_lost_its_point_then_printing_takes_it_off(
    coordinator, client_for, person_without_email, monkeypatch
):
    kept, lost = queue(person_without_email), queue(person_without_email, key="lost")
    note = letters["test/note"]

    def late(message):
        if message.key == "lost":
            raise NoLongerDue("The meeting is over.")
        return note(message)

    monkeypatch.setitem(letters, "test/note", late)
    client = client_for(coordinator)
    client.get(PDF)
    lost.refresh_from_db()
    assert (lost.state, lost.reason) == (Message.State.DROPPED, "The meeting is over.")
    client.post(POSTED, {"m": [kept.pk, lost.pk]})
    lost.refresh_from_db()
    assert lost.state == Message.State.DROPPED, "what was never printed was marked as posted"


def test_failed_when_mail_came_back_twice_then_says_whom_to_ring(
    coordinator, client_for, rep, staff
):
    rep.phone = "01632 960 177"
    rep.save()
    for person, times in ((rep, 2), (staff, 1)):
        for _ in range(times):
            refused = {"state": "failed", "bounced_at": timezone.now()}
            Message.objects.filter(pk=queue(person).pk).update(**refused)
    client = client_for(coordinator)
    html = html_of(client.get(LIST))
    assert "Nadia Karim’s e-mail doesn’t arrive: ring them" in html
    assert 'href="tel:01632960177"' in html
    assert html.count("doesn’t arrive") == 1
    rep.email = "nadia.new@larkmere.example"
    rep.save()
    assert "doesn’t arrive" not in html_of(client.get(LIST))


def test_waiting_when_night_then_says_when_it_goes(coordinator, client_for, rep):
    message = queue(rep)
    Message.objects.filter(pk=message.pk).update(
        next_try_at=timezone.now() + timezone.timedelta(hours=3)
    )
    assert "Goes " in html_of(show(client_for(coordinator), "waiting"))


def test_secret_when_message_waits_then_no_page_shows_it(coordinator, client_for, rep):
    outbox.queue(
        key="code",
        template="members/login_code",
        person=rep,
        secret={"code": "918273"},
        urgent=True,
    )
    html = html_of(show(client_for(coordinator), "waiting"))
    assert "Sign-in code" in html
    assert "918273" not in html


@pytest.mark.parametrize("name", ["failed", "letters", "waiting", "sent"])
def test_list_when_it_grows_then_asks_the_database_no_more_often(
    name, coordinator, client_for, django_assert_max_num_queries, person_without_email, rep
):
    for _ in range(12):
        queue(person_without_email)
        for state in ("queued", "sent", "failed"):
            Message.objects.filter(pk=queue(PersonFactory()).pk).update(state=state)
    client = client_for(coordinator)
    show(client, name)
    with django_assert_max_num_queries(10):
        show(client, name)


def test_administrator_when_reading_the_lists_then_resends_but_reads_no_words(
    administrator, client_for, caller, person_without_email
):
    """Calls and letters may hold a draft, which an administrator never reads."""
    call, _ = queue(caller), queue(person_without_email)
    client = client_for(administrator)
    calls, posted = html_of(show(client, "calls")), html_of(show(client, "letters"))
    assert caller.name in calls
    assert "Hello June" not in calls
    assert person_without_email.name in posted
    assert client.get(PDF).status_code == 403
    assert act(client, "done", call, **{f"m{call.pk}-note": "x"}).status_code == 403
    Message.objects.filter(pk=call.pk).update(state="failed")
    assert "on the call list" in html_of(act(client, "resend", call))
