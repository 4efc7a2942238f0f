"""Addresses of meetings and minutes."""

from django.urls import URLPattern

app_name = "meetings"
urlpatterns: list[URLPattern] = []
