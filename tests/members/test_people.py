"""People: the list, adding, correcting, switching off, roles, and one's own details."""

import pytest
from django.urls import reverse

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from members import services
from members.models import Organisation, Person, Role
from tests.factories.members import OrganisationFactory, PersonFactory, RoleFactory, SeatFactory

LIST, ADD = reverse("members:person_list"), reverse("members:person_add")
REACHED = {"name": "Una Priddy", "email": "una@larkmere.example", "channel": "email"}


def html_of(page):
    return page.content.decode()


def url(name, person):
    return reverse(f"members:{name}", args=[person.public_id])


# The list ----------------------------------------------------------------------------------------


def test_list_when_opened_then_shows_what_people_do_and_how_each_is_reached(
    coordinator, client_for, rep, officer, person_without_email
):
    html = html_of(client_for(coordinator).get(LIST))
    assert "Officer of Larkmere Council SEND team" in html
    assert rep.email in html
    assert "By letter" in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=nadia", {"Nadia Karim"}),
        ("q=KARIM+nadia", {"Nadia Karim"}),
        ("q=autism-families.example", {"Grace Onslow"}),
        ("group=larkmere-autism-families", {"Nadia Karim", "Grace Onslow"}),
        ("role=officer", {"Owen Pryce"}),
        ("q=nobody", set()),
        ("group=no-such-group", {"Nadia Karim", "Grace Onslow", "Owen Pryce", "Ruth Adeyemi"}),
    ],
)
def test_list_when_narrowed_then_shows_who_fits(
    query, found, coordinator, client_for, rep, staff, officer
):
    page = client_for(coordinator).get(f"{LIST}?{query}")
    assert {person.name for person in page.context["page"]} == found


def test_list_when_somebody_is_switched_off_then_only_on_request(coordinator, client_for, rep):
    rep.is_active = False
    rep.save()
    client = client_for(coordinator)
    assert rep.name not in html_of(client.get(LIST))
    assert rep.name in html_of(client.get(f"{LIST}?off=on"))


def test_list_when_it_grows_then_asks_the_database_no_more_often(
    coordinator, client_for, django_assert_max_num_queries, group, officer
):
    client = client_for(coordinator)
    client.get(LIST)
    for _ in range(12):
        RoleFactory(kind=Role.Kind.OFFICER)
        SeatFactory(person=PersonFactory())
    with django_assert_max_num_queries(14):
        assert client.get(LIST).context["page"].paginator.count > 24


# Adding ------------------------------------------------------------------------------------------


def test_add_when_parent_of_a_group_then_one_form_does_it_all(
    coordinator, client_for, group, outbox_drained
):
    page = client_for(coordinator).post(
        ADD, {**REACHED, "place": "parent", "group": group.pk, "invite": "on"}, follow=True
    )
    person = Person.objects.get(email="una@larkmere.example")
    assert [seat.group for seat in person.current_seats] == [group]
    assert "Their invitation goes to una@larkmere.example" in html_of(page)
    assert outbox_drained()[0].to == ["una@larkmere.example"]
    assert AuditEvent.objects.about(person).filter(verb="add_person", by_id=coordinator.pk)


def test_add_when_officer_of_a_new_service_then_service_is_made_too(coordinator, client_for):
    client_for(coordinator).post(
        ADD,
        {**REACHED, "place": "officer", "new_organisation": "Harbour NHS", "sector": "health"},
    )
    role = Person.objects.get(email=REACHED["email"]).current_roles[0]
    assert (role.kind, role.organisation.name) == ("officer", "Harbour NHS")
    assert not Message.objects.exists()  # the box was not ticked


