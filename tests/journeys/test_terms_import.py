"""Term dates as the council sends them: pasted, looked at row by row, kept, and undone."""

from datetime import date

import pytest
import time_machine

from meetings.models import ClosedPeriod
from tests.factories.meetings import MeetingFactory
from tests.journeys.acting import errors_of, follow, press, words_of
from tests.meetings.test_terms import MESSY

pytestmark = pytest.mark.django_db

THE_DAY = "2026-06-01 10:00"
SOURCE = "Larkmere Council, May 2026"


@pytest.mark.parametrize("size", ["phone", "no_script"])
def test_messy_term_dates_are_read_kept_and_undone(size, request, coordinator, signed_in, look):
    with time_machine.travel(THE_DAY, tick=True):
        page = signed_in(coordinator, on=request.getfixturevalue(f"page_{size}"))
        _import_and_undo(page, look)


def _import_and_undo(page, look):
    page.goto("/meetings/closed/")
    look(page, "closed-empty")
    follow(page, "Import term dates")
    look(page, "terms-import")
    press(page, "Read the dates")
    assert "Enter where these dates come from" in errors_of(page)
    page.get_by_label("Where do these dates come from?").fill(SOURCE)
    page.get_by_label("Paste the dates").fill(MESSY)
    press(page, "Read the dates")
    assert page.locator("h1").inner_text() == "Check the term dates"
    look(page, "terms-rows")
    assert not ClosedPeriod.objects.exists(), "reading them kept them"
    wrong = page.get_by_role("row").filter(has_text="20277")
    assert "Put right" in wrong.inner_text()
    assert wrong.get_by_role("checkbox").count() == 0

    text = page.get_by_label("Paste the dates")
    text.fill(text.input_value().replace("20277-", "2027 -"))
    press(page, "Read them again")
    ticked = page.locator("tbody input[type=checkbox]:checked").count()
    assert ticked > 3
    MeetingFactory(title="Autumn workshop", date=date(2026, 10, 28))
    press(page, "Put the ticked rows on the list")
    said = words_of(page)
    assert f"added from {SOURCE}" in said
    assert "1 meeting falls on such days" in said
    assert ClosedPeriod.objects.count() == ticked
    look(page, "closed-imported")
    follow(page, f"the import from {SOURCE}")
    look(page, "terms-undo")
    press(page, "Undo the import")
    assert "The import is undone" in words_of(page)
    assert not ClosedPeriod.objects.exists()
