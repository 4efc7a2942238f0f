"""Minutes written by several people, with lines and sessions that break: no word is lost.

The four survivals of a text: somebody else saved first, the connection went, the session ended,
the page was left, reloaded or closed.
"""

import re

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from coprod import links
from meetings.models import AgendaItem, Comment, Paragraph
from tests.factories.meetings import coming_meeting, past_meeting
from tests.factories.minutes import circulated, comment, first_section, rewrite, written
from tests.journeys.acting import follow, press, words_of
from tests.journeys.conftest import MODES, ON_PHONE

pytestmark = pytest.mark.django_db

BOX = "What was said and decided"
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def meeting(coordinator, rep, other_group):
    meeting = past_meeting(rep, coordinator, days=1)
    meeting.minute_taker = rep
    meeting.save()
    return meeting


@pytest.fixture
def minutes(meeting, coordinator):
    return written(meeting, "One was said.", "Two was said.", by=coordinator)


@pytest.fixture
def address(minutes):
    item = first_section(minutes).item_id
    return reverse("meetings:section_edit", args=[minutes.meeting.slug, item])


def text_of(minutes):
    return first_section(minutes).text


def box(page):
    return page.get_by_label(BOX)


def says(page, words, **options):
    page.locator("#state").get_by_text(re.compile(words)).wait_for(**options)


def type_more(page, words):
    box(page).press("ControlOrMeta+End")
    page.keyboard.type(words)


def cut_off(page):
    """No connection for this page, not even for what it sends while it is closed."""
    page.context.set_offline(True)
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('gone')); }")


def no_saving(route):
    """The line goes just when something is sent."""
    if route.request.method == "POST":
        route.abort()
    else:
        route.fallback()


def kept_note(page):
    return page.get_by_role("region", name="Words kept on this device")


def kept(page):
    return page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('keep:'))")


# Saved as typed -----------------------------------------------------------------------------------


def test_typing_is_saved_by_itself_and_records_are_shown_back(
    signed_in, coordinator, minutes, address, look
):
    page = signed_in(coordinator, **ON_PHONE)
    page.goto(address)
    page.get_by_role("button", name="Action", exact=True).click()
    page.keyboard.type("Hester to ring by 2 October")
    says(page, r"^Saved at \d")
    assert text_of(minutes) == "One was said.\n\nAction: Hester to ring by 2 October"
    read_back = page.locator("#read-back")
    assert "Hester" in read_back.inner_text()
    assert "2 October" in read_back.inner_text()
    assert kept(page) == []
    look(page, "write-saved")
    # What is typed just before the page is left is saved on the way out.
    type_more(page, " and to write")
    follow(page, "2. Item 2 ›")
    page.goto(address)
    assert box(page).input_value().endswith("and to write")
    assert text_of(minutes).endswith("and to write")


def test_the_button_saves_what_was_typed_while_saving_was_under_way(
    signed_in, coordinator, minutes, address
):
    page = signed_in(coordinator)
    page.goto(address)
    slow = []

    def hold(route):
        slow.append(route.request.post_data)
        page.wait_for_timeout(300)
        route.fallback()

    page.route(f"**{address}", lambda r: hold(r) if r.request.method == "POST" else r.fallback())
    type_more(page, " More")
    page.get_by_label(BOX).blur()  # begins to save
    type_more(page, " and more")
    press(page, "Save", exact=True)
    assert "Somebody else" not in words_of(page)
    assert text_of(minutes) == "One was said. More and more"
    assert len(slow) >= 2


def test_without_script_the_button_saves_and_leads_on(signed_in, coordinator, minutes, address):
    page = signed_in(coordinator, **MODES["no_script"])
    page.goto(address)
    assert not page.get_by_role("button", name="Action", exact=True).is_visible()
    box(page).fill("Three was said.\n\nDecision: Yes (everyone agreed)")
    press(page, "Save, and write item 2")
    assert page.locator("h1").inner_text() == "2. Item 2"
    assert "“Item 1” is saved" in words_of(page)
    assert text_of(minutes).startswith("Three was said.")


# Two people ---------------------------------------------------------------------------------------


@pytest.fixture
def both(signed_in, coordinator, rep, address, minutes):
    """The coordinator's page and the minute-taker's, on the same box."""
    pages = signed_in(coordinator), signed_in(rep, **ON_PHONE)
    for page in pages:
        page.goto(address)
    return pages


