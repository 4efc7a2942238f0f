"""Addresses of what parents asked. Fixed words come before an ask's own number."""

from django.urls import URLPattern, path

from meetings.views import ask_answers, ask_keeping, asks

app_name = "asks"

urlpatterns: list[URLPattern] = [
    path("", asks.ask_list, name="ask_list"),
    path("answers.atom", asks.ask_feed, name="ask_feed"),
    path("new/", ask_keeping.ask_add, name="ask_add"),
    path("open/", ask_keeping.ask_waiting, name="ask_waiting"),
    path("answer/<str:token>/", ask_answers.ask_answer_by_link, name="ask_answer_by_link"),
    path("<int:pk>/", asks.ask_detail, name="ask_detail"),
    path("<int:pk>/answer/", ask_answers.ask_answer, name="ask_answer"),
    path("<int:pk>/officer/", ask_keeping.ask_name, name="ask_name"),
    path("<int:pk>/new-date/", ask_keeping.ask_extend, name="ask_extend"),
    path("<int:pk>/what-changed/", ask_keeping.ask_changed, name="ask_changed"),
    path("<int:pk>/project/", ask_keeping.ask_project, name="ask_project"),
    path("<int:pk>/words/", ask_keeping.ask_edit, name="ask_edit"),
    path("<int:pk>/remove/", ask_keeping.ask_remove, name="ask_remove"),
]
