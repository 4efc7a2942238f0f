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
def holds_no_higher_key(_: Any, person: Any) -> bool:
    """Whose sign-in address is nobody's way to more: a coordinator must not become the
    treasurer or an administrator by typing another address into that person's record."""
    return bool(
        person is not None and not person.role_kinds & {"administrator", "treasurer", "approver"}
    )


@rules.predicate
def holds_seat_beside(user: Any, seat: Any) -> bool:
    return bool(seat is not None and holds_seat_in(user, seat.group))


@rules.predicate
def is_somebody_elses(user: Any, role: Any) -> bool:
    return bool(role is not None and role.person_id != user.pk)


@rules.predicate
def is_seated(user: Any, _: Any = None) -> bool:
    """Representatives and group staff of any member group."""
    return bool(user.is_authenticated and any(seat.group.is_member for seat in user.current_seats))


runs_forum = is_coordinator | is_administrator
may_correct = is_administrator | (is_coordinator & holds_no_higher_key)

rules.add_perm("members.list_people", runs_forum)
rules.add_perm("members.view_person", runs_forum | is_oneself | shares_group_as_staff)
rules.add_perm("members.view_access_needs", is_coordinator | is_oneself)
rules.add_perm("members.add_person", is_coordinator)
rules.add_perm("members.change_person", may_correct)
rules.add_perm("members.switch_off_person", may_correct & is_not_oneself)
rules.add_perm("members.change_own_details", is_oneself)
rules.add_perm("members.invite_person", runs_forum)
rules.add_perm("members.end_links", runs_forum | is_oneself)
rules.add_perm("members.reset_second_step", is_administrator & is_not_oneself)
rules.add_perm("members.give_role", is_administrator & is_not_oneself)
rules.add_perm("members.end_role", is_administrator & is_somebody_elses)
rules.add_perm("members.add_group", is_coordinator)
rules.add_perm("members.change_group", is_coordinator)
rules.add_perm("members.see_rep_names", runs_forum | is_seated)
rules.add_perm("members.seat_people", is_coordinator | holds_seat_in)
rules.add_perm("members.end_seat", is_coordinator | holds_seat_beside)
rules.add_perm("members.see_group_history", runs_forum)
rules.add_perm("members.change_forum", is_administrator)
rules.add_perm("members.view_messages", runs_forum)
rules.add_perm("members.resend_message", runs_forum)
# Printing and ringing means reading what is sent, drafts among it: no administrator's business.
rules.add_perm("members.deliver_by_hand", is_coordinator)
