"""Every table that is about a person is in the export of everything about them."""

import json

from django.contrib.auth import get_user_model

from coprod import registry
from coprod.personal import everything_about
from tests.factories.meetings import MeetingFactory, invite

#: Relations that say who did something: the history of what one did answers for them, and
#: the row itself is about somebody else.
DEEDS = ("_by",)
#: Other relations that need no heading of their own, with the reason.
ELSEWHERE = {
    "account.EmailAddress.user": "allauth's table stays empty: addresses live on the person",
    "members.Standing.by": "who took a step",
}


def test_relation_when_it_leads_to_a_person_then_exported():
    covered = set().union(*(part.covers for part in registry.personal_data))
    missing = []
    for relation in get_user_model()._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete:
            field = relation.field
            name = f"{field.model._meta.label}.{field.name}"
            if not field.name.endswith(DEEDS) and name not in covered | set(ELSEWHERE):
                missing.append(name)
    assert missing == []


def test_export_when_asked_then_holds_their_words_and_nobody_elses(
    rep, rep_of_other_group, client_for
):
    rep.access_needs = "A seat by the door"
    rep.save()
    meeting = MeetingFactory()
    invite(meeting, rep)
    invite(meeting, rep_of_other_group)
    text = client_for(rep).get("/me/export/").content.decode()
    assert "A seat by the door" in text
    assert meeting.title in text
    assert rep_of_other_group.name not in text
    assert rep.password not in text
    assert json.loads(text).keys() == everything_about(rep).keys()
