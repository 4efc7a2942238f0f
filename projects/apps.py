"""Projects, involvement and the ladder: nothing to see yet."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
