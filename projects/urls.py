"""Addresses of projects, one module of views per concept. Fixed words come before slugs."""

from django.urls import URLPattern, path

from projects.views import tracker

app_name = "projects"

urlpatterns: list[URLPattern] = [
    path("", tracker.project_list, name="project_list"),
    path("<slug:slug>/", tracker.project_detail, name="project_detail"),
]
