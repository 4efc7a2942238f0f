"""What parents asked: what is public of it, whom it is put to, the answer, what changed."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from coprod import clocks, links
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from meetings import asked
from meetings.models import Answer, Ask, AskState, Minutes
from meetings.services import asks
from meetings.services.publicity import withdraw_minutes
from tests.factories.asks import (
    WORDS,
    draft_ask,
    fresh,
    heard_ask,
    published_ask,
    sent_ask,
    text_with,
)
from tests.factories.members import RoleFactory
from tests.factories.projects import ProjectFactory

LIST = "/what-we-said/"


def today(days=0):
    return clocks.today() + timedelta(days=days)


def name(ask, officer, by, **fields):
    asks.name_answerer(ask=ask, person=officer, by=by, **fields)
    return fresh(ask)


@pytest.fixture
def ask(coordinator, rep):
    return published_ask(coordinator, rep, by=coordinator)


# What is public -----------------------------------------------------------------------------------


def test_list_when_minutes_are_published_shows_the_ask_with_its_place(client, ask):
    page = client.get(LIST).text
    assert WORDS in page
    assert "Therapy service" in page
    assert "Waiting for an answer" in page
    own = client.get(ask.get_absolute_url()).text
    meeting = ask.paragraph.section.minutes.meeting
    assert f"{meeting.get_absolute_url()}#p{ask.shown_number.replace('.', '-')}" in own


@pytest.mark.parametrize("make", [sent_ask, draft_ask])
def test_ask_when_its_minutes_are_no_more_than_a_draft_is_nobody_elses(
    client_for, coordinator, rep, stranger, make
):
    ask = make(coordinator, rep, by=coordinator)
    for person in (None, stranger, rep):
        client = client_for(person)
        assert WORDS not in client.get(LIST).text
        assert client.get(ask.get_absolute_url()).status_code == 404
        assert WORDS not in client.get("/what-we-said/answers.atom").content.decode()
        assert ask.get_absolute_url() not in client.get("/sitemap.xml").content.decode()
    runs = client_for(coordinator)
    assert WORDS in runs.get(reverse("asks:ask_waiting")).text
    assert runs.get(ask.get_absolute_url()).status_code == 200


def test_ask_when_its_minutes_are_withdrawn_goes_at_once(client, ask, coordinator):
    address = ask.get_absolute_url()
    assert client.get(address).status_code == 200
    minutes = Minutes.objects.get()
    withdraw_minutes(minutes=minutes, reason="A name slipped in", by=coordinator)
    assert client.get(address).status_code == 404
    assert WORDS not in client.get(LIST).text


def test_ask_when_another_version_is_shown_is_public_only_in_its_words(client, ask, coordinator):
    """Fails shut: a version that nobody copied the words from shows none of them."""
    from meetings.models import Version

    minutes = Minutes.objects.get()
    shown = minutes.shown_version
    other = Version.objects.create(
        minutes=minutes,
        number=shown.number + 1,
        full=shown.full,
        public={**shown.public, "items": []},
        comments_close_on=shown.comments_close_on,
    )
    Minutes.objects.update(shown_version=other)
    assert client.get(ask.get_absolute_url()).status_code == 404
    Minutes.objects.update(shown_version=shown)
    assert client.get(ask.get_absolute_url()).status_code == 200


def test_ask_when_in_a_private_paragraph_stays_private(client, coordinator, rep):
    from tests.factories.meetings import past_meeting
    from tests.factories.published import agree, publish, send_out, withhold, written_minutes

    meeting = past_meeting(coordinator, rep, days=30)
    minutes = written_minutes(meeting, by=coordinator, items=(("Waiting", text_with()),))
    withhold(minutes, WORDS, by=coordinator)
    publish(agree(send_out(minutes, by=coordinator, days_ago=20)), by=coordinator)
    ask = Ask.objects.get()
    assert (ask.shown_text, ask.shown_in) == ("", None)
    assert client.get(ask.get_absolute_url()).status_code == 404
    assert WORDS not in client.get(LIST).text


def test_words_when_put_right_after_publication_are_the_new_ones_everywhere(
    client, ask, coordinator
):
    from meetings import amending
    from meetings.services.corrections import correct_minutes

    minutes = Minutes.objects.get()
    shown = minutes.shown_version
    number = ask.shown_number
    correct_minutes(
        minutes=minutes,
        number=shown.number,
        renditions=amending.reworded(
            shown.full, shown.public, str(ask.paragraph.uid), text="Say what each step costs"
        ),
        kind="correction",
        note="It was about cost.",
        approved_by_words="everyone",
        by=coordinator,
    )
    page = client.get(ask.get_absolute_url()).text
    assert "Say what each step costs" in page
    assert WORDS not in page
    assert fresh(ask).shown_number == number


def test_ask_when_heard_elsewhere_is_public_at_once(client, client_for, coordinator):
    runs = client_for(coordinator)
    answer = runs.post(
        reverse("asks:ask_add"),
        {
            "text": "Tell us who drives",
            "of_whom": "Transport team",
            "said_where": "Open morning",
            "said_on": f"{today(-3):%-d %B %Y}",
        },
    )
    ask = Ask.objects.get()
    assert answer["Location"] == reverse("asks:ask_name", args=[ask.pk])
    page = client.get(ask.get_absolute_url()).text
    assert "Tell us who drives" in page
    assert "Open morning" in page
    assert coordinator.name not in page


def test_form_when_heard_in_the_future_or_empty_keeps_what_was_typed(client_for, coordinator):
    runs = client_for(coordinator)
    page = runs.post(
        reverse("asks:ask_add"), {"text": "Who drives?", "said_on": f"{today(2):%-d %B %Y}"}
    ).text
    assert "or earlier" in page
    assert "Enter where it was said" in page
    assert "Who drives?" in page
    assert not Ask.objects.exists()


# The list -----------------------------------------------------------------------------------------


def test_list_when_empty_says_what_comes(client, forum):
    assert "No ask is public yet" in client.get(LIST).text


def test_list_when_filtered_shows_only_what_fits(client, coordinator, rep):
    project = ProjectFactory(title="Therapy waits", slug="therapy-waits")
    secret = ProjectFactory(title="Hidden work", slug="hidden-work", is_public=False)
    one = heard_ask(by=coordinator, text="First about lifts", of_whom="Lifts", project=project)
    heard_ask(by=coordinator, text="Second about buses", of_whom="Buses", project=secret)
    asks.answer_ask(ask=one, outcome="done", text="Mended by Friday", by=coordinator, via="phone")

    def found(query):
        page = client.get(LIST, query).text
        return [word for word in ("First about lifts", "Second about buses") if word in page]

    assert found({"state": "done"}) == ["First about lifts"]
    assert found({"state": "waiting"}) == ["Second about buses"]
    assert found({"whom": "Buses"}) == ["Second about buses"]
    assert found({"project": "therapy-waits"}) == ["First about lifts"]
    assert found({"text": "mended friday"}) == ["First about lifts"]
    assert "No ask fits" in client.get(LIST, {"text": "zebra"}).text
    # What isn't public can't be asked for by its address, and odd values count as nothing.
    assert "Hidden work" not in client.get(LIST).text
    assert len(found({"project": "hidden-work"})) == 2
    assert len(found({"state": "nonsense", "page": "9" * 40})) == 2


@pytest.mark.parametrize("count", [3, 60])
def test_list_when_it_grows_costs_the_same_questions(
    client, coordinator, count, django_assert_max_num_queries
):
    for number in range(count):
        made = heard_ask(by=coordinator, text=f"Ask {number}")
        if number % 2:
            asks.answer_ask(ask=made, outcome="done", text="Yes", by=coordinator, via="post")
    with django_assert_max_num_queries(6):
        client.get(LIST)


# Naming and days ----------------------------------------------------------------------------------


def test_officer_when_named_gets_a_letter_whose_link_opens_the_page(
    client, client_for, coordinator, officer, organisation, ask, outbox_drained
):
    runs = client_for(coordinator)
    page = reverse("asks:ask_name", args=[ask.pk])
    assert officer.name in runs.get(page).text
    runs.post(page, {"person": officer.pk})
    ask = fresh(ask)
    assert (ask.answerer, ask.organisation) == (officer, organisation)
    letter = next(mail for mail in outbox_drained() if mail.to == [officer.email])
    assert letter.subject == f"Please answer parents by {today(21):%-d %B}"
    assert WORDS in letter.body
    link = next(w for w in letter.body.split() if "/what-we-said/answer/" in w)
    opened = client.get(link.split("example", 1)[-1] if "example" in link else link)
    assert opened.status_code == 200
    assert WORDS in opened.text
    assert opened["Cache-Control"] == "private, no-store"
    assert not Answer.objects.exists(), "opening the link changed something"


def test_name_when_public_page_is_read_says_the_organisation_only(
    client_for, coordinator, rep, officer, organisation, stranger, ask
):
    name(ask, officer, coordinator)
    for person, sees in ((None, False), (stranger, False), (rep, True), (coordinator, True)):
        page = client_for(person).get(ask.get_absolute_url()).text
        assert organisation.name in page
        assert (officer.name in page) == sees, person


def test_naming_when_the_draft_was_not_sent_is_refused(coordinator, rep, officer):
    ask = draft_ask(coordinator, rep, by=coordinator)
    with pytest.raises(TransitionNotAllowed, match="haven’t been sent"):
        name(ask, officer, coordinator)
    assert not Message.objects.filter(template="meetings/ask_named").exists()


def test_naming_when_said_among_parents_is_refused(coordinator, rep, officer):
    ask = sent_ask(coordinator, rep, by=coordinator, audience="parents")
    with pytest.raises(TransitionNotAllowed, match="parents’ meeting"):
        name(ask, officer, coordinator)


def test_naming_when_the_line_is_private_is_refused_to_who_may_not_read_it(
    coordinator, rep, officer
):
    from meetings.services.minutes import circulate_minutes, keep_private

    ask = draft_ask(coordinator, rep, by=coordinator)
    keep_private(paragraph=ask.paragraph, reason="One family", by=coordinator)
    circulate_minutes(minutes=Minutes.objects.get(), number=1, by=coordinator)
    with pytest.raises(TransitionNotAllowed, match="may not read it"):
        name(ask, officer, coordinator)


@pytest.mark.parametrize("who", ["rep", "stranger"])
def test_naming_when_no_officer_is_refused(coordinator, ask, who, request):
    with pytest.raises(TransitionNotAllowed, match="Only an officer"):
        name(ask, request.getfixturevalue(who), coordinator)


def test_naming_when_the_words_name_no_day_asks_for_one(client_for, coordinator, rep, officer):
    ask = published_ask(coordinator, rep, by=coordinator, text=text_with(None))
    runs, page = client_for(coordinator), reverse("asks:ask_name", args=[ask.pk])
    assert "Enter the day for the answer" in runs.post(page, {"person": officer.pk}).text
    runs.post(page, {"person": officer.pk, "answer_by": f"{today(28):%-d %B %Y}"})
    assert fresh(ask).due == today(28)


def test_letter_when_somebody_else_is_named_meanwhile_does_not_go(
    coordinator, officer, organisation, ask, outbox_drained, client
):
    other = RoleFactory(kind="officer").person
    name(ask, officer, coordinator)
    token = links.make("ask", person=officer, about=ask.pk)
    name(ask, other, coordinator)
    assert [m.to for m in outbox_drained() if "answer parents" in m.subject] == [[other.email]]
    assert client.get(reverse("asks:ask_answer_by_link", args=[token])).status_code == 404


def test_new_day_when_given_in_time_is_explained_later_is_late(coordinator, officer, ask):
    name(ask, officer, coordinator)
    asks.extend_ask(ask=ask, until=today(40), reason="A new system comes", by=coordinator)
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        assert fresh(ask).clock.state == "explained"
        asks.answer_ask(ask=ask, outcome="done", text="Yes", by=officer)
        assert fresh(ask).clock.state == "explained"


def test_new_day_when_given_after_the_old_one_is_told_late(coordinator, officer, ask, client):
    name(ask, officer, coordinator)
    with time_machine.travel(timezone.now() + timedelta(days=23)):
        asks.extend_ask(ask=ask, until=today(40), reason="A new system", by=coordinator)
        found = fresh(ask)
        assert found.clock.state == "late"
        assert found.clock.extension.days_after == 2
        assert "2 days after it was due" in client.get(ask.get_absolute_url()).text


@pytest.mark.parametrize("days", [-1, 0, 21, 900])
def test_new_day_when_no_later_one_is_refused(coordinator, ask, days):
    with pytest.raises(TransitionNotAllowed):
        asks.extend_ask(ask=ask, until=today(days), reason="Why", by=coordinator)


# The answer ---------------------------------------------------------------------------------------


def post_twice(client, page, data):
    """Look at it, then send it, as people do."""
    looked = client.post(page, data | {"do": "look"})
    assert looked.status_code == 200
    assert not Answer.objects.exists(), "looking at it kept it"
    assert "Check the answer" in looked.text
    return client.post(page, data | {"do": "send"}, follow=True)


def test_answer_when_sent_from_the_letter_is_public_with_its_reason(
    client, coordinator, rep, officer, ask, outbox_drained
):
    name(ask, officer, coordinator)
    page = reverse(
        "asks:ask_answer_by_link", args=[links.make("ask", person=officer, about=ask.pk)]
    )
    data = {"outcome": "not_possible", "text": "We can’t.", "reason": "No staff for it"}
    thanks = post_twice(client, page, data)
    assert "Thank you" in thanks.text
    answer = Answer.objects.get()
    assert (answer.answered_by, answer.via) == (officer, "")
    public = client.get(ask.get_absolute_url()).text
    assert "No staff for it" in public
    assert officer.name not in public
    told = [mail for mail in outbox_drained() if "answered" in mail.subject]
    assert [mail.to for mail in told if mail.to == [coordinator.email]]
    assert Message.objects.get(template="meetings/ask_answered", person=rep).is_news
    assert AuditEvent.objects.filter(verb="answer_ask").count() == 1
    assert "We can’t" not in str(list(AuditEvent.objects.values()))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({}, "Choose your answer"),
        ({"outcome": "done"}, "Write your answer"),
        ({"outcome": "partly", "text": "Some"}, "Say why"),
        ({"outcome": "not_possible", "text": "No"}, "Say why"),
        ({"outcome": "will_do", "text": "Yes"}, "Enter the day by which"),
        ({"outcome": "will_do", "text": "Yes", "will_do_by": "1 May 2020"}, "from today on"),
    ],
)
def test_answer_when_something_is_missing_says_so_and_keeps_the_words(
    client_for, coordinator, officer, ask, data, error
):
    name(ask, officer, coordinator)
    page = client_for(officer).post(
        reverse("asks:ask_answer", args=[ask.pk]), data | {"do": "send"}
    )
    assert error in page.text
    assert data.get("text", "") in page.text
    assert not Answer.objects.exists()


def test_answer_when_given_again_stands_beside_the_first(client_for, coordinator, officer, ask):
    name(ask, officer, coordinator)
    client, page = client_for(officer), reverse("asks:ask_answer", args=[ask.pk])
    client.post(page, {"outcome": "done", "text": "It is done", "do": "send"})
    client.post(page, {"outcome": "partly", "text": "Half", "reason": "Staff", "do": "send"})
    client.post(page, {"outcome": "partly", "text": "Half", "reason": "Staff", "do": "send"})
    assert [a.outcome for a in fresh(ask).answers.all()] == ["done", "partly"]
    public = client_for(None).get(ask.get_absolute_url()).text
    assert "It is done" in public
    assert "Half" in public


def test_answer_when_it_came_by_phone_says_so(client_for, coordinator, officer, ask):
    name(ask, officer, coordinator)
    page = reverse("asks:ask_answer", args=[ask.pk])
    runs = client_for(coordinator)
    runs.post(page, {"outcome": "done", "text": "Yes", "via": "phone", "do": "send"})
    answer = Answer.objects.get()
    assert (answer.via, answer.answered_by) == ("phone", coordinator)
    public = client_for(None).get(ask.get_absolute_url()).text
    assert "by phone" in public
    assert coordinator.name not in public


@pytest.mark.parametrize("who", ["rep", "stranger", "treasurer", "administrator"])
def test_answer_when_not_the_one_named_is_forbidden(client_for, ask, who, request, officer):
    other = RoleFactory(kind="officer").person
    page = reverse("asks:ask_answer", args=[ask.pk])
    for person in (request.getfixturevalue(who), other):
        client = client_for(person)
        assert client.get(page).status_code == 403
        data = {"outcome": "done", "text": "Yes", "via": "phone", "do": "send"}
        assert client.post(page, data).status_code == 403
    assert not Answer.objects.exists()


def test_link_when_it_is_another_persons_or_altered_opens_nothing(client, ask, officer, stranger):
    whole = links.make("ask", person=stranger, about=ask.pk)
    for token in (whole, whole[:-4], links.make("draft", person=officer, about=ask.pk)):
        assert client.get(reverse("asks:ask_answer_by_link", args=[token])).status_code == 404


def test_link_when_its_time_has_passed_sends_a_new_one(client, coordinator, officer, ask):
    name(ask, officer, coordinator)
    token = links.make("ask", person=officer, about=ask.pk)
    with time_machine.travel(timezone.now() + timedelta(days=links.DAYS["ask"] + 1)):
        page = client.get(reverse("asks:ask_answer_by_link", args=[token]))
        assert page.status_code == 410
        client.post(reverse("link_again"), {"purpose": "ask", "token": token})
    assert Message.objects.filter(template="meetings/ask_named", key__startswith="again:").exists()


def test_page_when_minutes_are_withdrawn_says_that_nothing_is_asked(
    client, coordinator, officer, ask
):
    name(ask, officer, coordinator)
    withdraw_minutes(minutes=Minutes.objects.get(), reason="A slip", by=coordinator)
    token = links.make("ask", person=officer, about=ask.pk)
    page = client.get(reverse("asks:ask_answer_by_link", args=[token]))
    assert "Nothing to answer now" in page.text
    assert WORDS not in page.text


def test_change_when_said_stands_in_the_list_and_the_feed(client, client_for, coordinator, ask):
    runs = client_for(coordinator)
    page = reverse("asks:ask_changed", args=[ask.pk])
    assert "no answer yet" in runs.post(page, {"changed": "Waits are on the wall"}).text
    asks.answer_ask(ask=ask, outcome="done", text="Yes", by=coordinator, via="phone")
    runs.post(page, {"changed": "Waits are on the wall"})
    for address in (LIST, ask.get_absolute_url(), "/what-we-said/answers.atom", "/"):
        assert "Waits are on the wall" in client.get(address).content.decode(), address


def test_project_when_it_is_not_public_is_named_to_nobody_else(
    client, client_for, coordinator, ask
):
    secret = ProjectFactory(title="Hidden work", slug="hidden-work", is_public=False)
    runs = client_for(coordinator)
    runs.post(reverse("asks:ask_project", args=[ask.pk]), {"project": secret.pk})
    assert fresh(ask).project == secret
    assert "Hidden work" in runs.get(ask.get_absolute_url()).text
    assert "Hidden work" not in client.get(ask.get_absolute_url()).text
    assert "Hidden work" not in client.get(LIST).text


def test_ask_when_typed_by_mistake_can_be_put_right_or_taken_off(client_for, coordinator):
    ask = heard_ask(by=coordinator)
    runs = client_for(coordinator)
    page = reverse("asks:ask_edit", args=[ask.pk])
    values = {"text": "Better words", "of_whom": "Buses", "said_where": "A call"}
    runs.post(page, values | {"said_on": f"{today(-1):%-d %B %Y}"})
    assert fresh(ask).shown_text == "Better words"
    runs.post(reverse("asks:ask_remove", args=[ask.pk]), {})
    assert not Ask.objects.exists()


def test_ask_when_it_stands_in_minutes_cannot_be_taken_off(client_for, coordinator, ask):
    page = client_for(coordinator).post(reverse("asks:ask_remove", args=[ask.pk]), {})
    assert "stands in the minutes" in page.text
    assert Ask.objects.exists()


# States, asked of one row and of many -------------------------------------------------------------

CASES = [
    # due in days, answers [(outcome, will do in days)], new day in days, state
    (5, [], None, "waiting"),
    (0, [], None, "waiting"),
    (-1, [], None, "overdue"),
    (-1, [], 3, "waiting"),
    (-5, [], -2, "overdue"),
    (None, [], None, "waiting"),
    (-9, [("done", None)], None, "done"),
    (5, [("partly", None)], None, "partly"),
    (5, [("not_possible", None)], None, "not_possible"),
    (5, [("will_do", 0)], None, "will_do"),
    (5, [("will_do", -1)], None, "overdue"),
    (5, [("will_do", -1), ("done", None)], None, "done"),
    (-5, [("done", None), ("will_do", 4)], None, "will_do"),
]


@pytest.mark.parametrize(("due", "answers", "until", "state"), CASES)
def test_state_when_asked_of_one_row_or_of_many_is_the_same(
    coordinator, due, answers, until, state
):
    ask = heard_ask(by=coordinator, due_on=None if due is None else today(due))
    for outcome, days in answers:
        Answer.objects.create(
            ask=ask,
            outcome=outcome,
            text="x",
            reason="y",
            will_do_by=None if days is None else today(days),
        )
    if until is not None:
        ask.extensions.create(due_on=today(due), until=today(until), reason="z")
    assert fresh(ask).state_on(clocks.today()) == state
    row = Ask.objects.with_state().get()
    assert row.state == state
    assert row.ends_on == fresh(ask).expected_on()
    assert (state in ("waiting", "overdue", "will_do")) == Ask.objects.open().exists()


def test_closed_ask_when_shown_has_an_answer_a_reason_and_a_date(client, coordinator):
    """Acceptance 29: every closed ask shows an answer, reason and date."""
    for outcome in ("done", "partly", "not_possible"):
        ask = heard_ask(by=coordinator, text=f"About {outcome}")
        asks.answer_ask(
            ask=ask, outcome=outcome, text="Words", reason="Reason", by=coordinator, via="phone"
        )
        page = client.get(ask.get_absolute_url()).text
        assert all(word in page for word in ("Words", "Reason", asked.day(today())))
    assert {ask.state_on(today()) for ask in map(fresh, Ask.objects.all())} == set(
        map(AskState, ("done", "partly", "not_possible"))
    )