def clash(both, mine=" Mine: softly.", theirs=" Theirs: loudly."):
    first, second = both
    type_more(first, theirs)
    says(first, "^Saved at")
    type_more(second, mine)
    second.get_by_role("heading", name=re.compile("saved other words first")).wait_for()
    return second


def test_the_second_of_two_is_shown_both_texts_and_puts_them_together(
    both, coordinator, minutes, look
):
    page = clash(both)
    assert text_of(minutes) == "One was said. Theirs: loudly."
    assert f"{coordinator.name} saved other words first" in words_of(page)
    assert "Theirs: loudly." in page.locator(".min-clash .min-quote").inner_text()
    assert "loudly" in page.locator(".min-runs del").all_inner_texts()[-1]
    assert "softly" in page.locator(".min-runs ins").all_inner_texts()[-1]
    look(page, "write-clash")
    # Typing goes on meanwhile, and nothing overwrites anything.
    type_more(page, " Still mine.")
    page.wait_for_timeout(2500)
    assert text_of(minutes) == "One was said. Theirs: loudly."
    page.get_by_role("button", name="Put both together").click()
    says(page, "Both texts are in the box")
    for words in ("Theirs: loudly.", "Mine: softly.", "Still mine."):
        assert words in box(page).input_value()
    press(page, "Save", exact=True)
    for words in ("Theirs: loudly.", "Mine: softly.", "Still mine."):
        assert words in text_of(minutes)
    assert not kept_note(page).count()


def test_the_second_of_two_may_keep_their_own_and_still_has_the_other(both, minutes):
    page = clash(both)
    page.get_by_role("button", name="Keep mine").click()
    says(page, "^Saved at")
    assert text_of(minutes) == "One was said. Mine: softly."
    assert "Theirs: loudly." in page.locator("#clash-box").inner_text()


def test_the_second_of_two_may_take_the_other_and_still_has_their_own(both, minutes):
    page = clash(both)
    page.get_by_role("button", name="Take theirs").click()
    says(page, "This is what is saved")
    assert box(page).input_value() == text_of(minutes) == "One was said. Theirs: loudly."
    assert "Mine: softly." in page.locator("#clash-box").inner_text()
    type_more(page, " On.")
    says(page, "^Saved at")
    assert text_of(minutes) == "One was said. Theirs: loudly. On."


def test_markup_in_either_text_stays_text(both, minutes):
    opened = []
    for each in both:
        each.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    page = clash(both, f" Mine {MARKUP}", f" Theirs {MARKUP}")
    assert page.locator("main img").count() == 0
    assert page.evaluate("[...document.scripts].filter(s => !s.src).length") == 0
    assert page.locator(".min-clash .min-quote").inner_text().endswith(MARKUP)
    for choice in ("Take theirs",):
        page.get_by_role("button", name=choice).click()
        says(page, "This is what is saved")
    assert page.locator("main img").count() == 0
    assert opened == []


def test_without_script_the_second_of_two_gets_a_page_with_both_texts(
    signed_in, rep, coordinator, minutes, address, look
):
    page = signed_in(rep, **MODES["no_script"])
    page.goto(address)
    rewrite(minutes, f"Theirs {MARKUP}", by=coordinator)
    box(page).fill(f"Mine {MARKUP}")
    press(page, "Save", exact=True)
    assert page.locator("h1").inner_text() == "Somebody else saved this item first"
    assert page.locator("main img").count() == 0
    both = page.get_by_label("Both texts together").input_value()
    assert f"Theirs {MARKUP}" in both
    assert f"Mine {MARKUP}" in both
    look(page, "write-join")
    press(page, "Save this text")
    assert text_of(minutes).replace("\r", "") == both.replace("\r", "")


def test_an_idle_page_shows_who_writes_here_and_their_words(both, coordinator, minutes):
    first, second = both
    type_more(first, " And more.")
    says(first, "^Saved at")
    second.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    from playwright.sync_api import expect

    # Nothing was typed here, so the newest words come in, with their number.
    expect(box(second)).to_have_value("One was said. And more.")
    assert f"{coordinator.name} is writing here too (just now)" in words_of(second)
    type_more(second, " And yet more.")
    says(second, "^Saved at")
    assert text_of(minutes) == "One was said. And more. And yet more."


# The connection goes ------------------------------------------------------------------------------