def test_add_when_service_is_typed_that_we_know_then_it_is_not_made_twice(
    coordinator, client_for, organisation
):
    typed = organisation.name.upper()
    client_for(coordinator).post(ADD, {**REACHED, "place": "officer", "new_organisation": typed})
    assert Organisation.objects.count() == 1
    assert Person.objects.get(email=REACHED["email"]).is_officer


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": ""}, "Enter their name"),
        ({"email": "NADIA@larkmere.example"}, "Nadia Karim has this address already"),
        ({"email": ""}, "Enter an e-mail address, or choose a letter or a phone call"),
        ({"email": "", "channel": "letter"}, "Enter a postal address, or choose another way"),
        ({"email": "", "channel": "phone"}, "Enter a phone number, or choose another way"),
        ({"channel": "phone", "phone": "ask my mum"}, "Enter a phone number such as"),
        ({"channel": ""}, "Choose how we reach them"),
        ({"place": "staff"}, "Choose the group that they sit for"),
        ({"place": "officer"}, "Choose the service, or type the name of a new one"),
        ({"place": "officer", "new_organisation": "New"}, "Choose which part of the services"),
        ({"name": "A\nBcc: b"}, "Write this on one line"),
        ({"name": "x" * 121}, "use 120 characters or fewer; you have 121"),
    ],
)
def test_add_when_something_is_wrong_then_says_so_twice_and_adds_nobody(
    typed, words, coordinator, client_for, rep
):
    before = Person.objects.count()
    form = {**REACHED, "what_helps": "A seat by the door", **typed}
    html = html_of(client_for(coordinator).post(ADD, form))
    assert html.count(words) >= 2  # in the summary and at the field
    assert "A seat by the door" in html
    assert Person.objects.count() == before


def test_add_when_the_group_is_full_then_says_who_sits_and_adds_nobody(
    coordinator, client_for, group, rep, staff, person_without_email
):
    form = {**REACHED, "place": "parent", "group": group.pk}
    html = html_of(client_for(coordinator).post(ADD, form))
    assert "are taken, by" in html
    assert rep.name in html
    assert not Person.objects.filter(email=REACHED["email"]).exists()


def test_add_when_without_email_then_household_address_is_for_letters_only(coordinator, client_for):
    form = {**REACHED, "email": "", "contact_email": "family@larkmere.example", "invite": "on"}
    html = html_of(client_for(coordinator).post(ADD, form, follow=True))
    person = Person.objects.get(name="Una Priddy")
    assert person.email is None
    assert person.mail_address == "family@larkmere.example"
    assert "there’s no invitation" in html


def test_add_when_markup_is_typed_then_it_is_only_words(coordinator, client_for):
    name = "<script>alert(1)</script>"
    html = html_of(client_for(coordinator).post(ADD, {**REACHED, "name": name}, follow=True))
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


# One person's page -------------------------------------------------------------------------------


def test_page_when_coordinator_then_with_access_needs_and_administrator_without(
    coordinator, administrator, client_for, rep
):
    rep.access_needs = "Hearing loop"
    rep.save()
    assert "Hearing loop" in html_of(client_for(coordinator).get(rep.get_absolute_url()))
    assert "Hearing loop" not in html_of(client_for(administrator).get(rep.get_absolute_url()))


def test_page_when_group_staff_then_reach_of_own_group_only_and_no_needs(
    staff, rep, rep_of_other_group, client_for
):
    rep.access_needs = "Hearing loop"
    rep.save()
    client = client_for(staff)
    html = html_of(client.get(rep.get_absolute_url()))
    assert rep.email in html
    assert "Hearing loop" not in html
    assert client.get(rep_of_other_group.get_absolute_url()).status_code == 404


def test_page_when_opened_then_asks_the_database_seldom(
    coordinator, client_for, rep, django_assert_max_num_queries
):
    client = client_for(coordinator)
    client.get(rep.get_absolute_url())
    with django_assert_max_num_queries(14):
        client.get(rep.get_absolute_url())


def test_correction_when_made_by_somebody_else_then_the_person_is_told(
    coordinator, client_for, rep, outbox_drained
):
    form = {"name": rep.name, "email": rep.email, "phone": "01632 960 177", "channel": "email"}
    client_for(coordinator).post(url("person_edit", rep), form)
    rep.refresh_from_db()
    assert rep.phone == "01632 960 177"
    [mail] = outbox_drained()
    assert mail.to == [rep.email]
    assert "phone number" in mail.body
    assert "960 177" not in mail.body


