"""Projects, their involvement log, the ladder and what is proven by it."""

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from coprod.registry import MenuLink


class ProjectsConfig(AppConfig):
    name = "projects"

    def ready(self) -> None:
        from coprod import registry
        from projects import (  # noqa: F401  (some register themselves)
            addresses,
            emails,
            level_emails,
            personal,
            publicity,
            rules,
            today,
        )

        personal.register()
        registry.public_addresses.append(publicity.public_addresses)
        registry.nav_links.append(registry.NavLink(30, "Projects", "projects:project_list"))
        registry.nav_links.append(
            registry.NavLink(7, "Requests", "projects:request_list", frozenset({"officer"}))
        )
        registry.today.append(today.desk)
        registry.menu_links += self._menu()
        registry.public_addresses.append(addresses.public_addresses)
        registry.requests.append(today.requests_of)

    @staticmethod
    def _menu() -> "list[MenuLink]":
        """The menu's part for those who run the forum."""
        from coprod.registry import MenuLink

        return [
            MenuLink(30, "Projects to look at", "projects:project_waiting", "projects.add_project"),
            MenuLink(
                45, "Import a table of projects", "projects:import_list", "projects.import_projects"
            ),
            MenuLink(
                44, "Progress report for boards", "projects:report_list", "projects.make_report"
            ),
            MenuLink(40, "Themes of projects", "projects:theme_list", "projects.change_themes"),
            MenuLink(
                41, "Ladders and their names", "projects:ladder_list", "projects.change_ladders"
            ),
            MenuLink(
                42,
                "Our logo: who asked, where it was seen",
                "projects:logo_list",
                "projects.decide_logo",
            ),
        ]
