"""What somebody was paid in a tax year: their own page and PDF; a treasurer's for anybody."""

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from coprod import clocks
from coprod.models import AuditEvent
from coprod.views import require
from expenses import pdf
from expenses.models import Advance, Claim, Recognition
from expenses.pricing import tax_year
from expenses.statements import WORTH, Statement, statement_of, years_of
from members.http import SignedInRequest
from members.models import Person

PER_PAGE = 40


@require_safe
def statement_list(request: SignedInRequest) -> HttpResponse:
    """One's own years."""
    require(request.user, "expenses.claim")
    context = {"years": [(year, _name(year)) for year in years_of(request.user)]}
    return render(request, "expenses/statement_list.html", context)


@require_safe
def statement(request: SignedInRequest, year: int) -> HttpResponse:
    """One's own year, to read."""
    require(request.user, "expenses.claim")
    found = statement_of(request.user, _checked(year))
    return render(request, "expenses/statement.html", {"statement": found})


@require_safe
def statement_pdf(request: SignedInRequest, year: int) -> HttpResponse:
    """One's own year, to keep or to send on."""
    require(request.user, "expenses.claim")
    return _as_pdf(statement_of(request.user, _checked(year)))


@require_safe
def statement_people(request: SignedInRequest) -> HttpResponse:
    """Everybody who was paid anything, for a treasurer who prints somebody's statement."""
    require(request.user, "expenses.pay")
    page = Paginator(_paid_people().exclude(pk=request.user.pk), PER_PAGE).get_page(
        request.GET.get("page")
    )
    now = tax_year(clocks.today())
    years = [(year, _name(year)) for year in (now, now - 1)]
    context = {"page": page, "years": years}
    return render(request, "expenses/statement_people.html", context)


@require_safe
def statement_of_person(request: SignedInRequest, public_id: str, year: int) -> HttpResponse:
    """Somebody's year as a PDF, for a treasurer: it is written down that they made it."""
    require(request.user, "expenses.pay")
    person = _paid_people().filter(public_id=public_id).first()
    if person is None:
        raise Http404
    if person.pk == request.user.pk:
        return redirect("expenses:statement", year=year)
    made = _as_pdf(statement_of(person, _checked(year)))
    AuditEvent.record("make_statement", person, by=request.user, year=year)
    return made


def _paid_people() -> QuerySet[Person]:
    """Whoever has claims or advances that were paid, or thank-yous that they received."""
    own = {"person": OuterRef("pk")}
    claims = Claim.objects.filter(**own, state=Claim.State.PAID)
    advances = Advance.objects.filter(**own, state=Advance.State.PAID)
    thanks = Recognition.objects.filter(**own, state=Recognition.State.DONE, kind__in=WORTH)
    paid = Q(Exists(claims)) | Q(Exists(advances)) | Q(Exists(thanks))
    people: QuerySet[Person] = Person.objects.filter(paid).order_by("name", "pk")
    return people


def _checked(year: int) -> int:
    if not 2015 <= year <= tax_year(clocks.today()):
        raise Http404
    return year


def _name(year: int) -> str:
    return f"{year}/{(year + 1) % 100:02}"


def _as_pdf(found: Statement) -> HttpResponse:
    response = HttpResponse(pdf.statement_pdf(found), content_type="application/pdf")
    name = f"statement-{found.year}-{(found.year + 1) % 100:02}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
