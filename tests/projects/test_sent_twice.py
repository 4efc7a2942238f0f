"""Forms that were sent twice, by a double press or by going back: one effect."""

from datetime import timedelta

import time_machine
from django.utils import timezone

from meetings.models import Ask
from projects.models import Project
from tests.projects.test_editing import EMPTY

PROJECT = EMPTY | {"title": "Buses", "summary": "Who drives"}


def test_project_when_added_twice_is_there_once(client_for, coordinator):
    client = client_for(coordinator)
    pages = [client.post("/projects/add/", PROJECT) for _ in range(2)]
    assert [page["Location"] for page in pages] == ["/projects/buses/people/"] * 2
    assert Project.objects.count() == 1
    client.post("/projects/add/", PROJECT | {"summary": "Another"})
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        client.post("/projects/add/", PROJECT)
    slugs = Project.objects.order_by("pk").values_list("slug", flat=True)
    assert list(slugs) == ["buses", "buses-2", "buses-3"]


def test_ask_when_typed_in_twice_is_there_once(client_for, coordinator):
    client = client_for(coordinator)
    sent = {
        "text": "Tell us who drives",
        "of_whom": "Transport team",
        "said_on": "3 March 2026",
        "said_where": "Open morning",
    }
    pages = [client.post("/what-we-said/new/", sent) for _ in range(2)]
    assert {page.status_code for page in pages} == {302}
    assert pages[0]["Location"] == pages[1]["Location"]
    assert Ask.objects.count() == 1
