"""The outbox as people see it: failed, letters to post, calls to make, waiting, sent."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from coprod import by_hand, outbox, registry
from coprod.exceptions import NoLongerDue, TransitionNotAllowed
from coprod.models import Message
from coprod.registry import Letter
from coprod.views import require
from members import printing, services
from members.forms.messages import CallForm
from members.http import SignedInRequest
from members.models import Person

PER_PAGE = 25
#: Calls and letters show their words, each of which has to be written: fewer of them a page.
FEW = 10

State, Channel = Message.State, Message.Channel
#: The five lists: name, its label, and which messages are in it.
LISTS: dict[str, tuple[str, Q]] = {
    "failed": ("Failed", Q(state=State.FAILED)),
    "letters": (
        "Letters to post",
        Q(state=State.QUEUED, channel=Channel.LETTER, is_news=False),
    ),
    "calls": ("Calls to make", Q(state=State.QUEUED, channel=Channel.PHONE)),
    "waiting": (
        "Waiting",
        Q(state=State.QUEUED) & (Q(channel__in=Message.SENT_BY_WORKER) | Q(is_news=True)),
    ),
    "sent": ("Sent", Q(state__in=[State.SENT, State.POSTED, State.RUNG, State.DROPPED])),
}
#: The other ways to reach somebody, as a button says them.
OTHERWISE = {
    Channel.LETTER: "Send it by post instead",
    Channel.PHONE: "Put it on the call list instead",
    Channel.EMAIL: "Send it by e-mail instead",
}


#: What some letters are called, where their name doesn't say it well.
NAMES = {
    "welcome": "Invitation",
    "login_code": "Sign-in code",
    "unknown_account": "Answer to an unknown address",
    "email_changed": "Notice of a changed e-mail address",
    "details_changed": "Notice of changed details",
    "password_changed": "Notice of a changed password",
    "password_reset": "Link for a new password",
    "weekly": "Weekly news",
}


@dataclass
class Shown:
    """One message on a page, with its words where they could be written."""

    message: Message
    letter: Letter | None = None
    trouble: str = ""
    dropped: bool = False
    form: CallForm | None = None

    @property
    def others(self) -> list[tuple[str, str]]:
        """The other channels that could carry a failed message, each with its button."""
        return [(way, OTHERWISE[Channel(way)]) for way in by_hand.other_ways(self.message)]

    @property
    def writes(self) -> list[dict[str, str]]:
        """Pages on which whoever rings can write down what they hear."""
        find = registry.spoken.get(self.message.template)
        return find(self.message) if find else []

    @property
    def what(self) -> str:
        """What kind of letter it is, from its name."""
        name = self.message.template.rpartition("/")[2]
        return NAMES.get(name) or name.replace("_", " ").capitalize()


def message_list(request: SignedInRequest) -> HttpResponse:
    """What went out, what failed and why, and what waits for somebody's hands."""
    require(request.user, "members.view_messages")
    return _list(request, _chosen(request))


def _chosen(request: SignedInRequest) -> str:
    """The list that was asked for; else the first one with something to do."""
    asked = request.GET.get("show", "")
    if asked in LISTS:
        return asked
    wanted = [tab["name"] for tab in _tabs("") if tab["count"]]
    return next((name for name in ("failed", "calls", "letters") if name in wanted), "sent")


def _in_list(name: str) -> QuerySet[Message]:
    return Message.objects.filter(LISTS[name][1])


def _list(request: SignedInRequest, name: str, refused: Shown | None = None) -> HttpResponse:
    # One person's calls stand together: they are rung once.
    orders = {"sent": ["-pk"], "failed": ["-pk"], "calls": ["person__name", "person", "pk"]}
    rows = _in_list(name).select_related("person", "sent_by").order_by(*orders.get(name, ["pk"]))
    kept = printing.kept_from(request.user) if name == "letters" else []
    rows = rows.exclude(pk__in=kept)
    page = Paginator(rows, FEW if name == "calls" else PER_PAGE).get_page(request.GET.get("page"))
    shown = [Shown(message) for message in page.object_list]
    if name == "calls" and request.user.has_perm("members.deliver_by_hand"):
        shown = [
            refused if refused and refused.message.pk == row.message.pk else _written(row.message)
            for row in shown
        ]
    context = {
        "name": name,
        "title": LISTS[name][0],
        "tabs": _tabs(name),
        "page": page,
        "shown": shown,
        "form": refused.form if refused else None,
        "now": timezone.now(),
        "newest": rows.order_by("-pk").values_list("pk", flat=True).first()
        if name == "letters"
        else 0,
        "kept": len(kept),
        "unreachable": _unreachable(request) if name == "failed" else [],
    }
    return render(request, "members/message_list.html", context)


