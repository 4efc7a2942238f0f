"""People, roles, groups and seats for tests: valid and minimal, all invented."""

import factory
from factory.django import DjangoModelFactory

from coprod.models import Forum
from members.models import MemberGroup, Organisation, Person, Role, Seat, Sector


class ForumFactory(DjangoModelFactory):
    class Meta:
        model = Forum

    name = "Larkmere Parent Carer Forum"
    area = "Larkmere"
    phone = "01632 960 100"
    email = "hello@larkmere.example"
    # Signing in with a second step has its own tests.
    second_factor = False


class PersonFactory(DjangoModelFactory):
    """Somebody active who is reached by e-mail and has no password, role or seat."""

    class Meta:
        model = Person

    name = factory.Sequence(lambda n: f"Robin Fenwick {n}")
    email = factory.Sequence(lambda n: f"person{n}@larkmere.example")
    password = factory.django.Password(None)


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Larkmere service {n}")
    sector = Sector.EDUCATION


class RoleFactory(DjangoModelFactory):
    """A current role; an officer's comes with an organisation."""

    class Meta:
        model = Role

    person = factory.SubFactory(PersonFactory)
    kind = Role.Kind.COORDINATOR
    organisation = factory.Maybe(
        factory.LazyAttribute(lambda role: role.kind == Role.Kind.OFFICER),
        yes_declaration=factory.SubFactory(OrganisationFactory),
        no_declaration=None,
    )


class MemberGroupFactory(DjangoModelFactory):
    """A group that has joined."""

    class Meta:
        model = MemberGroup

    name = factory.Sequence(lambda n: f"Larkmere group {n}")
    slug = factory.Sequence(lambda n: f"larkmere-group-{n}")
    standing = MemberGroup.Standing.MEMBER


class SeatFactory(DjangoModelFactory):
    """A parent's seat: the first free number of its group."""

    class Meta:
        model = Seat

    group = factory.SubFactory(MemberGroupFactory)
    person = factory.SubFactory(PersonFactory)

    @factory.lazy_attribute
    def number(self):
        taken = set(self.group.seats.current().values_list("number", flat=True))
        return min({1, 2, 3} - taken, default=1)
