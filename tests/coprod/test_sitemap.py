"""The sitemap: every page that everybody may read, and no other."""

from xml.etree import ElementTree

import pytest

from tests.factories.meetings import MeetingFactory, past_meeting

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


def listed(client):
    body = client.get("/sitemap.xml").content
    return [each.text for each in ElementTree.fromstring(body).iter(SPACE)]


def test_sitemap_when_asked_lists_pages_that_open(client, group, rep, settings):
    MeetingFactory()
    addresses = listed(client)
    assert f"{settings.COPROD_ORIGIN}{group.get_absolute_url()}" in addresses
    for address in addresses:
        path = address.removeprefix(settings.COPROD_ORIGIN)
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("hidden", [{"audience": "parents"}, {"announced_at": None}])
def test_sitemap_when_a_meeting_is_not_public_leaves_it_out(client, rep, hidden):
    meeting = past_meeting(rep, title="Wildcanary", **hidden)
    assert not any(meeting.slug in address for address in listed(client))


@pytest.mark.parametrize("count", [3, 60])
def test_sitemap_when_it_grows_costs_the_same_questions(
    client, forum, django_assert_max_num_queries, count
):
    for _ in range(count):
        MeetingFactory()
    with django_assert_max_num_queries(7):
        client.get("/sitemap.xml")


def test_robots_when_asked_names_it(client, forum, settings):
    settings.COPROD_DEMO = False
    assert (
        f"Sitemap: {settings.COPROD_ORIGIN}/sitemap.xml"
        in client.get("/robots.txt").content.decode()
    )
