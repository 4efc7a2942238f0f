"""The projects that the permission matrix asks about: R and O are named on them, nobody else."""

from projects.services.reports import make_edition
from tests.factories.projects import NamedFactory, ProjectFactory


def kwargs_of_projects(people):
    """Rows of the matrix by name; ``people`` is one of each column."""
    project = ProjectFactory(slug="transport")
    hidden = ProjectFactory(slug="hidden", is_public=False)
    for each in (project, hidden):
        NamedFactory(project=each, person=people["R"], part="rep")
        NamedFactory(project=each, person=people["O"], part="lead")
    return {
        "project": {"slug": project.slug},
        "hidden project": {"slug": hidden.slug},
        "edition": {"number": make_edition(prepared_by="R.", thoughts="", note="", by=None).number},
    }
