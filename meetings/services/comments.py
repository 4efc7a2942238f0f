"""Comments on minutes: keeping one, and saying what became of it."""

import hashlib
import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from meetings.models import Agreement, Comment, Invitation, Minutes, Version
from meetings.querysets import CommentQuerySet
from meetings.readership import access_for
from meetings.services.agreement import agree_if_met
from meetings.services.minutes import lock_minutes, was_told


@transaction.atomic
def comment_on(
    *,
    version: Version,
    invitation: Invitation,
    uid: str,
    kind: str,
    speaking_for: str,
    text: str,
    once: uuid.UUID,
    by: Any,
    quote: str = "",
    via: str = "",
    at: datetime | None = None,
) -> Comment:
    """Keep a comment on one paragraph of the version that its author read.

    ``by`` is who typed it: its author, or whoever wrote it down for them, and ``via`` then says
    how it came.

    The same form sent twice (``once``) is one comment. It stays with its version even when
    a newer one went out meanwhile. Raises TransitionNotAllowed when the window has closed,
    LookupError when the author's rendition has no such paragraph.
    """
    minutes = lock_minutes(version.minutes)
    if found := sent_before(minutes, invitation, once):
        return found
    newest = minutes.latest
    if not minutes.can("agree") or newest is None or not (at or newest.comments_open):
        raise TransitionNotAllowed(
            "Comments on these minutes have closed. Ring us, and it can go on the next agenda."
        )
    said = {"kind": kind, "speaking_for": speaking_for, "text": text, "quote": quote}
    comment = keep(version, invitation, uid, once=once, via=via, by=by, at=at, **said)
    AuditEvent.record("comment", comment, by=by, at=at, minutes=minutes.pk)
    return comment


def sent_before(minutes: Minutes, invitation: Invitation, once: uuid.UUID) -> Comment | None:
    """The comment that this very form made already. Raises TransitionNotAllowed for a form
    that isn't theirs, or of somebody who wasn't invited."""
    if invitation.meeting_id != minutes.meeting_id:
        raise TransitionNotAllowed("Only people who were invited can comment.")
    found = Comment.objects.filter(once=once).first()
    if found is not None and found.author_id != invitation.pk:
        raise TransitionNotAllowed("Open the form afresh, then send your comment again.")
    return found


def keep(
    version: Version,
    invitation: Invitation,
    uid: str,
    *,
    via: str,
    by: Any,
    at: datetime | None,
    **said: Any,
) -> Comment:
    """Store a comment on a paragraph that its author may read; the caller holds the lock and
    records it. Raises LookupError for a paragraph that isn't theirs to read."""
    paragraph = access_for(invitation.person, version.minutes.meeting).find(version, uid)
    if paragraph is None:
        raise LookupError(uid)
    return Comment.objects.create(
        version=version,
        author=invitation,
        uid=uid,
        number=paragraph["number"],
        via=via if by is not None and by.pk != invitation.person_id else "",
        made_by=by,
        made_at=at or timezone.now(),
        **said,
    )


@transaction.atomic
def correct_comment(*, comment: Comment, text: str, by: Any, at: datetime | None = None) -> None:
    """Put right what somebody else wrote down for its author. Only its author does.

    An answer that it had was to other words, so it needs one again. Raises
    TransitionNotAllowed for anybody else, for one's own typing, and once comments have closed.
    """
    minutes = lock_minutes(comment.version.minutes)
    comment = (
        Comment.objects.select_for_update(of=("self",)).select_related("author").get(pk=comment.pk)
    )
    if by is None or by.pk != comment.author.person_id:
        raise TransitionNotAllowed("Only the person who said it can put it right.")
    if not comment.was_written_down:
        raise TransitionNotAllowed("You wrote this yourself. Send another comment to add to it.")
    newest = minutes.latest
    if not minutes.can("agree") or newest is None or not newest.comments_open:
        raise TransitionNotAllowed(
            "Comments on these minutes have closed. Ring us, and it can go on the next agenda."
        )
    if comment.text == text:
        return
    comment.text = text
    comment.corrected_at, comment.corrected_by = at or timezone.now(), by
    comment.outcome, comment.outcome_reason = Comment.Outcome.OPEN, ""
    comment.outcome_at = comment.outcome_by = None
    comment.save()
    AuditEvent.record("correct_comment", comment, by=by, at=at, minutes=minutes.pk)


@transaction.atomic
def settle_comment(
    *, comment: Comment, outcome: str, reason: str, by: Any, at: datetime | None = None
) -> None:
    """Say what became of a comment. Its author hears once all of theirs have an outcome."""
    minutes = lock_minutes(comment.version.minutes)
    if not minutes.is_open:
        raise TransitionNotAllowed("These minutes have been agreed, so outcomes can’t change.")
    comment = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    comment.outcome = outcome
    comment.outcome_reason = reason
    comment.outcome_at = at or timezone.now()
    comment.outcome_by = by
    comment.save(update_fields=["outcome", "outcome_reason", "outcome_at", "outcome_by"])
    AuditEvent.record("settle_comment", comment, by=by, at=at, outcome=outcome)
    theirs = Comment.objects.filter(version=comment.version, author=comment.author)
    if not theirs.open().exists() and was_told(comment.version):
        state = outcomes_state(theirs)
        outbox.queue(
            key=f"outcomes:{comment.version_id}:{comment.author_id}:{state}",
            template="meetings/comment_outcomes",
            person=comment.author.person,
            ids={"version": comment.version_id, "invitation": comment.author_id, "state": state},
            news=not _may_wait_to_agree(comment),
            at=at,
        )
    agree_if_met(minutes=minutes, at=at)


def _may_wait_to_agree(comment: Comment) -> bool:
    """Whether its author may be waiting for this before they say that it's a fair record.

    If so they hear at once; for everybody else the outcome is news for the weekly letter.
    """
    if not Invitation.objects.attended().filter(pk=comment.author_id).exists():
        return False
    answers = Agreement.objects.filter(
        version__minutes=comment.version.minutes_id, invitation=comment.author_id
    ).order_by("-version__number")
    newest = answers.first()
    return newest is None or newest.answer != Agreement.Answer.FAIR


def outcomes_state(comments: CommentQuerySet) -> str:
    """A short code of what became of these comments: another code, another letter."""
    told = comments.order_by("pk").values_list("pk", "outcome", "outcome_reason")
    return hashlib.sha256(repr(list(told)).encode()).hexdigest()[:16]
