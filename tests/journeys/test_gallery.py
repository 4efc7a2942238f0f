"""Every component, on a phone and a desktop, in light and dark, by keyboard and without script."""

import re
from pathlib import Path

import pytest

PLACE = "/components/"
CSS = Path(__file__).resolve().parents[2] / "static" / "css" / "forum.css"

pytestmark = pytest.mark.django_db


def visit(page):
    assert page.goto(PLACE).ok


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_component_passes_axe_and_fits(open_page, axe, fits, shot, width, scheme):
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    visit(page)
    axe(page)
    fits(page)
    shot(page, f"gallery-{width}-{scheme}")


def test_nothing_scrolls_sideways_at_320(open_page, fits):
    page = open_page(viewport={"width": 320, "height": 700})
    visit(page)
    fits(page)


def test_axe_notices_what_is_wrong(page_desktop, axe):
    visit(page_desktop)
    page_desktop.evaluate("document.querySelector('#id_a-title').labels[0].remove()")
    with pytest.raises(AssertionError, match="label"):
        axe(page_desktop)


@pytest.mark.parametrize("cookie", ["dark.large.spaced.still", "light.rose", "larger.blue"])
def test_the_readers_own_settings_change_the_page(open_page, live_server, axe, fits, cookie):
    page = open_page(viewport={"width": 360, "height": 740})
    page.context.add_cookies([{"name": "reading", "value": cookie, "url": live_server.url}])
    visit(page)
    assert set(page.locator("html").get_attribute("class").split()) == {
        f"read-{word}" for word in cookie.split(".")
    }
    axe(page)
    fits(page)


def test_an_unknown_word_in_the_cookie_changes_nothing(client):
    client.cookies["reading"] = 'dark."><script>'
    assert '<html lang="en-GB" dir="ltr" class="read-dark">' in client.get(PLACE).content.decode()


def test_errors_take_the_focus_and_lead_to_their_fields(page_desktop):
    visit(page_desktop)
    page_desktop.wait_for_function("document.activeElement.id === 'errors'")
    page_desktop.get_by_role("link", name="Enter name of the meeting").click()
    assert page_desktop.evaluate("document.activeElement.id") == "id_b-title"


def test_errors_take_the_focus_without_script(page_no_script):
    visit(page_no_script)
    assert page_no_script.locator("#errors").get_attribute("autofocus") is not None
    assert page_no_script.locator("#id_a-said_count").inner_text().startswith("You can use up to")


def test_the_skip_link_comes_first_and_a_missing_page_is_in_our_look(page_phone, axe, fits, shot):
    assert page_phone.goto("/no-such-page/").status == 404
    page_phone.keyboard.press("Tab")
    assert page_phone.evaluate("document.activeElement.className") == "pcf-skip"
    axe(page_phone)
    fits(page_phone)
    shot(page_phone, "missing-page-360")


def test_a_double_press_sends_once_with_the_pressed_button(page_desktop):
    visit(page_desktop)
    sent = []
    page_desktop.route(
        "**/components/",
        lambda route: sent.append(route.request.post_data) or route.fulfill(status=204),
    )
    form = page_desktop.locator("form", has=page_desktop.locator("#id_a-title"))
    button = form.get_by_role("button", name="Keep it for later")
    button.evaluate("button => { button.click(); button.click(); }")
    page_desktop.wait_for_function("document.querySelector('form [name=later]').disabled")
    assert len(sent) == 1
    assert sent[0].count('name="later"') == 1


def test_typed_words_are_asked_about_before_the_page_goes(page_desktop):
    visit(page_desktop)
    asked = []
    page_desktop.on("dialog", lambda dialog: asked.append(dialog.type) or dialog.accept())
    page_desktop.locator("#id_a-title").press_sequentially("Parents")
    page_desktop.goto("/no-such-page/")
    assert asked == ["beforeunload"]


def test_what_is_pressed_is_at_least_48_tall(page_phone):
    visit(page_phone)
    low = page_phone.evaluate(
        """[...document.querySelectorAll('.pcf-btn, .pcf-tap, .pcf-nav a, .pcf-pick > div, '
             + '.pcf-links a, .govuk-input, .govuk-select')]
           .map(e => [e.textContent.trim(), e.getBoundingClientRect().height])
           .filter(([, height]) => height < 47.5)"""
    )
    assert low == []


def test_no_style_or_script_stands_in_the_page(client):
    html = client.get(PLACE).content.decode()
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?! src=)", html)


def test_first_visit_stays_light(open_page):
    page = open_page(viewport={"width": 360, "height": 740})
    sizes = {}
    page.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}))
    visit(page)
    page.wait_for_load_state("networkidle")
    besides_page_and_framework = sum(
        size for url, size in sizes.items() if "/components/" not in url and "govuk" not in url
    )
    assert besides_page_and_framework < 80_000


def test_both_dark_blocks_say_the_same():
    css = CSS.read_text()
    blocks = re.findall(r"@media screen[^{]*\{:root[^{]*\{\s*(--paper.*?)\s*\}", css, re.S)
    assert len(blocks) == 2
    assert blocks[0] == blocks[1]


def test_no_colour_stands_outside_the_token_blocks():
    css = CSS.read_text()
    after = css[css.index("/* Base */") :].replace("html,body{background:#FFF}", "")
    assert re.findall(r"#[0-9A-Fa-f]{3,8}\b(?=[;},\s])", after) == []
