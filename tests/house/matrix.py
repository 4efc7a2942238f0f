"""The permission matrix, typed by hand: every route, every kind of person, GET and POST.

Nothing here is generated from ``rules.py``. A new route adds its row.

Columns, in order:

P  the public                       N  an officer who wasn't invited
S  signed in, without role or seat  C  a coordinator
R  a rep who was there              T  a treasurer
I  a rep invited, not there         A  an administrator
X  a rep of another group, not      M  a rep invited, not there, who takes the
   invited                             minutes
G  group staff, was there           O  an officer who was there

Cells: ``y`` may (200, or for a POST also a redirect), ``n`` forbidden (403), ``.`` not there
for them (404), ``l`` sent to sign in, ``m`` the method isn't answered (405), ``r`` sent on.
A POST of ``=`` is the same as the GET.
"""

COLUMNS = "PSRIXGONCTAM"

#: route: (which row it is about, GET cells, POST cells)
ROWS = {
    # --- everybody ------------------------------ P S R I X G O N C T A M
    "home": ("", "yyyyyyyyyyyy", "="),
    "healthz": ("", "yyyyyyyyyyyy", "="),
    "robots": ("", "yyyyyyyyyyyy", "="),
    "sitemap": ("", "yyyyyyyyyyyy", "="),
    "promises": ("", "yyyyyyyyyyyy", "="),
    "members:about": ("", "yyyyyyyyyyyy", "="),
    "members:own_child_help": ("", "yyyyyyyyyyyy", "="),
    "members:group_list": ("", "yyyyyyyyyyyy", "="),
    "members:group_detail": ("group", "yyyyyyyyyyyy", "="),
    "members:closed": ("", "............", "............"),
    "today": ("", "lyyyyyyyyyyy", "="),
    "members:menu": ("", "lyyyyyyyyyyy", "="),
    "members:my_details": ("", "lyyyyyyyyyyy", "="),
    "members:my_news": ("", "lyyyyyyyyyyy", "="),
    "members:my_export": ("", "lyyyyyyyyyyy", "="),
    "members:my_details_edit": ("", "lyyyyyyyyyyy", "="),
    "members:prove_by_code": ("", "lyyyyyyyyyyy", "="),
    "members:my_address": ("", "lyyyyyyyyyyy", "="),
    "members:my_address_confirm": ("", "lrrrrrrrrrrr", "lyyyyyyyyyyy"),
    "members:my_sessions": ("", "lyyyyyyyyyyy", "lmmmmmmmmmmm"),
    "members:session_end": ("no device", "lmmmmmmmmmmm", "lyyyyyyyyyyy"),
    "members:sessions_end_others": ("", "lmmmmmmmmmmm", "lyyyyyyyyyyy"),
    "members:my_links_end": ("", "lyyyyyyyyyyy", "="),
    "members:recovery_codes_download": ("", "l...........", "lmmmmmmmmmmm"),
    # --- people --------------------------------- P S R I X G O N C T A M
    "members:person_list": ("", "lnnnnnnnynyn", "="),
    "members:person_add": ("", "lnnnnnnnynnn", "="),
    "members:person_detail": ("rep", "l.y..y..y.y.", "="),
    "members:person_edit": ("rep", "l.n..n..y.y.", "="),
    "members:person_invite": ("rep", "lmmmmmmmmmmm", "l.n..n..y.y."),
    "members:person_switch": ("rep", "l.n..n..y.y.", "="),
    "members:person_links_end": ("rep", "l.y..n..y.y.", "="),
    "members:second_step_reset": ("rep", "l.n..n..n.y.", "="),
    "members:role_give": ("rep", "l.n..n..n.y.", "="),
    "members:role_end": ("role", "l.........y.", "="),
    # --- groups and seats ----------------------- P S R I X G O N C T A M
    "members:group_add": ("", "lnnnnnnnynnn", "="),
    "members:group_edit": ("group", "lnnnnnnnynnn", "="),
    "members:group_standing": ("group", "lnnnnnnnynnn", "="),
    "members:seat_add": ("group", "lnynnynnynny", "="),
    "members:seat_end": ("seat", "l.y..y..y.ny", "="),
    # --- the forum and its messages ------------- P S R I X G O N C T A M
    "members:forum_settings": ("", "lnnnnnnnnnyn", "="),
    "members:message_list": ("", "lnnnnnnnynyn", "="),
    "members:message_letters_pdf": ("", "lnnnnnnnynnn", "="),
    "members:message_letters_posted": ("", "lnnnnnnnrnnn", "lnnnnnnnynnn"),
    "members:message_resend": ("message", "lmmmmmmmmmmm", "lnnnnnnnynyn"),
    "members:message_letters_all": ("", "lmmmmmmmmmmm", "lnnnnnnnynnn"),
    "members:message_otherwise": ("message", "lmmmmmmmmmmm", "lnnnnnnnynyn"),
    "members:message_unposted": ("message", "lmmmmmmmmmmm", "lnnnnnnnynnn"),
    "members:message_done": ("call", "lmmmmmmmmmmm", "lnnnnnnnynnn"),
    "members:message_drop": ("needless call", "lmmmmmmmmmmm", "lnnnnnnnynnn"),
    # --- the year ------------------------------- P S R I X G O N C T A M
    "meetings:plan_pattern": ("", "lnnnnnnnynnn", "="),
    "meetings:plan_dates": ("series", "lnnnnnnnynnn", "="),
    "meetings:closed_list": ("", "lnnnnnnnynnn", "="),
    "meetings:closed_edit": ("closed", "lnnnnnnnynnn", "="),
    "meetings:closed_delete": ("closed", "lnnnnnnnynnn", "="),
    "meetings:closed_import": ("", "lnnnnnnnynnn", "="),
    "meetings:closed_undo": ("imported", "lnnnnnnnynnn", "="),
    "meetings:plan_publish": ("series", "lnnnnnnnynnn", "="),
    "meetings:meeting_add": ("", "lnnnnnnnynnn", "="),
    "meetings:meeting_list": ("", "yyyyyyyyyyyy", "="),
    # --- one meeting with services -------------- P S R I X G O N C T A M
    "meetings:meeting_detail": ("met", "yyyyyyyyyyyy", "="),
    "meetings:meeting_edit": ("met", "lnnnnnnnynnn", "="),
    "meetings:meeting_delete": ("planned", "l.......y...", "="),
    "meetings:meeting_move": ("coming", "lnnnnnnnynnn", "="),
    "meetings:meeting_cancel": ("coming", "lnnnnnnnynnn", "="),
    "meetings:meeting_reinstate": ("cancelled", "lnnnnnnnynnn", "="),
    "meetings:agenda_carry": ("cancelled", "lnnnnnnnynnn", "="),
    "meetings:meeting_people": ("met", "lnnnnnnnynnn", "="),
    "meetings:meeting_person_add": ("met", "lnnnnnnnynnn", "="),
    "meetings:meeting_invite": ("met", "lnnnnnnnrnnn", "lnnnnnnnynnn"),
    "meetings:meeting_delay": ("met", "lnnnnnnnynnn", "="),
    "meetings:meeting_delay agenda": ("coming", "lnnnnnnnynnn", "="),
    "meetings:meeting_delay parents": ("parents", "l.nnnn..y..n", "="),
    "meetings:minute_taker_give": ("met", "lmmmmmmmmmmm", "lnnnnnnnynnn"),
    "meetings:reply_record": ("coming invitation", "lnnnnnnnynnn", "="),
    "meetings:meeting_reply": ("coming", "lnyynyynnnny", "="),
    "meetings:substitute_name": ("coming", "lnyynyynnnny", "="),
    "meetings:substitute_record": ("coming invitation", "lnnnnnnnynnn", "="),
    "meetings:attendance_declare": ("met", "lnyynyynnnny", "="),
    "meetings:meeting_attendance": ("met", "lnnnnnnnynnn", "="),
    "meetings:attendance_detail": ("met invitation", "lnnnnnnnynnn", "="),
    "meetings:latecomer_add": ("met", "lnnnnnnnynnn", "="),
    "meetings:sign_in_sheet": ("met", "lnnnnnnnynnn", "="),
    "meetings:agenda_edit": ("coming", "lnnnnnnnynnn", "="),
    "meetings:agenda_item_add": ("coming", "lnnnnnnnynnn", "="),
    "meetings:agenda_item_edit": ("coming item", "lnnnnnnnynnn", "="),
    "meetings:agenda_item_readers": ("private item", "lnnnnnnnynnn", "="),
    "meetings:agenda_item_readers open": ("coming item", "lnnnnnnn.nnn", "="),
    "meetings:agenda_item_move": ("coming item", "lmmmmmmmmmmm", "lnnnnnnnynnn"),
    "meetings:agenda_item_decide": ("coming item", "lmmmmmmmmmmm", "lnnnnnnnynnn"),
    "meetings:agenda_propose": ("coming", "lnyynyynynny", "="),
    "meetings:agenda_send": ("coming", "lnnnnnnnynnn", "="),
    # --- its minutes, as a draft ---------------- P S R I X G O N C T A M
    "meetings:minutes_write": ("met", "l.nn.nn.y..y", "="),
    "meetings:section_edit": ("met section", "l.nn.nn.y..y", "="),
    "meetings:paragraph_private": ("met paragraph", "l.nn.nn.y..y", "="),
    "meetings:paragraph_readers": ("private paragraph", "l.nn.nn.y..y", "="),
    "meetings:minutes_short": ("met", "l.nn.nn.y..y", "="),
    "meetings:minutes_circulate": ("met", "l.nn.nn.y..n", "="),
    "meetings:minutes_preview_full": ("met", "l.nn.nn.y..n", "="),
    "meetings:minutes_preview_public": ("met", "l.nn.nn.y..n", "="),
    # "Write draft minutes" is the minute-taker's duty too, and "when the writer marks the draft
    # ready, it is sent at once" (product.md §4): M sends the first version. What goes out again
    # answers comments and is the coordinator's, so M is refused above.
    "meetings:minutes_circulate draft": ("unsent", "l.......y..y", "="),
    "meetings:minutes_preview_full draft": ("unsent", "l.......y..y", "="),
    "meetings:minutes_preview_public draft": ("unsent", "l.......y..y", "="),
    "meetings:minutes_draft": ("met", "l.yy.yy.y..y", "="),
    "meetings:minutes_comment": ("met", "lmmmmmmmmmmm", "l.yy.yy.y..y"),
    "meetings:minutes_answer": ("met", "lmmmmmmmmmmm", "l.yn.yy.n..n"),
    "meetings:comments_settle": ("met", "l.nn.nn.y..n", "="),
    "meetings:minutes_answer_for": ("met", "lmmmmmmmmmmm", "l.nn.nn.y..n"),
    "meetings:comment_settle": ("met comment", "lmmmmmmmmmmm", "l.nn.nn.y..n"),
    # Only its author puts a comment right; for everybody else there is none of theirs.
    "meetings:comment_correct": ("met comment", "l.y.........", "="),
    "meetings:version_detail": ("met version", "l.yy.yy.y..y", "="),
    "meetings:minutes_publish": ("met", "l.nn.nn.y..n", "="),
    "meetings:minutes_withdraw": ("published", "lnnnnnnnynnn", "="),
    # --- published ------------------------------ P S R I X G O N C T A M
    "meetings:meeting_detail published": ("published", "yyyyyyyyyyyy", "="),
    "meetings:minutes_pdf": ("published", "yyyyyyyyyyyy", "="),
    "meetings:minutes_pdf draft": ("met", "............", "="),
    "meetings:minutes_pdf_of": ("published version", "yyyyyyyyyyyy", "="),
    "meetings:minutes_pdf_of draft": ("met version", "............", "="),
    "meetings:minutes_earlier": ("published version", "rrrrrrrrrrrr", "yyyyyyyyyyyy"),
    "meetings:minutes_earlier draft": ("met version", "............", "="),
    "meetings:minutes_json": ("published", "yyyyyyyyyyyy", "="),
    "meetings:minutes_json draft": ("met", "............", "="),
    "document_check": ("", "yyyyyyyyyyyy", "="),
    "meetings:corrections_start": ("published", "lnnnnnnnynnn", "="),
    "meetings:minutes_correct": ("published place", "lnnnnnnnynnn", "="),
    "meetings:minutes_correct draft": ("met place", "l.nn.nn.r..n", "l.nn.nn.y..n"),
    # --- a parents' meeting: never to officers or the public
    "meetings:meeting_detail parents": ("parents", "..yyyy..y..y", "="),
    "meetings:meeting_detail planned": ("planned", "........y...", "="),
    "meetings:minutes_draft parents": ("parents", "l.yy.y..y..y", "="),
    "meetings:minutes_write parents": ("parents", "l.nn.n..y..n", "="),
    # --- calendars and feeds: the public's words whoever asks; one's own by its key
    "meetings:follow": ("", "yyyyyyyyyyyy", "="),
    "meetings:public_calendar": ("", "yyyyyyyyyyyy", "="),
    "meetings:minutes_feed": ("", "yyyyyyyyyyyy", "="),
    "meetings:embed": ("", "yyyyyyyyyyyy", "="),
    "meetings:meeting_calendar": ("coming", "yyyyyyyyyyyy", "="),
    "meetings:meeting_calendar parents": ("parents", "..yyyy..y..y", "="),
    "meetings:private_calendar": ("calendar key", "yyyyyyyyyyyy", "="),
    "meetings:private_calendar bad": ("bad calendar key", "............", "="),
    "meetings:calendar_key_make": ("", "lmmmmmmmmmmm", "lnynyyyyyyyy"),
    "meetings:calendar_key_end": ("", "lmmmmmmmmmmm", "lnynyyyyyyyy"),
    # --- what became of actions
    "meetings:action_list": ("", "lnnnnnnnynnn", "="),
    "meetings:action_finish": ("action", "lmmmmmmmmmmm", "lnnnnnnnynnn"),
    # --- papers, once the agenda went out; the coordinator's before
    "meetings:paper_add": ("coming item", "lnnnnnnnynnn", "="),
    "meetings:paper_edit": ("coming paper", "lnnnnnnnynnn", "="),
    "meetings:paper_remove": ("coming paper", "lnnnnnnnynnn", "="),
    "meetings:paper_detail": ("coming paper", "........y...", "="),
    "meetings:agenda_pack": ("coming", "........y...", "="),
    "meetings:agenda_pack_pdf": ("coming", "........y...", "="),
    # --- passing minutes on
    "meetings:channel_list": ("", "lnnnnnnnynnn", "="),
    "meetings:channel_add": ("", "lnnnnnnnynnn", "="),
    "meetings:channel_edit": ("channel", "lnnnnnnnynnn", "="),
    "meetings:minutes_share": ("published", "lnnnnnnnynnn", "="),
    "meetings:channel_told": ("published channel", "lmmmmmmmmmmm", "lnnnnnnnynnn"),
    "meetings:poster": ("published", "lnnnnnnnynnn", "="),
    # --- open events: anybody signs up, the coordinator sees who
    "meetings:sign_up": ("event", "yyyyyyyyyyyy", "="),
    "meetings:sign_up_own": ("signed up", "yyyyyyyyyyyy", "="),
    "meetings:sign_up_list": ("event", "lnnnnnnnynnn", "="),
    "meetings:sign_up_add": ("event", "lnnnnnnnynnn", "="),
    "meetings:sign_up_cancel": ("event signed up", "lnnnnnnnynnn", "="),
    # --- links: whose they are is in the token, whoever opens them
    "members:join": ("join link", "yyryyyyyyyyy", "llylllllllll"),
    "members:join bad": ("bad link", "............", "="),
    "members:seat_offer": ("seat link", "yyyyyyyyyyyy", "="),
    "members:seat_offer bad": ("bad link", "............", "="),
    "link_again": ("", "mmmmmmmmmmmm", "yyyyyyyyyyyy"),
    "members:set_up": ("set-up link", "............", "="),
    "meetings:reply_by_link": ("reply link", "yyyyyyyyyyyy", "="),
    "meetings:substitute_name_by_link": ("reply link", "yyyyyyyyyyyy", "="),
    "meetings:attendance_declare_by_link": ("reply link", "yyyyyyyyyyyy", "="),
    "meetings:reply_by_link bad": ("bad link", "............", "="),
    "members:news_by_link": ("news link", "yyyyyyyyyyyy", "="),
    "members:news_by_link bad": ("bad link", "............", "="),
    "meetings:comment_correct_by_link": ("draft link comment", "yyyyyyyyyyyy", "="),
    "meetings:comment_correct_by_link bad": ("bad link comment", "............", "="),
    "meetings:minutes_draft_by_link": ("draft link", "yyyyyyyyyyyy", "="),
    "meetings:minutes_draft_by_link bad": ("bad link", "............", "="),
    "meetings:minutes_comment_by_link": ("draft link", "mmmmmmmmmmmm", "yyyyyyyyyyyy"),
    "meetings:minutes_comment_by_link bad": ("bad link", "mmmmmmmmmmmm", "............"),
    "meetings:minutes_answer_by_link": ("draft link", "mmmmmmmmmmmm", "yyyyyyyyyyyy"),
    "meetings:minutes_answer_by_link bad": ("bad link", "mmmmmmmmmmmm", "............"),
    # --- the demonstration only
    "demo_mail": ("", "yyyyyyyyyyyy", "="),
    "gallery": ("", "yyyyyyyyyyyy", "="),
}

