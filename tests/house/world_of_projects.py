"""The projects that the permission matrix asks about: R and O are named on them, nobody else."""

from datetime import UTC, date, datetime

from django.utils import timezone

from projects.forms.entry import answers_of
from projects.models import Import, Ladder, LogDraft, LogoPermission, Misuse, OwnAccount
from projects.services.reports import make_edition
from tests.factories.projects import (
    InvolvementFactory,
    NamedFactory,
    ProjectFactory,
    StoryFactory,
    ThemeFactory,
)


def logo(project, **fields):
    return LogoPermission.objects.create(
        project=project, document="Travel guide", least_level=3, **fields
    )


def the_log(project, people):
    """An entry that waits for its reply, what O is writing, and what R said of it."""
    entry = InvolvementFactory(project=project, parents=2, officers=1, said="Say it in words.")
    draft = LogDraft.objects.create(project=project, person=people["O"], answers=answers_of(entry))
    account = OwnAccount.objects.create(project=project, person=people["R"], were_involved=True)
    slug = {"slug": project.slug}
    return {
        "entry": {**slug, "pk": entry.pk},
        "draft": {**slug, "key": draft.key},
        "draft page": {**slug, "key": draft.key, "page": "who"},
        "account": {**slug, "pk": account.pk},
    }


def table(state):
    """A table that was brought in, as far as ``state``."""
    return Import.objects.create(
        name="tracker.tsv",
        headings=["Task"],
        columns={"0": "title"},
        state=state,
        done_at=timezone.now() if state == "done" else None,
    )


def kwargs_of_projects(people):
    """Rows of the matrix by name; ``people`` is one of each column."""
    project = ProjectFactory(slug="transport")
    hidden = ProjectFactory(slug="hidden", is_public=False)
    for each in (project, hidden):
        NamedFactory(project=each, person=people["R"], part="rep")
        NamedFactory(project=each, person=people["O"], part="lead")
    named = NamedFactory(project=project)
    done = ProjectFactory(
        slug="done", completed_on=date(2026, 3, 1), completed_at=datetime(2026, 3, 1, tzinfo=UTC)
    )
    by_hand = ProjectFactory(slug="by-hand")
    by_hand.overrides.create(status="to_complete", reason="It has begun")
    return {
        **the_log(project, people),
        **{f"hidden {name}": kwargs for name, kwargs in the_log(hidden, people).items()},
        "theme": {"pk": ThemeFactory().pk},
        "project named": {"slug": project.slug, "pk": named.pk},
        "completed project": {"slug": done.slug},
        "overridden project": {"slug": by_hand.slug},
        "project": {"slug": project.slug},
        "ladder": {"pk": Ladder.objects.create(name="Our own").pk},
        "logo": {"pk": logo(project, state="asked").pk},
        "logo code": {"code": logo(project, state="given", decided_at=timezone.now()).code},
        "misuse": {"pk": Misuse.objects.create(where="A leaflet", seen_on=date(2026, 3, 1)).pk},
        "hidden project": {"slug": hidden.slug},
        "story": {"pk": StoryFactory(project=project, published_at=timezone.now()).pk},
        "draft story": {"pk": StoryFactory(project=project).pk},
        "csv": {"format": "csv"},
        "xlsx": {"format": "xlsx"},
        "table": {"pk": table("read").pk},
        "added table": {"pk": table("done").pk},
        "edition": {"number": make_edition(prepared_by="R.", thoughts="", note="", by=None).number},
    }
