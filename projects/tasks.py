"""Background work of projects: a service called; never a rule."""

from celery import shared_task

from projects.models import Import
from projects.services import chasing, imports, involvement, levels, quiet, statuses


@shared_task(ignore_result=True)
def remind_of_replies() -> None:
    """Remind officers of replies that parents wait for. Harmless to run twice."""
    chasing.remind_of_replies()


@shared_task(ignore_result=True)
def ask_reps() -> None:
    """Ask representatives once a quarter whether they were involved. Harmless to run twice."""
    chasing.ask_reps()


@shared_task(ignore_result=True)
def forget_drafts() -> None:
    """Delete what was begun to be logged and left for months. Harmless to run twice."""
    involvement.forget_drafts()


@shared_task(ignore_result=True)
def go_on_with_import(pk: int) -> None:
    """Read or add what is left of one table. Harmless to run twice, or at once."""
    brought = Import.objects.filter(pk=pk).first()
    if brought is not None:
        imports.go_on(brought=brought)


@shared_task(ignore_result=True)
def go_on_with_imports() -> None:
    """Go on with tables that a stopped worker left half read or added. Harmless to run twice."""
    imports.go_on_with_all()


@shared_task(ignore_result=True)
def note_statuses() -> None:
    """Write down what the clock changed, and give ongoing work its review date. Harmless twice."""
    statuses.note_statuses_when_due()
    statuses.give_review_dates()


@shared_task(ignore_result=True)
def ask_about_silence() -> None:
    """Ask lead officers what is new, and whether ongoing work goes on. Harmless to run twice."""
    quiet.ask_when_due()
    quiet.ask_for_reviews()


@shared_task(ignore_result=True)
def keep_levels() -> None:
    """Open a new quarter, lower what unanswered views lower. Harmless to run twice."""
    levels.keep_levels()
