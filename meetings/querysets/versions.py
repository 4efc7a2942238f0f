"""Which versions are the newest, and until when each one's comments are open.

Whoever reads by post or phone has the draft once somebody has posted the letter or rung. What
that does to the window is worked out by ``meetings.models.versions.Window``; here it is only
read, so that a list of versions costs no more questions than one.
"""

from datetime import date, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from coprod import clocks
from coprod.models import Message

if TYPE_CHECKING:
    from meetings.models import Version  # noqa: F401

#: The letter that asks for comments and answers.
DRAFT = "meetings/minutes_draft"
#: Days that remain for comments after a letter was posted, and after a call was made.
#: Source: nobody is left out of a comment because their draft had to be printed or read out.
LETTER_DAYS, CALL_DAYS = 3, 1

Channel, State = Message.Channel, Message.State


def _about_this() -> Any:
    """Drafts sent of the version that the outer query is at."""
    about = Cast(KT("ids__version"), models.BigIntegerField())
    drafts: Any = Message.objects.filter(template=DRAFT).annotate(about=about)
    return drafts.filter(about=OuterRef("pk"))


def _unreached(**more: Any) -> Any:
    return _about_this().unreached(DRAFT).filter(**more)


def _number(rows: Any) -> Subquery:
    counted = rows.order_by().values("about").annotate(n=Count("pk")).values("n")
    return Subquery(counted, output_field=models.IntegerField())


def _last(rows: Any) -> Subquery:
    last = rows.order_by().values("about").annotate(last=Max("sent_at")).values("last")
    return Subquery(last, output_field=models.DateTimeField())


@cache
def _window() -> dict[str, Subquery]:
    """Seven questions that never change: putting them together took longer than asking them."""
    reason = apps.get_model("meetings", "WindowReason").objects.filter(version=OuterRef("pk"))
    return {
        "letters_waiting": _number(_unreached(channel=Channel.LETTER)),
        "calls_waiting": _number(_unreached(channel=Channel.PHONE)),
        "others_failed": _number(_unreached().exclude(channel__in=Message.BY_HAND)),
        "posted_at": _last(_about_this().filter(state=State.POSTED)),
        "rung_at": _last(_about_this().filter(state=State.RUNG)),
        "reason_given": Subquery(reason.values("reason")[:1]),
        "reason_at": Subquery(reason.values("given_at")[:1]),
    }


class VersionQuerySet(models.QuerySet["Version"]):
    def newest(self) -> Self:
        """The one of each set of minutes that people read and answer."""
        later = self.model._default_manager.filter(
            minutes=OuterRef("minutes"), number__gt=OuterRef("number")
        )
        return self.filter(~Exists(later))

    def with_window(self) -> Self:
        """What decides how long comments are open, read in the same query."""
        return self.annotate(**_window())

    def closed(self, today: date | None = None) -> Self:
        """Those whose comments have closed: ``Window.is_open`` is false, asked in SQL."""
        today = today or clocks.today()
        reason = apps.get_model("meetings", "WindowReason").objects.filter(version=OuterRef("pk"))

        def since(days: int) -> Any:
            return clocks.local(today - timedelta(days=days), time(0))

        fresh = _about_this().filter(
            Q(state=State.POSTED, sent_at__gte=since(LETTER_DAYS))
            | Q(state=State.RUNG, sent_at__gte=since(CALL_DAYS))
        )
        return self.filter(
            Exists(reason) | (~Exists(_unreached()) & ~Exists(fresh)),
            comments_close_on__lt=today,
        )
