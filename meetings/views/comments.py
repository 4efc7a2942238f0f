"""Commenting on a paragraph, and saying what became of each comment."""

from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from coprod import links
from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted, private_link, refuse_link
from meetings import reading, renditions
from meetings.corrections import taken_out_of, was_taken_out
from meetings.forms.minutes import CommentForm, CorrectCommentForm, SettleForm
from meetings.models import Comment, Minutes
from meetings.readership import access_for
from meetings.reading import Reader
from meetings.services import minutes as services
from meetings.services.comments import comment_on, correct_comment, settle_comment
from meetings.services.matters import comment_later, settle_later
from meetings.views.drafts import (
    by_link,
    comment_form,
    draft_page,
    linked_reader,
    signed_in_reader,
)


@require_POST
def minutes_comment(request: HttpRequest, slug: str) -> HttpResponse:
    """Send a comment, signed in."""
    return _comment(request, signed_in_reader(request, slug, "meetings.comment"))


@require_POST
@by_link
def minutes_comment_by_link(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Send a comment from the letter's link."""
    return _comment(request, reader)


def _comment(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Keep it and go back to its paragraph; or show the page with everything that was typed."""
    form = comment_form(reader, request.POST)
    if form.is_valid() and (comment := _keep(form, reader)) is not None:
        newest = reader.minutes.latest
        assert newest is not None  # it has just been commented on
        now = reading.paragraphs_of(reader.rendition(newest)).get(str(comment.uid))
        anchor = f"#p{now['number'].replace('.', '-')}" if now else ""
        if not now:
            messages.success(request, f"Thank you. Your comment on {comment.number} has been sent.")
        return redirect(f"{reader.url('draft')}?sent={comment.pk}{anchor}")
    return draft_page(request, reader, comment=form)


def _keep(form: CommentForm, reader: Reader) -> Comment | None:
    """The comment, or None with the reason on the form."""
    said = form.cleaned_data
    version = reader.minutes.versions.filter(number=said["version"]).first()
    author = said["author"]
    if version is None or author is None:
        form.add_error(None, "Open this page afresh, then send your comment again")
        return None
    access = access_for(author.person, reader.minutes.meeting)
    paragraph = access.find(version, str(said["uid"]))
    if paragraph is None:
        form.add_error(None, "This paragraph isn’t in the version that was read")
        return None
    if _plain(said["quote"]) not in _plain(paragraph["text"]):
        words = "Copy them from the paragraph, or leave this empty"
        form.add_error("quote", f"These words aren’t in {paragraph['number']}. {words}")
        return None
    keep = comment_later if reader.minutes.takes_late_comments else comment_on
    try:
        return keep(
            version=version,
            invitation=author,
            uid=str(said["uid"]),
            kind=said["kind"],
            speaking_for=said["speaking_for"],
            text=said["text"],
            quote=said["quote"],
            via=said.get("via", ""),
            once=said["once"],
            by=reader.person,
        )
    except TransitionNotAllowed as refusal:
        form.add_error(None, str(refusal))
    return None


def _plain(text: str) -> str:
    """Words for comparing: spaces, and the marks of light Markdown, don't count."""
    return " ".join(text.replace("*", "").split()).casefold()


# Put right by its author ------------------------------------------------------------------------


def comment_correct(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Put right what was written down for oneself, signed in."""
    return _correct(request, signed_in_reader(request, slug, "meetings.comment"), pk)


@private_link
def comment_correct_by_link(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """Put it right from the letter's link. Opening it changes nothing."""
    try:
        reader = linked_reader(token)
    except links.LinkInvalid as error:
        return refuse_link(request, error, purpose="draft", token=token)
    return _correct(request, reader, pk)


def _correct(request: HttpRequest, reader: Reader, pk: int) -> HttpResponse:
    """One's own comment as it was written down, and a box for what one really said."""
    own = Comment.objects.select_related("version", "made_by", "author").filter(
        author__person=reader.person, version__minutes=reader.minutes
    )
    comment = get_object_or_404(own, pk=pk)
    form = CorrectCommentForm(request.POST or None, initial={"text": comment.text})
    back = f"{reader.url('draft')}#c{comment.pk}"
    if request.method == "POST" and form.is_valid():
        try:
            correct_comment(comment=comment, text=form.cleaned_data["text"], by=reader.person)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(back)
    context = {
        "reader": reader,
        "meeting": reader.minutes.meeting,
        "comment": comment,
        "said": reading.Said(comment, None, True, False),
        "form": form,
        "back": back,
    }
    return render(request, "meetings/comment_correct.html", context)


# Outcomes -----------------------------------------------------------------------------------------


def comments_settle(request: HttpRequest, slug: str) -> HttpResponse:
    """Every comment with what became of it, open ones first."""
    minutes = _settled_minutes(request, slug)
    return _settle_page(request, minutes)


@require_POST
def comment_settle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say what became of one comment."""
    minutes = _settled_minutes(request, slug)
    comment = get_object_or_404(Comment, pk=pk, version__minutes=minutes)
    form = SettleForm(request.POST, prefix=f"s{pk}", kind=comment.kind, late=comment.is_late)
    if form.is_valid():
        said = form.cleaned_data
        try:
            settle = settle_later if comment.is_late else settle_comment
            settle(
                comment=comment,
                outcome=said["outcome"],
                reason=said["reason"],
                by=request.user,
            )
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Your answer to the comment on {comment.number} is kept.")
            return redirect("meetings:comments_settle", slug=slug)
    return _settle_page(request, minutes, sent={pk: form})


def _settled_minutes(request: HttpRequest, slug: str) -> Minutes:
    return fetch_permitted(
        request.user,
        Minutes.objects.select_related("meeting"),
        "meetings.settle_comments",
        meeting__slug=slug,
    )


def _settle_form(request: HttpRequest, comment: Comment) -> SettleForm:
    """What became of a comment so far; “changed” for whoever is back from changing the text."""
    changed_for = "changed" if request.GET.get("changed") == str(comment.pk) else ""
    said = {"outcome": comment.outcome or changed_for, "reason": comment.outcome_reason}
    return SettleForm(
        initial=said, prefix=f"s{comment.pk}", kind=comment.kind, late=comment.is_late
    )


def _settle_page(
    request: HttpRequest, minutes: Minutes, sent: dict[int, SettleForm] | None = None
) -> HttpResponse:
    """``sent`` holds the one form that was refused, by its comment."""
    versions = {each.pk: each for each in minutes.versions.order_by("number")}
    taken = taken_out_of(minutes)
    people = minutes.meeting.invitations.with_people()
    items = {
        str(paragraph.uid): section.item
        for _, section, living in renditions.numbered(minutes)
        for paragraph in living
    }
    rows: list[dict[str, Any]] = []
    for comment in reading.settle_order(reading.comments_on(minutes, people)):
        about = versions[comment.version_id].paragraph(str(comment.uid), full=True)
        if was_taken_out(taken, str(comment.uid), versions[comment.version_id].number):
            about, comment.quote = {"text": "Something was taken out of this paragraph."}, ""
        form = (sent or {}).get(comment.pk) or _settle_form(request, comment)
        rows.append(
            {
                "comment": comment,
                "said": reading.Said(comment, None, False, True),
                "version": versions[comment.version_id].number,
                "about": about,
                "item": items.get(str(comment.uid)),
                "form": form,
                "open": comment.outcome == "" or form.is_bound,
            }
        )
    prefetch_related_objects(
        [r["comment"] for r in rows if r["comment"].is_late], "matter__meeting"
    )
    newest = list(versions.values())[-1] if versions else None
    changed = bool(newest and minutes.is_open and services.has_unsent_changes(minutes, newest))
    context = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "rows": rows,
        "waiting": sum(row["comment"].outcome == "" for row in rows),
        "newest": newest,
        "changed": changed,
        "forms": list((sent or {}).values()),
    }
    return render(request, "meetings/comments_settle.html", context)
