"""Addresses of projects, one module of views per concept. Fixed words come before slugs."""

from django.urls import URLPattern, path

from projects.views import reports, tracker

app_name = "projects"

urlpatterns: list[URLPattern] = [
    path("", tracker.project_list, name="project_list"),
    path("reports/", reports.report_list, name="report_list"),
    path("reports/new/", reports.report_add, name="report_add"),
    path("reports/<int:number>/", reports.report_detail, name="report_detail"),
    path("reports/<int:number>/report.pdf", reports.report_pdf, name="report_pdf"),
    path("<slug:slug>/", tracker.project_detail, name="project_detail"),
]
