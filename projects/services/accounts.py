"""“We were involved”, or not: what parents say themselves, beside the log."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from members.models import MemberGroup, Person
from projects.models import OwnAccount, Project
from projects.services.locks import lock_project
from projects.services.news import note_news


@transaction.atomic
def say_involved(
    *,
    project: Project,
    person: Person,
    were_involved: bool,
    group: MemberGroup | None,
    when_text: str = "",
    early: str = "",
    text: str = "",
    by: Person,
    at: datetime | None = None,
) -> OwnAccount:
    """Put somebody's own words beside the log. The same words pressed twice stand once."""
    now = at or timezone.now()
    lock_project(project)
    words = {
        "project": project,
        "person": person,
        "group": group,
        "were_involved": were_involved,
        "when_text": when_text,
        "early": early if were_involved else "",
        "text": text,
    }
    today = {"made_at__date": clocks.today(now)}
    again = OwnAccount.objects.standing().filter(**words, **today).first()
    if again is not None:
        return again
    account = OwnAccount.objects.create(**words, made_at=now, made_by=by)
    AuditEvent.record("say_involved", account, by=by, at=now, project=project.pk)
    note_news(project, clocks.today(now))
    return account


@transaction.atomic
def take_back_account(*, account: OwnAccount, by: Person, at: datetime | None = None) -> None:
    """Its words leave the page at once; that something was said and taken back stays known.

    Raises TransitionNotAllowed where it was taken back already.
    """
    now = at or timezone.now()
    account = OwnAccount.objects.select_for_update().get(pk=account.pk)
    if account.taken_back_at is not None:
        raise TransitionNotAllowed("This was taken back already.")
    account.taken_back_at, account.taken_back_by = now, by
    account.save(update_fields=["taken_back_at", "taken_back_by"])
    AuditEvent.record("take_back_account", account, by=by, at=now)