def test_words_typed_without_a_connection_are_saved_when_it_comes_back(
    signed_in, coordinator, minutes, address
):
    page = signed_in(coordinator, **ON_PHONE)
    page.goto(address)
    page.context.set_offline(True)
    type_more(page, " In the cellar.")
    says(page, "Not saved: no connection. Your words are kept on this device.")
    assert len(kept(page)) == 1
    assert text_of(minutes) == "One was said."
    page.context.set_offline(False)
    says(page, "^Saved at")
    assert text_of(minutes) == "One was said. In the cellar."
    assert kept(page) == []


@pytest.mark.parametrize("way", ["reload", "back", "new tab"])
def test_words_typed_without_a_connection_are_offered_after(
    signed_in, coordinator, minutes, address, way, look
):
    page = signed_in(coordinator, **ON_PHONE)
    page.goto(reverse("meetings:minutes_write", args=[minutes.meeting.slug]))
    follow(page, "1. Item 1")
    cut_off(page)
    type_more(page, " In the cellar.")
    says(page, "Not saved: no connection")
    page.on("dialog", lambda dialog: dialog.accept())
    context = page.context
    if way == "new tab":
        page.close()
        page = context.new_page()
        page.has_script = True
        context.set_offline(False)
        page.goto(address)
    else:
        context.set_offline(False)
        if way == "back":
            page.go_back()
            page.go_forward()
        else:
            page.reload()
    # Back may bring the whole page as it was: then it goes on by itself.
    kept_note(page).or_(page.locator("#state").get_by_text(re.compile("^Saved at"))).wait_for()
    if kept_note(page).count() or way != "back":
        assert text_of(minutes) == box(page).input_value() == "One was said."
        look(page, f"write-kept-{way}")
        kept_note(page).get_by_text("Look at them").click()
        assert "In the cellar." in kept_note(page).inner_text()
        kept_note(page).get_by_role("button", name="Use them").click()
        says(page, "^Saved at")
    assert text_of(minutes) == "One was said. In the cellar."
    assert kept(page) == []


def test_kept_words_that_others_wrote_over_meanwhile_are_shown_with_theirs(
    signed_in, rep, coordinator, minutes, address
):
    page = signed_in(rep)
    page.goto(address)
    cut_off(page)
    type_more(page, " In the cellar.")
    says(page, "Not saved: no connection")
    rewrite(minutes, "Theirs now.", by=coordinator)
    context = page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(address)
    kept_note(page).get_by_role("button", name="Use them").click()
    page.get_by_role("heading", name=re.compile("saved other words first")).wait_for()
    assert text_of(minutes) == "Theirs now."
    assert "In the cellar." in box(page).input_value()


def test_kept_words_are_thrown_away_when_asked_and_when_new_ones_come_both_are_kept(
    signed_in, coordinator, minutes, address
):
    page = signed_in(coordinator)
    page.goto(address)
    cut_off(page)
    type_more(page, " Old words.")
    says(page, "Not saved: no connection")
    context = page.context
    page.close()
    page = context.new_page()
    context.set_offline(False)
    page.goto(address)
    kept_note(page).wait_for()
    # Typed on without looking: what is offered stays on offer, also after a reload.
    type_more(page, " New words.")
    says(page, "^Saved at")
    page.reload()
    kept_note(page).get_by_text("Look at them").click()
    assert "Old words." in kept_note(page).inner_text()
    kept_note(page).get_by_role("button", name="Throw them away").click()
    assert kept(page) == []
    assert text_of(minutes) == "One was said. New words."


def test_ten_megabytes_stay_in_the_box_with_words_why(signed_in, coordinator, minutes, address):
    page = signed_in(coordinator)
    page.goto(address)
    box(page).evaluate(
        "t => { t.value = 'word '.repeat(2000000);"
        "t.dispatchEvent(new Event('input', {bubbles: true})) }"
    )
    # The browser lays so much text out for a while.
    says(page, "10,000,000 characters, and one item takes 60,000", timeout=80_000)
    page.get_by_role("button", name="Save", exact=True).click(timeout=80_000)
    assert page.url.endswith(address)
    assert box(page).evaluate("t => t.value.length") == 10_000_000
    assert text_of(minutes) == "One was said."


# The session ends ---------------------------------------------------------------------------------


def sign_in_again(page, person, client_for, live_server):
    """As after the code from the mail: a new session, and back to the page."""
    from django.conf import settings

    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client_for(person).cookies[name].value}
    page.context.add_cookies([{**cookie, "url": live_server.url}])


