"""What a project's page shows to those who may change it."""

from typing import Any

from django import template

from coprod import clocks
from projects import history
from projects.models import Project
from projects.status import derive, reason

register = template.Library()


@register.inclusion_tag("projects/_project_history.html")
def project_history(project: Project, user: Any) -> dict[str, Any]:
    """``{% project_history project user %}``: what happened here; nothing for who may not see."""
    may = user.is_authenticated and user.has_perm("projects.see_history", project)
    return {"events": history.of(project) if may else []}


@register.inclusion_tag("projects/_project_actions.html")
def project_actions(project: Project, user: Any) -> dict[str, Any]:
    """``{% project_actions project user %}``: what this reader may do with it. No question for
    somebody who isn't signed in."""
    today = clocks.today()
    return {
        "project": project,
        "user": user,
        "is_review_due": project.is_review_due_on(today),
    }


@register.inclusion_tag("projects/_project_status.html")
def project_status(project: Project) -> dict[str, Any]:
    """``{% project_status project %}``: the status, why, the one set by hand, the one before."""
    today = clocks.today()
    return {
        "project": project,
        "status": project.status_on(today),
        "derived": derive(project, today),
        "reason": reason(project, today),
        "previous": project.previous_status_on(today),
        "is_review_due": project.is_review_due_on(today),
    }
