"""Addresses of projects, one module of views per concept. Fixed words come before slugs."""

from django.urls import URLPattern, path, re_path

from projects.views import accounts, editing, exports, imports, involvement, people, requests, tracker
from projects.views import reports, tracker
from projects.views import ladder, logo

app_name = "projects"

urlpatterns: list[URLPattern] = [
    path("", tracker.project_list, name="project_list"),
    path("requests/", requests.request_list, name="request_list"),
    path("reports/", reports.report_list, name="report_list"),
    path("reports/new/", reports.report_add, name="report_add"),
    path("reports/<int:number>/", reports.report_detail, name="report_detail"),
    path("reports/<int:number>/report.pdf", reports.report_pdf, name="report_pdf"),
    path("add/", editing.project_add, name="project_add"),
    path("to-look-at/", editing.project_waiting, name="project_waiting"),
    path("themes/", people.theme_list, name="theme_list"),
    path("themes/<int:pk>/", people.theme_edit, name="theme_edit"),
    path("import/", imports.import_list, name="import_list"),
    path("import/<int:pk>/", imports.import_detail, name="import_detail"),
    path("import/<int:pk>/columns/", imports.import_columns, name="import_columns"),
    path("import/<int:pk>/run/", imports.import_run, name="import_run"),
    path("import/<int:pk>/drop/", imports.import_drop, name="import_drop"),
    path("import/<int:pk>/finished/", imports.import_finished, name="import_finished"),
    path("import/<int:pk>/undo/", imports.import_undo, name="import_undo"),
    re_path(r"^export\.(?P<format>csv|xlsx|json)$", exports.project_export, name="project_export"),
    path("ladder/", ladder.ladder_detail, name="ladder_detail"),
    path("ladder/all/", ladder.ladder_list, name="ladder_list"),
    path("ladder/add/", ladder.ladder_add, name="ladder_add"),
    path("ladder/<int:pk>/", ladder.ladder_edit, name="ladder_edit"),
    path("ladder/<int:pk>/use/", ladder.ladder_use, name="ladder_use"),
    path("ladder/<int:pk>/delete/", ladder.ladder_delete, name="ladder_delete"),
    path("logo/", logo.logo_list, name="logo_list"),
    path("logo/check/", logo.logo_check, name="logo_check"),
    path("logo/check/<slug:code>/", logo.logo_code, name="logo_code"),
    path("logo/<int:pk>/decide/", logo.logo_decide, name="logo_decide"),
    path("logo/<int:pk>/end/", logo.logo_withdraw, name="logo_withdraw"),
    path("logo/misuse/", logo.misuse_list, name="misuse_list"),
    path("logo/misuse/add/", logo.misuse_add, name="misuse_add"),
    path("logo/misuse/<int:pk>/", logo.misuse_settle, name="misuse_settle"),
    path("<slug:slug>/", tracker.project_detail, name="project_detail"),
    path("<slug:slug>/level/", ladder.level_claim, name="level_claim"),
    path("<slug:slug>/level/take-back/", ladder.level_claim_end, name="level_claim_end"),
    path("<slug:slug>/level/confirm/", ladder.level_confirm, name="level_confirm"),
    path("<slug:slug>/level/end/", ladder.level_confirm_end, name="level_confirm_end"),
    path("<slug:slug>/level/new-count/", ladder.round_begin, name="round_begin"),
    path("<slug:slug>/logo/", logo.logo_ask, name="logo_ask"),
    path("<slug:slug>/edit/", editing.project_edit, name="project_edit"),
    path("<slug:slug>/complete/", editing.project_complete, name="project_complete"),
    path("<slug:slug>/reopen/", editing.project_reopen, name="project_reopen"),
    path("<slug:slug>/status/", editing.status_set, name="status_set"),
    path("<slug:slug>/status/end/", editing.status_end, name="status_end"),
    path("<slug:slug>/news/", editing.update_write, name="update_write"),
    path("<slug:slug>/review/", editing.project_review, name="project_review"),
    path("<slug:slug>/people/", people.project_people, name="project_people"),
    path("<slug:slug>/people/<int:pk>/end/", people.named_end, name="named_end"),
    path("<slug:slug>/log/", involvement.involvement_list, name="involvement_list"),
    path("<slug:slug>/log/add/", involvement.involvement_add, name="involvement_add"),
    path("<slug:slug>/log/ask/", involvement.involvement_ask, name="involvement_ask"),
    path(
        "<slug:slug>/log/add/<uuid:key>/",
        involvement.involvement_check,
        name="involvement_check",
    ),
    path(
        "<slug:slug>/log/add/<uuid:key>/throw-away/",
        involvement.involvement_drop,
        name="involvement_drop",
    ),
    path(
        "<slug:slug>/log/add/<uuid:key>/<slug:page>/",
        involvement.involvement_page,
        name="involvement_page",
    ),
    path("<slug:slug>/log/<int:pk>/", involvement.involvement_detail, name="involvement_detail"),
    path(
        "<slug:slug>/log/<int:pk>/saved/", involvement.involvement_saved, name="involvement_saved"
    ),
    path(
        "<slug:slug>/log/<int:pk>/reply/", involvement.involvement_reply, name="involvement_reply"
    ),
    path(
        "<slug:slug>/log/<int:pk>/take-back/",
        involvement.involvement_take_back,
        name="involvement_take_back",
    ),
    path(
        "<slug:slug>/log/<int:pk>/put-right/",
        involvement.involvement_put_right,
        name="involvement_put_right",
    ),
    path("<slug:slug>/involved/", accounts.account_add, name="account_add"),
    path("<slug:slug>/involved/<int:pk>/", accounts.account_detail, name="account_detail"),
    path(
        "<slug:slug>/involved/<int:pk>/take-back/",
        accounts.account_take_back,
        name="account_take_back",
    ),
]
