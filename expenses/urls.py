"""Addresses of money: /money-back/ for whoever claims, /money/ for those who run it."""

from django.urls import URLPattern, path

from expenses.views import desk, own, policies

app_name = "expenses"

#: Each part's own pages stand in a list of its own, so that they can be found.
claiming: list[URLPattern] = [
    path("money-back/", own.claim_list, name="claim_list"),
]
running: list[URLPattern] = [
    path("money/", desk.money, name="money"),
]
rating: list[URLPattern] = [
    path("money/rates/", policies.policy_list, name="policy_list"),
    path("money/rates/new/", policies.policy_begin, name="policy_begin"),
    path("money/rates/<int:pk>/", policies.policy_detail, name="policy_detail"),
    path("money/rates/<int:pk>/change/", policies.policy_edit, name="policy_edit"),
    path("money/rates/<int:pk>/propose/", policies.policy_propose, name="policy_propose"),
    path("money/rates/<int:pk>/confirm/", policies.policy_confirm, name="policy_confirm"),
    path("money/rates/<int:pk>/return/", policies.policy_return, name="policy_return"),
    path("money/rates/<int:pk>/throw-away/", policies.policy_drop, name="policy_drop"),
    path("money-back/miles/", policies.miles_declare, name="miles_declare"),
]
urlpatterns = [*claiming, *rating, *running]
