"""Addresses of people, groups, settings and messages."""

from django.urls import URLPattern

app_name = "members"
urlpatterns: list[URLPattern] = []
