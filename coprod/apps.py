"""The shared floor as a Django app: audit events, the outbox, the forum's one row."""

from django.apps import AppConfig


class CoprodConfig(AppConfig):
    name = "coprod"
    verbose_name = "The shared floor"

    def ready(self) -> None:
        from coprod import checks, personal  # noqa: F401  (registers the system checks)

        personal.register()
