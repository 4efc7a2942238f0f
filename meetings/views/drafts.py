"""The draft that people read: signed in or by their own link; also how a reader is found."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from coprod import links
from coprod.agreeing import rule_words
from coprod.views import fetch_permitted, private_link, refuse_link
from meetings import life, reading
from meetings.answers import answers_for
from meetings.forms.minutes import AnswerForForm, AnswerForm, CommentForm, fresh_comment
from meetings.models import Agreement, Invitation, Minutes, Version
from meetings.reading import Draft, Reader

# Who reads ----------------------------------------------------------------------------------------


def signed_in_reader(request: HttpRequest, slug: str, permission: str) -> Reader:
    """The person who is signed in, reading minutes that they may have for ``permission``."""
    minutes = fetch_permitted(
        request.user, Minutes.objects.select_related("meeting"), permission, meeting__slug=slug
    )
    people = list(minutes.meeting.invitations.with_people())
    return Reader(minutes=minutes, person=request.user, people=people)  # type: ignore[arg-type]


def linked_reader(token: str) -> Reader:
    """The person whom a draft link belongs to. Raises LinkInvalid, also when they may not read."""
    link = links.read("draft", token)
    invitation = (
        Invitation.objects.select_related("person")
        .filter(pk=link.about, person_id=link.person_id, person__is_active=True)
        .first()
    )
    if invitation is None:
        raise links.LinkInvalid
    minutes = (
        Minutes.objects.select_related("meeting")
        .visible_to(invitation.person)
        .filter(meeting=invitation.meeting_id)
        .first()
    )
    if minutes is None or not invitation.person.has_perm("meetings.view_draft", minutes):
        raise links.LinkInvalid
    people = list(minutes.meeting.invitations.with_people())
    return Reader(minutes=minutes, person=invitation.person, people=people, token=token)


def by_link(view: Callable[[HttpRequest, Reader], HttpResponse]) -> Callable[..., HttpResponse]:
    """A view for whoever holds a draft link. Opening one changes nothing."""

    @private_link
    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        try:
            reader = linked_reader(token)
        except links.LinkInvalid as error:
            return refuse_link(request, error, purpose="draft", token=token)
        return view(request, reader)

    return opened


# The page -----------------------------------------------------------------------------------------


def minutes_draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Read a draft, comment and answer, signed in."""
    return draft_page(request, signed_in_reader(request, slug, "meetings.view_draft"))


