"""Addresses of meetings and minutes. Fixed words come before a meeting's own address."""

from django.urls import URLPattern, path

from meetings.views import (
    actions,
    agenda,
    agreement,
    ask_projects,
    attendance,
    calendar,
    circulating,
    comments,
    confirming,
    corrections,
    delays,
    drafts,
    events,
    feeds,
    invitations,
    minutes,
    moves,
    papers,
    planning,
    presence,
    publicity,
    published,
    publishing,
    readers,
    sections,
    sharing,
    substitutes,
    terms,
)
from meetings.views.moved import follow_moves

app_name = "meetings"

# The calendar: planning, invitations, replies, attendance, agendas.
calendar_patterns: list[URLPattern] = [
    path("plan/", planning.plan_pattern, name="plan_pattern"),
    path("plan/<int:pk>/", planning.plan_dates, name="plan_dates"),
    path("plan/<int:pk>/publish/", planning.plan_publish, name="plan_publish"),
    path("closed/", terms.closed_list, name="closed_list"),
    path("closed/import/", terms.closed_import, name="closed_import"),
    path("closed/<int:pk>/", terms.closed_edit, name="closed_edit"),
    path("closed/<int:pk>/delete/", terms.closed_delete, name="closed_delete"),
    path("closed/<int:pk>/undo/", terms.closed_undo, name="closed_undo"),
    path("new/", calendar.meeting_add, name="meeting_add"),
    path("reply/<str:token>/", attendance.reply_by_link, name="reply_by_link"),
    path(
        "reply/<str:token>/i-was-there/",
        presence.attendance_declare_by_link,
        name="attendance_declare_by_link",
    ),
    path(
        "reply/<str:token>/substitute/",
        substitutes.substitute_name_by_link,
        name="substitute_name_by_link",
    ),
    path("<slug:slug>/edit/", calendar.meeting_edit, name="meeting_edit"),
    path("<slug:slug>/delete/", calendar.meeting_delete, name="meeting_delete"),
    path("<slug:slug>/move/", moves.meeting_move, name="meeting_move"),
    path("<slug:slug>/cancel/", moves.meeting_cancel, name="meeting_cancel"),
    path("<slug:slug>/takes-place/", moves.meeting_reinstate, name="meeting_reinstate"),
    path("<slug:slug>/agenda/carry/", moves.agenda_carry, name="agenda_carry"),
    path("<slug:slug>/people/", invitations.meeting_people, name="meeting_people"),
    path("<slug:slug>/people/add/", invitations.meeting_person_add, name="meeting_person_add"),
    path("<slug:slug>/people/<int:pk>/", attendance.reply_record, name="reply_record"),
    path(
        "<slug:slug>/people/<int:pk>/substitute/",
        substitutes.substitute_record,
        name="substitute_record",
    ),
    path("<slug:slug>/minute-taker/", invitations.minute_taker_give, name="minute_taker_give"),
    path("<slug:slug>/invite/", invitations.meeting_invite, name="meeting_invite"),
    path("<slug:slug>/delay/", delays.meeting_delay, name="meeting_delay"),
    path("<slug:slug>/reply/", attendance.meeting_reply, name="meeting_reply"),
    path("<slug:slug>/reply/substitute/", substitutes.substitute_name, name="substitute_name"),
    path("<slug:slug>/i-was-there/", presence.attendance_declare, name="attendance_declare"),
    path("<slug:slug>/attendance/", attendance.meeting_attendance, name="meeting_attendance"),
    path("<slug:slug>/attendance/add/", attendance.latecomer_add, name="latecomer_add"),
    path("<slug:slug>/attendance/<int:pk>/", presence.attendance_detail, name="attendance_detail"),
    path("<slug:slug>/sign-in-sheet/", attendance.sign_in_sheet, name="sign_in_sheet"),
    path("<slug:slug>/agenda/", agenda.agenda_edit, name="agenda_edit"),
    path("<slug:slug>/agenda/add/", agenda.agenda_item_add, name="agenda_item_add"),
    path("<slug:slug>/agenda/propose/", agenda.agenda_propose, name="agenda_propose"),
    path("<slug:slug>/agenda/send/", agenda.agenda_send, name="agenda_send"),
    path("<slug:slug>/agenda/<int:pk>/", agenda.agenda_item_edit, name="agenda_item_edit"),
    path(
        "<slug:slug>/agenda/<int:pk>/readers/",
        readers.agenda_item_readers,
        name="agenda_item_readers",
    ),
    path("<slug:slug>/agenda/<int:pk>/move/", agenda.agenda_item_move, name="agenda_item_move"),
    path(
        "<slug:slug>/agenda/<int:pk>/decide/", agenda.agenda_item_decide, name="agenda_item_decide"
    ),
    path("<slug:slug>/agenda/confirm/", confirming.agenda_confirm_add, name="agenda_confirm_add"),
    path(
        "<slug:slug>/agenda/<int:pk>/confirm/",
        confirming.agenda_item_confirm,
        name="agenda_item_confirm",
    ),
]

