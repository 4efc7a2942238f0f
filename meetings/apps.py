"""The calendar, attendance, agendas, minutes and their publicity."""

import re

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self) -> None:
        from coprod import registry
        from meetings import (  # noqa: F401
            calls,
            emails,
            feeds,
            personal,
            promises,
            publicity,
            rules,
            running,
            today,
        )

        personal.register()
        calls.register()
        registry.stored_addresses.append(
            re.compile(r"/meetings/\d{4}-\d\d-\d\d-[\w-]+/(?:earlier/\d+/)?")
        )
        registry.stored_addresses.append(re.compile(r"/meetings/(?:calendar\.ics|minutes\.atom)"))
        registry.menu_links.append(
            registry.MenuLink(10, "Open actions", "meetings:action_list", "meetings.finish_action")
        )
        registry.menu_links.append(
            registry.MenuLink(
                20, "Where we tell people", "meetings:channel_list", "meetings.share_minutes"
            )
        )
        registry.footer_links.append(registry.NavLink(15, "Follow our meetings", "meetings:follow"))
        registry.nav_links.append(registry.NavLink(10, "Meetings", "meetings:meeting_list"))
        registry.public_addresses.append(feeds.public_addresses)
        registry.home_sections.append(publicity.home_section)
        registry.promises += [promises.of_meetings, promises.of_asks]
        registry.today += [today.own_desk, running.coordinator_desk]
        self.register_asks()

    def register_asks(self) -> None:
        """What asks add to the pages that span all apps."""
        from coprod import registry
        from meetings import asks_today

        registry.nav_links.append(
            registry.NavLink(20, "What we said", "asks:ask_list", frozenset({"public"}))
        )
        registry.menu_links.append(
            registry.MenuLink(12, "What parents asked", "asks:ask_waiting", "meetings.put_asks")
        )
        registry.stored_addresses.append(re.compile(r"/what-we-said/answers\.atom"))
        registry.home_sections.append(asks_today.home_section)
        registry.today += [asks_today.own_desk, asks_today.coordinator_desk]
        registry.requests.append(asks_today.requests_of)