@by_link
def minutes_draft_by_link(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Read a draft, comment and answer from the letter, without signing in."""
    return draft_page(request, reader)


def draft_page(
    request: HttpRequest,
    reader: Reader,
    *,
    comment: CommentForm | None = None,
    answer: AnswerForm | None = None,
    answer_for: AnswerForForm | None = None,
) -> HttpResponse:
    """The whole page. Forms that were refused are given, and come back as they were typed."""
    minutes = reader.minutes
    versions = list(minutes.versions.with_window().order_by("number"))
    if not versions:  # only its writers see minutes that nobody was sent
        return redirect("meetings:minutes_write", slug=minutes.meeting.slug)
    version = versions[-1]
    version.minutes = minutes
    # What was put right since wasn't asked about again.
    asked = next((v for v in versions if v.pk == minutes.agreed_version_id), version)
    asked.minutes = minutes
    said = answers_for(reader, asked)
    draft = Draft(
        changes=_changes(reader, versions),
        talk=reading.talk_about(reader, said.comments, version, versions),
        comment_action=reader.url("comment"),
        sent=_number(request.GET.get("sent", "")),
    )
    heard = _number(request.GET.get("for", "")) if reader.writes_down else 0
    _offer_comments(request, reader, version, draft, comment)
    context = {
        **_frame(reader, version, draft),
        "earlier": [each.number for each in versions[:-1]],
        "said": said,
        "tally": said.tally,
        "steps": life.steps(minutes, asked, said.tally),
        "own": said.own,
        "answered": "answered" in request.GET,
        "withdrawn": request.GET.get("answered") == "back",
        "answer_form": answer or _answer_form(reader, version, said.own),
        "answer_for": answer_for or _answer_for(reader, version, heard),
        "heard": heard,
    }
    return render(request, "meetings/minutes_draft.html", context)


def _frame(reader: Reader, version: Version, draft: Draft) -> dict[str, Any]:
    """The words of the page: whose they are, the rendition, the clock."""
    rendition = reader.rendition(version)
    return {
        "reader": reader,
        "minutes": reader.minutes,
        "meeting": reader.minutes.meeting,
        "version": version,
        "rendition": rendition,
        "draft": draft,
        "comment_form": draft.form,
        "loose_form": draft.form if _is_loose(draft, rendition) else None,
        "answer_action": reader.url("answer"),
        "reading_minutes": reading.reading_minutes(rendition),
        "closes": life.window_sentence(version),
        "rule": rule_words(version),
        "clock": life.day_clock(reader.minutes.clock, version),
    }


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def _changes(reader: Reader, versions: list[Version]) -> reading.Changes | None:
    """What moved since the version before, between renditions of the same kind."""
    if len(versions) < 2:
        return None
    before, newest = versions[-2:]
    return reading.changes_between(
        reader.rendition(before, [newest]), reader.rendition(newest), since=before.number
    )


def _offer_comments(
    request: HttpRequest, reader: Reader, version: Version, draft: Draft, sent: CommentForm | None
) -> None:
    """Comment links while the window is open; the open or the refused form in its place."""
    is_open = version.comments_open and reader.minutes.can("agree")
    is_open = is_open or reader.minutes.takes_late_comments
    if is_open and reader.offers_comments:
        draft.comment_url = reader.url("draft")
        if not reader.writes_down:  # whoever does is asked first whose words they are
            draft.comment_anchor = f"id_{CommentForm.prefix}-text"
        if heard := _number(request.GET.get("for", "")):
            draft.comment_url += f"?for={heard}"
    if sent is not None:
        draft.form, draft.form_uid = sent, reading.as_uid(str(sent["uid"].value() or ""))
    elif draft.comment_url and (uid := reading.as_uid(request.GET.get("comment", ""))):
        initial = fresh_comment(uid, version.number, own=not reader.writes_down)
        initial["quote"] = request.GET.get("quote", "")[:1000]
        if heard := _number(request.GET.get("for", "")):
            initial |= {"author": heard, "via": "phone"}
        draft.form, draft.form_uid = comment_form(reader, initial=initial), uid


def comment_form(reader: Reader, *args: Any, **kwargs: Any) -> CommentForm:
    return CommentForm(
        *args,
        invitation=reader.invitation,
        writes_down=reader.writes_down,
        minutes=reader.minutes,
        **kwargs,
    )


def _is_loose(draft: Draft, rendition: dict[str, Any]) -> bool:
    """A refused form about a paragraph that the newest version hasn't got any more."""
    return (
        draft.form is not None
        and draft.form.is_bound
        and draft.form_uid not in reading.paragraphs_of(rendition)
    )


def _answer_form(reader: Reader, version: Version, own: Agreement | None) -> AnswerForm | None:
    if not reader.offers_answer:
        return None
    said = {"answer": own.answer, "reason": own.reason} if own else {}
    return AnswerForm(initial={"version": version.number, **said})


def _answer_for(reader: Reader, version: Version, heard: int) -> AnswerForForm | None:
    """``heard``: the invitation of whoever is on the phone, as the call list links here."""
    if not (reader.writes_down and reader.minutes.takes_answers):
        return None
    said = {"invitation": heard, "via": "phone"} if heard else {}
    return AnswerForForm(minutes=reader.minutes, initial={"version": version.number, **said})


# A version that went out --------------------------------------------------------------------------


def version_detail(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One version as it went out, in the reader's own rendition; never changed since."""
    reader = signed_in_reader(request, slug, "meetings.view_draft")
    versions = {each.number: each for each in reader.minutes.versions.all()}
    if number not in versions:
        raise Http404
    version = versions[number]
    later = [each for each in versions.values() if each.number > number]
    rendition = reader.rendition(version, later)
    changes = None
    if number - 1 in versions:
        before = reader.rendition(versions[number - 1], [version, *later])
        changes = reading.changes_between(before, rendition, since=number - 1)
    context = {
        "reader": reader,
        "minutes": reader.minutes,
        "meeting": reader.minutes.meeting,
        "version": version,
        "rendition": rendition,
        "draft": Draft(changes=changes),
        "changes": changes,
        "numbers": sorted(versions),
        "newest": max(versions),
    }
    return render(request, "meetings/version_detail.html", context)


def version_of(reader: Reader, number: int) -> Version:
    """The version that a form was made from. Raises Http404."""
    version = get_object_or_404(reader.minutes.versions.all(), number=number)
    version.minutes = reader.minutes
    return version
