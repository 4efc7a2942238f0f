"""The calendar, attendance, agendas, minutes and their publicity."""

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self) -> None:
        from coprod import registry
        from meetings import emails, rules, today  # noqa: F401  (they register themselves)

        registry.nav_links.append(registry.NavLink(10, "Meetings", "meetings:meeting_list"))
