"""Projects, their involvement log, the ladder and what is proven by it."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"

    def ready(self) -> None:
        from coprod import registry
        from projects import personal, rules  # noqa: F401  (permissions register themselves)

        personal.register()
        registry.nav_links.append(registry.NavLink(30, "Projects", "projects:project_list"))