def test_correction_when_address_changes_then_the_former_one_hears_of_it(
    coordinator, client_for, rep, outbox_drained
):
    form = {"name": rep.name, "email": "other@larkmere.example", "channel": "email"}
    client_for(coordinator).post(url("person_edit", rep), form)
    told = {mail.to[0]: mail.subject for mail in outbox_drained()}
    assert told == {
        "other@larkmere.example": "Check your details: we changed something",
        "nadia@larkmere.example": "Check this: your e-mail address was changed",
    }


def test_correction_when_nothing_changes_then_nobody_is_told(coordinator, client_for, rep):
    form = {"name": rep.name, "email": rep.email, "channel": "email"}
    client_for(coordinator).post(url("person_edit", rep), form)
    assert not Message.objects.exists()


@pytest.mark.parametrize("who", ["administrator", "treasurer"])
def test_correction_when_coordinator_tries_a_higher_key_then_forbidden(
    who, request, coordinator, client_for
):
    """Another address in their record would be the coordinator's way to their role."""
    person = request.getfixturevalue(who)
    client = client_for(coordinator)
    form = {"name": person.name, "email": "ruth+1@larkmere.example", "channel": "email"}
    assert client.post(url("person_edit", person), form).status_code == 403
    assert client.post(url("person_switch", person)).status_code == 403
    person.refresh_from_db()
    assert person.is_active
    assert person.email == f"{person.email}"


def test_switch_off_when_oneself_then_forbidden(coordinator, client_for):
    assert client_for(coordinator).post(url("person_switch", coordinator)).status_code == 403
    with pytest.raises(TransitionNotAllowed):
        services.switch_off_person(person=coordinator, by=coordinator)


def test_switch_when_pressed_twice_then_off_and_on(coordinator, client_for, rep):
    client = client_for(coordinator)
    html = html_of(client.post(url("person_switch", rep), follow=True))
    assert "switched off and signed out everywhere" in html
    rep.refresh_from_db()
    assert not rep.is_active
    client.post(url("person_switch", rep))
    rep.refresh_from_db()
    assert rep.is_active


def test_invitation_when_sent_again_then_a_second_letter(coordinator, client_for, rep):
    client = client_for(coordinator)
    for _ in range(2):
        client.post(url("person_invite", rep))
    assert Message.objects.filter(template="members/welcome", person=rep).count() == 2


def test_invitation_when_no_address_or_switched_off_then_says_why(
    coordinator, client_for, person_without_email, rep
):
    client = client_for(coordinator)
    page = client.post(url("person_invite", person_without_email), follow=True)
    assert "needs their own e-mail address" in html_of(page)
    services.switch_off_person(person=rep, by=coordinator)
    assert "Switch them on first" in html_of(client.post(url("person_invite", rep), follow=True))
    assert not Message.objects.exists()


# Roles -------------------------------------------------------------------------------------------


def test_role_when_given_then_counts_on_the_next_request(administrator, client_for, rep):
    client = client_for(rep)
    assert client.get(LIST).status_code == 403
    client_for(administrator).post(url("role_give", rep), {"kind": "coordinator"})
    assert client.get(LIST).status_code == 200
    role = rep.roles.get()
    client_for(administrator).post(reverse("members:role_end", args=[role.pk]))
    assert client.get(LIST).status_code == 403
    role.refresh_from_db()
    assert role.ended_by == administrator


def test_role_when_given_twice_then_the_second_is_refused_in_words(administrator, client_for, rep):
    client = client_for(administrator)
    client.post(url("role_give", rep), {"kind": "treasurer"})
    page = client.post(url("role_give", rep), {"kind": "treasurer"})
    assert "holds this role already" in html_of(page)
    assert rep.roles.count() == 1


def test_role_when_for_oneself_then_refused_by_page_service_and_database(administrator, client_for):
    page = client_for(administrator).post(url("role_give", administrator), {"kind": "treasurer"})
    assert page.status_code == 403
    with pytest.raises(TransitionNotAllowed):
        services.give_role(person=administrator, kind="treasurer", by=administrator)
    own = administrator.roles.get()
    end = reverse("members:role_end", args=[own.pk])
    assert client_for(administrator).post(end).status_code == 403
    with pytest.raises(TransitionNotAllowed):
        services.end_role(role=own, by=administrator)
    with pytest.raises(services.IntegrityError), services.transaction.atomic():
        Role.objects.create(person=administrator, kind="treasurer", started_by=administrator)
    assert administrator.roles.count() == 1


