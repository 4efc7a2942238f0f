"""What we said: everybody's list of what parents asked, one ask's page, the feed of answers."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import urlencode

from coprod import pages
from meetings import asked, feeds, what_we_said
from meetings.forms.asks import AskFilter
from meetings.models import Ask
from meetings.views.feeds import ATOM
from meetings.views.publicity import reader_of

#: Rows on one page of the list.
PAGE = 40


@login_not_required
def ask_list(request: HttpRequest) -> HttpResponse:
    """Every public ask by what became of it; filters work without script."""
    known = what_we_said.overview()
    form = AskFilter(request.GET, whom=known.whom, projects=known.projects)
    chosen, count = form.chosen, known.counts
    found = what_we_said.narrowed(Ask.objects.public().with_state(), chosen)
    pages_of = Paginator(what_we_said.ordered(found).with_relations(), PAGE)
    if not chosen:
        pages_of.count = sum(count.values())  # counted already
    page = pages_of.get_page(request.GET.get("page"))
    rows = list(page.object_list)
    changed = [] if page.number > 1 or chosen else list(what_we_said.changed_lately())
    # What hangs on the rows above and below, from one question each.
    prefetch_related_objects([*rows, *changed], "answers", "extensions")
    reader = reader_of(request)
    context = {
        "form": form,
        "chosen": _chosen(form, chosen),
        "finding": what_we_said.finding(count),
        "tiles": what_we_said.tiles(count, chosen.get("state", "")),
        "total": sum(count.values()),
        "page": page,
        "rows": what_we_said.rows_of(rows),
        "changes": what_we_said.rows_of(changed),
        "runs": reader.is_authenticated and reader.has_perm("meetings.put_asks"),
        "request": request,
    }
    return pages.answer(request, "meetings/ask_list.html", context)


def _chosen(form: AskFilter, chosen: dict[str, str]) -> list[dict[str, str]]:
    """What is chosen now, each with the address that takes it away."""
    return [
        {
            "label": form.in_words(name, value),
            "url": "?" + urlencode({k: v for k, v in chosen.items() if k != name}),
        }
        for name, value in chosen.items()
    ]


@login_not_required
def ask_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Said, answered, changed, and everything that happened in between."""
    reader: Any = reader_of(request)
    ask = Ask.objects.visible_to(reader).with_all().filter(pk=pk).first()
    words = asked.words_for(reader, ask) if ask is not None else None
    if ask is None or words is None:
        raise Http404
    context = what_we_said.page_of(ask, words, reader)
    return pages.answer(request, "meetings/ask_detail.html", context)


@login_not_required
def ask_feed(request: HttpRequest) -> HttpResponse:
    """Answers and what changed, newest first, for programs that follow them."""
    since = pages.generation()
    return pages.stored(request, same_for_all=True) or pages.keep(
        request, feeds.answers_feed(), since=since, content_type=ATOM
    )
