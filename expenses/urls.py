"""Addresses of money: /money-back/ for whoever claims, /money/ for those who run it."""

from django.urls import URLPattern, path

from expenses.views import desk, own

app_name = "expenses"

#: Each part's own pages stand in a list of its own, so that they can be found.
claiming: list[URLPattern] = [
    path("money-back/", own.claim_list, name="claim_list"),
]
running: list[URLPattern] = [
    path("money/", desk.money, name="money"),
]
urlpatterns = [*claiming, *running]
