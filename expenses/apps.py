"""Claims and thanks: nothing to see yet."""

from django.apps import AppConfig


class ExpensesConfig(AppConfig):
    name = "expenses"
