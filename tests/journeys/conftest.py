"""A real browser for journeys: the system's Chromium, on this machine's addresses only.

``page_phone`` (360 wide), ``page_desktop`` (1280) and ``page_no_script`` are open pages at the
live server. ``axe(page)`` fails with what it found; ``shot(page, name)`` keeps a picture in the
folder named by ``COPROD_SHOTS``, where that is set.
"""

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest

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
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


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
        page.set_default_timeout(10_000)
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    # A page that answers 403 or 404 on purpose is written to the console as well.
    assert [words for words in complaints if "the server responded with" not in words] == []


@pytest.fixture
def page_phone(open_page):
    return open_page(viewport=PHONE, has_touch=True, is_mobile=True)


@pytest.fixture
def page_desktop(open_page):
    return open_page()


@pytest.fixture
def page_no_script(open_page):
    return open_page(viewport=PHONE, java_script_enabled=False)


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
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0

    return check
