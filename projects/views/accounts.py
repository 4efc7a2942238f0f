"""What parents say themselves of being involved: one page, and taking it back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted
from members.models import Person
from projects.forms.accounts import AccountForm
from projects.models import OwnAccount, Project
from projects.services import accounts as services


def account_add(request: HttpRequest, slug: str) -> HttpResponse:
    """Were you involved: what, when, early enough?"""
    project = fetch_permitted(request.user, Project, "projects.say_involved", slug=slug)
    person = request.user
    assert isinstance(person, Person)
    form = AccountForm(
        request.POST if request.method == "POST" else None,
        project=project,
        by=person,
        back_url=project.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        account = services.say_involved(project=project, by=person, **form.account)
        return redirect("projects:account_detail", slug=slug, pk=account.pk)
    own = project.accounts.standing().with_people().filter(person=person)
    context = {"project": project, "form": form, "own": own}
    return render(request, "projects/account_add.html", context)


def _own(request: HttpRequest, slug: str, pk: int) -> OwnAccount:
    """An account that is theirs, or that they wrote down. Raises Http404, PermissionDenied."""
    found = OwnAccount.objects.visible_to(request.user).with_people().select_related("project")
    account = found.filter(pk=pk, project__slug=slug).first()
    if account is None:
        raise Http404
    if not request.user.has_perm("projects.take_back_account", account):
        raise PermissionDenied
    return account


def account_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """That it is said, how everybody reads it, and how to take it back."""
    account = _own(request, slug, pk)
    context = {"project": account.project, "account": account}
    return render(request, "projects/account_detail.html", context)


def account_take_back(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take one's own words back: asked once."""
    account = _own(request, slug, pk)
    if request.method == "POST":
        try:
            assert isinstance(request.user, Person)
            services.take_back_account(account=account, by=request.user)
        except TransitionNotAllowed as refusal:
            messages.info(request, str(refusal))
        else:
            messages.success(request, "It is taken back, and nobody reads it any more.")
        return redirect(account.project.get_absolute_url())
    context = {"project": account.project, "account": account}
    return render(request, "projects/account_take_back.html", context)
