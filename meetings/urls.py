"""Addresses of meetings and minutes. Fixed words come before a meeting's own address."""

from django.urls import URLPattern

app_name = "meetings"

# The calendar: planning, invitations, replies, attendance, agendas.
calendar_patterns: list[URLPattern] = []

# Minutes: writing, circulating, comments, agreement.
minutes_patterns: list[URLPattern] = []

# What everybody may read: the list of meetings, a meeting's one page, its minutes and PDF.
public_patterns: list[URLPattern] = []

urlpatterns = calendar_patterns + minutes_patterns + public_patterns