def test_words_typed_after_the_session_ended_are_offered_after_signing_in(
    signed_in, coordinator, minutes, address, client_for, live_server, look
):
    page = signed_in(coordinator, **ON_PHONE)
    page.goto(address)
    Session.objects.all().delete()
    type_more(page, " After an hour.")
    says(page, "You were signed out. Your words are kept on this device.")
    look(page, "write-signed-out")
    link = page.locator("#state").get_by_role("link", name="Sign in again")
    page.on("dialog", lambda dialog: dialog.accept())
    with page.expect_navigation():
        link.click()
    assert page.get_by_role("button", name="Send me a code").is_visible()
    assert f"next={address.replace('/', '%2F')}" in page.url
    sign_in_again(page, coordinator, client_for, live_server)
    page.goto(address)
    kept_note(page).get_by_role("button", name="Use them").click()
    says(page, "^Saved at")
    assert text_of(minutes) == "One was said. After an hour."


def test_signing_in_elsewhere_lets_the_open_page_go_on(
    signed_in, coordinator, minutes, address, client_for, live_server
):
    page = signed_in(coordinator)
    page.goto(address)
    Session.objects.all().delete()
    type_more(page, " After an hour.")
    says(page, "You were signed out")
    # Another tab: a new session and, as signing in does, a new token.
    page.context.clear_cookies()
    sign_in_again(page, coordinator, client_for, live_server)
    page.evaluate("dispatchEvent(new Event('focus'))")
    says(page, "^Saved at")
    assert text_of(minutes) == "One was said. After an hour."


def test_another_person_on_the_same_phone_neither_saves_nor_reads_those_words(
    signed_in, coordinator, rep, minutes, address, client_for, live_server
):
    page = signed_in(coordinator)
    page.goto(address)
    Session.objects.all().delete()
    type_more(page, " After an hour.")
    says(page, "You were signed out")
    page.context.clear_cookies()
    sign_in_again(page, rep, client_for, live_server)
    page.evaluate("dispatchEvent(new Event('focus'))")
    says(page, "somebody else is signed in on this device now")
    assert text_of(minutes) == "One was said."
    context = page.context
    page.close()
    page = context.new_page()
    page.goto(address)
    assert not kept_note(page).count()
    assert len(kept(page)) == 1


def test_signing_out_throws_kept_words_away(signed_in, coordinator, minutes, address):
    page = signed_in(coordinator)
    page.goto(address)
    cut_off(page)
    type_more(page, " In the cellar.")
    says(page, "Not saved: no connection")
    page.context.set_offline(False)
    page.route(f"**{address}", no_saving)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(reverse("members:menu"))
    assert len(kept(page)) == 1
    press(page, "Sign out")
    assert kept(page) == []


def test_kept_words_end_after_seven_days(signed_in, coordinator, minutes, address):
    page = signed_in(coordinator)
    page.goto(address)
    for days in (6.9, 7.1):
        page.evaluate(
            "([who, days]) => localStorage.setItem(`keep:${who}:day${days}`,"
            "JSON.stringify({at: Date.now() - days * 864e5, href: '/', fields: {}}))",
            [str(coordinator.public_id), days],
        )
    page.reload()
    assert [key.rpartition(":")[2] for key in kept(page)] == ["day6.9"]


def test_without_script_words_sent_after_the_session_ended_come_back(
    signed_in, coordinator, minutes, address, look
):
    page = signed_in(coordinator, **MODES["no_script"])
    page.goto(address)
    box(page).fill("One was said.\n\nTwo lines more.")
    Session.objects.all().delete()
    press(page, "Save", exact=True)
    assert page.locator("h1").inner_text() == "You were signed out"
    assert page.get_by_label("Text").input_value() == "One was said.\n\nTwo lines more."
    look(page, "signed-out")
    follow(page, "Sign in again")
    assert f"next={address.replace('/', '%2F')}" in page.url


# Comments, answers, proposals ---------------------------------------------------------------------


@pytest.fixture
def version(meeting, coordinator):
    return circulated(meeting, "One was said.\n\nTwo was said.", by=coordinator)


@pytest.fixture
def link(version, rep):
    invitation = version.minutes.meeting.invitations.get(person=rep)
    token = links.make("draft", person=rep, about=invitation.pk)
    return reverse("meetings:minutes_draft_by_link", args=[token])


def open_comment(page, number="1.1"):
    follow(page, f"Comment on {number}")


