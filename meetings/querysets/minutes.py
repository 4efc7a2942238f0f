"""Which minutes somebody may read, living paragraphs, open comments."""

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from meetings.models import Comment, Minutes, Paragraph  # noqa: F401


class MinutesQuerySet(models.QuerySet["Minutes"]):
    def visible_to(self, user: Any) -> Self:
        """Published ones, to everyone; drafts only to those invited, once they went out.

        The minute-taker and coordinators see the draft while it is written.
        """
        if user.is_authenticated and user.is_coordinator:
            return self
        seen = Q(state="published")
        if user.is_authenticated:
            seen |= Q(meeting__minute_taker=user)
            seen |= Q(
                meeting__in=user.invitations.values("meeting"),
                state__in=["circulated", "agreed", "withdrawn"],
            )
        return self.filter(seen)

    def published(self) -> Self:
        """Those that everybody may read now: page, PDF, feed, embed, calendar, share text.

        Every public channel begins here and shows ``shown_version.public``, never the agreed
        version or the working copy: so a correction reaches all of them and a withdrawal
        empties all of them in the transaction that makes it. Stored pages are dropped by
        ``services.minutes.forget_pages``.
        """
        return self.filter(state="published").select_related("shown_version", "meeting")

    def closable(self) -> Self:
        """Circulated, and the newest version's comment window has closed."""
        version = apps.get_model("meetings", "Version")
        closed = version.objects.newest().filter(minutes__state="circulated").closed()
        return self.filter(state="circulated", pk__in=closed.values("minutes"))


class ParagraphQuerySet(models.QuerySet["Paragraph"]):
    def living(self) -> Self:
        """Paragraphs that stand in the text today, in order."""
        return self.filter(retired_at__isnull=True).order_by("position", "pk")


class CommentQuerySet(models.QuerySet["Comment"]):
    def open(self) -> Self:
        """Comments that have no outcome yet."""
        return self.filter(outcome="")
