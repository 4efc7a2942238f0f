"""Who may do what with projects. Source: the permission matrix."""

from typing import Any

import rules

from members.rules import is_coordinator, is_seated
from projects.models import Named
from projects.services.people import may_be


def _part(user: Any, project: Any) -> str:
    """As what somebody is on a project; empty when they aren't, or have lost the role or seat."""
    if project is None or not user.is_authenticated:
        return ""
    known: dict[int, str] | None = getattr(project, "known_parts", None)
    if known is not None:  # a page read them all
        part = known.get(user.pk, "")
    else:
        part = project.named.current().filter(person=user).values_list("part", flat=True).first()
    return part if part and may_be(user, part) else ""


@rules.predicate
def is_named(user: Any, project: Any) -> bool:
    """Is on this project, as officer or representative."""
    return bool(_part(user, project))


@rules.predicate
def is_named_officer(user: Any, project: Any) -> bool:
    """Is on this project as one of its officers."""
    return _part(user, project) in (Named.Part.LEAD, Named.Part.OFFICER)


@rules.predicate
def is_officer(user: Any, _: Any = None) -> bool:
    """Works for a service that sends officers, on whatever projects."""
    return bool(user.is_authenticated and user.is_officer)


@rules.predicate
def says_it(user: Any, account: Any) -> bool:
    """The words are theirs."""
    return bool(account is not None and user.is_authenticated and account.person_id == user.pk)


@rules.predicate
def reads_project(user: Any, project: Any) -> bool:
    """The project is one that they can see."""
    if project is None:
        return False
    return bool(type(project).objects.visible_to(user).filter(pk=project.pk).exists())


# The work
rules.add_perm("projects.add_project", is_coordinator)
rules.add_perm("projects.change_project", is_coordinator | is_named_officer)
rules.add_perm("projects.close_project", is_coordinator)
rules.add_perm("projects.name_people", is_coordinator)
rules.add_perm("projects.hide_project", is_coordinator)
rules.add_perm("projects.change_themes", is_coordinator)
rules.add_perm("projects.see_history", is_coordinator | is_named_officer)
rules.add_perm("projects.write_update", is_coordinator | is_named_officer)
# The log
rules.add_perm("projects.log_involvement", is_coordinator | is_named)
rules.add_perm("projects.say_involved", is_coordinator | is_named | (is_seated & reads_project))
rules.add_perm("projects.take_back_account", is_coordinator | says_it)
could_be_named = (is_officer | is_seated) & ~is_coordinator & ~is_named
rules.add_perm("projects.ask_to_be_named", could_be_named & reads_project)
# The ladder and the logo
rules.add_perm("projects.claim_level", is_coordinator | is_named_officer)
rules.add_perm("projects.confirm_level", is_coordinator)
rules.add_perm("projects.change_ladders", is_coordinator)
rules.add_perm("projects.ask_for_logo", is_coordinator | is_named_officer)
rules.add_perm("projects.decide_logo", is_coordinator)
rules.add_perm("projects.report_misuse", is_coordinator | is_seated)
# Tables, reports and stories
rules.add_perm("projects.import_projects", is_coordinator)
rules.add_perm("projects.make_report", is_coordinator)
rules.add_perm("projects.write_story", is_coordinator)
