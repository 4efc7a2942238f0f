"""Projects and what hangs on them: valid and minimal."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from projects.methods import Method
from projects.models import Involvement, Named, Participation, Project, Story, Theme
from projects.models.involvement import Stage
from tests.factories.members import PersonFactory


class ThemeFactory(DjangoModelFactory):
    class Meta:
        model = Theme

    name = factory.Sequence("Theme {}".format)
    slug = factory.Sequence("theme-{}".format)


class ProjectFactory(DjangoModelFactory):
    class Meta:
        model = Project

    title = factory.Sequence("Project {}".format)
    slug = factory.Sequence("project-{}".format)


class NamedFactory(DjangoModelFactory):
    class Meta:
        model = Named

    project = factory.SubFactory(ProjectFactory)
    person = factory.SubFactory(PersonFactory)
    part = Named.Part.OFFICER


class InvolvementFactory(DjangoModelFactory):
    """An entry; ``parents=2, officers=1`` count who took part."""

    class Meta:
        model = Involvement
        skip_postgeneration_save = True

    project = factory.SubFactory(ProjectFactory)
    on = date(2026, 3, 12)
    method = Method.MEETING
    stage = Stage.SCOPING

    @factory.post_generation
    def parents(self, create, extracted, **kwargs):
        if extracted is not None:
            Participation.objects.create(involvement=self, who="parents", came=extracted)

    @factory.post_generation
    def officers(self, create, extracted, **kwargs):
        if extracted is not None:
            Participation.objects.create(involvement=self, who="officers", came=extracted)


class StoryFactory(DjangoModelFactory):
    class Meta:
        model = Story

    project = factory.SubFactory(ProjectFactory)
    title = factory.Sequence("Change {}".format)
    before = "Families rang for help."
    did = "Parents wrote the form anew."
    changed = "Fewer families ring."
    due_to_parents = Story.Due.LED
