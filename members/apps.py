"""People, their roles, groups and seats."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"

    def ready(self) -> None:
        from coprod.registry import NavLink, footer_links, nav_links, public_addresses
        from coprod.registry import today as registry_today
        from members import emails, personal, querysets, rules, signals, today  # noqa: F401  (letters and permissions register themselves)

        personal.register()
        registry_today.append(today.coordinator_desk)
        signals.connect()
        signed_in = frozenset({"person", "coordinator"})
        nav_links += [
            NavLink(5, "Today", "today", signed_in),
            NavLink(40, "Groups", "members:group_list", frozenset({"public"})),
            NavLink(50, "People", "members:person_list", frozenset({"coordinator"})),
            NavLink(90, "Menu", "members:menu", signed_in),
            NavLink(95, "Sign in", "account_request_login_code", frozenset({"signed out"})),
        ]
        public_addresses.append(querysets.public_addresses)
        footer_links += [
            NavLink(10, "Help for your own child", "members:own_child_help"),
            NavLink(20, "About us", "members:about"),
        ]
