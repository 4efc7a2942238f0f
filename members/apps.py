"""People, their roles, groups and seats."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"

    def ready(self) -> None:
        from coprod import registry
        from members import emails, rules  # noqa: F401  (letters and permissions register themselves)

        registry.nav_links.append(
            registry.NavLink(40, "Groups", "members:group_list", frozenset({"public", "person"}))
        )
        registry.nav_links.append(
            registry.NavLink(50, "People", "members:person_list", frozenset({"coordinator"}))
        )
