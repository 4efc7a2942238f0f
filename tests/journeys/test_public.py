"""What everybody may read: on a phone, in the dark, on paper, on a slow line."""

import gzip

import pytest

from tests.factories.meetings import coming_meeting, past_meeting
from tests.factories.published import published_minutes
from tests.journeys.acting import words_of
from tests.journeys.conftest import DESKTOP, ON_PHONE

pytestmark = pytest.mark.django_db

#: Bytes of a first visit, fonts included. Source: the acceptance list, on a slow phone's line.
FIRST_VISIT = 150_000


@pytest.fixture
def places(forum, coordinator, rep, staff, officer, rep_of_other_group, group):
    """A published meeting and one to come; every public address with a name for its picture."""
    forum.intro = "We are parents and carers of children with special needs in Larkmere."
    forum.save()
    people = (coordinator, rep, staff, officer, rep_of_other_group)
    past = past_meeting(*people, days=30, title="Forum meeting with services")
    published_minutes(past, by=coordinator)
    coming = coming_meeting(*people, days=12, title="Forum meeting with services")
    return {
        "home": "/",
        "meetings": "/meetings/",
        "meeting-published": f"/meetings/{past.slug}/",
        "meeting-coming": f"/meetings/{coming.slug}/",
        "groups": "/groups/",
        "group": f"/groups/{group.slug}/",
        "about": "/about/",
        "help": "/help/",
        "promises": "/promises/",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", ["phone", "desktop"])
def test_public_pages_are_sound_in_light_and_dark(open_page, places, look, scheme, device):
    options = ON_PHONE if device == "phone" else {"viewport": DESKTOP}
    page = open_page(**options, color_scheme=scheme)
    titles = set()
    for name, place in places.items():
        assert page.goto(place).ok
        look(page, f"public-{name}-{scheme}")
        titles.add(page.title())
        assert page.context.cookies() == []
    assert len(titles) == len(places), "two pages have the same title"


def test_public_pages_read_without_script_and_say_who_runs_this(open_page, places):
    page = open_page(**ON_PHONE, java_script_enabled=False)
    for place in places.values():
        page.goto(place)
        assert words_of(page).strip()
    page.goto("/")
    first_screen = page.evaluate(
        "[...document.querySelectorAll('body *')].filter(e => !e.children.length"
        " && e.getBoundingClientRect().top < innerHeight).map(e => e.textContent).join(' ')"
    )
    assert "Run by parents" in first_screen
    assert "Next meeting" in first_screen
    assert "Forum meeting with services" in first_screen


def test_public_pages_print_without_the_frame(open_page, places, shot):
    page = open_page()
    for name, place in places.items():
        page.goto(place)
        page.emulate_media(media="print")
        assert not page.get_by_role("navigation", name="Main").is_visible()
        assert page.locator("h1").is_visible()
        width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert width <= 0
        shot(page, f"print-{name}")
        page.emulate_media(media="screen")


def test_a_first_visit_is_light(open_page, places, capsys):
    """As a server sends it: words packed, fonts as they are. The figures are printed."""
    for name in ("home", "meeting-published", "meetings"):
        page = open_page(**ON_PHONE)
        seen = {}
        page.on("response", lambda response, seen=seen: seen.setdefault(response.url, response))
        page.goto(places[name], wait_until="networkidle")
        page.evaluate("document.fonts.ready.then(() => null)")
        sizes = {}
        for url, response in seen.items():
            body = response.body()
            packed = len(gzip.compress(body, 9))
            sizes[url] = len(body) if url.endswith(".woff2") else packed
        total = sum(sizes.values())
        with capsys.disabled():
            print(f"\nFirst visit, {name}: {total / 1000:.1f} kB in {len(sizes)} files")
        assert any(url.endswith(".woff2") for url in sizes), "the font wasn’t fetched"
        assert total <= FIRST_VISIT, sorted(sizes.items(), key=lambda item: -item[1])


def test_a_meeting_that_moved_is_found_at_its_old_address(page_phone, coordinator, rep, look):
    from meetings.services.calendar import change_meeting

    meeting = coming_meeting(days=40, title="Consortium")
    old = meeting.get_absolute_url()
    meeting.date = meeting.date.replace(day=1 if meeting.date.day != 1 else 2)
    change_meeting(meeting=meeting, by=coordinator, fields=["date"])
    page_phone.goto(old)
    assert page_phone.url.endswith(meeting.get_absolute_url())
    assert meeting.get_absolute_url() != old


def test_a_page_that_is_not_there_says_where_to_go(page_phone, forum, look):
    assert page_phone.goto("/meetings/2026-01-01-nothing/").status == 404
    look(page_phone, "not-found")