# Minutes: writing, circulating, comments, agreement.
minutes_patterns: list[URLPattern] = [
    path("minutes/<str:token>/", drafts.minutes_draft_by_link, name="minutes_draft_by_link"),
    path(
        "minutes/<str:token>/comment/",
        comments.minutes_comment_by_link,
        name="minutes_comment_by_link",
    ),
    path(
        "minutes/<str:token>/answer/",
        agreement.minutes_answer_by_link,
        name="minutes_answer_by_link",
    ),
    path("<slug:slug>/minutes/write/", minutes.minutes_write, name="minutes_write"),
    path("<slug:slug>/minutes/write/<int:pk>/", sections.section_edit, name="section_edit"),
    path(
        "<slug:slug>/minutes/paragraphs/<uuid:uid>/private/",
        minutes.paragraph_private,
        name="paragraph_private",
    ),
    path(
        "<slug:slug>/minutes/paragraphs/<uuid:uid>/readers/",
        readers.paragraph_readers,
        name="paragraph_readers",
    ),
    path("<slug:slug>/minutes/short/", minutes.minutes_short, name="minutes_short"),
    path("<slug:slug>/minutes/send/", circulating.minutes_circulate, name="minutes_circulate"),
    path(
        "<slug:slug>/minutes/send/full/",
        circulating.minutes_preview,
        {"kind": "full"},
        name="minutes_preview_full",
    ),
    path(
        "<slug:slug>/minutes/send/public/",
        circulating.minutes_preview,
        {"kind": "public"},
        name="minutes_preview_public",
    ),
    path("<slug:slug>/minutes/draft/", drafts.minutes_draft, name="minutes_draft"),
    path("<slug:slug>/minutes/draft/comment/", comments.minutes_comment, name="minutes_comment"),
    path("<slug:slug>/minutes/draft/answer/", agreement.minutes_answer, name="minutes_answer"),
    path(
        "<slug:slug>/minutes/draft/answer-for/",
        agreement.minutes_answer_for,
        name="minutes_answer_for",
    ),
    path("<slug:slug>/minutes/not-yet/<int:pk>/", agreement.not_yet_answer, name="not_yet_answer"),
    path("<slug:slug>/minutes/window/", agreement.minutes_window, name="minutes_window"),
    path(
        "minutes/<str:token>/comments/<int:pk>/correct/",
        comments.comment_correct_by_link,
        name="comment_correct_by_link",
    ),
    path(
        "<slug:slug>/minutes/comments/<int:pk>/correct/",
        comments.comment_correct,
        name="comment_correct",
    ),
    path("<slug:slug>/minutes/comments/", comments.comments_settle, name="comments_settle"),
    path("<slug:slug>/minutes/comments/<int:pk>/", comments.comment_settle, name="comment_settle"),
    path(
        "<slug:slug>/minutes/versions/<int:number>/", drafts.version_detail, name="version_detail"
    ),
    path("<slug:slug>/minutes/projects/", ask_projects.minutes_projects, name="minutes_projects"),
    path("<slug:slug>/minutes/publish/", publishing.minutes_publish, name="minutes_publish"),
    path("<slug:slug>/minutes/withdraw/", publishing.minutes_withdraw, name="minutes_withdraw"),
    path("<slug:slug>/minutes/correct/", corrections.corrections_start, name="corrections_start"),
    path(
        "<slug:slug>/minutes/correct/<str:place>/",
        corrections.minutes_correct,
        name="minutes_correct",
    ),
]

