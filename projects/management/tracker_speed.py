"""Projects for the benchmark: so many, in every status and on every rung, with their quarters."""

from datetime import timedelta

from coprod import clocks
from members.models import Organisation
from projects.ladder import quarter_of
from projects.models import LevelAtQuarter, Override, Project, Theme
from projects.vague import understand

STARTS = ("January 2026", "autumn 2025", "2024/25", "3 June 2026", "March 2030", "")
DUES = ("summer 2026", "May 2031", "ASAP", "ongoing", "spring 2030", "TBC", "")


def fill(number: int) -> None:
    """Bring the tracker to so many projects."""
    themes = [Theme.objects.get_or_create(name=f"Theme {n}", slug=f"t{n}")[0] for n in range(6)]
    leads = [
        Organisation.objects.get_or_create(name=f"Service {n}", sector="health")[0]
        for n in range(8)
    ]
    today, have = clocks.today(), Project.objects.count()
    made = []
    for n in range(have, number):
        project = Project(
            slug=f"work-{n}",
            title=f"Work on services, number {n}",
            summary="A form and a guide that families can use without ringing for help.",
            driver="Families told us at three open events that they give up on the form.",
            theme=themes[n % 6],
            lead=leads[n % 8],
            level=(None, 0, 1, 2, 3, 4)[n % 6],
            is_public=n % 50 != 0,
            last_news_on=today - timedelta(days=n % 140) if n % 9 else None,
        )
        project.started, project.due = understand(STARTS[n % 6]), understand(DUES[n % 7])
        if n % 4 == 0:
            project.completed_on, project.completed_at = today, clocks.end_of(today)
        made.append(project)
    Project.objects.bulk_create(made, batch_size=1000)
    _history([project for project in made if project.pk])


def _history(projects: list[Project]) -> None:
    """Four quarters each, and a status by hand for one of forty."""
    day, quarters = clocks.today(), []
    for _ in range(4):
        day = quarter_of(day) - timedelta(days=1)
        quarters.append(quarter_of(day))
    LevelAtQuarter.objects.bulk_create(
        (
            LevelAtQuarter(
                project=project,
                quarter=quarter,
                level=project.level,
                least_sessions=2,
                least_share=33,
            )
            for project in projects
            for quarter in quarters
        ),
        batch_size=2000,
    )
    Override.objects.bulk_create(
        Override(project=project, status="to_complete", reason="A new contract")
        for project in projects[::40]
    )
