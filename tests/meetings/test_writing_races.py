"""Twenty people save one box at once: whatever was answered with "saved" is in the text.

The control drops the locks, and loses words.
"""

import os

import pytest
from django.db.models import QuerySet

from meetings import writing
from meetings.models import Section
from meetings.services.minutes import StaleEdit, save_section
from tests.factories.meetings import past_meeting
from tests.factories.members import ForumFactory, PersonFactory
from tests.factories.minutes import first_section, written
from tests.members.test_seat_races import all_at_once

ROUNDS = int(os.environ.get("COPROD_ROUNDS", "5"))
THREADS = 20
#: Each refusal means that somebody else was saved, so nobody is refused more often than that.
MOST_TRIES = THREADS + 5


def box():
    """A box with one sentence, and twenty people who will write in it."""
    writers = [PersonFactory() for _ in range(THREADS)]
    minutes = written(past_meeting(*writers), "It began.", by=writers[0])
    return first_section(minutes).pk, writers


def write_until_saved(pk, person):
    """As the page does: read, type, save; told of other words, put both together and save."""
    mine, refused = f"Person {person.pk} said something of their own.", 0
    for _ in range(MOST_TRIES):
        section = Section.objects.get(pk=pk)  # the number before the text, as the page reads them
        text = writing.joined(section.text, f"{section.text}\n\n{mine}")
        try:
            save_section(
                section=section, text=text, edit_no=section.edit_no, by=person, typing=True
            )
        except StaleEdit:
            refused += 1
        else:
            return mine, refused
    raise AssertionError(f"refused {refused} times")


def play():
    """What came of each writer, and the text afterwards."""
    pk, writers = box()
    results = all_at_once(lambda person: write_until_saved(pk, person), writers)
    return results, Section.objects.get(pk=pk).text


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_box_when_twenty_save_at_once_then_no_acknowledged_word_is_lost():
    ForumFactory()
    refused = 0
    for _ in range(ROUNDS):
        results, text = play()
        assert all(isinstance(result, tuple) for result in results), results
        assert [words for words, _ in results if words not in text] == []
        assert text.count("Person") == THREADS
        refused += sum(times for _, times in results)
    assert refused, "nobody was ever second, so this showed nothing"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    not os.environ.get("DATABASE_URL", "").startswith("postgres"),
    reason="SQLite writes one after the other, so a missing lock can't show",
)
def test_box_race_when_the_locks_are_dropped_then_words_are_lost(monkeypatch):
    """The control: this is how the test above would look if nothing held."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
    ForumFactory()
    lost = 0
    # As many rounds as it takes: a busy machine lets writers come one after the other.
    for _ in range(max(ROUNDS, 60)):
        results, text = play()
        said = [result[0] for result in results if isinstance(result, tuple)]
        lost += sum(words not in text for words in said)
        if lost:
            break
    assert lost