def test_role_when_coordinator_asks_then_forbidden(coordinator, client_for, rep):
    page = client_for(coordinator).post(url("role_give", rep), {"kind": "administrator"})
    assert page.status_code == 403
    assert not rep.roles.exists()


def test_officer_when_without_service_then_the_database_refuses(stranger):
    with pytest.raises(services.IntegrityError), services.transaction.atomic():
        Role.objects.create(person=stranger, kind=Role.Kind.OFFICER)
    Role.objects.create(person=stranger, kind=Role.Kind.OFFICER, organisation=OrganisationFactory())


# One's own details -------------------------------------------------------------------------------

MINE = {
    "name": "Nadia Karim",
    "public_name": "first",
    "channel": "phone",
    "phone": "01632 960 188",
    "access_needs": "Large print",
    "what_helps": "A break",
}


def test_my_details_when_changed_then_saved_and_nobody_is_written_to(rep, client_for):
    client = client_for(rep)
    page = client.post(reverse("members:my_details_edit"), MINE, follow=True)
    html = html_of(page)
    assert "Your details are saved" in html
    assert "Large print" in html
    assert "My first name" in html
    rep.refresh_from_db()
    assert rep.reached_by == "phone"
    assert not Message.objects.exists()


def test_my_details_when_fields_are_smuggled_in_then_ignored(rep, client_for):
    form = {**MINE, "email": "n2@larkmere.example", "is_active": "", "public_id": "x"}
    form |= {"password": "x", "roles": "administrator"}
    client_for(rep).post(reverse("members:my_details_edit"), form)
    fresh = Person.objects.get(pk=rep.pk)
    assert fresh.is_active
    assert fresh.email == rep.email  # it has a page of its own, which asks for a code
    assert fresh.public_id == rep.public_id
    assert not fresh.has_usable_password()
    assert not fresh.role_kinds


def test_my_details_when_signed_in_then_only_ones_own(rep, rep_of_other_group, client_for):
    html = html_of(client_for(rep).get(reverse("members:my_details")))
    assert rep.email in html
    assert rep_of_other_group.email not in html


def test_menu_when_opened_then_names_what_this_person_may_open(
    rep, coordinator, administrator, client_for
):
    menu = reverse("members:menu")
    settings, messages = reverse("members:forum_settings"), reverse("members:message_list")
    seen = {
        name: (settings in html, messages in html, LIST in html)
        for name, person in (("r", rep), ("c", coordinator), ("a", administrator))
        for html in [html_of(client_for(person).get(menu))]
    }
    assert seen == {
        "r": (False, False, False),
        "c": (False, True, True),
        "a": (True, True, True),
    }


@pytest.mark.parametrize("who", ["coordinator", "officer", "rep", "stranger"])
def test_frame_when_signed_in_then_costs_three_queries_beside_session_and_person(
    who, request, client_for, django_assert_max_num_queries
):
    client = client_for(request.getfixturevalue(who))
    about = reverse("members:about")
    client.get(about)
    # Session, person, the frame's three, the page's forum and whether it links the totals.
    with django_assert_max_num_queries(7):
        client.get(about)


@pytest.mark.parametrize("name", ["%00", "a%00b", "%C2%B2"])
@pytest.mark.parametrize("page", ["", "edit/"])
def test_person_when_address_is_no_name_is_not_found(client_for, coordinator, name, page):
    assert client_for(coordinator).get(f"/people/{name}/{page}").status_code == 404


def test_person_when_added_then_another_then_form_keeps_the_group(coordinator, group, client_for):
    fields = {"name": "Asha Verrall", "place": "parent", "group": group.pk, "channel": "email"}
    fields |= {"email": "asha@larkmere.example", "another": "1"}
    page = client_for(coordinator).post("/people/new/", fields, follow=True)
    assert page.redirect_chain[0][0] == f"/people/new/?place=parent&group={group.pk}"
    assert "Asha Verrall is added" in page.text
    assert f'<option value="{group.pk}" selected>' in page.text
