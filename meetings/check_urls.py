"""The address at which anybody checks a copy of minutes; printed in every PDF."""

from django.urls import path

from meetings.views import checking

urlpatterns = [path("", checking.document_check, name="document_check")]
