"""Who may do what with people, groups and seats. Source: the permission matrix."""

from typing import Any

import rules


@rules.predicate
def is_coordinator(user: Any, _: Any = None) -> bool:
    return bool(user.is_authenticated and user.is_coordinator)


@rules.predicate
def is_administrator(user: Any, _: Any = None) -> bool:
    return bool(user.is_authenticated and user.is_administrator)


@rules.predicate
def is_oneself(user: Any, person: Any) -> bool:
    return bool(person is not None and user.is_authenticated and person.pk == user.pk)


@rules.predicate
def is_not_oneself(user: Any, person: Any) -> bool:
    return bool(person is not None and person.pk != user.pk)


@rules.predicate
def holds_seat_in(user: Any, group: Any) -> bool:
    return bool(
        group is not None
        and user.is_authenticated
        and any(seat.group_id == group.pk for seat in user.current_seats)
    )


@rules.predicate
def shares_group_as_staff(user: Any, person: Any) -> bool:
    """Group staff see how to reach the people of their own group."""
    if person is None or not user.is_authenticated:
        return False
    groups = {seat.group_id for seat in user.current_seats if seat.is_staff}
    return any(seat.group_id in groups for seat in person.current_seats)


@rules.predicate
def sees_group(user: Any, group: Any) -> bool:
    return bool(
        group is not None and type(group).objects.visible_to(user).filter(pk=group.pk).exists()
    )


runs_forum = is_coordinator | is_administrator

rules.add_perm("members.list_people", runs_forum)
rules.add_perm("members.view_person", runs_forum | is_oneself | shares_group_as_staff)
rules.add_perm("members.view_access_needs", is_coordinator | is_oneself)
rules.add_perm("members.add_person", is_coordinator)
rules.add_perm("members.change_person", runs_forum)
rules.add_perm("members.change_own_details", is_oneself)
rules.add_perm("members.invite_person", runs_forum)
rules.add_perm("members.give_role", is_administrator & is_not_oneself)
rules.add_perm("members.view_group", sees_group)
rules.add_perm("members.add_group", is_coordinator)
rules.add_perm("members.change_group", is_coordinator)
rules.add_perm("members.seat_people", is_coordinator | holds_seat_in)
rules.add_perm("members.change_forum", is_administrator)
rules.add_perm("members.view_messages", runs_forum)
rules.add_perm("members.change_messages", runs_forum)
