"""Addresses of people, groups, settings and messages, and the doors that stay shut."""

from django.urls import path, re_path

from members.views import forum, groups, joining, messages, news, people, signing_in

app_name = "members"
urlpatterns = [
    path("people/", people.person_list, name="person_list"),
    path("people/new/", people.person_add, name="person_add"),
    path("people/<slug:public_id>/", people.person_detail, name="person_detail"),
    path("people/<slug:public_id>/edit/", people.person_edit, name="person_edit"),
    path("people/<slug:public_id>/invite/", people.person_invite, name="person_invite"),
    path("people/<slug:public_id>/switch/", people.person_switch, name="person_switch"),
    path("people/<slug:public_id>/links/end/", signing_in.links_end, name="person_links_end"),
    path(
        "people/<slug:public_id>/second-step/reset/",
        signing_in.second_step_reset,
        name="second_step_reset",
    ),
    path("people/<slug:public_id>/roles/new/", people.role_give, name="role_give"),
    path("roles/<int:pk>/end/", people.role_end, name="role_end"),
    path("me/", people.my_details, name="my_details"),
    path("me/export/", people.my_export, name="my_export"),
    path("me/news/", news.my_news, name="my_news"),
    path("news/<str:token>/", news.news_by_link, name="news_by_link"),
    path("me/is-it-you/", signing_in.prove_by_code, name="prove_by_code"),
    path("me/address/", signing_in.my_address, name="my_address"),
    path("me/address/code/", signing_in.my_address_confirm, name="my_address_confirm"),
    path("me/devices/", signing_in.my_sessions, name="my_sessions"),
    path("me/devices/<int:pk>/end/", signing_in.session_end, name="session_end"),
    path("me/devices/end/", signing_in.sessions_end_others, name="sessions_end_others"),
    path("me/links/end/", signing_in.links_end, name="my_links_end"),
    path(
        "me/recovery-codes.txt",
        signing_in.recovery_codes_download,
        name="recovery_codes_download",
    ),
    path("me/edit/", people.my_details_edit, name="my_details_edit"),
    path("groups/", groups.group_list, name="group_list"),
    path("groups/new/", groups.group_add, name="group_add"),
    path("groups/<slug:slug>/", groups.group_detail, name="group_detail"),
    path("groups/<slug:slug>/edit/", groups.group_edit, name="group_edit"),
    path("groups/<slug:slug>/standing/", groups.group_standing, name="group_standing"),
    path("groups/<slug:slug>/seats/new/", groups.seat_add, name="seat_add"),
    path("seats/<int:pk>/end/", groups.seat_end, name="seat_end"),
    path("settings/", forum.forum_settings, name="forum_settings"),
    path("about/", forum.about, name="about"),
    path("help/", forum.own_child_help, name="own_child_help"),
    path("menu/", forum.menu, name="menu"),
    path("messages/", messages.message_list, name="message_list"),
    path("messages/letters.pdf", messages.message_letters_pdf, name="message_letters_pdf"),
    path(
        "messages/letters/posted/", messages.message_letters_posted, name="message_letters_posted"
    ),
    path("messages/letters/posted/all/", messages.message_letters_all, name="message_letters_all"),
    path("messages/<uuid:uuid>/resend/", messages.message_resend, name="message_resend"),
    path("messages/<uuid:uuid>/otherwise/", messages.message_otherwise, name="message_otherwise"),
    path("messages/<uuid:uuid>/unposted/", messages.message_unposted, name="message_unposted"),
    path("messages/<uuid:uuid>/done/", messages.message_done, name="message_done"),
    path("messages/<uuid:uuid>/drop/", messages.message_drop, name="message_drop"),
    path("join/<str:token>/", joining.join, name="join"),
    path("seats/offer/<str:token>/", joining.seat_offer, name="seat_offer"),
    path("set-up/<str:token>/", joining.set_up, name="set_up"),
    # allauth's routes for signing up and for addresses of its own.
    re_path(r"^accounts/(?:signup|email|confirm-email)/", joining.closed, name="closed"),
]
