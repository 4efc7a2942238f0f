"""Words that became private stay away from readers who may not have them, in every channel."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings.models import AgendaItem, Minutes, Paragraph
from meetings.services import minutes as services
from meetings.services.calendar import announce_year
from meetings.services.comments import settle_comment
from tests.factories.meetings import MeetingFactory, SeriesFactory, past_meeting
from tests.factories.minutes import circulated, comment

SECRET = "The boy from Harlow Close was excluded twice."


def at(name, meeting, *args):
    return reverse(f"meetings:{name}", args=[meeting.slug, *args])


@pytest.fixture
def meeting(coordinator, rep, rep_of_other_group):
    return past_meeting(coordinator, rep, absent=[rep_of_other_group])


@pytest.fixture
def version(coordinator, meeting):
    return circulated(meeting, f"Transport went well.\n\n{SECRET}", by=coordinator)


def made_private(version, *, by, public_text="A case was discussed."):
    """Version 2, in which the second paragraph is kept private."""
    paragraph = Paragraph.objects.get(text=SECRET)
    services.keep_private(paragraph=paragraph, reason="One family.", public_text=public_text, by=by)
    minutes = Minutes.objects.get(pk=version.minutes_id)
    return services.circulate_minutes(minutes=minutes, number=2, by=by)


def pages_of(client, meeting):
    names = [("minutes_draft",), ("version_detail", 1), ("version_detail", 2)]
    return [client.get(at(name, meeting, *args)).text for name, *args in names]


@pytest.mark.parametrize("public_text", ["", "A case was discussed."])
def test_paragraph_when_private_since_is_on_no_page_of_others(
    client_for, coordinator, rep_of_other_group, meeting, version, public_text
):
    made_private(version, by=coordinator, public_text=public_text)

    found = pages_of(client_for(rep_of_other_group), meeting)

    assert [page for page in found if "Harlow" in page] == []


def test_paragraph_when_private_since_is_still_read_by_those_who_were_there(
    client_for, coordinator, rep, meeting, version
):
    made_private(version, by=coordinator)

    assert all("Harlow" in page for page in pages_of(client_for(rep), meeting))


def test_item_when_private_since_is_on_no_page_of_others(
    client_for, coordinator, rep_of_other_group, meeting, version
):
    AgendaItem.objects.update(title="Exclusions", is_private=True, private_reason="One family.")
    AgendaItem.objects.update(title=version.full["items"][0]["title"])
    minutes = Minutes.objects.get(pk=version.minutes_id)
    services.circulate_minutes(minutes=minutes, number=2, by=coordinator)

    found = pages_of(client_for(rep_of_other_group), meeting)

    assert [page for page in found if "Harlow" in page or "Item 1" in page] == []


def settled(version, person, *, by):
    """That person's comment on the paragraph, answered after it was made private."""
    said = comment(version, person, place=1)
    made_private(version, by=by)
    settle_comment(comment=said, outcome="changed", reason="Harlow Close went.", by=by)


def test_outcome_when_paragraph_is_private_since_is_in_no_letter(
    coordinator, rep_of_other_group, version, outbox_drained
):
    rep_of_other_group.news = "each"
    rep_of_other_group.save()
    settled(version, rep_of_other_group, by=coordinator)

    sent = [m for m in outbox_drained() if rep_of_other_group.email in m.to]

    assert any("comment" in mail.subject.lower() for mail in sent)
    assert [mail.subject for mail in sent if "Harlow" in mail.body] == []


def test_outcome_when_paragraph_is_private_since_is_in_no_export(
    client_for, coordinator, rep_of_other_group, version
):
    settled(version, rep_of_other_group, by=coordinator)

    held = client_for(rep_of_other_group).get(reverse("members:my_export"))

    assert len(json.loads(held.content)["Your comments on minutes"]) == 1
    assert "Harlow" not in held.text


@pytest.mark.parametrize(("who", "told"), [("officer", False), ("rep", True)])
def test_announcement_with_a_parents_date_names_it_to_parents_only(
    request, coordinator, outbox_drained, who, told
):
    person = request.getfixturevalue(who)
    series = SeriesFactory()
    for days, fields in ((60, {}), (70, {"audience": "parents", "title": "Kitchen table"})):
        MeetingFactory(
            series=series,
            announced_at=None,
            date=timezone.localdate() + timedelta(days=days),
            **fields,
        )
    shown = f"{timezone.localdate() + timedelta(days=70):%-d %B}"
    announce_year(series=series, by=coordinator)

    mail = next(m for m in outbox_drained() if person.email in m.to)

    assert (shown in mail.body) is told
