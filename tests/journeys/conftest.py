"""A real browser for journeys: the system's Chromium, on this machine's addresses only.

``page_phone`` (360 wide), ``page_desktop`` (1280) and ``page_no_script`` are open pages at the
live server; ``page`` is each of the three in turn. ``signed_in(person)`` is a page of theirs.
``axe(page)`` fails with what it found; ``shot(page, name)`` keeps a picture in the folder named
by ``COPROD_SHOTS``, where that is set; ``look(page, name)`` asks for everything that every page
owes. ``mailed(person)`` delivers what is due and gives their newest mail, ``link_in`` its button.
"""

import os
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

# Playwright's synchronous interface runs an event loop, which Django would refuse to share.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOCAL = {"localhost", "127.0.0.1", "::1"}
#: A desk's window at 400% zoom.
ZOOMED = 320
#: Buttons and choices lower than 48 pixels, with their height.
SMALL = """[...document.querySelectorAll(
    "main :is(button, .pcf-btn, .pcf-tap, .govuk-radios__item, .govuk-checkboxes__item)")]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 47.5)
  .map(e => `${e.textContent.trim()}: ${e.getBoundingClientRect().height}`)"""
#: The ranks of a page's headings in order; the summary of errors may stand above them.
RANKS = """[...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
  .filter(h => !h.closest("#errors")).map(h => Number(h.tagName[1]))"""
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
ON_PHONE = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
MODES = {
    "phone": ON_PHONE,
    "desktop": {"viewport": DESKTOP},
    "no_script": {"viewport": PHONE, "java_script_enabled": False},
}


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def browser():
    """One browser for the run; each page gets a profile of its own."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield running
        running.close()


def _local_only(route):
    if urlsplit(route.request.url).hostname in LOCAL:
        route.continue_()
    else:
        route.abort()


@pytest.fixture
def open_page(browser, live_server):
    """Open a page of its own profile: ``open_page(viewport=…, color_scheme="dark")``.

    What the browser complains about (a refused style, a missing file) fails the test.
    """
    contexts, complaints = [], []

    def complain(message):
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    def opened(**options):
        options.setdefault("viewport", DESKTOP)
        context = browser.new_context(
            base_url=live_server.url, locale="en-GB", timezone_id="Europe/London", **options
        )
        context.route("**/*", _local_only)
        contexts.append(context)
        page = context.new_page()
        page.has_script = options.get("java_script_enabled", True)
        page.set_default_timeout(10_000)
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    # A page that answers 403 or 404 on purpose is written to the console as well, and so is a
    # line that a test took away.
    meant = ("the server responded with", "net::ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED")
    assert [words for words in complaints if not any(each in words for each in meant)] == []


@pytest.fixture
def page_phone(open_page):
    return open_page(**ON_PHONE)


@pytest.fixture
def page_desktop(open_page):
    return open_page()


@pytest.fixture
def page_no_script(open_page):
    return open_page(**MODES["no_script"])


@pytest.fixture(params=MODES)
def page(request, open_page):
    """The story three times: phone, desktop, phone without script."""
    return open_page(**MODES[request.param])


@pytest.fixture
def signed_in(open_page, client_for, live_server):
    """``signed_in(coordinator, on=page)``: the page carries that person's session."""

    def sign_in(person, *, on=None, **options):
        page = on or open_page(**options)
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client_for(person).cookies[name].value}
        page.context.add_cookies([{**cookie, "url": live_server.url}])
        return page

    return sign_in


@pytest.fixture
def mailed(outbox_drained):
    """``mailed(rep)``: everything due is delivered; the newest mail to that person."""

    def newest(person):
        return [mail for mail in outbox_drained() if person.email in mail.to][-1]

    return newest


@pytest.fixture
def link_in():
    """The path of the one address that a letter's text puts on a line of its own."""

    def find(mail):
        return urlsplit(re.findall(r"^https?://\S+$", mail.body, re.MULTILINE)[0]).path

    return find


@pytest.fixture
def axe():
    """Fail, in words, where axe finds something on the page as it stands."""
    from axe_playwright_python.sync_playwright import Axe

    def check(page):
        found = [
            f"{each['id']}: {each['help']}: {node['html'][:160]}"
            for each in Axe().run(page).response["violations"]
            for node in each["nodes"]
        ]
        assert found == [], "\n".join(found)

    return check


@pytest.fixture
def shot():
    """Keep a picture of the whole page, for people to look at."""
    folder = os.environ.get("COPROD_SHOTS")

    def keep(page, name):
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)

    return keep


@pytest.fixture
def fits():
    """Fail where a page is wider than its window."""

    def check(page):
        # Not innerWidth: a phone zooms out from what is too wide, and then calls it the window.
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= page.viewport_size["width"], f"{wide} wide: {page.url}"

    return check


@pytest.fixture
def look(axe, fits, shot):
    """What every page owes: headings in order, a title, no sideways scroll, axe.

    The window is made a phone's and a zoomed one's for a moment, too. Without script axe can't
    run, and the page is the same one.
    """

    def check(page, name=""):
        size = page.viewport_size
        ranks = page.evaluate(RANKS)
        assert ranks.count(1) == 1, f"{ranks}: not one first heading"
        assert ranks[0] == 1, f"{ranks}: something comes before the first heading"
        steps = list(zip(ranks, ranks[1:], strict=False))
        assert all(below <= above + 1 for above, below in steps), f"{ranks}: a rank is left out"
        assert " – " in page.title()
        if page.has_script:
            axe(page)
        for width in dict.fromkeys([size["width"], PHONE["width"], ZOOMED]):
            if page.viewport_size["width"] != width:
                page.set_viewport_size({**PHONE, "width": width})
            fits(page)
            if width == PHONE["width"]:
                assert page.evaluate(SMALL) == [], "too small for a thumb"
            if name and page.has_script and width != ZOOMED:
                shot(page, f"{name}-{width}")
        if page.viewport_size != size:
            page.set_viewport_size(size)

    return check
