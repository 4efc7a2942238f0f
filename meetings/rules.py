"""Who may do what with meetings and minutes. Source: the permission matrix."""

from typing import Any

import rules

from members.rules import is_coordinator, is_oneself


def _invited(user: Any, meeting: Any) -> bool:
    return bool(
        user.is_authenticated
        and meeting.invited_at is not None
        and meeting.invitations.filter(person=user).exists()
    )


@rules.predicate
def is_invited(user: Any, meeting: Any) -> bool:
    return bool(meeting is not None and _invited(user, meeting))


@rules.predicate
def takes_minutes(user: Any, minutes: Any) -> bool:
    """The minute-taker named for this one meeting."""
    if minutes is None or not user.is_authenticated:
        return False
    meeting = getattr(minutes, "meeting", minutes)
    return bool(meeting.minute_taker_id == user.pk)


@rules.predicate
def marks_ready(user: Any, minutes: Any) -> bool:
    """Takes the minutes of this meeting, and no version has gone out.

    Source: when the writer marks the draft ready, it is sent at once. What goes out again
    answers comments, which is the coordinator's.
    """
    return bool(minutes is not None and minutes.state == "draft" and takes_minutes(user, minutes))


@rules.predicate
def is_invited_reader(user: Any, minutes: Any) -> bool:
    """Invited to the meeting, and the draft has gone out."""
    return bool(
        minutes is not None and minutes.state != "draft" and _invited(user, minutes.meeting)
    )


@rules.predicate
def was_there(user: Any, minutes: Any) -> bool:
    """Attended the meeting, as recorded. Nobody else may agree its minutes."""
    return bool(
        minutes is not None
        and user.is_authenticated
        and minutes.meeting.invitations.attended().filter(person=user).exists()
    )


@rules.predicate
def takes_part(user: Any, _: Any = None) -> bool:
    """Holds a role, or a seat in a member group."""
    return bool(
        user.is_authenticated
        and (user.current_roles or any(seat.group.is_member for seat in user.current_seats))
    )


@rules.predicate
def is_asked(user: Any, ask: Any) -> bool:
    """The officer who is named to answer this one ask, while they are one."""
    if ask is None or not user.is_authenticated:
        return False
    return bool(ask.answerer_id == user.pk and user.is_officer)


@rules.predicate
def was_invited_to_its_meeting(user: Any, ask: Any) -> bool:
    """Invited to the meeting at which it was said, so that they sat with its officers."""
    if ask is None or ask.paragraph_id is None:
        return False
    return _invited(user, ask.paragraph.section.minutes.meeting)


# The calendar
rules.add_perm("meetings.have_calendar", is_oneself & takes_part)
rules.add_perm("meetings.finish_action", is_coordinator)
rules.add_perm("meetings.share_minutes", is_coordinator)
rules.add_perm("meetings.see_sign_ups", is_coordinator)
rules.add_perm("meetings.plan_year", is_coordinator)
rules.add_perm("meetings.add_meeting", is_coordinator)
rules.add_perm("meetings.change_meeting", is_coordinator)
rules.add_perm("meetings.invite", is_coordinator)
rules.add_perm("meetings.record_delay", is_coordinator)
rules.add_perm("meetings.see_replies", is_coordinator)
# Attendance and agenda
rules.add_perm("meetings.reply", is_invited)
rules.add_perm("meetings.record_attendance", is_coordinator)
rules.add_perm("meetings.propose_item", is_coordinator | is_invited)
rules.add_perm("meetings.change_agenda", is_coordinator)
# Minutes
rules.add_perm("meetings.write_minutes", is_coordinator | takes_minutes)
rules.add_perm("meetings.circulate_minutes", is_coordinator | marks_ready)
rules.add_perm("meetings.view_draft", is_coordinator | is_invited_reader | takes_minutes)
# Private parts: see meetings/readership.py, which asks for one item or paragraph at a time.
rules.add_perm("meetings.comment", is_coordinator | is_invited_reader)
rules.add_perm("meetings.settle_comments", is_coordinator)
rules.add_perm("meetings.agree_minutes", was_there)
rules.add_perm("meetings.confirm_minutes", is_coordinator | takes_minutes)
rules.add_perm("meetings.publish_minutes", is_coordinator)
rules.add_perm("meetings.withdraw_minutes", is_coordinator)
rules.add_perm("meetings.correct_minutes", is_coordinator)
# Asks
rules.add_perm("meetings.put_asks", is_coordinator)
rules.add_perm("meetings.answer_ask", is_coordinator | is_asked)
rules.add_perm("meetings.see_answerer", is_coordinator | is_asked | was_invited_to_its_meeting)
