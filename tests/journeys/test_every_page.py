"""Every page of the matrix of permissions, opened once by somebody who may, at both widths.

A new route is looked at as soon as it has its row there.
"""

import pytest
from django.urls import reverse

from tests.house.matrix import COLUMNS, ROWS
from tests.house.test_permissions import _world
from tests.journeys.conftest import PHONE

pytestmark = pytest.mark.django_db

#: Who opens a page: the first of these who may. Coordinator, rep, administrator, the public,
#: the treasurer.
WHO = "CRAPT"
#: What answers with something else than a page of ours.
NOT_PAGES = {
    "healthz",
    "members:my_export",
    "meetings:embed",
    "members:closed",
    "expenses:statement_of_person",
}
#: So that two browsers share the work.
PARTS = 6


def pages_of(world):
    """Each page once: the row's name, its address, and the letter of who opens it."""
    seen = set()
    for row, (about, get, _) in ROWS.items():
        name = row.split()[0]
        who = next((letter for letter in WHO if get[COLUMNS.index(letter)] == "y"), None)
        if name in NOT_PAGES or who is None:
            continue
        address = reverse(name, kwargs=world.kwargs[about])
        if "." not in address.rsplit("/", 1)[-1] and address not in seen:
            seen.add(address)
            yield row, address, who


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_is_sound_at_both_widths(open_page, signed_in, look, axe, part):
    world = _world()
    rows = list(pages_of(world))
    assert len(rows) > 100, "most of the matrix is left out"
    pages, found, desk = {}, [], None
    for row, address, who in rows[part::PARTS]:
        if who not in pages:
            person = world.people[who]
            pages[who] = signed_in(person) if person else open_page()
            desk = pages[who].viewport_size
        page = pages[who]
        try:
            answer = page.goto(address)
            assert answer.status == 200, answer.status
            look(page, f"every-{row.replace(':', '-').replace(' ', '-')}")
            page.set_viewport_size(PHONE)
            axe(page)
        except AssertionError as wrong:
            found.append(f"{row} ({who}) {address}\n{wrong}")
        page.set_viewport_size(desk)
    assert found == [], "\n\n".join(found)