# What everybody may read: the list of meetings, a meeting's one page, its minutes and PDF.
public_patterns: list[URLPattern] = [
    path("", publicity.meeting_list, name="meeting_list"),
    path("<slug:slug>/", publicity.meeting_detail, name="meeting_detail"),
    path("<slug:slug>/minutes.pdf", published.minutes_pdf, name="minutes_pdf"),
    path("<slug:slug>/minutes.json", published.minutes_json, name="minutes_json"),
    path("<slug:slug>/minutes-<int:number>.pdf", published.minutes_pdf_of, name="minutes_pdf_of"),
    path("<slug:slug>/earlier/<int:number>/", published.minutes_earlier, name="minutes_earlier"),
]

# What other programs and websites read, and signing up to open events without an account.
feed_patterns: list[URLPattern] = [
    path("follow/", feeds.follow, name="follow"),
    path("follow/calendar/make/", feeds.calendar_key_make, name="calendar_key_make"),
    path("follow/calendar/end/", feeds.calendar_key_end, name="calendar_key_end"),
    path("calendar.ics", feeds.public_calendar, name="public_calendar"),
    path("calendar/<str:key>.ics", feeds.private_calendar, name="private_calendar"),
    path("minutes.atom", feeds.minutes_feed, name="minutes_feed"),
    path("embed/", feeds.embed, name="embed"),
    path("<slug:slug>/papers/add/<int:pk>/", papers.paper_add, name="paper_add"),
    path("<slug:slug>/papers/<int:pk>/", papers.paper_detail, name="paper_detail"),
    path("<slug:slug>/papers/<int:pk>/edit/", papers.paper_edit, name="paper_edit"),
    path("<slug:slug>/papers/<int:pk>/remove/", papers.paper_remove, name="paper_remove"),
    path("<slug:slug>/pack/", papers.agenda_pack, name="agenda_pack"),
    path("<slug:slug>/pack.pdf", papers.agenda_pack_pdf, name="agenda_pack_pdf"),
    path("actions/", actions.action_list, name="action_list"),
    path("actions/<int:pk>/", actions.action_finish, name="action_finish"),
    path("channels/", sharing.channel_list, name="channel_list"),
    path("channels/new/", sharing.channel_add, name="channel_add"),
    path("channels/<int:pk>/", sharing.channel_edit, name="channel_edit"),
    path("<slug:slug>/share/", sharing.minutes_share, name="minutes_share"),
    path("<slug:slug>/share/<int:pk>/", sharing.channel_told, name="channel_told"),
    path("<slug:slug>/poster.pdf", sharing.poster, name="poster"),
    path("<slug:slug>/calendar.ics", feeds.meeting_calendar, name="meeting_calendar"),
    path("sign-up/<uuid:uuid>/", events.sign_up_own, name="sign_up_own"),
    path("<slug:slug>/sign-up/", events.sign_up, name="sign_up"),
    path("<slug:slug>/sign-ups/", events.sign_up_list, name="sign_up_list"),
    path("<slug:slug>/sign-ups/add/", events.sign_up_add, name="sign_up_add"),
    path("<slug:slug>/sign-ups/<int:pk>/cancel/", events.sign_up_cancel, name="sign_up_cancel"),
]

# A meeting that moved is found at its former addresses for ever, on every page of it.
urlpatterns = [
    follow_moves(pattern)
    for pattern in calendar_patterns + minutes_patterns + feed_patterns + public_patterns
]
