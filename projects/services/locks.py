"""Holding one project while something about it changes."""

from coprod.exceptions import TransitionNotAllowed
from projects.models import Project


def lock_project(project: Project) -> Project:
    """The project's row as it is now, held until the transaction ends.

    Raises TransitionNotAllowed when it has gone, which only undoing an import can do.
    """
    stored = Project.objects.select_for_update().filter(pk=project.pk).first()
    if stored is None:
        raise TransitionNotAllowed("This project went with an import that was undone.")
    return stored