def test_a_comment_from_the_link_survives_a_lost_connection_and_a_closed_tab(
    open_page, version, link, look
):
    page = open_page(**ON_PHONE)
    page.goto(link)
    open_comment(page)
    page.get_by_label("Something’s wrong").check()
    page.get_by_label("What should it say?").fill("It was a quarter.")
    page.get_by_text("Not sent yet.").wait_for()
    cut_off(page)
    page.get_by_role("button", name="Send comment on 1.1").click()
    page.get_by_text("There’s no connection. Your words are kept on this device.").wait_for()
    context = page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.has_script = True
    page.goto(link)
    look(page, "draft-kept")
    follow(page, "Go to them")
    kept_note(page).get_by_role("button", name="Use them").click()
    assert page.get_by_label("Something’s wrong").is_checked()
    page.get_by_label("Myself").check()
    press(page, "Send comment on 1.1")
    assert Comment.objects.get().text == "It was a quarter."
    assert kept(page) == []
    page.goto(link)
    assert not page.get_by_text("We kept words").count()


def test_a_comment_sent_after_the_session_ended_is_offered_again(
    signed_in, rep, version, client_for, live_server
):
    page = signed_in(rep, **ON_PHONE)
    page.goto(reverse("meetings:minutes_draft", args=[version.minutes.meeting.slug]))
    open_comment(page)
    here = page.url
    page.get_by_label("What should it say?").fill("It was a quarter.")
    Session.objects.all().delete()
    press(page, "Send comment on 1.1")
    assert page.locator("h1").inner_text() == "You were signed out"
    assert page.get_by_label("Text").input_value() == "It was a quarter."
    assert page.get_by_text("This device has kept them too").is_visible()
    follow(page, "Sign in again")
    assert "next=" in page.url
    assert "comment%3D" in page.url
    sign_in_again(page, rep, client_for, live_server)
    page.goto(here)
    kept_note(page).get_by_role("button", name="Use them").click()
    assert page.get_by_label("What should it say?").input_value() == "It was a quarter."


def test_a_not_yet_survives_being_refused_and_a_reload(open_page, version, link):
    page = open_page(**ON_PHONE)
    page.goto(link)
    page.get_by_label("If not yet: what has to change?").fill("1.1 is wrong")
    page.get_by_text("Not sent yet.").wait_for()
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    note = kept_note(page)
    if note.count():  # unless the browser put the words back by itself
        note.get_by_role("button", name="Use them").click()
    assert page.get_by_label("If not yet: what has to change?").input_value() == "1.1 is wrong"
    page.get_by_label("Not yet, and").check()
    press(page, "Send my answer")
    assert version.agreements.get().reason == "1.1 is wrong"
    assert kept(page) == []


def test_a_proposal_survives_a_closed_tab(signed_in, rep):
    meeting = coming_meeting(rep)
    page = signed_in(rep, **ON_PHONE)
    page.goto(reverse("meetings:agenda_propose", args=[meeting.slug]))
    page.locator("[name=title]").fill("Waiting times")
    page.get_by_text("Not sent yet.").wait_for()
    context = page.context
    page.close()
    page = context.new_page()
    page.goto(reverse("meetings:agenda_propose", args=[meeting.slug]))
    kept_note(page).get_by_role("button", name="Use them").click()
    assert page.locator("[name=title]").input_value() == "Waiting times"
    page.locator("[name=purpose]").first.check()
    press(page, "Propose this item")
    assert AgendaItem.objects.get().title == "Waiting times"
    assert kept(page) == []


# From a comment to its paragraph and back ---------------------------------------------------------


def test_changing_the_text_for_a_comment_leads_back_to_it(
    signed_in, coordinator, rep, version, look
):
    said = comment(version, rep, place=1)
    page = signed_in(coordinator, **ON_PHONE)
    page.goto(reverse("meetings:comments_settle", args=[version.minutes.meeting.slug]))
    follow(page, "Change the text of 1.2")
    assert said.text in words_of(page)
    chosen = box(page).evaluate("t => t.value.slice(t.selectionStart, t.selectionEnd)")
    assert chosen == "Two was said."
    look(page, "write-for-comment")
    page.keyboard.type("A quarter was said.")
    says(page, "^Saved at")
    press(page, "Save, and answer the comment")
    assert page.url.endswith(f"#comment{said.pk}")
    assert page.get_by_label("Changed", exact=True).is_checked()
    press(page, "Keep this answer")
    said.refresh_from_db()
    assert said.outcome == "changed"
    assert Paragraph.objects.living().last().text == "A quarter was said."
