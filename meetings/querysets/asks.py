"""What parents asked, what became of it, and which of it somebody may know."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Case, DateField, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from coprod import clocks

if TYPE_CHECKING:
    from meetings.models import Ask  # noqa: F401

#: States of minutes whose asks whoever was named has been told of.
TOLD = ("circulated", "agreed", "published")


class AskQuerySet(models.QuerySet["Ask"]):
    def public(self) -> Self:
        """What everybody may know of: lines that stand in the public rendition of the shown
        version of published minutes, and what was heard elsewhere.

        A version that is shown instead, or minutes withdrawn, take them away by themselves.
        """
        minutes = "paragraph__section__minutes"
        return self.filter(
            Q(paragraph__isnull=True)
            | Q(
                shown_in__isnull=False,
                shown_in=F(f"{minutes}__shown_version"),
                **{f"{minutes}__state": "published"},
            )
        )

    def standing(self) -> Self:
        """Those that are asked of somebody: heard elsewhere, or a living line of minutes that
        people were sent. Not a line that has gone, nor minutes that were withdrawn.
        """
        return self.filter(
            Q(paragraph__isnull=True)
            | Q(
                paragraph__kind="ask",
                paragraph__retired_at__isnull=True,
                paragraph__section__minutes__state__in=TOLD,
            )
        )

    def visible_to(self, user: Any) -> Self:
        """The coordinator: all. Others: public ones; officers those that they are to answer."""
        if not user.is_authenticated:
            return self.public()
        if user.is_coordinator:
            return self
        if not user.is_officer:
            return self.public()
        own = self.model._default_manager.standing().filter(answerer=user)
        public = self.model._default_manager.public()
        return self.filter(Q(pk__in=public.values("pk")) | Q(pk__in=own.values("pk")))

    def with_newest_answer(self) -> Any:
        """``newest_outcome``, ``newest_text`` and ``answered_last`` of the answer that counts."""
        answers = _newest("Answer", "-answered_at")
        return self.annotate(
            newest_outcome=Subquery(answers.values("outcome")[:1]),
            newest_text=Subquery(answers.values("text")[:1]),
            answered_last=Subquery(answers.values("answered_at")[:1]),
        )

    def with_promise(self) -> Any:
        """``was_due_on``, ``first_answer`` and ``has_later``: what the promise is counted from."""
        first = apps.get_model("meetings", "Answer").objects.filter(ask=OuterRef("pk"))
        later = apps.get_model("meetings", "AskExtension").objects.filter(ask=OuterRef("pk"))
        return self.annotate(
            was_due_on=Coalesce("due_on", "answer_by"),
            first_answer=Subquery(first.order_by("answered_at").values("answered_at")[:1]),
            has_later=Exists(later),
        )

    def with_state(self, today: date | None = None) -> Any:
        """``state`` as ``Ask.state_on`` has it, and ``ends_on``, the day that is waited for."""
        day = today or clocks.today()
        answers = _newest("Answer", "-answered_at")
        until = Subquery(_newest("AskExtension", "-made_at").values("until")[:1])
        was_due = Coalesce("due_on", "answer_by")
        found = self.annotate(
            newest_outcome=Subquery(answers.values("outcome")[:1]),
            keeps_by=Subquery(answers.values("will_do_by")[:1]),
            answered_last=Subquery(answers.values("answered_at")[:1]),
            newest_until=until,
            was_due_on=was_due,
        )
        due = Case(
            When(newest_until__gt=F("was_due_on"), then="newest_until"), default="was_due_on"
        )
        found = found.annotate(
            ends_on=Case(
                When(newest_outcome__isnull=True, then=due),
                When(newest_outcome="will_do", then="keeps_by"),
                default=Value(None),
                output_field=DateField(),
            )
        )
        return found.annotate(
            state=Case(
                When(ends_on__lt=day, then=Value("overdue")),
                When(newest_outcome__isnull=True, then=Value("waiting")),
                default="newest_outcome",
                output_field=models.CharField(),
            )
        )

    def open(self, today: date | None = None) -> Any:
        """Those for which somebody still waits: no answer, or one that says “will do”."""
        return self.with_state(today).filter(state__in=["overdue", "waiting", "will_do"])

    def to_name(self) -> Self:
        """Asked of somebody, and nobody is named to answer, or one who is no officer any more."""
        answers = apps.get_model("meetings", "Answer").objects.filter(ask=OuterRef("pk"))
        officers = apps.get_model("members", "Person").objects.officers()
        here = officers.filter(pk=OuterRef("answerer"))
        return self.standing().filter(~Exists(answers), ~Exists(here))

    def adrift(self) -> Self:
        """Kept although their line isn't an ask of the minutes any more."""
        return self.filter(
            Q(paragraph__retired_at__isnull=False)
            | (Q(paragraph__isnull=False) & ~Q(paragraph__kind="ask"))
        )

    def bare(self) -> Self:
        """Those of which nothing is known but their line, so that they may go with it."""
        answers = apps.get_model("meetings", "Answer").objects.filter(ask=OuterRef("pk"))
        later = apps.get_model("meetings", "AskExtension").objects.filter(ask=OuterRef("pk"))
        return self.filter(
            ~Exists(answers),
            ~Exists(later),
            named_at__isnull=True,
            answer_by__isnull=True,
            project__isnull=True,
            changed="",
        )

    def with_relations(self) -> Self:
        """What a row of them prints, less what hangs on it."""
        return self.select_related(
            "paragraph__section__minutes__meeting",
            "organisation",
            "answerer",
            "project",
        )

    def with_all(self) -> Self:
        """Everything that a list or a page of them prints, whatever their number."""
        return self.with_relations().prefetch_related("answers", "extensions")

    def said(self, words: str) -> Self:
        """Those in whose public words, or in an answer to which, all of ``words`` stand."""
        found = self
        answers = apps.get_model("meetings", "Answer").objects.filter(ask=OuterRef("pk"))
        for word in words.split()[:8]:
            inside = answers.filter(Q(text__icontains=word) | Q(reason__icontains=word))
            found = found.filter(
                Q(shown_text__icontains=word)
                | Q(shown_who__icontains=word)
                | Q(changed__icontains=word)
                | Exists(inside)
            )
        return found


def _newest(model: str, order: str) -> Any:
    rows = apps.get_model("meetings", model)._default_manager.filter(ask=OuterRef("pk"))
    return rows.order_by(order, "-pk")