def _unreachable(request: SignedInRequest) -> list[Person]:
    """Whose e-mail doesn't arrive at all: somebody should ring them."""
    people = Person.objects.whose_mail_comes_back().order_by("name")[:20]
    return list(people) if request.user.has_perm("members.list_people") else []


def _tabs(current: str) -> list[dict[str, Any]]:
    """Each list with how many are in it, in one query."""
    tally = Message.objects.aggregate(
        **{name: Count("pk", filter=chosen) for name, (_, chosen) in LISTS.items()}
    )
    url = reverse("members:message_list")
    return [
        {
            "name": name,
            "label": label,
            "count": tally[name],
            "url": f"{url}?show={name}",
            "current": name == current,
        }
        for name, (label, _) in LISTS.items()
    ]


def _written(message: Message) -> Shown:
    """A message with its words. What can't be written is shown with the reason."""
    form = CallForm(prefix=f"m{message.pk}")
    try:
        return Shown(message, letter=outbox.write(message), form=form)
    except NoLongerDue as reason:
        return Shown(message, trouble=str(reason), dropped=True)
    except Exception:
        outbox.logger.exception("Message %s could not be written", message.pk)
        return Shown(
            message, trouble="The words could not be written. An administrator should look."
        )


@require_POST
def message_resend(request: SignedInRequest, uuid: str) -> HttpResponse:
    """Put a failed message back into the queue."""
    require(request.user, "members.resend_message")
    message = get_object_or_404(Message.objects.select_related("person"), uuid=uuid)
    try:
        message = by_hand.resend(message=message, by=request.user)
    except TransitionNotAllowed as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"The message is {_on_its_way(message)}.")
    return _back_to("failed")


def _on_its_way(message: Message) -> str:
    """Where a message stands that was just put back into its queue."""
    if message.channel == Channel.LETTER:
        return "among the letters to post"
    if message.channel == Channel.PHONE:
        return "on the call list"
    return f"on its way again, to {message.address}"


@require_POST
def message_otherwise(request: SignedInRequest, uuid: str) -> HttpResponse:
    """Let a failed message go by post or phone instead."""
    require(request.user, "members.resend_message")
    message = get_object_or_404(Message.objects.select_related("person"), uuid=uuid)
    try:
        message = by_hand.send_otherwise(
            message=message, channel=request.POST.get("channel", ""), by=request.user
        )
    except TransitionNotAllowed as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"The message is {_on_its_way(message)}.")
    return _back_to("failed")


@require_POST
def message_done(request: SignedInRequest, uuid: str) -> HttpResponse:
    """Record how a call ended. Nothing typed is lost when something is missing."""
    require(request.user, "members.deliver_by_hand")
    calls = Message.objects.filter(channel=Channel.PHONE).select_related("person")
    message = get_object_or_404(calls, uuid=uuid)
    form = CallForm(request.POST, prefix=f"m{message.pk}")
    if not form.is_valid():
        refused = _written(message)
        refused.form = form
        return _list(request, "calls", refused)
    said = form.cleaned_data
    try:
        by_hand.note_call(
            message=message, outcome=said["outcome"], note=said["note"], by=request.user
        )
    except TransitionNotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _noted(message, said["outcome"]))
    return _back_to("calls")


