"""What changed because of parents: everybody's list, and writing and publishing it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from coprod import pages
from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted
from projects.forms.stories import StoryForm
from projects.models import Project, Story
from projects.services import stories

PER_PAGE = 20
both = require_http_methods(["GET", "POST"])


@login_not_required
def story_list(request: HttpRequest) -> HttpResponse:
    """Every story that is published, the newest first; drafts above for who writes them."""
    seen = Story.objects.visible_to(request.user).select_related("project")
    page = Paginator(seen.published(), PER_PAGE).get_page(request.GET.get("page"))
    writes = request.user.is_authenticated and request.user.has_perm("projects.write_story")
    drafts = list(seen.filter(published_at__isnull=True)) if writes and page.number == 1 else []
    context = {"page": page, "drafts": drafts, "writes": writes, "request": request}
    return pages.answer(request, "projects/story_list.html", context)


@both
def story_add(request: HttpRequest, slug: str) -> HttpResponse:
    """Write what changed because of parents in one project."""
    project = fetch_permitted(request.user, Project, "projects.write_story", slug=slug)
    form = StoryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        story = stories.write_story(project=project, by=request.user, **form.cleaned_data)
        messages.success(request, "The story is saved. Nobody else sees it until it is published.")
        return redirect("projects:story_publish", pk=story.pk)
    return render(request, "projects/story_form.html", {"form": form, "project": project})


@both
def story_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a story right."""
    story = fetch_permitted(
        request.user, Story.objects.select_related("project"), "projects.write_story", pk=pk
    )
    title = story.title
    form = StoryForm(request.POST or None, instance=story)
    if request.method == "POST" and form.is_valid():
        stories.write_story(
            project=story.project, story=story, by=request.user, **form.cleaned_data
        )
        messages.success(request, "The story is saved.")
        return redirect(story.project)
    context = {"form": form, "project": story.project, "story": story, "name": title}
    return render(request, "projects/story_form.html", context)


@both
def story_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a story to everybody, or take it from view, after looking at it."""
    story = fetch_permitted(
        request.user, Story.objects.select_related("project"), "projects.write_story", pk=pk
    )
    if request.method == "POST":
        publish = request.POST.get("publish") == "yes"
        change = stories.publish_story if publish else stories.unpublish_story
        try:
            change(story=story, by=request.user)
        except TransitionNotAllowed as refused:
            messages.error(request, str(refused))
        else:
            words = "is published" if publish else "is taken from view"
            messages.success(request, f"“{story.title}” {words}.")
        return redirect(story.project)
    context = {"story": story, "project": story.project}
    return render(request, "projects/story_publish.html", context)