#: Routes held elsewhere, with the reason.
ELSEWHERE = {
    **{
        name: "allauth's own; tests/members/test_second_step.py"
        for name in (
            "mfa_index",
            "mfa_authenticate",
            "mfa_reauthenticate",
            "mfa_activate_totp",
            "mfa_deactivate_totp",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_download_recovery_codes",
            "mfa_list_webauthn",
            "mfa_add_webauthn",
            "mfa_edit_webauthn",
            "mfa_remove_webauthn",
            "mfa_reauthenticate_webauthn",
        )
    },
    "account_login": "allauth's own; tests/members/test_sign_in.py",
    "account_logout": "allauth's own",
    "account_request_login_code": "allauth's own; tests/members/test_sign_in.py",
    "account_confirm_login_code": "allauth's own; tests/members/test_sign_in.py",
    "account_reauthenticate": "allauth's own",
    "account_change_password": "allauth's own",
    "account_set_password": "allauth's own",
    "account_reset_password": "allauth's own",
    "account_reset_password_done": "allauth's own",
    "account_reset_password_from_key": "allauth's own",
    "account_reset_password_from_key_done": "allauth's own",
    "account_inactive": "allauth's own",
    "account_signup": "shut before allauth sees it: members:closed",
    "account_email": "shut before allauth sees it: members:closed",
    "account_confirm_email": "shut before allauth sees it: members:closed",
    "account_email_verification_sent": "shut before allauth sees it: members:closed",
    "demo_mail_html": "the demonstration only; tests/coprod/test_home.py",
    "demo_mail_detail": "the demonstration only; tests/coprod/test_demo.py",
}