def _noted(message: Message, outcome: str) -> str:
    """What was done about a call, and what that means for the list."""
    whom = _whom(message)
    if outcome == by_hand.Call.SPOKE:
        return f"The call to {whom} is noted."
    if outcome == by_hand.Call.WRONG_NUMBER:
        return f"Noted. The call to {whom} is among what failed, so that the number is put right."
    return f"Noted. {whom} stays on the list, so that you can try again."


@require_POST
def message_drop(request: SignedInRequest, uuid: str) -> HttpResponse:
    """Take a call or letter off the list that nobody should have any more."""
    require(request.user, "members.deliver_by_hand")
    message = get_object_or_404(
        Message.objects.select_related("person"), uuid=uuid, state=State.QUEUED
    )
    shown = _written(message)
    if not shown.dropped:
        raise Http404
    services.drop_message(message=message, by=request.user, reason=shown.trouble)
    messages.success(request, "It is off the list.")
    return _back_to("calls" if message.channel == Channel.PHONE else "letters")


def _to_print(request: SignedInRequest) -> QuerySet[Message]:
    """The letters that wait, without those that somebody else has to print."""
    kept = printing.kept_from(request.user)
    return _in_list("letters").exclude(pk__in=kept).select_related("person").order_by("pk")


def message_letters_pdf(request: SignedInRequest) -> HttpResponse:
    """Every letter that waits for the post, as one PDF to print."""
    require(request.user, "members.deliver_by_hand")
    made = printing.in_one(_to_print(request), by=request.user)
    if made is None:
        messages.info(request, "There are no letters to print.")
        return _back_to("letters")
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="letters.pdf"'
    return response


@require_http_methods(["GET", "POST"])
def message_letters_posted(request: SignedInRequest) -> HttpResponse:
    """Mark letters as posted: those ticked, which are those that were on the page."""
    require(request.user, "members.deliver_by_hand")
    if request.method == "GET":
        return _back_to("letters")
    chosen = list(_to_print(request).filter(pk__in=_numbers(request.POST.getlist("m"))))
    if not _mark_posted(request, chosen):
        messages.error(request, "Tick the letters that you posted, then press the button again.")
    return _back_to("letters")


@require_POST
def message_letters_all(request: SignedInRequest) -> HttpResponse:
    """Mark every letter as posted that waited when the page was made; none that came since."""
    require(request.user, "members.deliver_by_hand")
    newest = max(_numbers([request.POST.get("newest", "")]), default=0)
    chosen = list(_to_print(request).filter(pk__lte=newest))
    if not _mark_posted(request, chosen):
        messages.error(request, "These letters were marked already.")
    return _back_to("letters")


def _mark_posted(request: SignedInRequest, chosen: list[Message]) -> int:
    posted = services.mark_posted(messages=chosen, by=request.user)
    if posted:
        letters = "1 letter is" if posted == 1 else f"{posted} letters are"
        messages.success(
            request, f"{letters} marked as posted. You can take that back in the list “Sent”."
        )
    return posted


@require_POST
def message_unposted(request: SignedInRequest, uuid: str) -> HttpResponse:
    """Take back that a letter was posted: it wasn't, or the post brought it back."""
    require(request.user, "members.deliver_by_hand")
    letters = Message.objects.filter(channel=Channel.LETTER).select_related("person")
    message = get_object_or_404(letters, uuid=uuid)
    came_back = request.POST.get("why") == "came_back"
    try:
        by_hand.unmark_posted(message=message, by=request.user, came_back=came_back)
    except TransitionNotAllowed as refused:
        messages.error(request, str(refused))
        return _back_to("sent")
    whom = _whom(message)
    if came_back:
        messages.success(request, f"Noted. The letter to {whom} is among what failed.")
        return _back_to("failed")
    messages.success(request, f"The letter to {whom} is to be posted again.")
    return _back_to("letters")


def _numbers(values: list[str]) -> list[int]:
    """Row numbers among what was sent; no row has more than eighteen digits."""
    return [int(v) for v in values if v.isascii() and v.isdigit() and len(v) < 19][:1000]


def _whom(message: Message) -> str:
    return message.person.name if message.person else message.address


def _back_to(name: str) -> HttpResponse:
    return redirect(f"{reverse('members:message_list')}?show={name}")
